//! Checks signatures of RS256 and ES256 with ring, and makes none.
//!
//! It stands in for the cryptography that jsonwebtoken brings: TLS brings ring anyway, and a second library would add 2
//! MB to each function and the time to load them to each start.
//!
//! A warm function is shown the same token again and again, so the signature that was good last is not computed anew.
//! Nothing else is remembered of a token: whose it is and whether it is valid now is asked each time.

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::ErrorKind,
};
use ring::{
    digest::{Context, SHA256},
    signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey},
};
use signature::Verifier;
use std::sync::{Mutex, PoisonError};

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| {
        Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.kind().clone() }) as Box<dyn JwtVerifier>)
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// What was asked when a signature was good last. It is kept as a digest, so that the time of a comparison says nothing of
/// the token.
static LAST_GOOD: Mutex<Option<Vec<u8>>> = Mutex::new(None);

/// Makes ring the process's provider; whoever comes second finds it there.
pub(super) fn install() {
    let _already_there = RING.install_default();
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKeyKind,
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), signature::Error> {
        let asked = self.digest(message, signature).ok_or_else(signature::Error::new)?;
        let last_good = || LAST_GOOD.lock().unwrap_or_else(PoisonError::into_inner);
        if last_good().as_deref() == Some(&asked) {
            return Ok(());
        }
        self.check(message, signature).map_err(|_| signature::Error::new())?;
        *last_good() = Some(asked);
        Ok(())
    }
}

impl RingVerifier {
    fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), ring::error::Unspecified> {
        match (&self.key, self.algorithm) {
            (DecodingKeyKind::RsaModulusExponent { n, e }, Algorithm::RS256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            // Either form of `s`, as RFC 7518 has it: issuers do not normalise it.
            (DecodingKeyKind::SecretOrDer(point), Algorithm::ES256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            _ => Err(ring::error::Unspecified),
        }
    }

    /// Of all that a check depends on, each part behind its length; none of a key that is not for its algorithm.
    fn digest(&self, message: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
        let (algorithm, [first, second]): (&[u8], [&[u8]; 2]) = match (&self.key, self.algorithm) {
            (DecodingKeyKind::RsaModulusExponent { n, e }, Algorithm::RS256) => (b"RS256", [n, e]),
            (DecodingKeyKind::SecretOrDer(point), Algorithm::ES256) => (b"ES256", [point, &[]]),
            _ => return None,
        };
        let mut digest = Context::new(&SHA256);
        for part in [algorithm, first, second, message, signature] {
            digest.update(&part.len().to_be_bytes());
            digest.update(part);
        }
        Some(digest.finish().as_ref().to_vec())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Whether ring takes a key; asked once, when the key is loaded.
pub(super) fn is_usable(key: &DecodingKey, algorithm: Algorithm) -> bool {
    match (key.kind(), algorithm) {
        (DecodingKeyKind::RsaModulusExponent { n, e }, Algorithm::RS256) => {
            let bytes = n.iter().skip_while(|byte| **byte == 0).count();
            let exponent = e.iter().fold(0_u64, |value, byte| value.saturating_mul(256).saturating_add((*byte).into()));
            (256..=1024).contains(&bytes) && exponent >= 3 && exponent % 2 == 1
        }
        (DecodingKeyKind::SecretOrDer(point), Algorithm::ES256) => point.len() == 65,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
    };

    #[test]
    fn what_was_good_last_is_good_again_and_nothing_else_is() {
        let random = SystemRandom::new();
        let pair = || {
            let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).expect("its pair")
        };
        let verifier = |pair: &EcdsaKeyPair, algorithm| RingVerifier {
            algorithm,
            key: DecodingKeyKind::SecretOrDer(pair.public_key().as_ref().to_vec()),
        };
        let (mine, other) = (pair(), pair());
        let sign = |message: &[u8]| mine.sign(&random, message).expect("a signature").as_ref().to_vec();
        let (first, second) = (sign(b"a.b"), sign(b"a.c"));
        let is_good = |pair: &EcdsaKeyPair, algorithm, message: &[u8], signature: &Vec<u8>| {
            verifier(pair, algorithm).verify(message, signature).is_ok()
        };
        for _ in 0..2 {
            assert!(is_good(&mine, Algorithm::ES256, b"a.b", &first));
            assert!(is_good(&mine, Algorithm::ES256, b"a.b", &first));
            assert!(!is_good(&mine, Algorithm::ES256, b"a.c", &first));
            assert!(!is_good(&mine, Algorithm::ES256, b"a.b", &second));
            assert!(!is_good(&other, Algorithm::ES256, b"a.b", &first));
            assert!(!is_good(&mine, Algorithm::RS256, b"a.b", &first));
            let moved = [b"b", &*first].concat();
            assert!(!is_good(&mine, Algorithm::ES256, b"a.", &moved));
            // What is refused does not take its place.
            assert!(is_good(&mine, Algorithm::ES256, b"a.b", &first));
            assert!(is_good(&mine, Algorithm::ES256, b"a.c", &second));
        }
    }
}
