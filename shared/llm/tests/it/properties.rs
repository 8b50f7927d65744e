//! What holds of every input: a stream that is cut gives a beginning of the whole view, and nothing takes longer than
//! its length allows.

use crate::{
    hostile,
    recorded::{self, attempt},
};
use api::{
    step::Body,
    view::{Choice, Content, Framing, Outcome, Part, StepView},
};
use cpu::{assert_linear, cost};
use llm::Recorded;
use std::hint::black_box;

fn view(request: &[u8], response: &[u8]) -> StepView {
    let attempt = attempt("https://h.example/x", Some(Body(request.to_vec())), Some(Body(response.to_vec())));
    Recorded { attempts: &[attempt], ..Recorded::default() }.view()
}

/// Whether a part may be the beginning of another.
fn begins(part: &Part, whole: &Part) -> bool {
    match (&part.content, &whole.content) {
        (Content::Text { text }, Content::Text { text: whole })
        | (Content::Refusal { text }, Content::Refusal { text: whole })
        | (Content::Compaction { text }, Content::Compaction { text: whole })
        | (Content::Thinking { text, .. }, Content::Thinking { text: whole, .. }) => whole.starts_with(text),
        (
            Content::ToolCall { id, name, arguments, .. },
            Content::ToolCall { id: whole_id, name: whole_name, arguments: whole, .. },
        ) => (id.is_none() || id == whole_id) && whole_name.starts_with(name) && whole.starts_with(&**arguments),
        (Content::Other { name, raw }, Content::Other { name: whole_name, raw: whole }) => {
            name == whole_name && whole.starts_with(raw)
        }
        (Content::Media { kind, bytes, .. }, Content::Media { kind: whole_kind, bytes: whole, .. }) => {
            kind == whole_kind && bytes <= whole
        }
        (part, whole) => part == whole,
    }
}

fn choice_begins(choice: &Choice, whole: &Choice) -> bool {
    choice.parts.len() <= whole.parts.len()
        && choice.parts.iter().zip(&whole.parts).all(|(part, whole)| begins(part, whole))
        && (choice.finish.is_none() || choice.finish == whole.finish)
}

#[test]
fn a_cut_stream_is_a_beginning_of_the_whole() {
    let mut streams = 0;
    for (name, body) in recorded::bodies().into_iter().filter(|(_, body)| body.0.len() < 6_000) {
        let whole = view(b"{\"stream\":true}", &body.0);
        if !whole.is_stream || whole.attempts[0].response.as_ref().is_none_or(|it| !it.framing.is_stream()) {
            continue;
        }
        // Of a stream that nobody knows, nobody knows the last event.
        if whole
            .answer
            .iter()
            .flat_map(|choice| &choice.parts)
            .all(|part| matches!(part.content, Content::Other { .. }))
        {
            continue;
        }
        streams += 1;
        for end in 1..body.0.len() {
            let cut = view(b"{\"stream\":true}", &body.0[..end]);
            // What is cut before its first event need not look like a stream.
            if cut.attempts[0].response.as_ref().is_none_or(|it| !it.framing.is_stream()) {
                continue;
            }
            for choice in &cut.answer {
                let whole = whole.answer.iter().find(|whole| whole.index == choice.index);
                assert!(
                    whole.is_some_and(|whole| choice_begins(choice, whole)),
                    "{name}, {end} bytes: {choice:#?}\nof {whole:#?}"
                );
            }
            let is_less = cut.answer != whole.answer && whole.outcome == Outcome::Completed;
            // Of many answers, as a batch has and a session, those that came may be whole.
            let is_less = is_less && (cut.answer.len() == whole.answer.len() || !whole.answer.starts_with(&cut.answer));
            assert!(!is_less || cut.outcome != Outcome::Completed, "{name}, {end} bytes: {:?}", cut.answer);
        }
    }
    assert!(streams > 15, "{streams} streams");
}

#[test]
fn a_stream_says_the_same_however_it_is_laid_out() {
    let mut layouts = 0;
    for (name, body) in recorded::bodies() {
        let plain = view(b"{\"stream\":true}", &body.0);
        let framing = plain.attempts[0].response.as_ref().map(|it| it.framing);
        let Some(text) = String::from_utf8(body.0).ok().filter(|text| !text.contains('\r')) else { continue };
        let mut others = vec![format!("\u{feff}{text}"), text.replace('\n', "\r\n")];
        match framing {
            Some(Framing::Sse) => {
                let without_names = text.lines().filter(|line| !line.starts_with("event:"));
                others.extend([
                    text.replace("data: ", "data:"),
                    text.replace('\n', "\r"),
                    text.replace("\n\n", "\n\n: ping\n\n"),
                    text.replace("\n\n", "\nid: 7\nretry: 5\n\n"),
                    text.replace("\n\n", "\n\ndata:\n\n"),
                    without_names.map(|line| line.to_owned() + "\n").collect(),
                ]);
            }
            Some(Framing::Lines) => others.extend([text.replace('\n', "\n\n"), text.trim_end().to_owned()]),
            _ => continue,
        }
        for other in others {
            layouts += 1;
            let read = view(b"{\"stream\":true}", other.as_bytes());
            assert_eq!(read.answer, plain.answer, "{name}: {other}");
            assert_eq!((read.outcome, &read.error), (plain.outcome, &plain.error), "{name}: {other}");
        }
    }
    assert!(layouts > 150, "{layouts} layouts");
}

#[test]
fn a_step_is_read_in_the_time_of_its_length() {
    for (name, size, body) in hostile::KINDS {
        assert_linear(name, size, body, |body| {
            let view = view(body.as_bytes(), body.as_bytes());
            let attempt = attempt("https://h/", Some(Body(body.clone().into())), Some(Body(body.clone().into())));
            let step = Recorded { attempts: &[attempt], ..Recorded::default() };
            black_box((view, llm::Outline::of(step)));
        });
    }
    let url = |n| format!("https://h.example/models/{}", "?a=;%3A:@".repeat(n));
    assert_linear("parameters", 4_000, url, |url| {
        black_box((llm::provider::provider(url, None), llm::provider::model(url), llm::provider::is_stream(url)));
    });
}

#[test]
fn a_view_of_a_large_step_says_what_it_costs() {
    let text = "It was the best of times, it was the worst of times. ".repeat(4);
    let messages = format!(r#"{{"role":"user","content":"{text}"}},"#).repeat(4_000);
    let request = format!(r#"{{"model":"m","messages":[{messages}{{"role":"user","content":"x"}}]}}"#);
    let chunk = r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}"#;
    let response = format!("{chunk}\n\n").repeat(5_000);
    let usage = r#""usage":{"prompt_tokens":1,"completion_tokens":2}"#;
    let counting = response.replace(r#""choices""#, &format!("{usage},\"choices\""));
    let lines =
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\" word\"},\"done\":false}\n".repeat(9_000);
    let plain = format!(r#"{{"choices":[{{"message":{{"content":"{}"}}}}],{usage}}}"#, text.repeat(4_000));
    let vectors = format!(r#"{{"data":[{{"embedding":[{}1]}}],{usage}}}"#, "-0.012345678,".repeat(60_000));
    for (name, request, response, is_searched) in [
        ("request", &*request, "{}", true),
        ("stream", "{}", &*response, true),
        ("stream that counts in each event", "{}", &*counting, true),
        ("lines", "{}", &*lines, false),
        ("answer in one piece", "{}", &*plain, false),
        ("vectors", "{}", &*vectors, false),
    ] {
        let kilobytes = (request.len() + response.len()) as u128 / 1000;
        let attempt = attempt("https://h/", Some(Body(request.into())), Some(Body(response.into())));
        let step = Recorded { attempts: &[attempt], ..Recorded::default() };
        let micros = |work: &dyn Fn()| cost(|| (0..20).for_each(|_| work())).as_nanos() / 20 / kilobytes;
        let view = micros(&|| drop(black_box(step.view())));
        let outline = micros(&|| drop(black_box(llm::Outline::of(step))));
        println!("{name}, {kilobytes} kB: view {view} µs a MB, outline {outline} µs a MB");
        let is_cheap = !is_searched || outline * 4 < view;
        assert!(is_cheap, "{name}: an outline is made of every step that is written");
    }
}
