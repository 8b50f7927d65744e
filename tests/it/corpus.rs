//! Real traffic, stored and read back byte for byte.
