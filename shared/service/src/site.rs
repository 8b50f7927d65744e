//! What a deployment tells the viewer, its public page: where it signs in, and who may embed it.
//!
//! Everybody may read it, so nothing here is a secret. What could loosen the page's policy is refused at the start.

use crate::app::{Misconfigured, variable};
use http::Uri;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the page asks of the issuer by itself.
const OWN_PARAMETERS: [&str; 8] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];

/// A deployment as its page sees it.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Without it, the page asks for a token.
    pub sign_in: Option<SignIn>,
    /// `VIEWER_FRAME_ANCESTORS`, separated by commas: the origins whose pages may embed the page.
    pub frame_ancestors: Vec<String>,
}

/// How the page signs somebody in: by an authorization code with PKCE.
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    /// `VIEWER_CLIENT_ID`: a public client at the issuer.
    pub client_id: String,
    /// `VIEWER_AUTHORIZE_URL`.
    pub authorize_url: String,
    /// `VIEWER_TOKEN_URL`.
    pub token_url: String,
    /// `VIEWER_LOGOUT_URL`: where signing out leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logout_url: Option<String>,
    /// `VIEWER_SCOPES`, or `openid`.
    pub scopes: String,
    /// `VIEWER_AUTHORIZE_PARAMETERS`: what the issuer's authorization endpoint wants besides, as a query.
    pub authorize_parameters: BTreeMap<String, String>,
    /// Where the page may send its code.
    #[serde(skip)]
    pub token_origin: String,
}

impl Site {
    /// From the process's environment.
    ///
    /// # Errors
    ///
    /// A variable that is missing or wrong.
    pub fn from_env() -> Result<Self, Misconfigured> {
        Self::from_variables(variable)
    }

    /// From named variables. An empty one counts as missing.
    ///
    /// # Errors
    ///
    /// A variable that is missing or wrong.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Misconfigured> {
        let optional = |name: &str| variable(name).filter(|value| !value.is_empty());
        let ancestors = optional("VIEWER_FRAME_ANCESTORS").unwrap_or_default();
        let ancestors = ancestors.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let frame_ancestors = ancestors
            .map(|given| match origin(given) {
                Some(origin) if origin == given => Ok(origin),
                _ => Err(wrong("VIEWER_FRAME_ANCESTORS", "must name origins, such as https://app.example.com")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { sign_in: SignIn::from_variables(optional)?, frame_ancestors })
    }
}

impl SignIn {
    fn from_variables(optional: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Misconfigured> {
        let url = |name: &str| match optional(name) {
            Some(url) if origin(&url).is_none() => {
                Err(wrong(name, "must be an https URL; plain http is for this machine only"))
            }
            url => Ok(url),
        };
        let (authorize, token, logout) =
            (url("VIEWER_AUTHORIZE_URL")?, url("VIEWER_TOKEN_URL")?, url("VIEWER_LOGOUT_URL")?);
        let Some(client_id) = optional("VIEWER_CLIENT_ID") else {
            return match authorize.or(token).or(logout) {
                Some(_) => Err(wrong("VIEWER_CLIENT_ID", "is missing, but the issuer's endpoints are given")),
                None => Ok(None),
            };
        };
        let token_url = token.ok_or_else(|| wrong("VIEWER_TOKEN_URL", "is missing, which VIEWER_CLIENT_ID needs"))?;
        Ok(Some(Self {
            client_id,
            authorize_url: authorize
                .ok_or_else(|| wrong("VIEWER_AUTHORIZE_URL", "is missing, which VIEWER_CLIENT_ID needs"))?,
            token_origin: origin(&token_url).unwrap_or_default(),
            token_url,
            logout_url: logout,
            scopes: optional("VIEWER_SCOPES").unwrap_or_else(|| "openid".to_owned()),
            authorize_parameters: parameters(&optional("VIEWER_AUTHORIZE_PARAMETERS").unwrap_or_default())?,
        }))
    }
}

fn wrong(name: &str, what: &str) -> Misconfigured {
    Misconfigured(format!("{name} {what}"))
}

/// The parameters of a query, each once, and none that is the page's to choose.
fn parameters(query: &str) -> Result<BTreeMap<String, String>, Misconfigured> {
    let mut parameters = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let name = name.into_owned();
        if name.is_empty() || OWN_PARAMETERS.contains(&&*name) || parameters.contains_key(&name) {
            let what = format!("must not name {name:?}, which the page sets itself, or which is there twice");
            return Err(wrong("VIEWER_AUTHORIZE_PARAMETERS", &what));
        }
        parameters.insert(name, value.into_owned());
    }
    Ok(parameters)
}

/// The origin of a URL that the page may send a code or a person to, if it is one.
fn origin(url: &str) -> Option<String> {
    let parsed: Uri = url.parse().ok()?;
    let (scheme, authority) = (parsed.scheme_str()?, parsed.authority()?.as_str());
    let is_here = matches!(parsed.host()?, "127.0.0.1" | "localhost");
    // It becomes a part of the policy: nothing in it may end a directive, or name more than one host.
    let is_plain = authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
    (is_plain && (scheme == "https" || (scheme == "http" && is_here))).then(|| format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: [(&str, &str); 3] = [
        ("VIEWER_CLIENT_ID", "viewer"),
        ("VIEWER_AUTHORIZE_URL", "https://issuer.example/authorize"),
        ("VIEWER_TOKEN_URL", "https://issuer.example:8443/oauth/token?x=1"),
    ];

    fn site(variables: &[(&str, &str)]) -> Result<Site, Misconfigured> {
        Site::from_variables(|name| {
            variables.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn with(changed: &[(&str, &str)]) -> Result<Site, Misconfigured> {
        site(&[&CLIENT, changed].concat())
    }

    #[test]
    fn nothing_said_is_no_sign_in_and_no_frame() {
        let site = site(&[("VIEWER_SCOPES", "openid"), ("VIEWER_CLIENT_ID", "")]).expect("a site");
        assert!(site.sign_in.is_none() && site.frame_ancestors.is_empty());
    }

    #[test]
    fn a_client_has_its_endpoints_and_what_the_issuer_wants_besides() {
        let query = ("VIEWER_AUTHORIZE_PARAMETERS", "audience=https%3A%2F%2Fapi.example&prompt=select+account");
        let sign_in = with(&[query]).expect("a site").sign_in.expect("a client");
        assert_eq!((&*sign_in.token_origin, &*sign_in.scopes), ("https://issuer.example:8443", "openid"));
        let expected = [("audience", "https://api.example"), ("prompt", "select account")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(sign_in.authorize_parameters, expected.into());
    }

    #[test]
    fn what_would_loosen_the_policy_or_lead_elsewhere_is_refused_by_name() {
        for (name, value) in [
            ("VIEWER_AUTHORIZE_URL", ""),
            ("VIEWER_AUTHORIZE_URL", "javascript:alert(1)"),
            ("VIEWER_TOKEN_URL", ""),
            ("VIEWER_TOKEN_URL", "http://issuer.example/token"),
            ("VIEWER_TOKEN_URL", "https://*/token"),
            ("VIEWER_TOKEN_URL", "https://a.example;script-src/token"),
            ("VIEWER_TOKEN_URL", "https://user@issuer.example/token"),
            ("VIEWER_TOKEN_URL", "/token"),
            ("VIEWER_LOGOUT_URL", "issuer.example"),
            ("VIEWER_CLIENT_ID", ""),
            ("VIEWER_AUTHORIZE_PARAMETERS", "state=x"),
            ("VIEWER_AUTHORIZE_PARAMETERS", "audience=a&audience=b"),
            ("VIEWER_AUTHORIZE_PARAMETERS", "=x"),
            ("VIEWER_FRAME_ANCESTORS", "*"),
            ("VIEWER_FRAME_ANCESTORS", "https://app.example/"),
            ("VIEWER_FRAME_ANCESTORS", "https://app.example,'self'"),
            ("VIEWER_FRAME_ANCESTORS", "https://*.example"),
        ] {
            let Misconfigured(message) = with(&[(name, value)]).expect_err(value);
            assert!(message.starts_with(name), "{name}={value}: {message}");
        }
        assert!(with(&[("VIEWER_TOKEN_URL", "http://127.0.0.1:9001/token")]).is_ok());
        assert!(site(&[("VIEWER_FRAME_ANCESTORS", "https://a.example, http://localhost:3000")]).is_ok());
    }
}
