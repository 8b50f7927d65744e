//! What a test decides of a request of the page.

/// What happens to a request of the page.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It goes no further; this status is the answer, with so many seconds to wait.
    Answer(u16, Option<u32>),
    /// It goes no further, and no answer comes.
    Silence,
    /// It goes out with this token.
    Token(String),
}
