//! A development issuer: it signs what an identity provider would sign, and publishes its key.
//!
//! Its tokens are good on this machine only: nothing deployed knows the key. It asks nobody for a
//! password, so it is no model for a real one.
//!
//! - `role`: what a token makes its bearer; `sign_in`: what the viewer signs in by

mod role;
mod sign_in;

pub use role::TokenRole;

use anyhow::{Context, Result, anyhow};
use axum::{http::header::CONTENT_TYPE, routing::get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest,
    rand::SystemRandom,
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};
use std::{
    fmt::Display,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::net::TcpListener;

/// The tokens' `iss`. It stays the same whatever port the issuer is served at, so that a token made
/// before a start is good after it.
pub const ISSUER: &str = "http://127.0.0.1:9001";
/// The tokens' `aud`.
pub const AUDIENCE: &str = "chat-debug";
/// The claim that makes an admin.
pub const ADMIN_CLAIM: &str = "cognito:groups";
/// What that claim holds for an admin.
pub const ADMIN_VALUE: &str = "chat-debug-admins";
/// The scope that makes a recorder.
pub const RECORDER_SCOPE: &str = "chat-debug/record";

/// A key and what it signs.
pub struct Issuer {
    url: String,
    key: SigningKey,
    random: SystemRandom,
    kid: String,
    jwks: String,
}

/// What signs.
enum SigningKey {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Issuer {
    /// An issuer with a key that is never written down.
    pub fn generate() -> Result<Self> {
        Self::from_pkcs8(&new_key()?)
    }

    /// The issuer whose key is in `path`; a missing one is made, readable by its owner alone.
    pub fn open(path: &Path) -> Result<Self> {
        let key = match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => make_key(path),
            read => read,
        };
        let key = key.with_context(|| format!("The issuer's key {} cannot be read or made", path.display()))?;
        Self::from_pkcs8(&key).with_context(|| format!("{} holds no key. Remove it to have one made", path.display()))
    }

    /// Puts a key of another making in the place of the one in `path`.
    pub fn replace(path: &Path, pkcs8: &[u8]) -> Result<Self> {
        let issuer = Self::from_pkcs8(pkcs8)?;
        let replaced = draft(path, pkcs8).and_then(|draft| fs::rename(draft, path));
        replaced.with_context(|| format!("The issuer's key {} cannot be written", path.display()))?;
        Ok(issuer)
    }

    /// Whether a hosted HTTP API takes its tokens: those of RSA keys only.
    pub const fn is_rsa(&self) -> bool {
        matches!(self.key, SigningKey::Rsa(_))
    }

    /// The issuer of a P-256 or RSA key in PKCS#8.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self> {
        let random = SystemRandom::new();
        let key = SigningKey::from_pkcs8(pkcs8, &random)?;
        let (kid, jwks) = key.set()?;
        Ok(Self { url: ISSUER.to_owned(), key, random, kid, jwks })
    }

    /// The same key under another `iss`, for a gateway that looks the key set up there.
    #[must_use]
    pub fn at(self, url: String) -> Self {
        Self { url, ..self }
    }

    /// The tokens' `iss`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What a viewer has to know to sign in at an issuer that is served at this address, as variables of its function.
    pub fn viewer(address: &str) -> [(&'static str, String); 3] {
        [
            ("VIEWER_CLIENT_ID", sign_in::CLIENT.to_owned()),
            ("VIEWER_AUTHORIZE_URL", format!("{address}{}", sign_in::AUTHORIZE)),
            ("VIEWER_TOKEN_URL", format!("{address}{}", sign_in::TOKEN)),
        ]
    }

    /// The key set with the one public key, as JSON.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }

    /// The header of a good token, for tests that spoil it.
    pub fn header(&self) -> Value {
        json!({"alg": self.key.alg(), "kid": self.kid, "typ": "JWT"})
    }

    /// A token that is good for twelve hours from `now`, in seconds since 1970.
    pub fn token(&self, sub: &str, role: TokenRole, now: i64) -> Result<String> {
        self.sign(self.header(), self.claims(sub, role, now))
    }

    /// The claims of a good token, for tests that spoil them.
    pub fn claims(&self, sub: &str, role: TokenRole, now: i64) -> Value {
        let mut claims = claims(sub, role, now);
        if let Some(iss) = claims.get_mut("iss") {
            *iss = json!(self.url);
        }
        claims
    }

    /// Signs any header and claims, good or bad: values or texts of JSON, byte for byte.
    pub fn sign(&self, header: impl Display, claims: impl Display) -> Result<String> {
        let part = |json: &dyn Display| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.key.sign(&self.random, signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Publishes the key as an `OpenID` provider does, and signs in who comes from the viewer at `origin`, until the
    /// listener's runtime ends.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, origin: &str) -> Result<()> {
        let address = format!("http://{}", listener.local_addr()?);
        let json = |body: String| get(move || async move { ([(CONTENT_TYPE, "application/json")], body) });
        let configuration = json!({
            "issuer": self.url,
            "jwks_uri": format!("{address}/.well-known/jwks.json"),
            "authorization_endpoint": format!("{address}{}", sign_in::AUTHORIZE),
            "token_endpoint": format!("{address}{}", sign_in::TOKEN),
            "id_token_signing_alg_values_supported": [self.key.alg()],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "subject_types_supported": ["public"],
        });
        let issuer = Arc::clone(&self);
        let sign = Box::new(move |sub: &str, role, now| issuer.token(sub, role, now));
        let app = sign_in::router(sign, origin)?
            .route("/.well-known/openid-configuration", json(configuration.to_string()))
            .route("/.well-known/jwks.json", json(self.jwks.clone()));
        Ok(axum::serve(listener, app).await?)
    }
}

impl SigningKey {
    fn from_pkcs8(pkcs8: &[u8], random: &SystemRandom) -> Result<Self> {
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, random) {
            return Ok(Self::P256(key));
        }
        let key = RsaKeyPair::from_pkcs8(pkcs8);
        Ok(Self::Rsa(key.map_err(|rejected| anyhow!("it is neither a P-256 nor an RSA key in PKCS#8: {rejected}"))?))
    }

    const fn alg(&self) -> &'static str {
        match self {
            Self::P256(_) => "ES256",
            Self::Rsa(_) => "RS256",
        }
    }

    fn sign(&self, random: &SystemRandom, message: &[u8]) -> Result<Vec<u8>> {
        let signature = match self {
            Self::P256(key) => key.sign(random, message).map(|signature| signature.as_ref().to_vec()),
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, random, message, &mut signature).map(|()| signature)
            }
        };
        signature.map_err(|_| anyhow!("The key cannot sign."))
    }

    /// The members that are the public key, in the order of a thumbprint.
    fn members(&self) -> Result<Vec<(&'static str, String)>> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::P256(key) => {
                let point = key.public_key().as_ref().strip_prefix(&[4]);
                let point = point.context("The public key is not an uncompressed point.")?;
                let (x, y) = point.split_at_checked(32).context("The public key is too short.")?;
                Ok(vec![("crv", "P-256".to_owned()), ("kty", "EC".to_owned()), ("x", text(x)), ("y", text(y))])
            }
            Self::Rsa(key) => {
                let public = rsa::PublicKeyComponents::<Vec<u8>>::from(key.public());
                Ok(vec![("e", text(&public.e)), ("kty", "RSA".to_owned()), ("n", text(&public.n))])
            }
        }
    }

    /// The public key's id and the key set that holds it. The id is the key's thumbprint (RFC 7638), so
    /// a new key has a new one.
    fn set(&self) -> Result<(String, String)> {
        let members = self.members()?;
        let canonical: Vec<_> = members.iter().map(|(name, value)| format!(r#""{name}":"{value}""#)).collect();
        let canonical = format!("{{{}}}", canonical.join(","));
        let kid = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()));
        let mut key = json!({"alg": self.alg(), "use": "sig", "kid": kid});
        if let Some(key) = key.as_object_mut() {
            key.extend(members.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
        }
        Ok((kid, json!({"keys": [key]}).to_string()))
    }
}

/// The claims of a good token, for tests that spoil them.
pub fn claims(sub: &str, role: TokenRole, now: i64) -> Value {
    let always = [
        ("iss", json!(ISSUER)),
        ("aud", json!(AUDIENCE)),
        ("sub", json!(sub)),
        ("iat", json!(now)),
        ("exp", json!(now + role::LIFETIME)),
    ];
    let role_claim = match role {
        TokenRole::User => None,
        TokenRole::Admin => Some((ADMIN_CLAIM, json!([ADMIN_VALUE]))),
        TokenRole::Recorder => Some(("scope", json!(RECORDER_SCOPE))),
    };
    always.into_iter().chain(role_claim).collect()
}

fn new_key() -> Result<Vec<u8>> {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    Ok(key.map_err(|_| anyhow!("The system gave no random numbers for a key."))?.as_ref().to_vec())
}

/// Makes the key, unless somebody else does so at the same moment: then theirs is the key.
fn make_key(path: &Path) -> std::io::Result<Vec<u8>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = draft(path, &new_key().map_err(std::io::Error::other)?)?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => fs::read(path),
    }
}

/// A key under a name of its own, readable by its owner alone, so that nobody ever reads half a key.
fn draft(path: &Path, key: &[u8]) -> std::io::Result<PathBuf> {
    let draft = path.with_extension(format!("{}.tmp", std::process::id()));
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?.write_all(key)?;
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use std::os::unix::fs::PermissionsExt;

    fn decode(part: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(part).unwrap()
    }

    fn parse(part: &str) -> Value {
        serde_json::from_slice(&decode(part)).unwrap()
    }

    #[test]
    fn a_token_is_proven_by_the_published_key() {
        let issuer = Issuer::generate().unwrap();
        let token = issuer.token("user-1", TokenRole::User, 1_000).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let key = &serde_json::from_str::<Value>(issuer.jwks()).unwrap()["keys"][0];
        let point = [vec![4], decode(key["x"].as_str().unwrap()), decode(key["y"].as_str().unwrap())].concat();
        let key_of_the_set = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        key_of_the_set.verify(signed.as_bytes(), &decode(signature)).unwrap();
        assert_eq!(parse(header), json!({"alg": "ES256", "kid": key["kid"], "typ": "JWT"}));
        assert_eq!(
            parse(claims),
            json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "iat": 1_000, "exp": 1_000 + 43_200})
        );
    }

    #[test]
    fn an_rsa_key_signs_what_its_set_proves() {
        let pkcs8 = include_bytes!("../../../tests/keys/rsa-2048.test-only.pk8");
        let issuer = Issuer::from_pkcs8(pkcs8).unwrap().at("http://issuer".to_owned());
        let token = issuer.token("user-1", TokenRole::User, 1_000).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let key = &serde_json::from_str::<Value>(issuer.jwks()).unwrap()["keys"][0];
        let [n, e] = ["n", "e"].map(|member| decode(key[member].as_str().unwrap()));
        let key_of_the_set = rsa::PublicKeyComponents { n, e };
        key_of_the_set.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(signature)).unwrap();
        assert_eq!(parse(header), json!({"alg": "RS256", "kid": key["kid"], "typ": "JWT"}));
        assert_eq!(parse(claims)["iss"], "http://issuer");
    }

    #[test]
    fn each_role_says_what_it_is_in_one_claim() {
        assert_eq!(claims("a", TokenRole::Admin, 0)["cognito:groups"], json!(["chat-debug-admins"]));
        assert_eq!(claims("r", TokenRole::Recorder, 0)["scope"], "chat-debug/record");
        assert!(claims("u", TokenRole::User, 0).get("scope").is_none());
        assert!(claims("u", TokenRole::User, 0).get(ADMIN_CLAIM).is_none());
    }

    #[test]
    fn texts_are_signed_byte_for_byte() {
        let token = Issuer::generate().unwrap().sign(r#"{"alg":"none"}"#, r#"{"sub":"a","sub":"b"}"#).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        assert_eq!(decode(claims), br#"{"sub":"a","sub":"b"}"#);
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let folder = std::env::temp_dir().join(format!("issuer-{}", std::process::id()));
        let path = folder.join("issuer.pk8");
        let made = Issuer::open(&path).unwrap().jwks().to_owned();
        assert_eq!(Issuer::open(&path).unwrap().jwks(), made);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "not a key").unwrap();
        assert!(Issuer::open(&path).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
