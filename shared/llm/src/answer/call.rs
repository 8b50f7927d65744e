//! Calls of tools that come in pieces.
//!
//! `OpenAI` numbers its calls; many who speak its dialect number all of them 0, repeat the name in every piece, or send
//! each call whole without a number. So a piece begins another call when its id or its name is another's, or when the
//! call so far is whole and the piece names it once more.

use crate::json::Node;
use api::view::Content;

/// How far the arguments of a call have come: whether they are a whole JSON value. Each byte is looked at once.
#[derive(Debug, Default)]
pub(super) struct Progress {
    depth: u32,
    text: Text,
    is_whole: bool,
    /// Whether they came before the pieces that take their place.
    is_preview: bool,
}

/// Where a byte of JSON stands.
#[derive(Debug, Default)]
enum Text {
    #[default]
    Outside,
    Inside,
    Escaped,
}

impl Progress {
    fn add(&mut self, piece: &str) {
        for byte in piece.bytes() {
            match (&self.text, byte) {
                (Text::Escaped, _) | (Text::Outside, b'"') => self.text = Text::Inside,
                (Text::Inside, b'\\') => self.text = Text::Escaped,
                (Text::Inside, b'"') => self.text = Text::Outside,
                (Text::Outside, b'{' | b'[') => self.depth += 1,
                (Text::Outside, b'}' | b']') => {
                    self.depth = self.depth.saturating_sub(1);
                    self.is_whole = self.depth == 0;
                }
                _ => {}
            }
        }
    }
}

/// A piece of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallPiece<'a> {
    pub(crate) id: Option<Node<'a>>,
    pub(crate) name: Option<Node<'a>>,
    pub(crate) arguments: Option<Node<'a>>,
}

/// What a piece says.
#[derive(Debug)]
pub(super) struct PieceText {
    id: String,
    name: String,
    arguments: String,
}

impl CallPiece<'_> {
    pub(super) fn read(self) -> PieceText {
        let text = |node: Option<Node<'_>>| node.map(|node| node.plain().into_owned()).unwrap_or_default();
        PieceText { id: text(self.id), name: text(self.name), arguments: text(self.arguments) }
    }
}

impl PieceText {
    /// Goes on with a call; `false` when it is of another one.
    pub(super) fn join(&self, call: &mut Content, progress: &mut Progress) -> bool {
        let Content::ToolCall { id, name, arguments, .. } = call else { return false };
        let is_named = !self.name.is_empty();
        let is_other_id = is_named && !self.id.is_empty() && id.as_ref().is_some_and(|own| *own != self.id);
        let is_other_name = is_named && *name != self.name && !arguments.is_empty();
        let is_again = is_named && progress.is_whole && !self.arguments.is_empty() && self.id.is_empty();
        if is_other_id || is_other_name || is_again {
            return false;
        }
        if !self.id.is_empty() {
            id.get_or_insert_with(|| self.id.clone());
        }
        if *name != self.name {
            name.push_str(&self.name);
        }
        if progress.is_preview && !self.arguments.is_empty() {
            arguments.clear();
            *progress = Progress::default();
        }
        progress.add(&self.arguments);
        arguments.push_str(&self.arguments);
        true
    }

    /// Begins a call.
    pub(super) fn begin(self) -> (Content, Progress) {
        let mut progress = Progress::default();
        progress.add(&self.arguments);
        let id = Some(self.id).filter(|id| !id.is_empty());
        (Content::ToolCall { id, name: self.name, arguments: self.arguments, is_hosted: false }, progress)
    }
}

/// A call whose arguments follow in pieces. Those that it has already are kept if none follow; an empty object means
/// nothing.
pub(super) fn preview(call: &mut Content) -> Progress {
    if let Content::ToolCall { arguments, .. } = call
        && matches!(&**arguments, "{}" | "null" | "\"\"")
    {
        arguments.clear();
    }
    Progress { is_preview: true, ..Progress::default() }
}
