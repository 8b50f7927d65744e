//! The real binaries behind a Lambda Runtime API.
