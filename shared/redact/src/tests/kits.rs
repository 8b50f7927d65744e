//! What the kits know of names: their copies of the tables, and what they say of names, are compared with the golden
//! file that `UPDATE_GOLDEN=1 cargo test --package redact` writes.

use crate::{
    names::{Name, headers::is_header, tables},
    rules::Rules,
};
use serde_json::json;
use std::{collections::BTreeMap, fs, path::Path};

/// Of headers, and of parameters that say alone that they are credentials.
const NAMES: &str = "\
    Authorization, proxy-authorization, X-Forwarded-Authorization, x-serverless-authorization, \
    cf-aig-authorization, helicone-auth, X-Auth, x-sentry-auth, x-api-key, api-key, apikey, X-Api_Key, \
    x-goog-api-key, x-portkey-api-key, x-litellm-api-key, X-RapidAPI-Key, x-portkey-virtual-key, \
    dd-application-key, x-master-key, ocp-apim-subscription-key, x-functions-key, aeg-sas-key, \
    X-Amz-Security-Token, x-auth-token, x-access-token, x-amzn-oidc-accesstoken, x-vault-token, PRIVATE-TOKEN, \
    job-token, Token, X-Token, x-csrf-token, x-xsrf-token, X-Csrf, X-Bearer, X-Custom-Secret, \
    cf-access-client-secret, cf-access-jwt-assertion, x-user-jwt, DPoP, Cookie, Set-Cookie, Cookie2, \
    x-session-id, x-db-password, x-password, x-credentials, x-api-key-2, x-api-key2, x-secret-value, \
    x-langfuse-secret-key, APPKey, x-amz-server-side-encryption-customer-key, X-Honeycomb-Team, x-github-otp, \
    accept, author, :authority, x-authenticated-user, www-authenticate, x-auth-type, keyword, x-monkey, x-key-id, \
    max_tokens, x-total-tokens, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, \
    anthropic-ratelimit-input-tokens-remaining, anthropic-ratelimit-tokens-reset, token-type, x-token-count, \
    tokenizer, idempotency-key, x-idempotency-key, x-prompt-cache-key, primary-key, x-next-page-token, \
    surrogate-key, sec-websocket-key, x-langfuse-public-key, x-ratelimit-key, x-time-to-first-token, etag, \
    x-request-id, openai-organization, openai-project, traceparent, sentry-trace, dpop-nonce, x-invalid-token, \
    x-signature, cookie-policy, x-robots-tag, sig, pwd, pass, pin, pw, mdp, clave, otp, psk, jwt, bearer, \
    Api-Key-, x-db-pass, DB_PASS, dbPwd, x-gh-pat, vpn-psk, db pass, compass, x-bypass, first_pass_2, \
    FIRST_PASS_2, x-api-key-prod, API_KEY_PROD, apikeyprod, passwordConfirmation, x-token-test2, api key text, \
    password_hash, x-token-prod-old, x-secret-backup_2, x-token-now, developer-token, x-backend-key, RESEND_KEY, \
    x-quickstart-key, x-scraper-token, nextPageToken, nextpagetoken, x-endkey, clientToken, CLIENT_TOKEN, \
    X_CLIENT_TOKEN, dd-client-token, facebook_page_token, x-checksum-secret, checksum/secret, invalid-token-prod, \
    signature, X-Amz-Signature, X-Amz-Credential, code, auth_code, country_code, code_verifier, SAMLResponse, \
    x-vercel-protection-bypass, sid, ticket, hmac, a%70i_key, oauth2-bearer, token_2_3, x-jwt-2, appKey2, \
    XAPIKey, appKEY, größe-token, clé, to\tken, x-sas, x-pas, Cookie , cookies, cookie_jar, x-session, session, \
    session_id, x-writekey, x-typewriter-key, dbpass, my-dbpwd, X_ROOTPW, smtpPass2, trespass, keypasses, psw, x-psw, \
    heslo, recovery-key, db_sifre";

fn verdict(name: &str) -> &'static str {
    let rules = Rules::default();
    let parameter = Name::of(name, &rules);
    match (is_header(name, &rules), parameter.is_parameter() && !parameter.is_vague_parameter()) {
        (true, true) => "both",
        (true, false) => "header",
        (false, true) => "parameter",
        (false, false) => "none",
    }
}

#[test]
fn the_kits_know_the_names_as_the_recorder_does() {
    let word = |row: &'static str| row.rsplit(' ').next().expect("one");
    let tables: BTreeMap<_, Vec<_>> =
        tables::all().into_iter().map(|(table, rows)| (table, rows.into_iter().map(word).collect())).collect();
    let verdicts: BTreeMap<_, _> = NAMES.split(", ").map(|name| (name, verdict(name))).collect();
    let printed = serde_json::to_string_pretty(&json!({"tables": tables, "verdicts": verdicts})).expect("JSON") + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kits/golden/names.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, &printed).expect("written");
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == printed, "{} differs; UPDATE_GOLDEN=1 rewrites it", file.display());
}
