//! What of a view there is room for: texts that are too long and lists that have too much are left out, and said to be.

use super::{Choice, Content, Failure, Message, Origin, Parameter, Part, Source, StepView, Tool, Unread};

impl StepView {
    /// Leaves out each text of more than `longest` bytes, and says so where it stood.
    pub fn leave_out(&mut self, longest: usize) {
        let mut room = Room { longest, left_out: self.left_out.unwrap_or_default() };
        for text in [&mut self.provider, &mut self.model_asked, &mut self.model_answered, &mut self.answer_id] {
            room.text(text);
        }
        for Parameter { name, value, left_out } in &mut self.parameters {
            room.texts([name, value], left_out);
        }
        for Tool { name, description, raw, left_out } in &mut self.tools {
            room.texts([name, raw].into_iter().chain(description), left_out);
        }
        for Message { role, name, parts } in &mut self.messages {
            room.text([role].into_iter().chain(name));
            room.parts(parts);
        }
        for Choice { index: _, id, parts, finish } in &mut self.answer {
            room.text(id);
            room.text(finish.as_mut().map(|finish| &mut finish.said));
            room.parts(parts);
        }
        room.text(self.tokens.as_mut().map(|tokens| &mut tokens.given));
        room.failure(&mut self.error);
        for attempt in &mut self.attempts {
            room.failure(&mut attempt.error);
            room.text(&mut attempt.retry_reason);
        }
        room.text(self.unread.iter_mut().map(|unread| &mut unread.what));
        self.left_out = Some(room.left_out).filter(|left_out| *left_out > 0);
    }

    /// Keeps no more than `most` things of each list, and says how many more there are.
    pub fn shorten(&mut self, most: usize) {
        let mut shortening = Shortening { most, unread: Vec::new() };
        shortening.list(&mut self.parameters, "parameters", |_| Source::default());
        shortening.list(&mut self.tools, "tools", |_| Source::default());
        shortening.list(&mut self.messages, "messages", |message| first_source(&message.parts));
        shortening.list(&mut self.answer, "choices", |choice| first_source(&choice.parts));
        shortening.list(&mut self.attempts, "attempts", |attempt| Source {
            origin: Origin::Request { attempt: attempt.attempt },
            ..Source::default()
        });
        let lists = self.messages.iter_mut().map(|message| &mut message.parts);
        for parts in lists.chain(self.answer.iter_mut().map(|choice| &mut choice.parts)) {
            shortening.parts(parts);
        }
        shortening.list(&mut self.unread, "places that could not be read", |unread| unread.source.clone());
        self.unread.append(&mut shortening.unread);
        self.messages_before = self.messages_before.min(self.messages.len());
    }
}

/// Cuts lists, and notes what of.
struct Shortening {
    /// How many parts are left to be kept, and of every other list the most.
    most: usize,
    unread: Vec<Unread>,
}

impl Shortening {
    fn list<T>(&mut self, list: &mut Vec<T>, what: &str, source: impl Fn(&T) -> Source) {
        if let Some(first) = list.get(self.most) {
            let more = list.len() - self.most;
            let what = format!("{more} more {what}, for which there is no room");
            self.unread.push(Unread { source: source(first), what });
            list.truncate(self.most);
        }
    }

    /// Of parts there are no more than `most` in all.
    fn parts(&mut self, parts: &mut Vec<Part>) {
        // Where nothing is left, nothing more is said: what came before says that there is no room.
        if self.most > 0 {
            self.list(parts, "parts", |part| part.source.clone());
        }
        parts.truncate(self.most);
        self.most -= parts.len();
        for part in parts {
            if let Content::ToolResult { parts, .. } = &mut part.content {
                self.parts(parts);
            }
        }
    }
}

/// What texts have room, and how many bytes had none.
struct Room {
    longest: usize,
    left_out: usize,
}

impl Room {
    fn text<'a>(&mut self, texts: impl IntoIterator<Item = &'a mut String>) {
        for text in texts {
            if text.len() > self.longest {
                self.left_out += text.len();
                text.clear();
            }
        }
    }

    /// Texts of one thing, which says itself what it lacks.
    fn texts<'a>(&mut self, texts: impl IntoIterator<Item = &'a mut String>, left_out: &mut Option<usize>) {
        let before = self.left_out;
        self.text(texts);
        let more = self.left_out - before;
        if more > 0 {
            *left_out = Some(left_out.unwrap_or_default() + more);
        }
    }

    fn failure(&mut self, failure: &mut Option<Failure>) {
        if let Some(Failure { message, code, raw }) = failure {
            self.text([message].into_iter().chain(code).chain(raw));
        }
    }

    fn parts(&mut self, parts: &mut [Part]) {
        for Part { content, source: _, left_out } in parts {
            match content {
                Content::Text { text }
                | Content::Thinking { text, is_hidden: _ }
                | Content::Refusal { text }
                | Content::Compaction { text } => self.texts([text], left_out),
                Content::ToolCall { id, name, arguments, is_hosted: _ } => {
                    self.texts([name, arguments].into_iter().chain(id), left_out);
                }
                Content::ToolResult { id, name, parts, is_error: _ } => {
                    self.texts(id.iter_mut().chain(name), left_out);
                    self.parts(parts);
                }
                Content::Media { kind: _, media_type, bytes: _, reference, name } => {
                    self.texts(media_type.iter_mut().chain(reference).chain(name), left_out);
                }
                Content::Citation { title, url, text } => {
                    self.texts(title.iter_mut().chain(url).chain(text), left_out);
                }
                Content::Embeddings { count: _, dimensions: _ } => {}
                Content::Other { name, raw } => self.texts([name, raw], left_out),
            }
        }
    }
}

fn first_source(parts: &[Part]) -> Source {
    parts.first().map(|part| part.source.clone()).unwrap_or_default()
}
