//! Certificates are checked, with one exception that ends at this machine.

use std::net::Ipv4Addr;
use std::sync::Arc;

use erpmax_client::transport::Network;
use erpmax_client::{ApiClient, Builder, Error, Patience};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 30\r\n\r\n{\"status\":\"success\",\"data\":[]}";

/// A server with a certificate of its own making for `name`; its port, and the certificate.
async fn serve(name: &str) -> (u16, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("TLS").with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key).expect("they fit");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(ANSWER.as_bytes()).await;
        }
    });
    (port, made.cert.pem())
}

fn builder(address: &str) -> Builder {
    ApiClient::builder(address).patience(Patience::NONE)
}

async fn refused(client: ApiClient) {
    let error = client.billing().plans().await.expect_err("it is not trusted");
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn a_certificate_of_nobody_is_refused_even_on_this_machine() {
    let (port, _) = serve("localhost").await;
    refused(builder(&format!("https://localhost:{port}")).build().expect("a client")).await;
}

#[tokio::test]
async fn the_exception_works_on_this_machine() {
    let (port, _) = serve("elsewhere.example").await;
    for host in ["localhost", "127.0.0.1"] {
        let client = builder(&format!("https://{host}:{port}")).trust_any_certificate_on_loopback();
        client.build().expect("a client").billing().plans().await.expect("it is trusted");
    }
}

#[test]
fn the_exception_does_not_exist_for_other_hosts() {
    for host in ["api.example", "192.0.2.1", "localhost.example"] {
        let error = builder(&format!("https://{host}")).trust_any_certificate_on_loopback().build();
        assert!(matches!(error, Err(Error::Invalid(_))), "{host}");
    }
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_for_its_names_alone() {
    let (port, pem) = serve("localhost").await;
    let network = Network::default().with_authorities(pem.as_bytes()).expect("a certificate");
    let trusting = |host: &str| builder(&format!("https://{host}:{port}")).transport(network.clone()).build();
    trusting("localhost").expect("a client").billing().plans().await.expect("it is trusted");
    refused(trusting("127.0.0.1").expect("a client")).await;
    assert!(Network::default().with_authorities(b"nothing").is_err());
}
