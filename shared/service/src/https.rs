//! HTTP/1 over TLS, for the two whom a function calls: DynamoDB and the issuer.
//!
//! The SDK's own client would bring HTTP/2 and the system's trust store, whose reading is nine tenths
//! of a start. TLS runs on ring, which gathers no CPU-jitter entropy. Plain HTTP passes as well, for
//! emulators; whoever makes a request decides whether it may be plain.

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};
use std::{sync::Arc, time::Duration};

/// The roots of every AWS endpoint, from Debian's package ca-certificates, which takes them from Mozilla.
/// As DER, since decoding PEM would be a sixth of a start. Refresh in `roots`:
/// `for f in *.der; do openssl x509 -in /usr/share/ca-certificates/mozilla/${f%.der}.crt -outform der -out $f; done`
const AMAZON_ROOTS: [&[u8]; 5] = [
    include_bytes!("roots/Amazon_Root_CA_1.der"),
    include_bytes!("roots/Amazon_Root_CA_2.der"),
    include_bytes!("roots/Amazon_Root_CA_3.der"),
    include_bytes!("roots/Amazon_Root_CA_4.der"),
    include_bytes!("roots/Starfield_Services_Root_Certificate_Authority_-_G2.der"),
];

/// How long a connection may take to stand, before TLS begins.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// Keeps connections alive, and connects when first used.
pub(crate) type HttpsClient<B> = Client<HttpsConnector<HttpConnector>, B>;

/// Whose certificates are good.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trust {
    /// AWS's own.
    Amazon,
    /// Those that browsers take, as Mozilla lists them.
    PublicWeb,
}

impl Trust {
    fn roots(self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        match self {
            Self::Amazon => {
                roots.add_parsable_certificates(AMAZON_ROOTS.map(CertificateDer::from));
            }
            Self::PublicWeb => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        roots
    }
}

/// A client that trusts these roots.
#[expect(clippy::expect_used, reason = "ring's own algorithms serve every version of TLS that rustls has")]
pub(crate) fn client<B>(trust: Trust) -> HttpsClient<B>
where
    B: http_body::Body + Send + 'static + Unpin,
    B::Data: Send,
{
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions that ring serves")
        .with_root_certificates(trust.roots())
        .with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
    Client::builder(TokioExecutor::new()).build(connector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_is_taken() {
        assert_eq!(Trust::Amazon.roots().len(), AMAZON_ROOTS.len());
        assert!(Trust::PublicWeb.roots().len() > 100);
    }
}
