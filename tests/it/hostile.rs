//! Bodies, ids, queries, cursors and headers that were not meant well.
