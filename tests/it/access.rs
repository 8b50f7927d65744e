//! Every route meets every kind of caller.
