//! The operator's own rules.

use crate::{
    Redacted, Rules, names, receipt,
    shapes::{AROUND_COLON, index},
};
use api::{json::parse_body, step::StepInput};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// A step, without what the rules take out.
fn kept(rules: &str, members: &Value) -> Value {
    let rules = Rules::parse(rules).expect("rules");
    let mut step = json!({"operation": "stream", "status": "completed", "started_at": "2026-01-02T03:04:05Z"});
    step.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    let step: StepInput = parse_body(step.to_string().as_bytes()).expect("a step");
    let redacted = Redacted::of(step, &rules);
    assert_eq!(*Redacted::of(redacted.clone().into_parts().0, &rules), *redacted);
    serde_json::to_value(&*redacted).expect("JSON")
}

fn text(rules: &str, text: &str) -> String {
    let kept = kept(rules, &json!({"metadata": {"note": text}}));
    kept["metadata"]["note"].as_str().expect("a text").to_owned()
}

#[test]
fn the_version_counts_the_changes_of_the_tables() {
    let names = names::tables::printed() + &names::vague::tables();
    let shapes: Vec<_> = index::SHAPES.0.iter().zip(index::SHAPES.1).collect();
    let tables = format!("{shapes:?}{AROUND_COLON:?}{names}");
    let digest = tables
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    assert_eq!((receipt::VERSION, digest), (12, 0x08af_1137_c982_6823), "count `VERSION` up, and write both here");
}

#[test]
fn a_mask_is_a_shape_with_edges() {
    const RULES: &str = "# ours\nmask acme-key acme_live_ [A-Za-z0-9] 24-32\n\nmask zap  zAp: [0-9a-f-] 8\n";
    let key = "acme_live_Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb";
    assert_eq!(text(RULES, &format!("see {key}, please")), "see [REDACTED:acme-key], please");
    assert_eq!(text(RULES, "zAp:01-9af3b"), "[REDACTED:zap]");
    for other in [format!("x{key}"), format!("{key}0123456789"), "acme_live_short".to_owned(), "acme_live_".repeat(4)] {
        assert_eq!(text(RULES, &other), other);
    }
    assert_eq!(text(RULES, "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5"), "[REDACTED:openai-key]");
    assert_eq!(text("", key), key);
}

#[test]
fn a_name_that_is_masked_is_one_everywhere() {
    const RULES: &str = "mask-name x-acme-session, acmePassphrase, tenant-ref";
    let kept = kept(
        RULES,
        &json!({
            "metadata": {
                "acme_passphrase": "correct horse", "ACME-PASSPHRASE": 7, "other": "acme passphrase",
                "tenant-ref": "/srv/tenants/acme",
                "text": "acmePassphrase = quite a few; export MY_TENANT_REF=abcd; tenantRef: ${TENANT}",
                "headers": [["X-Acme-Session", "abcdefgh"]],
            },
            "attempts": [{
                "number": 1, "status": "completed", "request_headers": {"X-Acme-Session": "abc"},
                "url": "https://h/x?tenant_ref=abc&a=1",
            }],
        }),
    );
    assert_eq!(
        kept["metadata"],
        json!({
            "acme_passphrase": "[REDACTED:operator-name]", "ACME-PASSPHRASE": 7, "other": "acme passphrase",
            "tenant-ref": "[REDACTED:operator-name]",
            "text": "acmePassphrase = [REDACTED:operator-name] a few; export MY_TENANT_REF=[REDACTED:operator-name]; \
                     tenantRef: ${TENANT}",
            "headers": [["X-Acme-Session", "[REDACTED:operator-name]"]],
        })
    );
    assert_eq!(kept["attempts"][0]["request_headers"]["X-Acme-Session"], "[REDACTED]");
    assert_eq!(kept["attempts"][0]["url"], "https://h/x?tenant_ref=[REDACTED]&a=1");
}

#[test]
fn a_name_that_is_kept_stays_but_as_a_header() {
    const RULES: &str = "keep-name x-customer-token, authorization";
    let value = "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb";
    let kept = kept(
        RULES,
        &json!({
            "metadata": {
                "x_customer_token": value, "other_customer_token": "Zt8Yc3Nf6HbQm7xR2vKp9Lw4",
                "text": format!("https://h/?x-customer-token={value}"),
            },
            "attempts": [{
                "number": 1, "status": "completed",
                "request_headers": {"X-Customer-Token": "abc-def-ghi-jkl", "Authorization": "Custom mno-pqr-stu-vwx"},
            }],
        }),
    );
    assert_eq!(kept["metadata"]["x_customer_token"], value);
    assert_eq!(kept["metadata"]["other_customer_token"], "[REDACTED:token]");
    assert_eq!(kept["metadata"]["text"], format!("https://h/?x-customer-token={value}"));
    let key = "APP_KEY=79c7a4a0a4c9d3e9b408e4efc150718c";
    assert_eq!((&*text("keep-name app-key", key), &*text("", key)), (key, "APP_KEY=[REDACTED:key]"));
    let headers = &kept["attempts"][0]["request_headers"];
    assert_eq!((&headers["X-Customer-Token"], &headers["Authorization"]), (&json!("[REDACTED]"), &json!("[REDACTED]")));
}

#[test]
fn personal_numbers_stay_unless_the_operator_has_them_masked() {
    const TEXT: &str = "card 4111 1111 1111 1111, account DE89 3704 0044 0532 0130 00, at 1767225600000";
    assert_eq!(text("", TEXT), TEXT);
    assert_eq!(text("personal card, iban", TEXT), "card [REDACTED:card], account [REDACTED:iban], at 1767225600000");
    assert_eq!(text("personal iban", TEXT), TEXT.replace("DE89 3704 0044 0532 0130 00", "[REDACTED:iban]"));
}

#[test]
fn what_cannot_be_read_is_kept_if_the_operator_says_so() {
    let brotli = STANDARD.encode(b"\x8b\x02\x80\xff");
    let part =
        |head: &str, body: &[u8]| [b"--b7\r\nContent-Type: text/plain", head.as_bytes(), b"\r\n\r\n", body].concat();
    let key = b"sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5\r\n";
    let parts = |text: &[u8]| {
        let packed = part("\r\nContent-Encoding: br", b"\x8b\x02\x80\xff\r\n");
        STANDARD.encode([packed, part("", text), b"--b7--\r\n".to_vec()].concat())
    };
    let step = json!({"attempts": [
        {"number": 1, "status": "completed", "response_headers": {"content-encoding": "br"}, "response_body": brotli},
        {"number": 2, "status": "completed", "request_body": parts(key)},
    ]});
    let withheld = STANDARD.encode("[WITHHELD: brotli]");
    for rules in ["", "unreadable withhold", "unreadable keep\nunreadable withhold"] {
        let kept = kept(rules, &step);
        assert_eq!(
            (&kept["attempts"][0]["response_body"], &kept["attempts"][1]["request_body"]),
            (&json!(withheld), &json!(withheld))
        );
    }
    let kept = kept("unreadable keep", &step);
    assert_eq!(kept["attempts"][0]["response_body"], brotli);
    assert_eq!(kept["attempts"][1]["request_body"], parts(b"[REDACTED:openai-key]\r\n"));
}
