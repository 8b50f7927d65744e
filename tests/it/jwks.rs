//! The issuer's keys, fetched, kept, rotated, unreachable.
