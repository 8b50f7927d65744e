//! What was deleted never comes back.
