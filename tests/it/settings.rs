//! The settings screens.
