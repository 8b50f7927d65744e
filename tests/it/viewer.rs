//! The page on which owners read what was recorded.

mod served;
