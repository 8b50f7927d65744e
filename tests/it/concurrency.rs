//! Many at once: nothing lost, nothing mixed, nothing twice.
