//! Steps come back as they were, and nothing else does.

use crate::{Content, Frame, Side, Step, Steps, envelope};
use base64::{Engine, engine::general_purpose::STANDARD};
use fastrand::Rng;

/// More than any frame here holds.
const MOST: usize = 1 << 24;

/// A step, as its writer is given it.
struct Given {
    number: u32,
    pieces: Vec<(Option<Content>, Vec<u8>)>,
}

impl Given {
    fn random(rng: &mut Rng) -> Self {
        let mut pieces: Vec<(Option<Content>, Vec<u8>)> = Vec::new();
        for index in 0..rng.usize(..8) {
            let side = if rng.bool() { Side::Request } else { Side::Response };
            let content = match rng.u8(..4) {
                0 | 1 => None,
                2 => Some(Content::normalized(side)),
                _ => Some(Content::of_attempt(index, side)),
            };
            let mut again = rng.choice(&pieces).map(|(_, bytes)| bytes.clone()).filter(|_| rng.bool());
            // As long, with the same ends, and another.
            if let Some([_, middle @ .., _]) = again.as_deref_mut()
                && rng.bool()
            {
                middle.iter_mut().skip(70).take(1).for_each(|byte| *byte ^= 1);
            }
            let len = rng.usize(..300);
            let bytes = again.unwrap_or_else(|| (0..len).map(|_| rng.u8(..)).collect());
            pieces.push((content, bytes));
        }
        Self { number: rng.u32(..), pieces }
    }

    fn write(&self, steps: &mut Steps) {
        let mut step = steps.begin(self.number);
        for (content, bytes) in &self.pieces {
            match content {
                None => step.text(bytes),
                Some(content) => step.content(*content, bytes),
            }
        }
    }

    /// Its JSON, by other means than those of the frame.
    fn json(&self, without: Option<Side>) -> Vec<u8> {
        let piece = |(content, bytes): &(Option<Content>, Vec<u8>)| match content {
            None => bytes.clone(),
            Some(content) if Some(content.side) == without => Vec::new(),
            Some(content) => {
                let side = if content.side == Side::Request { "request" } else { "response" };
                match content.attempt {
                    None => [format!(r#","normalized_{side}":"#).as_bytes(), bytes].concat(),
                    Some(_) => format!(r#","{side}_body":"{}""#, STANDARD.encode(bytes)).into_bytes(),
                }
            }
        };
        self.pieces.iter().flat_map(piece).collect()
    }
}

/// Everything that can be asked of a frame.
fn read(frame: &Frame) -> Vec<(u32, Vec<u8>)> {
    let step = |step: Step<'_>| {
        let mut json = Vec::new();
        step.write_json(&mut json);
        assert_eq!(step.json_len(), json.len());
        for (content, bytes) in step.contents() {
            assert!(step.of(content).is_some());
            assert!(content.json_len(bytes.len()) <= json.len());
        }
        (step.number(), json)
    };
    frame.steps().map(step).collect()
}

#[test]
fn steps_come_back_as_they_were() {
    let mut rng = Rng::with_seed(1);
    for _ in 0..300 {
        let given: Vec<Given> = (0..rng.usize(..5)).map(|_| Given::random(&mut rng)).collect();
        let mut steps = Steps::default();
        for step in &given {
            step.write(&mut steps);
        }
        let frame = Frame::open(&steps.pack().expect("packed"), steps.size()).expect("a frame");
        let whole: Vec<(u32, Vec<u8>)> = given.iter().map(|step| (step.number, step.json(None))).collect();
        assert_eq!(read(&frame), whole);
        for (step, given) in frame.steps().zip(&given) {
            let contents: Vec<(Content, &[u8])> =
                given.pieces.iter().filter_map(|(content, bytes)| Some(((*content)?, &bytes[..]))).collect();
            assert_eq!(step.contents().collect::<Vec<_>>(), contents);
            for &(content, _) in &contents {
                let first = given.pieces.iter().find(|(other, _)| *other == Some(content));
                assert_eq!(step.of(content), first.map(|(_, bytes)| &bytes[..]));
            }
            assert_eq!(step.of(Content::of_attempt(9, Side::Request)), None);
            let mut json = b"[".to_vec();
            step.write_json_without(&mut json, |content| content.side == Side::Response);
            assert_eq!(json, [b"[", &given.json(Some(Side::Response))[..]].concat());
        }
    }
}

#[test]
fn no_steps_are_a_frame_too() {
    let steps = Steps::default();
    assert_eq!(steps.size(), 0);
    assert_eq!(read(&Frame::open(&steps.pack().expect("packed"), 0).expect("a frame")), []);
}

#[test]
fn a_content_that_comes_again_takes_no_more_space() {
    let mut rng = Rng::with_seed(2);
    let body: Vec<u8> = (0..1_000).map(|_| rng.u8(..)).collect();
    let mut steps = Steps::default();
    let mut step = steps.begin(1);
    for attempt in 0..100 {
        step.content(Content::of_attempt(attempt, Side::Request), &body);
    }
    assert!(steps.size() < body.len() + 100 * 8, "{}", steps.size());
    let frame = Frame::open(&steps.pack().expect("packed"), MOST).expect("a frame");
    let step = frame.steps().next().expect("a step");
    assert_eq!(step.of(Content::of_attempt(99, Side::Request)), Some(&body[..]));
}

#[test]
fn the_largest_step_comes_back() {
    let body = vec![b'x'; 16 << 20];
    let mut steps = Steps::default();
    let mut step = steps.begin(1);
    step.content(Content::of_attempt(0, Side::Request), &body);
    step.content(Content::of_attempt(0, Side::Response), &body);
    let frame = Frame::open(&steps.pack().expect("packed"), steps.size()).expect("a frame");
    let step = frame.steps().next().expect("a step");
    assert_eq!(step.of(Content::of_attempt(0, Side::Response)), Some(&body[..]));
}

#[test]
fn what_is_no_frame_is_refused_or_read_without_a_panic() {
    let mut rng = Rng::with_seed(3);
    let mut opened = 0;
    for _ in 0..20_000 {
        let mut steps = Steps::default();
        Given::random(&mut rng).write(&mut steps);
        let mut records = envelope::open(&steps.pack().expect("packed"), MOST).expect("records");
        for _ in 0..rng.usize(1..4) {
            let at = rng.usize(..records.len());
            records[at] = rng.u8(..);
        }
        records.truncate(rng.usize(..=records.len()));
        if let Ok(frame) = Frame::open(&envelope::pack(&records).expect("packed"), MOST) {
            read(&frame);
            opened += 1;
        }
    }
    assert!((1_000..19_000).contains(&opened), "{opened} of 20,000 were read");
}
