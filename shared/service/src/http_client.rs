//! HTTP/1 over TLS, for the two servers that a function calls: DynamoDB and the issuer.
//!
//! It stands in for the SDK's own client, which brings HTTP/2, a second set-up of TLS and the system's trust store: 1.0
//! MB of each function, and reading the trust store is nine tenths of a start. TLS runs on ring, which gathers no
//! CPU-jitter entropy at a start.
//!
//! Plain HTTP works too, for emulators: whether a URL may be plain is decided by who makes the request.

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{
            HttpConnector,
            dns::{GaiResolver, Name},
        },
    },
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};
use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
    vec,
};
use tokio::{sync::Mutex, time::Instant};
use tower_service::Service;

/// The roots of every AWS endpoint, from Debian's package ca-certificates, which takes them from Mozilla. They are DER,
/// since decoding PEM was a sixth of a start's instructions. To refresh them, in `roots`:
/// `for f in *.der; do openssl x509 -in /usr/share/ca-certificates/mozilla/${f%.der}.crt -outform der -out $f; done`
const AMAZON_ROOTS: [&[u8]; 5] = [
    include_bytes!("roots/Amazon_Root_CA_1.der"),
    include_bytes!("roots/Amazon_Root_CA_2.der"),
    include_bytes!("roots/Amazon_Root_CA_3.der"),
    include_bytes!("roots/Amazon_Root_CA_4.der"),
    include_bytes!("roots/Starfield_Services_Root_Certificate_Authority_-_G2.der"),
];

/// How long a TCP connection to DynamoDB may take, over all of a name's addresses. TLS and the look-up of the name are
/// limited by the attempt's own time.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
/// How long a look-up serves further connections.
const LOOK_UP_LIFETIME: Duration = Duration::from_secs(1);

/// Connects when first used, and keeps connections alive. No timer closes idle ones: an idle function is frozen, and a
/// connection that is too old is not used again.
pub(crate) type HttpClient<B> = Client<HttpsConnector<HttpConnector<Resolver>>, B>;

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
pub(crate) fn client<B>(trust: Trust) -> HttpClient<B>
where
    B: http_body::Body + Send + 'static + Unpin,
    B::Data: Send,
{
    // The issuer may be far away, and has a limit of its own around the whole request.
    let connect_timeout = matches!(trust, Trust::Amazon).then_some(CONNECT_TIMEOUT);
    client_with(trust.roots(), connect_timeout)
}

#[expect(clippy::expect_used, reason = "ring's own algorithms serve every version of TLS that rustls has")]
fn client_with<B>(roots: RootCertStore, connect_timeout: Option<Duration>) -> HttpClient<B>
where
    B: http_body::Body + Send + 'static + Unpin,
    B::Data: Send,
{
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions that ring serves")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = HttpConnector::new_with_resolver(Resolver::default());
    tcp.set_connect_timeout(connect_timeout);
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
    Client::builder(TokioExecutor::new()).build(connector)
}

/// Looks names up with the system, one at a time, since each look-up takes a thread. Connections that are
/// opened side by side share one.
#[derive(Clone, Default)]
pub(crate) struct Resolver(Arc<Mutex<Option<LookUp>>>);

struct LookUp {
    name: Name,
    addresses: Vec<SocketAddr>,
    at: Instant,
}

impl Resolver {
    async fn look_up(self, name: Name) -> io::Result<vec::IntoIter<SocketAddr>> {
        let mut last = self.0.lock().await;
        if let Some(found) = last.as_ref().filter(|found| found.name == name && found.at.elapsed() < LOOK_UP_LIFETIME) {
            return Ok(found.addresses.clone().into_iter());
        }
        let addresses: Vec<SocketAddr> = GaiResolver::new().call(name.clone()).await?.collect();
        *last = Some(LookUp { name, addresses: addresses.clone(), at: Instant::now() });
        Ok(addresses.into_iter())
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(self.clone().look_up(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Empty;
    use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::{ServerConfig, pki_types::PrivateKeyDer};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use tokio_rustls::TlsAcceptor;

    type Sender = HttpClient<Empty<bytes::Bytes>>;

    /// A server at `localhost`, and the root that vouches for it.
    async fn server() -> (u16, RootCertStore) {
        let key = || KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(authority, key()).expect("a root");
        let leaf_key = key();
        let leaf = CertificateParams::new(["localhost".to_owned()]).expect("a name").signed_by(&leaf_key, &root);
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.expect("a leaf").der().clone()],
                PrivateKeyDer::Pkcs8(leaf_key.serialize_der().into()),
            )
            .expect("a certificate and its key");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut request = [0; 1_024];
                    let _read = stream.read(&mut request).await;
                    let _written = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                }
            }
        });
        let mut roots = RootCertStore::empty();
        roots.add(root.der().clone()).expect("a root");
        (port, roots)
    }

    async fn get(client: &Sender, host: &str, port: u16) -> Option<u16> {
        let url = format!("https://{host}:{port}/").parse().expect("a URL");
        Some(client.get(url).await.ok()?.status().as_u16())
    }

    #[tokio::test]
    async fn a_server_is_trusted_by_its_root_and_its_name_alone() {
        let (port, roots) = server().await;
        let trusting: Sender = client_with(roots, None);
        assert_eq!(get(&trusting, "localhost", port).await, Some(204));
        assert_eq!(get(&trusting, "127.0.0.1", port).await, None, "another name");
        for trust in [Trust::Amazon, Trust::PublicWeb] {
            assert_eq!(get(&client(trust), "localhost", port).await, None, "{trust:?}");
        }
    }

    #[test]
    fn every_root_is_taken() {
        assert_eq!(Trust::Amazon.roots().len(), AMAZON_ROOTS.len());
        assert!(Trust::PublicWeb.roots().len() > 100);
    }
}
