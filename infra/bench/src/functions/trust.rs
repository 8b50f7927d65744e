//! Certificates for the stand-in, as AWS has them: RSA of 2048 bits, with an intermediate.
//!
//! Production code trusts Amazon's roots, and no setting adds another. So what is measured is a copy of
//! the binary that ships, in which one of those roots is overwritten by the benchmark's, of the same
//! length: the same code, the same number of roots, another anchor.

use anyhow::{Context, Error, Result, ensure};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DistinguishedName, DnType, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256,
};
use std::{fs, path::Path, sync::Arc};
use tokio_rustls::rustls::{
    CipherSuite, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// One key for the whole chain: a function verifies signatures, and knows no private key.
pub(super) const RSA_KEY: &[u8] = include_bytes!("../../../../tests/keys/rsa-2048.test-only.pk8");

/// The root that gives way.
const AMAZON_ROOT: &[u8] = include_bytes!("../../../../shared/service/src/roots/Amazon_Root_CA_1.der");
/// An extension that nobody reads, for padding: a comment.
const COMMENT: &[u64] = &[2, 16, 840, 1, 113_730, 1, 13];

/// A root, and what a server shows that it vouches for.
pub(super) struct Trust {
    root: CertificateDer<'static>,
    /// The root, as PEM.
    pub(super) pem: String,
    /// A server at `localhost`, below an intermediate.
    pub(super) server: Arc<ServerConfig>,
}

impl Trust {
    pub(super) fn new() -> Result<Self> {
        let pkcs8 = PrivatePkcs8KeyDer::from(RSA_KEY);
        let key = &KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &PKCS_RSA_SHA256)?;
        let root = root_of(AMAZON_ROOT.len(), key)?;
        let intermediate = CertifiedIssuer::signed_by(authority("Benchmark RSA 2048 M01"), key, &root)?;
        let leaf = CertificateParams::new(["localhost".to_owned()])?.signed_by(key, &intermediate)?;
        let chain = vec![leaf.der().clone(), intermediate.der().clone()];
        // AWS's load balancers choose by their own order, AES-128 first.
        let mut provider = ring::default_provider();
        provider.cipher_suites.sort_by_key(|suite| suite.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
        let mut server = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::from(pkcs8.clone_key()))?;
        server.ignore_client_order = true;
        Ok(Self { root: root.der().clone(), pem: root.pem(), server: Arc::new(server) })
    }

    /// Copies a binary, with the benchmark's root in the place of one of its own.
    pub(super) fn graft(&self, binary: &Path, copy: &Path) -> Result<()> {
        let mut bytes = fs::read(binary).with_context(|| format!("{} cannot be read", binary.display()))?;
        let at = bytes.windows(AMAZON_ROOT.len()).position(|window| window == AMAZON_ROOT);
        let at = at.with_context(|| format!("{} does not hold Amazon Root CA 1; build it again", binary.display()))?;
        let place = bytes.get_mut(at..at + AMAZON_ROOT.len()).context("A root lies inside of its binary.")?;
        place.copy_from_slice(&self.root);
        // A copy may still be running from a run that was cut short: it keeps its file, and this is a new one.
        let _ = fs::remove_file(copy);
        fs::write(copy, bytes)?;
        fs::set_permissions(copy, fs::metadata(binary)?.permissions())?;
        Ok(())
    }
}

/// A root of exactly this length.
fn root_of(length: usize, key: &KeyPair) -> Result<CertifiedIssuer<'static, &KeyPair>> {
    let padded = |padding: usize| {
        let mut root = authority("Benchmark Root CA");
        root.custom_extensions.push(CustomExtension::from_oid_content(COMMENT, vec![b'.'; padding]));
        Ok::<_, Error>(CertifiedIssuer::self_signed(root, key)?)
    };
    let least = padded(0)?.der().len();
    let padding = length.checked_sub(least);
    let padding = padding.with_context(|| format!("A root takes {least} bytes, and there are {length}"))?;
    // A longer content may need longer length fields around it.
    let excess = padded(padding)?.der().len().saturating_sub(length);
    let root = padded(padding.saturating_sub(excess))?;
    ensure!(root.der().len() == length, "A root of {} bytes is not one of {length}", root.der().len());
    Ok(root)
}

fn authority(name: &str) -> CertificateParams {
    let mut authority = CertificateParams::default();
    authority.serial_number = Some(1.into());
    authority.distinguished_name = DistinguishedName::new();
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_takes_the_place_of_amazons_and_nothing_moves() {
        let trust = Trust::new().unwrap();
        let folder = std::env::temp_dir().join(format!("graft-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (binary, copy) = (folder.join("binary"), folder.join("copy"));
        fs::write(&binary, [b"code", AMAZON_ROOT, b"data"].concat()).unwrap();
        trust.graft(&binary, &copy).unwrap();
        let grafted = fs::read(&copy).unwrap();
        assert!(trust.graft(&copy, &binary).is_err());
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(grafted, [b"code", &*trust.root, b"data"].concat());
    }
}
