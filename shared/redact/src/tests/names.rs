//! Names and issuers: what is a credential by the name before it or by how it begins, and what only looks so.

use crate::{
    Redacted,
    places::{At, Place},
    redactor::Redactor,
    rules::Rules,
};
use api::{json::parse_body, step::StepInput};
use serde_json::json;

#[track_caller]
fn kept(text: &str) -> String {
    let mut text = text.to_owned();
    Redactor::under(&Rules::default()).place(At::default(), Place::Text(&mut text), false);
    text
}

/// Fails unless a secret is taken out of each text, and nothing else but what stands in it.
#[track_caller]
fn assert_taken(texts: &[(&str, &str)]) {
    for (given, secret) in texts {
        let kept = kept(given);
        assert!(!kept.contains(secret) && kept.contains("[REDACTED"), "{given}: {kept}");
        let before = given.split_once(secret).expect("there").0.split(['\'', '"', '=', ' ', '/']).next().expect("one");
        assert!(kept.starts_with(before), "{given}: {kept}");
    }
}

#[track_caller]
fn assert_kept(texts: &[&str]) {
    for text in texts {
        assert_eq!(kept(text), *text);
    }
}

const HEX: &str = "79c7a4a0a4c9d3e9b408e4efc150718c";
const UUID: &str = "8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a";
const DRAWN: &str = "Qm7xR2vKp9Lw4Zt8Yc3Nf6HbQm7xR2vKp9Lw4Zt8";

#[test]
fn what_looks_like_no_credentials_name_is_one_by_whole_words() {
    for name in ["developer_token: ", "RESEND_KEY=", "BACKEND_KEY=", "QUICKSTART_KEY=", "SCRAPER_TOKEN="] {
        assert_taken(&[(&format!("{name}{DRAWN}"), DRAWN)]);
    }
    for name in ["FACEBOOK_PAGE_TOKEN=", "DD_CLIENT_TOKEN=", "AKAMAI_CLIENT_TOKEN=", "curl -H 'developer-token: "] {
        assert_taken(&[(&format!("{name}{DRAWN}"), DRAWN)]);
    }
    for name in
        ["next_page_token: ", "nextPageToken: ", "nextpagetoken=", "clientToken: ", "cost_per_token=", "endkey: "]
    {
        assert_kept(&[&format!("{name}{DRAWN}")]);
    }
}

#[test]
fn a_name_may_go_on_behind_its_word() {
    for name in [
        "DB_PASS2=",
        "DB_PWD_TEST=",
        "GH_PAT_PROD=",
        "{\"db_pass_prod\":\"",
        "SMTP_PASSWORD_PROD1=",
        "password_plain: ",
        "{\"passwordText\":\"",
        "{\"passwordAgain\":\"",
        "VPN_PSK=",
        "wifi_psk: ",
        "DB_PSWD=",
        "PASSWORD_DB=",
    ] {
        assert_taken(&[(&format!("{name}Tr0ub4dor&3"), "Tr0ub4dor&3")]);
    }
    for name in ["SECRET_JWT=", "TOKEN_GITHUB=", "API_KEY_STRIPE=", "{\"SECRET_KEY_A\":\"", "api_tokens = [\""] {
        assert_taken(&[(&format!("{name}{DRAWN}"), DRAWN)]);
    }
    for name in [
        "{\"unseal_keys_b64\":[\"",
        "{\"recovery_keys_hex\":[\"",
        "{\"signing_keys_b64\":[\"",
        "{\"clientSecretB64\":\"",
        "{\"signing_key_hex\":\"",
        "unseal_keys_hex:\n- ",
        "unseal_keys_b64 = [\"",
        "private_key_base64=",
        "Unseal Key 1: ",
    ] {
        assert_taken(&[(&format!("{name}{HEX}{HEX}"), &HEX.repeat(2)), (&format!("{name}{DRAWN}"), DRAWN)]);
    }
    for name in ["{\"image_base64\":\"", "{\"checksum_hex\":\"", "public_key_b64=", "content_b64: ", "unseal_nonce: "] {
        assert_kept(&[&format!("{name}{HEX}")]);
    }
    for name in ["{\"secret_id\":\"", "VAULT_SECRET_ID=", "Key        Value\nsecret_id  "] {
        assert_taken(&[(&format!("{name}{UUID}"), UUID)]);
    }
    for name in ["TOKEN_ID=", "SECRET_KEY_NAME=", "PASSWORDS_DB=", "Token_Github=", "TOKEN_OF_ONE_MORE=", "bpsk="] {
        assert_kept(&[&format!("{name}{DRAWN}")]);
    }
    assert_kept(&[
        "TOKEN_MODEL_A=gpt-4o-2024-11-20 PASSWORD_MIN_LENGTH=12345678 SECRET_A=prod/db-password1",
        "TOKEN_USDC=0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        "{\"SecretId\":\"prod/db-password1\"} and secret_id = \"my-secret-2024\"",
        "PASSWORD_CHARS='abcdefghijklmnopqrstuvwxyz0123456789!#$' second_pass2: 4096, firstPassValue: 123456",
        "compass2 = north42east, first_pass_2 = false, bypass_test=rule17b",
    ]);
    assert_kept(&[&format!("TOKEN_JOB={UUID}")]);
}

#[test]
fn a_member_has_every_name_that_a_text_has() {
    for name in [
        "clave",
        "mdp",
        "contrasena",
        "passwrd",
        "password_confirmation",
        "passwordRepeat",
        "db_password_prod",
        "DB_PASSWORD_2",
        "palavra_passe",
    ] {
        assert_taken(&[(&format!("{{\"{name}\":\"hunter3\"}}"), "hunter3")]);
        assert_taken(&[(&format!("{name}: hunter3\n"), "hunter3")]);
    }
    let salt = "A^*zG.Ky3=<1[i2RoY1bC[/6;~}Pu7)/k;tfj/o}ZpAg{V[[,<;W#hR{@OC3v9vO";
    assert_taken(&[(&format!("{{\"AUTH_SALT\":\"{salt}\"}}"), salt)]);
    for name in ["password_hint", "mdp_url", "enclave", "keyword"] {
        assert_kept(&[&format!("{{\"{name}\":\"hunter3\"}}")]);
    }
}

#[test]
fn a_password_may_look_like_a_path_of_code() {
    for given in ["PASSWORD=Falcon.Shadow_86", "password: Admin.Admin66"] {
        assert_taken(&[(given, given.split(['=', ' ']).next_back().expect("one"))]);
    }
    assert_kept(&["password: Settings.Default.Password2, key: config.secret_v2, secret = Encoding.Base64"]);
}

#[test]
fn a_key_of_hexadecimal_is_one_under_the_names_that_keys_have() {
    for name in [
        "mailgunKey: ",
        "{\"weather_key\":\"",
        "DD_APP_KEY=",
        "export ALGOLIA_ADMIN_KEY=",
        "app_key = \"",
        "{\"admin_key\":\"",
        "SESSION_KEY: ",
        "<machineKey validationKey=\"",
        "<machineKey decryptionKey=\"",
    ] {
        assert_taken(&[(&format!("{name}{HEX}"), HEX), (&format!("{name}{UUID}"), UUID)]);
    }
    let pair = format!("{UUID}:{HEX}");
    assert_taken(&[
        (&format!("FAL_KEY={pair}"), &pair),
        (&format!("{{\"username\":\"bob\",\"key\":\"{HEX}\"}}"), HEX),
        (&format!("{{\"sessionKey\":\"{DRAWN}\"}}"), DRAWN),
        ("APP_KEY=base64:VyQXDN/Mrou9ukPs7XrXbRi5IXcr9TlHPklTZuGH8b8=", "VyQXDN/Mrou9ukPs7XrXbRi5IXcr9TlHPklTZuGH8b8="),
        ("encrypt = \"eol+LM2erkDOBnJkZ47wGPZjhN/t6UJIekubJY6jk2N=\"", "eol+LM2erkDOBnJkZ47wGPZjhN/t6UJIekubJY6jk2N="),
        (&format!("config.pepper = \"{HEX}\""), HEX),
        (&format!("Macaroon: {HEX}"), HEX),
        (
            "define('AUTH_KEY',  'A^*zG.Ky3=<1[i2RoY1bC[/6;~}Pu7)/k;tfj/o}ZpAg{V[[,<;W#hR{@OC3v9vO');",
            "A^*zG.Ky3=<1[i2RoY1bC[/6;~}Pu7)/k;tfj/o}ZpAg{V[[,<;W#hR{@OC3v9vO",
        ),
    ]);
    // Of those who give keys, whoever they are: no id is as long in letters of one case.
    let small = "7gqk2nf83kfq0dka83nfka9dk3mf02kd";
    let parts = "k7n2q8zh-4t2f-nh3r-v4oa-s5kpt6kx7y6o";
    for name in ["acme_key = \"", "AcmeKey: ", "ACME_KEY=", "acme2-key: ", "--acme-key ", "{\"acmeKey\":\""] {
        let upper = small.to_uppercase();
        assert_taken(&[(&format!("{name}{small}"), small), (&format!("{name}{upper}"), &upper)]);
        assert_taken(&[(&format!("{name}{parts}"), parts)]);
        // Members are called so that are digests.
        if name.starts_with('{') {
            assert_kept(&[&format!("{name}{HEX}")]);
        } else {
            assert_taken(&[(&format!("{name}{HEX}"), HEX)]);
        }
    }
    for name in ["CLOUD_KEY=", "STRIPE_TEST_KEY=", "CACHE_PURGE_KEY=", "STORAGE_KEY="] {
        assert_taken(&[(&format!("{name}{HEX}"), HEX)]);
    }
    assert_taken(&[(&format!("{{\"acme_key\":\"{DRAWN}\"}}"), DRAWN)]);
    for name in ["cache_key = \"", "{\"s3_key\":\"", "chunkKey: ", "{\"prompt_cache_key\":\"", "issue-key: "] {
        assert_kept(&[&format!("{name}{HEX}"), &format!("{name}{small}"), &format!("{name}{}", small.to_uppercase())]);
    }
    assert_kept(&[
        "acme_key = \"linux-node18-build-release-2024-11-29\"",
        "acme_key = \"01JDXK4M8Q2R5T7V9W1Y3Z5B7D\"",
        &format!("acme_key = \"{UUID}\""),
        "{\"measurement_key\":\"2024-01-15-10-30-00-node-01\"}",
    ]);
    for name in ["CACHE_KEY=", "ITEM_KEY=", "partition_key: ", "{\"fileKey\":\"", "{\"key\":\"", "LAST_COMMIT_KEY="] {
        assert_kept(&[&format!("{name}{HEX}"), &format!("{name}{UUID}")]);
    }
    assert_kept(&["encrypt = \"AES-256-GCM\"", "app_key = \"com.example.app1\"", "{\"session\":\"new\"}"]);
}

#[test]
fn a_uuid_is_a_token_of_those_who_draw_them_so() {
    for name in [
        "X-Postmark-Server-Token: ",
        "npm token: ",
        "codecov_token: ",
        "X-XSRF-TOKEN: ",
        "my access token is ",
        "run --token ",
        "acme_token = \"",
        "{\"acmeToken\":\"",
    ] {
        assert_taken(&[(&format!("{name}{UUID}"), UUID)]);
    }
    let short = ("ACME_TOKEN=3d84002f2396b2b7", "3d84002f2396b2b7");
    let number = "64344688339753513607720835151436";
    assert_taken(&[short, (&format!("ACME_API_KEY={number}"), number)]);
    for name in [
        "token: ",
        "request token: ",
        "lock_token = \"",
        "{\"traceToken\":\"",
        "{\"token\":\"",
        "the token is ",
        "job_token: ",
        "continuation-token: ",
    ] {
        assert_kept(&[&format!("{name}{UUID}")]);
    }
}

#[test]
fn urls_let_in_by_parameters_and_paths() {
    for (before, key) in [
        ("https://api.openweathermap.org/data/2.5/weather?q=Wien&appid=", HEX),
        ("https://mainnet.infura.io/v3/", HEX),
        ("https://hook.eu1.make.com/", "7kwbc4c4oi8ia9brr2bujv6jzs6zl9bb"),
        ("https://maker.ifttt.com/trigger/x/with/key/", "XFndISIaDXXVSoZZTIOZMU"),
        ("https://n8n.example.com/webhook/", UUID),
        ("https://example.com/reset-password/", DRAWN),
        ("https://cas.example.com/login?ticket=", "ST-1234-WzzYjPLcN3SNMLQt6wFqQwnjAOmLIV"),
        ("https://h/socket.io/?EIO=4&sid=", "dsuzGKNrieLgCkd0vmhE"),
        ("https://h/x?hmac=", HEX),
        ("https://calendar.google.com/calendar/ical/bob%40gmail.com/private-", HEX),
    ] {
        assert_taken(&[(&format!("{before}{key}"), key)]);
    }
    assert_kept(&[
        "https://x.com/?code=DE",
        "https://x.com/?code=en-US",
        "https://x.com/err?code=E0308",
        "https://x.com/products?code=SKU-1234",
        "https://docs.x.com/page?key=getting-started see the getting-started guide",
        "https://i18n.x.com/?key=home.title",
        "https://x.com/?sig=none",
        "https://x.com/?pin=10115",
        "https://x.com/?sid=12345&ticket=PROJ-1234&sign=leo&st=2024",
        "https://x.com/webhook/setup and https://x.com/hooks/useIntersectionObserversV2",
        "https://x.com/reset-password/how-to-reset-your-password-in-2024",
        "https://docs.infura.io/networks and https://www.make.com/en/help/tools",
    ]);
}

#[test]
fn cookies_are_known_by_their_names() {
    for before in
        ["session=", "_app_session=", "li_at=", "SAPISID=", "__Secure-1PSID=", "a=b; ct0=", "export BW_SESSION=\""]
    {
        assert_taken(&[(&format!("{before}{DRAWN}"), DRAWN)]);
    }
    assert_taken(&[
        (&format!("Cookie: a=${{t}}; b={DRAWN}"), &format!("a=${{t}}; b={DRAWN}")),
        ("{\"cookie\": \"_x=8f3c9a7e1b2d4f60; y=1\"}", "_x=8f3c9a7e1b2d4f60; y=1"),
        ("{\"cookies\": \"_x=8f3c9a7e1b2d4f60; y=1\"}", "_x=8f3c9a7e1b2d4f60; y=1"),
        (&format!("session_id: {DRAWN}"), DRAWN),
        (&format!("session_id=s%3A{DRAWN}"), DRAWN),
        (&format!("token: 0x{HEX}{HEX}"), &format!("0x{HEX}{HEX}")),
        (&format!(".x.com\tTRUE\t/\tTRUE\t1790000000\tauth\t{HEX}"), HEX),
        (&format!("[{{\"hostOnly\":false,\"name\":\"a\",\"value\":\"{DRAWN}\"}}]"), DRAWN),
    ]);
    assert_kept(&[
        "session=requests.Session()",
        "session=8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a",
        "session_id: sess_C9CwK7iWF2zjDq3n6E9uT, session-id: chat_123abc456, {\"sessionId\":\"session_01XyQm7xR2vKp9\"}",
        "checksum/secret: 8f3c9a7e1b2d4f60, {\"checksum/credentials\":\"8f3c9a7e1b2d4f608f3c9a7e\"}",
        "token: 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        "session = getCurrentUserSession2",
        "headers: { Cookie: `accessToken=${t}` }, Cookie: f'session={sid}', Cookie: \"session=%s; Max-Age=0; Path=/a\"",
        "a\tTRUE\tb\tTRUE\t12\tname\tfirst",
        "[{\"name\":\"a\",\"value\":\"Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb\"}]",
    ]);
}

#[test]
fn passwords_are_said_in_many_languages() {
    assert_taken(&[
        ("Das Passwort lautet: Tiger3287!", "Tiger3287!"),
        ("Das Kennwort wurde auf Berlin9998! gesetzt", "Berlin9998!"),
        ("Das Passwort wurde auf Berlin9998! gesetzt", "Berlin9998!"),
        ("Passwort für den Admin ist Falcon9947!", "Falcon9947!"),
        ("Zugangsdaten: admin / Tiger6996!", "Tiger6996!"),
        ("API-Schlüssel: glLVxSmTrCmHYaIA3DO30Oyr", "glLVxSmTrCmHYaIA3DO30Oyr"),
        ("mon mdp c'est Berlin4988!", "Berlin4988!"),
        ("{\"login\":\"bob\",\"mdp\":\"Falcon7954!\"}", "Falcon7954!"),
        ("clave: Winter6826!", "Winter6826!"),
        ("la password è Berlin8357!", "Berlin8357!"),
        ("het wachtwoord is Winter9263!", "Winter9263!"),
        ("hasło: Berlin3827!", "Berlin3827!"),
        ("hasło to Berlin3827!", "Berlin3827!"),
        ("la clave es Berlin3827!", "Berlin3827!"),
        ("adgangskoden er Berlin3827!", "Berlin3827!"),
        ("Пароль - Berlin3827!", "Berlin3827!"),
        ("口令: Berlin3827!", "Berlin3827!"),
        ("chave de API: glLVxSmTrCmHYaIA3DO30Oyr", "glLVxSmTrCmHYaIA3DO30Oyr"),
        ("мой пароль — Tiger2835!", "Tiger2835!"),
        ("パスワードはTiger5378!です", "Tiger5378"),
        ("the password is Te71do0pre7!", "Te71do0pre7!"),
        ("mật khẩu: Berlin3827!", "Berlin3827!"),
        ("Kata sandi: Berlin3827!", "Berlin3827!"),
        ("पासवर्ड: Berlin3827!", "Berlin3827!"),
        ("كلمة المرور: Berlin3827!", "Berlin3827!"),
        ("הסיסמה: Berlin3827!", "Berlin3827!"),
        ("รหัสผ่าน: Berlin3827!", "Berlin3827!"),
        ("κωδικός πρόσβασης: Berlin3827!", "Berlin3827!"),
        ("Пароль от сервера: Berlin3827!", "Berlin3827!"),
        ("ключ API: glLVxSmTrCmHYaIA3DO30Oyr", "glLVxSmTrCmHYaIA3DO30Oyr"),
        ("clave secreta: glLVxSmTrCmHYaIA3DO30Oyr", "glLVxSmTrCmHYaIA3DO30Oyr"),
        ("токен: JDsCG3phdGXbrW0mE7fTQyJDsCG3phdGXbrW0mE7", "JDsCG3phdGXbrW0mE7fTQyJDsCG3phdGXbrW0mE7"),
    ]);
    assert_kept(&[
        "Passwort: mindestens 8 Zeichen\nName: mindestens 8 Zeichen",
        "Passwort: zwischen 8 und 64 Zeichen",
        "Passwort: siehe Anhang 3",
        "Wachtwoord: minimaal 8 tekens",
        "Password: 3 attempts left",
        "Password: chapter 4 page 12",
        "das Passwort auf Server42 ändern",
        "hasło: co najmniej 8",
        "la clave es sha256, the enclave is sgx2024 and parola: Wort",
        "API-Schlüssel: siehe Anhang",
        "Пароль от 8 символов: минимум, пароль от (см. ниже): Berlin3827, токен: gpt-4o-2024-11-20",
        "kata sandi: minimal 8 karakter, รหัสผ่าน 8 ตัว, mật khẩu tối thiểu: 12345678",
    ]);
}

#[test]
fn what_stands_for_a_password_is_none() {
    assert_taken(&[
        ("EMAIL_HOST_PASSWORD = \"hhbylisxoymkcxud\"", "hhbylisxoymkcxud"),
        ("App-specific password: myjd-zxil-vxti-ddai", "myjd-zxil-vxti-ddai"),
        ("SMTP_PASS=ozlw afrb msnq azfi", "ozlw afrb msnq azfi"),
        ("GPG_PASSPHRASE=correct horse battery staple", "correct horse battery staple"),
        ("{\"password\":\"letmein\"}", "letmein"),
        ("{\"pin\":\"4821\"}", "4821"),
        ("{\"password\":\"too-Short_8x\"}", "too-Short_8x"),
    ]);
    assert_kept(&[
        "'password' => 'required|string|min:8|confirmed',",
        "{\"password\":\"required|min:8\"}",
        "{\"password\":\"required|alpha_num|size:12\"}",
        "{\"password\":\"too_short_8\"}",
        "\"password\": \"auth.password.v2.label\"",
        "{\"password\":\"characteristics\"}",
        "{\"pin\":\"GPIO18\"}",
        "  pin: PB12AF",
        "{\"otp\":\"RFC6238\"}",
        "{\"jwt\":\"RS256_v2\"}",
        "password: sha512crypt",
        "authorization: policy-v2-strict",
        "authorization: AWS4-ECDSA-P256-SHA256",
        "auth: \"sessionV2\"",
    ]);
}

#[test]
fn issuers_are_known_by_how_keys_begin() {
    for (prefix, key) in [
        ("md-", "JDsCG3phdGXbrW0mE7fTQy"),
        ("aio_", "93JR4S2D2wyaFzO6pNTpR2CNmd98"),
        ("live_", "9GvNlUMfx18l7MB3q29t6P0n1sP3Q1"),
        ("SSWS ", "00uyTnTxSnE1H4wDY6JkBZ4Yr7UVFol8diEahwI4RO"),
        ("private_", "8O3+7TptCCLyhwOVs9GS9jYFdp7="),
        ("dub_", "ERwmcYwLLLC4VPwzhrIpnxZW"),
        ("cflt", "GNZqwoYvXy8hrl0cfJOb+hCvXD9FhCNmNtperbHJUkgK1GTa+ZZg/27L5ExV"),
        ("sk_prod_cnreaCWjfBv5P4x0jCnFTsKp_", "MEebmNr65ZZ3pUbGBrhNfcM1aIPfW28mbwsoiVW"),
        ("bob:500:aad3b435b51404eeaad3b435b51404ee:", HEX),
        ("username bob password 7 ", "0822455D0A165A1C"),
        ("{SHA}", "qUqP5cyxm6YcTAhz05Hph5gvu9M="),
        ("https://x.quiknode.pro/", HEX),
        ("npg_", "hXg1Yz7uFqLr"),
        ("unkey_", "3ZJDsCG3phdGXbrW0mE7f"),
        ("sk_", "x9JDsCG3phdGXbrW0mE7fTQy_4Kd-b7WqLr2NvPz8Tm"),
        ("sk_live_", "JDsCG3phdGX-brW0mE7fTQy"),
        ("prod:happy-animal-123|eyJ2MiI6", "IjhmM2M5YTdlMWIyZDRmNjA4ZjNjOWE3ZTFiMmQ0ZjYwIn0="),
        ("8f3c9a7e1b", "msh2d4f608f3c9a7e1p1b2d4fjsn08f3c9a7e1b2"),
        ("127.0.0.1:6379> AUTH ", "hunter2-xyz"),
        ("masterauth ", "hunter2-xyz"),
        ("PASSWORD elastic = ", "JDsCG3phdGXbrW0mE7fT"),
        ("elastic user successfully reset.\nNew value: ", "JDsCG3phdGXbrW0mE7fT"),
    ] {
        assert_taken(&[(&format!("see {prefix}{key}"), key)]);
    }
    assert_kept(&[
        "live_stream_of_the_conference_2024",
        "private_function_of_module_2",
        "the standard_deviation and st.dev. of md-editor-v3-preview-x",
        "dataset-of-2024-with-many-words",
        "md5 and MD5: 79c7a4a0a4c9d3e9b408e4efc150718c",
        "password 7 CHARACTERSLONG",
        "secret-management-with-vault-and-kubernetes-2024",
        "npg_connection and sk_learn_feature_selection_of_the_second_model_v2; a|eyJ2MiI6 of b",
        "S: 250> AUTH LOGIN PLAIN, > AUTH oauth2 and the masterauth of redis6, New value: JDsCG3phdGXbrW0mE7fT",
    ]);
}

/// A step's texts, of which one gives away what others repeat.
#[track_caller]
pub(super) fn kept_of(texts: &[String]) -> Vec<String> {
    let step = json!({
        "operation": "stream", "status": "completed", "started_at": "2026-01-02T03:04:05Z", "metadata": {"texts": texts},
    });
    let step: StepInput = parse_body(step.to_string().as_bytes()).expect("a step");
    let redacted = Redacted::of(step, &Rules::default());
    assert_eq!(*Redacted::of(redacted.clone().into_parts().0, &Rules::default()), *redacted);
    let step = serde_json::to_value(&*redacted).expect("JSON");
    let texts = step["metadata"]["texts"].as_array().expect("texts");
    texts.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn what_people_choose_is_found_again_as_a_word_of_its_own() {
    let given = |texts: &[&str]| kept_of(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    let kept = given(&[
        "the password is Tbh4wmvy7!",
        "I typed Tbh4wmvy7 into the form, and Tbh4wmvy7x, a-Tbh4wmvy7",
        "{\"note\":\"a\\nTbh4wmvy7\"}",
        "GET /?q=Tbh4wmvy7&x=1",
    ]);
    assert_eq!(kept[1], "I typed [REDACTED:repeated] into the form, and Tbh4wmvy7x, a-Tbh4wmvy7");
    assert_eq!(kept[2], "{\"note\":\"a\\n[REDACTED:repeated]\"}");
    assert_eq!(kept[3], "GET /?q=[REDACTED:repeated]&x=1");
    let secret = "CwiZfa0Xjx/+ZbbqJD9y3HfdnmZCaEHf9rM91REG";
    let encoded = secret.replace('/', "%2F").replace('+', "%2B");
    let kept = given(&[&format!("AWS_SECRET_ACCESS_KEY={secret}"), &format!("GET /?zzz={encoded}&a=1")]);
    assert_eq!(kept[1], "GET /?zzz=[REDACTED:repeated]&a=1");
    for texts in [
        ["the password is swordfish", "a swordfish is a fish"],
        ["https://docs.x.com/?key=getting-started", "see getting-started"],
        ["https://docs.x.com/?token=getting-started", "see getting-started"],
        ["Passwort: mindestens 8 Zeichen", "Name: mindestens 8 Zeichen"],
    ] {
        assert_eq!(given(&texts)[1], texts[1]);
    }
}

#[test]
fn as_many_keys_are_found_again_as_an_environment_has() {
    let key = |at: u32| format!("DNxril3RavGD5Mfv{at:03}J7NScUykT8C8");
    let environment = (0..100).map(|at| format!("SVC{at}_API_KEY={}\n", key(at))).collect::<Vec<_>>().concat();
    let kept = kept_of(&[environment, format!("sent {}", key(99))]);
    assert_eq!(kept[1], "sent [REDACTED:repeated]");
}

/// Texts with a secret that people choose.
#[track_caller]
fn assert_password_taken(texts: &[&str]) {
    let given: Vec<_> = texts.iter().map(|text| (*text, "Xk9mQ2pLr7Vt")).collect();
    assert_taken(&given);
}

#[test]
fn names_are_known_in_many_languages() {
    assert_password_taken(&[
        "{\"账号\":\"bob\",\"密码\":\"Xk9mQ2pLr7Vt\"}",
        "{\"usuario\":\"bob\",\"contraseña\":\"Xk9mQ2pLr7Vt\"}",
        "{\"Пароль\":\"Xk9mQ2pLr7Vt\"}",
        "{\"비밀번호\":\"Xk9mQ2pLr7Vt\"}",
        "{\"użytkownik\":\"bob\",\"hasło\":\"Xk9mQ2pLr7Vt\"}",
        "{\"heslo\":\"Xk9mQ2pLr7Vt\"}",
        "{\"lösenord\":\"Xk9mQ2pLr7Vt\"}",
        "$haslo = 'Xk9mQ2pLr7Vt';",
        "DB_SIFRE=Xk9mQ2pLr7Vt",
    ]);
    assert_taken(&[
        (&format!("{{\"API密钥\":\"{DRAWN}\"}}"), DRAWN),
        (&format!("{{\"令牌\":\"{DRAWN}\"}}"), DRAWN),
        ("{\"密码\":\"8421\"}", "8421"),
    ]);
    assert_kept(&["{\"密码长度\":\"Xk9mQ2pLr7Vt\",\"größe\":\"Xk9mQ2pLr7Vt\",\"contraseñas\":\"obligatoria\"}"]);
}

#[test]
fn what_passes_may_be_joined_to_what_it_opens() {
    assert_password_taken(&[
        "$dbpass = 'Xk9mQ2pLr7Vt';",
        "bindpw Xk9mQ2pLr7Vt",
        "{\"smtppass\":\"Xk9mQ2pLr7Vt\"}",
        "{\"dbpwd\":\"Xk9mQ2pLr7Vt\"}",
        "mysqlpass: Xk9mQ2pLr7Vt",
        "rootpw=Xk9mQ2pLr7Vt",
        "PGPASS=Xk9mQ2pLr7Vt",
        "psw = \"Xk9mQ2pLr7Vt\"",
        "{\"psswd\":\"Xk9mQ2pLr7Vt\"}",
        "keytool -storepass Xk9mQ2pLr7Vt",
    ]);
    assert_kept(&[
        "{\"compass\":\"Xk9mQ2pLr7Vt\",\"bypass\":\"Xk9mQ2pLr7Vt\",\"trespass\":\"Xk9mQ2pLr7Vt\"}",
        "{\"overpass\":\"Xk9mQ2pLr7Vt\",\"surpass\":\"Xk9mQ2pLr7Vt\",\"encompass\":\"Xk9mQ2pLr7Vt\"}",
    ]);
}

#[test]
fn a_name_may_go_on_with_what_it_opens() {
    assert_password_taken(&[
        "DB_PASSWORD_READONLY=Xk9mQ2pLr7Vt",
        "{\"password_db\":\"Xk9mQ2pLr7Vt\"}",
        "passwordDb: Xk9mQ2pLr7Vt",
    ]);
    for name in [
        "AZURE_OPENAI_API_KEY_SWEDEN=",
        "STRIPE_SECRET_KEY_EU=",
        "GITHUB_TOKEN_RO=",
        "DB_SECRET_UAT_2=",
        "{\"apiKeyOpenai\":\"",
        "accessTokenSandbox: ",
    ] {
        assert_taken(&[(&format!("{name}{DRAWN}"), DRAWN)]);
    }
    assert_taken(&[(&format!("AZURE_OPENAI_API_KEY_SWEDEN={HEX}"), HEX)]);
    assert_kept(&[
        "{\"password_policy\":\"Xk9mQ2pLr7Vt\",\"passwordHash\":\"Xk9mQ2pLr7Vt\",\"apiKeyId\":\"Xk9mQ2pLr7Vt\"}",
        "{\"secret_created_at\":\"2024-01-01T00:00:00Z\",\"apiKeyPrefix\":\"sk-9mQ2p\",\"secret_store\":\"vault-9x8y\"}",
        "{\"token_mint\":\"EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v\",\"token_in\":\"EPjFWdd5AufqSSqeM2qN1xzybap\"}",
        "NEXT_TOKEN_A=Xk9mQ2pLr7Vt and {\"password_rules\":\"8-64\",\"secret_santa\":\"alice-and-bob\"}",
    ]);
}

#[test]
fn keys_are_known_by_who_issues_them_and_as_headers() {
    for name in
        ["moonshot", "kimi", "grok", "glm", "dashscope", "qwen", "siliconflow", "minimax", "fireworks", "cerebras"]
    {
        assert_taken(&[(&format!("{{\"{name}_key\":\"{DRAWN}\"}}"), DRAWN)]);
    }
    for name in ["serper", "jina", "voyage", "brave", "stability", "helicone", "langsmith", "qdrant", "weaviate", "zai"]
    {
        assert_taken(&[(&format!("{{\"{name}_key\":\"{HEX}\"}}"), HEX)]);
    }
    assert_taken(&[
        (&format!("{{\"ak\":\"a1\",\"sk\":\"{DRAWN}\"}}"), DRAWN),
        (&format!("api_id = 12345\napi_hash = \"{HEX}\""), HEX),
        (&format!("curl -H 'DD-APPLICATION-KEY: {HEX}79c7a4a0'"), HEX),
        (&format!("{{\"headers\":{{\"X-Acme-Key\":\"{HEX}\"}}}}"), HEX),
        (&format!("GET / HTTP/1.1\nX-ClickHouse-Key: {DRAWN}\n"), DRAWN),
        (&format!("{{\"headers\":{{\"Modal-Key\":\"wk-{DRAWN}\"}}}}"), DRAWN),
    ]);
    assert_kept(&[
        &format!("{{\"PK\":\"USER#1\",\"SK\":\"{DRAWN}\"}}"),
        &format!("{{\"X-Cache-Key\":\"{HEX}\",\"xKey\":\"date\",\"sk\":\"USER#123\",\"file_hash\":\"{HEX}\"}}"),
    ]);
}

#[test]
fn private_keys_need_no_first_line() {
    let base64 = "Qm7xR2vKp9Lw4Zt8Yc3Nf6HbVq1Jd5Gs0AeTuXnMkZrB3yWfCi7PoLh2DgSa9vE4";
    for begin in [
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ",
        "MIIEowIBAAKCAQEA",
        "MIIJKQIBAAKCAgEA",
        "MIICXQIBAAKBgQ",
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg",
        "MC4CAQAwBQYDK2VwBCIEI",
        "MHcCAQEEI",
    ] {
        let key = format!("{begin}{base64}");
        assert_taken(&[(&format!("key = {key}"), &key), (&format!("key = {key}\\n{base64}"), base64)]);
        assert_taken(&[(&format!("key: {key}\n{base64}\n{base64}"), base64)]);
    }
    for begin in [
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
        "MIIDdzCCAl+gAwIBAgIEA0GCS",
    ] {
        assert_kept(&[&format!("cert = {begin}{base64}")]);
    }
    let lines = "6acef03f62675b4b1bbd03e53b187727\n423cea742242106cb2916a8a4c829756\n";
    assert_taken(&[
        (
            &format!(
                "see ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"x\"\n{base64}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"
            ),
            base64,
        ),
        (
            &format!("see -----BEGIN OpenVPN Static key V1-----\n{lines}-----END OpenVPN Static key V1-----"),
            "423cea742242106cb2916a8a4c829756",
        ),
        (
            &format!("<RSAKeyValue><Modulus>{base64}</Modulus><D>{base64}{base64}{base64}</D></RSAKeyValue>"),
            &format!("{base64}{base64}{base64}"),
        ),
    ]);
    assert_kept(&[&format!("---- BEGIN SSH2 PUBLIC KEY ----\n{base64}\n---- END SSH2 PUBLIC KEY ----")]);
}

#[test]
fn disks_and_wallets_are_opened_by_numbers() {
    let disk = "215479-638055-401797-170434-562738-077990-313060-545402";
    assert_taken(&[
        (&format!("Recovery Key:\n    {disk}\n"), disk),
        (&format!("Numerical Password:\n  Password:\n      {disk}\n"), disk),
        (&format!("{{\"recoveryKey\":\"{disk}\"}}"), disk),
        ("WP application password: xT4b 8kPq Lm2Z rW9v Jc5N hY7d", "xT4b 8kPq Lm2Z rW9v Jc5N hY7d"),
        ("Recovery key = 'K7WQ-9PLM-2XVB-R4TN-8HJD-5CFS'", "K7WQ-9PLM-2XVB-R4TN-8HJD-5CFS"),
        (
            "Seed phrase:\n1. ripple\n2. walnut\n3. amber\n4. tunnel\n5. cactus\n6. violin\n7. meadow\n8. oxygen\n\
          9. puzzle\n10. lizard\n11. copper\n12. window\n",
            "walnut",
        ),
    ]);
    assert_kept(&[
        "Colours:\n1. ripple\n2. walnut\n3. amber\n4. tunnel\n5. cactus\n6. violin\n7. meadow\n8. oxygen\n\
         9. puzzle\n10. lizard\n11. copper\n12. window\n",
        "Password: that must have more than four",
        "The wallet has\n1. ripple\n2. walnut\n3. amber\nPassword: 123456-654321 of order",
    ]);
}

#[test]
fn more_issuers_are_known_by_how_keys_begin() {
    const ALL: &[u8] = b"Qm7xR2vKp9Lw4Zt8Yc3Nf6HbVq1Jd5Gs0AeTuXnMkZrB3yWfCi7PoLh2DgSa9vE4Yc3Nf6HbVq1Jd5Gs0AeTuXnMkZrB3yWfCi7PoLh2DgSa9vE4Qm7xR2vKp9Lw4Zt8";
    const LOWER: &[u8] = b"q7x2vkp9lw4zt8yc3nf6hbv1jd5gs0aeuxmrb3ywfci7poh2dgsa9ve4qm7xr2vkp9lw4zt8";
    const HEXS: &[u8] =
        b"79c7a4a0a4c9d3e9b408e4efc150718c8f3c9a7e1b2d4f608f3c9a7e1b2d4f6a02ea68ef786e4d3cea27d26934b484e7";
    let at = |from: &[u8], first: usize, count: usize| -> String {
        from.iter().cycle().skip(first).take(count).map(|byte| char::from(*byte)).collect()
    };
    for first in [0, 5, 11] {
        let (all, lower) = (|count| at(ALL, first, count), |count| at(LOWER, first, count));
        let hex = |count| at(HEXS, first, count);
        for key in [
            format!("VF.DM.{}.{}", hex(24), all(16)),
            format!("VF.{}.{}", hex(24), all(16)),
            format!("$8$tLku3H5keBKB1a${}", all(43)),
            format!("$9$tLku3H5keBKB1a${}", all(43)),
            format!("AA{}-NRMA", hex(40)),
            format!("NRIQ-{}", all(32)),
            format!("NRAA-{}", hex(27)),
            format!("NRRA-{}", hex(42)),
            format!("BBFF-{}", all(30)),
            format!("4b1d{}", all(38)),
            format!("ak_live_{}", all(30)),
            format!("bb_ma_{}", hex(30)),
            format!("ddw_{}", all(36)),
            format!("pi_{}_secret_{}", all(24), all(25)),
            format!("dp.audit.{}", all(43)),
            format!("dt0c01.{}.{}", all(24).to_uppercase(), all(64).to_uppercase()),
            format!("endr+{}", all(16)),
            format!("figp_{}", all(40)),
            format!("flb_live_{}", all(20)),
            format!("hawk.{}.{}", all(20), all(20)),
            format!("ion_{}", lower(42)),
            format!("test_{}", hex(35)),
            format!("odt_{}", all(32)),
            format!("px-api-{UUID}"),
            format!("px-dep-{UUID}"),
            format!("rh-api-{UUID}"),
            format!("ramp_sec_{}", all(48)),
            format!("salad_cloud_user_{}", all(30)),
            format!("shippo_test_{}", hex(40)),
            format!("shltm_{}", all(40)),
            format!("sk_7628_922677_{}", hex(32)),
            format!("slk_{}", hex(64)),
            format!("thog-secret-{}", hex(32)),
            format!("tkn.v1_{}=", all(71)),
            format!("AstraCS:{}:{}", all(24), hex(64)),
            format!("n8n_api_{}", hex(64)),
            format!("cpk_{}.{}.{}", hex(32), hex(32), all(32)),
            format!("flp_{}", all(44)),
            format!("wk-1.{}", hex(64)),
            format!("apk_user_{}", all(80)),
            format!("bp_pat_{}", all(36)),
            format!("cztei_{}", all(64)),
            format!("msy_{}", all(40)),
            format!("tsk_{}", all(43)),
            format!("FPSX{}", hex(32)),
            format!("sgai-{UUID}"),
            format!("zut_{}", all(40)),
            format!("rqsty-sk-{}", all(80)),
            format!("tpuf_{}", all(32)),
            format!("aoaAAAA{}", all(120)),
            format!("aorAAAA{}:{}", all(120), all(90)),
            format!("da2-{}", lower(26)),
            format!("AKLT{}", all(43)),
            format!("SWMTKN-1-{}-{}", lower(50), lower(25)),
            format!("K10{}::server:{}", hex(64), hex(32)),
            format!("ddapp_{}", all(34)),
            format!("ddpat_{}", all(40)),
            format!("packagist_ort_{}", hex(68)),
            format!("packagist_uut_{}", hex(68)),
            format!("1000.{}.{}", hex(32), hex(32)),
            format!("cs_{}", hex(40)),
            format!("sec-c-{}", all(48)),
            format!("configcat-sdk-1/{}/{}", all(22), all(22)),
            format!("klarna_live_api_{}", all(80)),
            format!("AAAA{}:APA91b{}", all(7), all(134)),
            format!("CfDJ8{}", all(120)),
            format!("nsec1{}", lower(58)),
            format!("suiprivkey1{}", lower(59)),
            format!("yprv{}", all(107)),
            format!("S=s1:U={}:E={}:C={}:P=1cd:A=en-devtoken:V=2:H={}", hex(5), hex(11), hex(11), hex(32)),
            format!("{}:{}", hex(24), hex(64)),
        ] {
            assert_eq!(kept(&format!("a {key}, b")).find(&key[..key.len() - 4]), None, "{key}");
            assert!(kept(&format!("a {key}, b")).starts_with("a [REDACTED:"), "{key}");
        }
        let hash = format!("{}:0101000000000000{}", hex(32), hex(120));
        assert_taken(&[(&format!("bob::ACME:{}:{hash}", hex(16)), &hash)]);
    }
    assert_kept(&[
        "ck_editor_of_the_page and cs_2024 or tk_identifier, tsk_run_all_of_them_one_after_the_other_in_2024",
        "version 1000.2024.1, 1. one 2. two; SCHEDULED SDK SA SBOM and da2-small of CfDJ8",
    ]);
}

#[test]
fn databases_shells_and_devices_say_passwords() {
    assert_password_taken(&[
        "CREATE USER 'bob'@'%' IDENTIFIED WITH caching_sha2_password BY 'Xk9mQ2pLr7Vt';",
        "ALTER USER bob IDENTIFIED WITH 'mysql_native_password' BY 'Xk9mQ2pLr7Vt';",
        "CREATE USER bob IDENTIFIED BY Xk9mQ2pLr7Vt;",
        "ConvertTo-SecureString 'Xk9mQ2pLr7Vt' -AsPlainText -Force",
        "ConvertTo-SecureString -String \"Xk9mQ2pLr7Vt\" -AsPlainText -Force",
        "ConvertTo-SecureString -AsPlainText 'Xk9mQ2pLr7Vt' -Force",
        "enable secret Xk9mQ2pLr7Vt",
        "enable secret 0 Xk9mQ2pLr7Vt",
        "username admin privilege 15 password 0 Xk9mQ2pLr7Vt",
        "snmp-server community Xk9mQ2pLr7Vt RW",
        "    Key Content            : Xk9mQ2pLr7Vt",
        "WIFI:T:WPA;S:Home;P:Xk9mQ2pLr7Vt;;",
        "    DefaultPassword    REG_SZ    Xk9mQ2pLr7Vt",
        "rootpw --plaintext Xk9mQ2pLr7Vt",
    ]);
    assert_kept(&[
        "rows IDENTIFIED BY name, snmp-server community public RO, enable secret scanning of a repository",
        "password 0 of 3 and secret 0123, Key Content of pages2",
    ]);
}

#[test]
fn a_commands_line_goes_on() {
    assert_password_taken(&[
        "mysqldump --single-transaction -h prod-shop.cluster-c9akciq32.eu-central-1.rds.amazonaws.com -P 3306 -u admin \
         -pXk9mQ2pLr7Vt shop",
        "mysql \\\n  -h db.acme.io \\\n  -u root \\\n  -pXk9mQ2pLr7Vt shop",
        "docker login registry.acme.io \\\n  -u bob \\\n  -p Xk9mQ2pLr7Vt",
        "ipmitool -I lanplus -H 10.0.0.1 -U admin -P Xk9mQ2pLr7Vt chassis status",
        "bcp shop.dbo.t out t.csv -S srv -U sa -P Xk9mQ2pLr7Vt",
        "echo -n \"Xk9mQ2pLr7Vt\" | cryptsetup luksOpen /dev/sda2 disk --key-file -",
        "echo \"Xk9mQ2pLr7Vt\" | docker secret create db_password -",
        "pulumi config set --secret dbUser Xk9mQ2pLr7Vt",
        "pulumi config set dbUser Xk9mQ2pLr7Vt --secret",
        "echo Xk9mQ2pLr7Vt | vercel env add DB_PASSWORD production",
        "vercel env add DB_PASSWORD production <<< Xk9mQ2pLr7Vt",
        "netlify env:set DB_PASSWORD Xk9mQ2pLr7Vt",
        "echo \"root:Xk9mQ2pLr7Vt\" | chpasswd",
        "chpasswd <<EOF\nroot:Xk9mQ2pLr7Vt\nEOF",
        "chpasswd:\n  list: |\n    root:Xk9mQ2pLr7Vt\n  expire: false",
    ]);
    assert_kept(&[
        "mysql -h db\n  -u root\ngrep -pXk9mQ2pLr7Vt",
        "pulumi config set region eu-central-1 --plaintext and cryptsetup --key-file /root/key2",
        "chpasswd reads\nuser: password2 pairs",
    ]);
    let far = format!("mysql {}-pXk9mQ2pLr7Vt", "-v ".repeat(2_000));
    assert_eq!(kept(&far), far);
}

#[test]
fn more_paths_let_in() {
    for before in [
        "https://mcp.zapier.com/api/mcp/s/",
        "https://share.1password.com/s#",
        "https://h/password/reset/",
        "https://h/x?tkn=",
        "POST /IncomingWebhook/",
    ] {
        assert_taken(&[(&format!("{before}{DRAWN}"), DRAWN)]);
    }
    assert_taken(&[(&format!("https://h/password/reset/{HEX}{HEX}"), HEX)]);
    assert_kept(&["https://h/password/reset/how-to and https://h/?tkn=2"]);
}
