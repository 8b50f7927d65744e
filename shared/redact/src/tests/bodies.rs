use crate::{
    body::{
        About, Outcome, body,
        events::MOST_EVENTS,
        frames,
        packed::{Format, MOST_OF_POST, packed, unpacked},
    },
    places::{At, Place},
    reader::Reader,
    redactor::Redactor,
    rules::Rules,
};
use api::step::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};

const KEY: &str = "sk-ant-api03-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0AeUiOqTnB_MkVzXy";
const MASK: &str = "[REDACTED:anthropic-key]";

/// A body without its credentials. Nothing more is found in that.
#[track_caller]
pub(super) fn masked(bytes: &[u8], content_type: &str, encoding: &str) -> Vec<u8> {
    let once = |bytes: &[u8]| {
        let mut body = Body(bytes.to_owned());
        let place = Place::Body { body: &mut body, content_type, content_encoding: encoding, is_cut: false };
        Redactor::under(&Rules::default()).place(At::default(), place, false);
        body.0
    };
    let kept = once(bytes);
    assert_eq!(once(&kept), kept);
    kept
}

#[track_caller]
fn masked_text(text: &str) -> String {
    String::from_utf8(masked(text.as_bytes(), "", "")).expect("text")
}

#[test]
fn a_body_is_read_as_what_its_bytes_are() {
    let encoded = |text: &str| STANDARD.encode(text);
    for (given, kept) in [
        (format!("{{\"messages\":[{{\"content\":\"use {KEY} \\n\"}}],\"n\":1.0}}"), None),
        (format!("{{\"body\":\"{{\\\"text\\\":\\\"\\\\u00e9 {KEY}\\\"}}\"}}"), None),
        (format!("{{\"cut\":\"off {KEY}"), None),
        (format!("a=b&text=see+{KEY}%21&c=d"), None),
        (format!("plain, with {KEY}, in it"), None),
        (format!("<p title='{KEY}'>x</p>"), None),
        (format!("\\u0022{KEY}\\u0022 and \\n{KEY}\\n"), None),
        (format!("see%20{KEY}%20there"), None),
        (
            format!("{{\"data\":{{\"a\":\"{}\"}}}}", encoded(&format!("key: {KEY}"))),
            Some("{\"data\":{\"a\":\"[REDACTED:anthropic-key]\"}}".to_owned()),
        ),
        (
            format!("data: x\nsecret: {}\n", encoded(&format!("key: {KEY}"))),
            Some("data: x\nsecret: [REDACTED:anthropic-key]\n".to_owned()),
        ),
    ] {
        let kept = kept.unwrap_or_else(|| given.replace(KEY, MASK));
        assert_eq!(masked_text(&given), kept, "{given}");
    }
}

#[test]
fn what_is_packed_is_read_and_packed_again_only_when_it_changed() {
    let text = format!("{{\"content\":\"use {KEY} now\"}}");
    for (format, encoding) in
        [(Format::Gzip, "gzip"), (Format::Zlib, "deflate"), (Format::Deflate, "deflate"), (Format::Zstd, "zstd")]
    {
        let given = packed(format, text.as_bytes()).expect("packed");
        let kept = unpacked(format, &masked(&given, "", encoding), MOST_OF_POST).expect("unpacked");
        assert_eq!(kept, text.replace(KEY, MASK).as_bytes(), "{format:?}");
        let harmless = packed(format, b"{\"content\":\"hello, hello, hello\"}").expect("packed");
        assert_eq!(masked(&harmless, "", encoding), harmless, "{format:?}");
    }
    let twice = packed(Format::Gzip, &packed(Format::Zstd, text.as_bytes()).expect("packed")).expect("packed");
    let kept = unpacked(Format::Gzip, &masked(&twice, "", "zstd, gzip"), MOST_OF_POST).expect("unpacked");
    assert_eq!(unpacked(Format::Zstd, &kept, MOST_OF_POST).expect("unpacked"), text.replace(KEY, MASK).as_bytes());
}

#[test]
fn what_cannot_be_read_is_withheld() {
    let gzip = packed(Format::Gzip, b"{\"a\":\"b\"}").expect("packed");
    for (bytes, content_type, encoding, why) in [
        (&b"\x8b\x02\x80\xff"[..], "application/json", "br", "brotli"),
        (&b"\x1f\x9d\x90"[..], "", "", "compress"),
        (gzip.get(..15).expect("cut"), "", "gzip", "broken"),
        (&b"\xff\xfe{\0\"\0"[..], "", "", "unreadable"),
        (&b"{\0\"\0k\0e\0y\0\"\0"[..], "", "", "unreadable"),
        (&b"\0{\0\"\0k\0e\0y\0\""[..], "", "", "unreadable"),
        (&b"{\"\x01\xff\""[..], "application/json", "", "unreadable"),
    ] {
        assert_eq!(masked(bytes, content_type, encoding), format!("[WITHHELD: {why}]").as_bytes(), "{why}");
    }
    // A client that unpacked a body often leaves the header.
    assert_eq!(masked(b"{\"a\":\"b\"}", "application/json", "br"), b"{\"a\":\"b\"}");
    assert_eq!(masked(b"\x89PNG\r\n\x1a\n\0\0\0", "image/png", "br"), b"[WITHHELD: brotli]");
    assert_eq!(masked(b"\x89PNG\r\n\x1a\n\0\0\0", "image/png", ""), b"\x89PNG\r\n\x1a\n\0\0\0");
}

#[test]
fn a_text_of_wide_characters_is_withheld_and_media_stay() {
    let withheld = b"[WITHHELD: unreadable]";
    for text in
        [format!("你好 api_key={KEY}"), format!("Köln, 世界: api_key={KEY}"), format!("{{\"api_key\":\"{KEY}\"}}")]
    {
        let units: Vec<u16> = text.encode_utf16().collect();
        let characters: Vec<u32> = text.chars().map(u32::from).collect();
        for bytes in [
            units.iter().copied().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
            units.iter().copied().flat_map(u16::to_be_bytes).collect(),
            characters.iter().copied().flat_map(u32::to_le_bytes).collect(),
            characters.iter().copied().flat_map(u32::to_be_bytes).collect(),
        ] {
            for content_type in ["application/json", "text/plain; charset=utf-16", ""] {
                assert_eq!(masked(&bytes, content_type, ""), withheld, "{text} {bytes:?}");
            }
        }
    }
    let far = format!("{}{KEY}", "世界".repeat(40));
    let far: Vec<u8> = far.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(masked(&far, "application/json", ""), withheld);
    let silence = [
        &b"RIFF\x64\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\0\x7d\0\0\x02\0\x10\0data\x40\0\0\0"[..],
        &[0; 64],
    ];
    let image =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0 \0\0\0 \x08\x06\0\0\0szz\xf4\0\0\0\x04gAMA\0\0\xb1\x8f\x0b\xfca\x05";
    let icon = b"\0\0\x01\0\x01\0  \0\0\x01\0 \0(\x11\0\0\x16\0\0\0(\0\0\0 \0\0\0@\0\0\0\x01\0 \0\0\0\0\0";
    let archive = [&b"a.txt"[..], &[0; 95], b"0000644\0"];
    for (media, content_type) in [
        (silence.concat(), "audio/wav"),
        (image.to_vec(), "image/png"),
        (icon.to_vec(), "image/x-icon"),
        (archive.concat(), "application/x-tar"),
        (b"\0\0\0\0\x0c\n\x05hello\x10\0\x18\0".repeat(3), "application/grpc"),
    ] {
        for content_type in [content_type, "", "application/octet-stream"] {
            assert_eq!(masked(&media, content_type, ""), media, "{content_type}");
        }
    }
    // Between texts in a row, and what a terminal shows.
    let signs = "\u{1e}{\"a\":1}\n\u{1e}{\"b\":\"\u{8}\u{1b}[1m\"}\n";
    assert_eq!(masked(signs.as_bytes(), "application/json-seq", ""), signs.as_bytes());
}

#[test]
fn bytes_that_look_like_a_name_and_its_value_by_chance_stay() {
    let mut rng = fastrand::Rng::with_seed(9);
    for _ in 0..400 {
        let mut bytes: Vec<u8> = std::iter::repeat_with(|| rng.u8(..)).take(4_000).collect();
        let at = rng.usize(..3_900);
        bytes.splice(at..at + 10, *b"\0pw=a1B2c\0");
        for content_type in ["image/png", "audio/pcm", "application/octet-stream", ""] {
            assert!(masked(&bytes, content_type, "") == bytes, "{content_type}");
        }
    }
    let quiet: Vec<u8> = (0..4_000).flat_map(|n: i16| (100 - n * 7 % 200).to_le_bytes()).collect();
    assert!(masked(&quiet, "audio/l16; rate=16000", "") == quiet);
}

#[test]
fn a_text_within_other_bytes_is_read() {
    for text in [format!("use {KEY} for this"), format!("{{\"a\":\"{KEY}\"}}"), format!("password: hunter22x, {KEY}")] {
        let around = |text: &str| [b"\x89PNG\0\x01\xff", text.as_bytes(), b"\0\xfe"].concat();
        let kept = text.replace(KEY, MASK).replace("hunter22x", "[REDACTED:password]");
        assert_eq!(masked(&around(&text), "image/png", ""), around(&kept), "{text}");
    }
}

#[test]
fn what_gzip_packed_is_read_in_base64_too() {
    let pack = |text: &str| STANDARD.encode(packed(Format::Gzip, text.as_bytes()).expect("packed"));
    let body = |packed: &str| format!(r#"{{"layer":"{packed}","n":1.0}}"#);
    let with_key = body(&pack(&format!("password file: {KEY}")));
    assert_eq!(masked(with_key.as_bytes(), "", ""), body(MASK).into_bytes());
    let without = body(&pack("nothing to see"));
    assert_eq!(masked(without.as_bytes(), "", ""), without.into_bytes());
    let mut broken = pack("nothing to see");
    broken.truncate(broken.len() - 8);
    assert_eq!(masked(body(&broken).as_bytes(), "", ""), body("[REDACTED:packed]").into_bytes());
}

#[test]
fn a_stream_of_more_events_than_are_kept_is_withheld() {
    let withheld = b"[WITHHELD: too many events]".to_vec();
    for event in ["data: a\n\n", "{\"a\":1}\n", "0:\"a\"\n"] {
        let many = |count: usize| event.repeat(count).into_bytes();
        assert_eq!(masked(&many(MOST_EVENTS + 1), "", ""), withheld, "{event}");
        assert_eq!(masked(&many(MOST_EVENTS), "", ""), many(MOST_EVENTS), "{event}");
    }
    let frame = frames::frame(b"", b"{}");
    assert_eq!(masked(&frame.repeat(MOST_EVENTS + 1), "", ""), withheld);
}

#[test]
fn bytes_that_are_no_text_stay_around_what_is_found() {
    let mut given = b"caf\xe9 \xff ".to_vec();
    given.extend(KEY.as_bytes());
    given.extend(b" \xe9");
    let mut kept = b"caf\xe9 \xff ".to_vec();
    kept.extend(MASK.as_bytes());
    kept.extend(b" \xe9");
    assert_eq!(masked(&given, "", ""), kept);
}

#[test]
fn each_part_of_a_form_is_read_by_its_own_type() {
    let part = |head: &str, body: &[u8]| [b"--b\r\n", head.as_bytes(), b"\r\n\r\n", body, b"\r\n"].concat();
    let field = "Content-Disposition: form-data; name=\"api_key\"";
    let file = "Content-Disposition: form-data; name=\"file\"; filename=\"a.gz\"\r\nContent-Type: application/gzip";
    let json = "Content-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json";
    let body = |key: &[u8], text: &str| {
        let file_of = packed(Format::Gzip, text.as_bytes()).expect("packed");
        [part(field, key), part(file, &file_of), part(json, text.as_bytes()), b"--b--\r\n".to_vec()].concat()
    };
    let text = format!("{{\"a\":\"{KEY}\"}}");
    let kept = masked(&body(b"abcd-1234-efgh", &text), "multipart/form-data; boundary=b", "");
    assert_eq!(kept, body(b"[REDACTED:api-key]", &text.replace(KEY, MASK)));
    let harmless = body(b"${API_KEY}", "{}");
    assert_eq!(masked(&harmless, "multipart/form-data; boundary=b", ""), harmless);
}

#[test]
fn a_form_is_read_as_a_query() {
    assert_eq!(
        masked_text(
            "grant_type=x&client_secret=s3cr3t&code=abc&password=a%2Bb%3D1&payload=%7B%22api_key%22%3A%22abcd-1234%22%7D"
        ),
        "grant_type=x&client_secret=[REDACTED]&code=[REDACTED]&password=[REDACTED]&payload=%7B%22api_key%22%3A%22\
         [REDACTED:api-key]%22%7D"
    );
}

#[test]
fn what_is_exempt_stays_and_a_key_under_its_name_does_not() {
    let signature = STANDARD.encode([0x9f; 120]);
    for name in ["signature", "thoughtSignature", "encrypted_content", "data"] {
        let given = format!("{{\"{name}\":\"{signature}\",\"password\":{{\"type\":\"string\"}}}}");
        assert_eq!(masked_text(&given), given);
        let given = format!("{{\"{name}\":\"{KEY}{}\"}}", "x9".repeat(10));
        assert_eq!(masked_text(&given), format!("{{\"{name}\":\"{MASK}\"}}"));
    }
}

#[test]
fn what_is_called_a_form_and_is_none_is_read_as_what_it_is() {
    let form = "application/x-www-form-urlencoded";
    let given = format!("{{\"a\":\"x&password=b {KEY}\",\"password\":\"hunter2-xyz\"}}");
    let kept = given.replace(KEY, MASK).replace("hunter2-xyz", "[REDACTED:password]");
    assert_eq!(masked(given.as_bytes(), form, ""), kept.as_bytes());
    let encoded = STANDARD.encode(format!("a key: {KEY}."));
    assert_eq!(masked_text(&encoded), MASK);
}

#[test]
fn what_stands_behind_the_parts_of_a_form_is_read() {
    let body = |key: &str| format!("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\nsee {key}\r\n");
    assert_eq!(masked_text(&body(KEY)), body(MASK));
}

#[test]
fn bodies_of_a_post_unpack_to_so_much_together() {
    let rules = Rules::default();
    let mut reader = Reader::under(&rules);
    let about = About::default();
    let large = packed(Format::Gzip, &vec![b' '; 1024 * 1024]).expect("packed");
    let read = |reader: &mut Reader| body(reader, &large, about);
    let count = (0..100).take_while(|_| read(&mut reader) == Outcome::Same).count();
    assert_eq!(count, MOST_OF_POST / (1024 * 1024));
}
