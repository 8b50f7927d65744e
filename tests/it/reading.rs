//! What an owner lists and opens.
