//! Lists that an object has no place for, as OpenTelemetry's attributes: a member for each leaf, as
//! `gen_ai.prompt.0.role` or `llm.input_messages.0.message.role`. They are put together, and read as those who can nest
//! have them.

use crate::{
    at::{At, MOST_THINGS},
    json::{Json, Node},
};
use std::{borrow::Cow, cmp::Ordering};

/// Steps that lead from what is wrapped to what wraps it, and say nothing.
const WRAPPERS: [&str; 4] = ["message", "message_content", "tool_call", "tool"];

/// The most steps of a name. No recorder nests as deep.
const MOST_STEPS: usize = 16;

/// Reads an object with its lists put together.
pub(crate) fn opened<'r, R>(node: Node<'_>, at: At<'r>, read: impl FnOnce(Node<'_>, At<'r>) -> R) -> R {
    let nested = nested(node);
    let json = nested.as_ref().map(|text| Json::read(text.as_bytes()));
    match json.as_ref().and_then(Json::root) {
        Some(root) => read(root, at.inside(node)),
        None => read(node, at),
    }
}

/// The object as JSON, with its lists put together; `None` where no name leads into one, and where a list or an object
/// was cut, since what follows it would end up within.
fn nested(node: Node<'_>) -> Option<String> {
    let is_leaf = |name: &str| steps(name).is_some();
    let leaf_names: Vec<_> = node.members().filter(|(name, _)| is_leaf(name)).take(MOST_THINGS + 1).collect();
    // More than are kept of anything stay as they are.
    let is_cut = |value: Node<'_>| value.is_last_read() && !value.is_text();
    if leaf_names.is_empty() || leaf_names.len() > MOST_THINGS || node.members().any(|(_, value)| is_cut(value)) {
        return None;
    }
    let mut text = String::from("{");
    for (name, value) in node.members().filter(|(name, _)| !is_leaf(name)) {
        put(&mut text, Some(&name), &whole(value));
    }
    let mut leaves: Vec<_> = leaf_names.iter().filter_map(|(name, value)| Some((steps(name)?, *value))).collect();
    leaves.sort_by(|(one, _), (other, _)| order(one, other));
    let mut open: Vec<(&str, bool)> = Vec::new();
    for (steps, value) in &leaves {
        let Some((leaf, around)) = steps.split_last() else { continue };
        let common = open.iter().zip(around).take_while(|((own, _), step)| own == *step).count();
        close(&mut text, &mut open, common);
        for (place, step) in around.iter().enumerate().skip(common) {
            let is_list = steps.get(place + 1).is_some_and(|next| is_number(next));
            put(&mut text, key(step, &open), if is_list { "[" } else { "{" });
            open.push((*step, is_list));
        }
        put(&mut text, key(leaf, &open), &as_read(leaf, *value));
    }
    close(&mut text, &mut open, 0);
    text.push('}');
    Some(text)
}

/// The steps of a name that leads into a list: the list's name, and then one for each level.
/// One with more of them than are read leads nowhere.
fn steps(name: &str) -> Option<Vec<&str>> {
    let mut end = 0;
    let mut parts = name.split('.');
    let first = parts.by_ref().find(|part| {
        let is_index = end > 0 && is_number(part);
        end += if is_index { 0 } else { part.len() + 1 };
        is_index
    })?;
    let list = name.get(..end - 1)?;
    let parts = parts.filter(|part| !WRAPPERS.contains(part));
    let steps: Vec<_> = [list, first].into_iter().chain(parts).take(MOST_STEPS + 1).collect();
    (steps.len() <= MOST_STEPS).then_some(steps)
}

fn is_number(step: &str) -> bool {
    !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit())
}

/// Lists in the order of their numbers.
fn order(one: &[&str], other: &[&str]) -> Ordering {
    let length = |step: &str| if is_number(step) { step.len() } else { 0 };
    let by_step = one.iter().zip(other).map(|(one, other)| length(one).cmp(&length(other)).then(one.cmp(other)));
    by_step.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| one.len().cmp(&other.len()))
}

/// The name of a member; none where an item is due.
fn key<'a>(step: &'a str, open: &[(&str, bool)]) -> Option<&'a str> {
    open.last().is_none_or(|(_, is_list)| !is_list).then_some(step)
}

fn put(text: &mut String, name: Option<&str>, value: &str) {
    if !text.ends_with(['{', '[']) {
        text.push(',');
    }
    if let Some(name) = name.and_then(|name| serde_json::to_string(name).ok()) {
        text.push_str(&name);
        text.push(':');
    }
    text.push_str(value);
}

fn close(text: &mut String, open: &mut Vec<(&str, bool)>, left: usize) {
    for (_, is_list) in open.drain(left..).rev() {
        text.push(if is_list { ']' } else { '}' });
    }
}

/// A value, or the JSON that it holds: parts of a content, and a tool's declaration.
fn as_read<'a>(leaf: &str, value: Node<'a>) -> Cow<'a, str> {
    let text = value.text().filter(|_| matches!(leaf, "content" | "json_schema"));
    let is_parts = |root: Node<'_>| root.is_array() && root.items().all(|item| !item.type_name().is_empty());
    let is_held = text.as_ref().is_some_and(|text| {
        let json = Json::read(text.as_bytes());
        json.is_whole()
            && json.root().is_some_and(|root| if leaf == "content" { is_parts(root) } else { root.is_object() })
    });
    text.filter(|_| is_held).unwrap_or_else(|| whole(value))
}

/// A value as it was written, and what arrived of a text with its end.
fn whole(value: Node<'_>) -> Cow<'_, str> {
    let cut = value.text().filter(|_| value.is_last_read());
    cut.and_then(|text| serde_json::to_string(&text).ok()).map_or_else(|| value.raw(), Cow::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_put_together_in_their_order() {
        for (flat, expected) in [
            (
                r#"{"p.10.r":"b","m":1,"p.2.r":"a","p.2.t.0.n":"x","p.2.t.1.n":"y","q.0":7}"#,
                Some(r#"{"m":1,"p":[{"r":"a","t":[{"n":"x"},{"n":"y"}]},{"r":"b"}],"q":[7]}"#),
            ),
            (
                r#"{"a.b.0.message.content":"[{\"type\":\"text\"}]","a.b.1.message.content":"[1]"}"#,
                Some(r#"{"a.b":[{"content":[{"type":"text"}]},{"content":"[1]"}]}"#),
            ),
            (r#"{"p.0":1,"p.0.a":2,"p.x":3}"#, Some(r#"{"p.x":3,"p":[1,{"a":2}]}"#)),
            (r#"{"a.b":1,"0.c":2,"d.1x":3}"#, None),
            (r#"{"a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0":1}"#, Some(r#"{"a":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}"#)),
            (r#"{"a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0":1}"#, None),
            (r#"{"p.0.r":"a","z":"cu\"t"#, Some(r#"{"z":"cu\"t","p":[{"r":"a"}]}"#)),
            (r#"{"p.10.r":"a","p.2.r":"cut\"#, Some(r#"{"p":[{"r":"cut"},{"r":"a"}]}"#)),
            (r#"{"p.0.r":"a","z":[1,"#, None),
            (r#"{"p.0.r":"a","z":[1,?"#, None),
            ("[]", None),
        ] {
            let json = Json::read(flat.as_bytes());
            assert_eq!(nested(json.root().unwrap()).as_deref(), expected, "{flat}");
        }
    }
}
