//! Checks signatures of RS256 and ES256 with ring, and makes none.
//!
//! It stands in for the cryptography that jsonwebtoken brings: TLS brings ring anyway, and a second library would add 2
//! MB to each function and the time to load them to each start.

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::ErrorKind,
};
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use signature::Verifier;

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| {
        Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.kind().clone() }) as Box<dyn JwtVerifier>)
    },
    key_utils: KeyUtils::new_unimplemented(),
};

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
        let verified = match (&self.key, self.algorithm) {
            (DecodingKeyKind::RsaModulusExponent { n, e }, Algorithm::RS256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            // Either form of `s`, as RFC 7518 has it: issuers do not normalise it.
            (DecodingKeyKind::SecretOrDer(point), Algorithm::ES256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            _ => Err(ring::error::Unspecified),
        };
        verified.map_err(|_| signature::Error::new())
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
