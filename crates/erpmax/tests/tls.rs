//! TLS by the real binary: requests, sockets, a renewed certificate, and what is not TLS.

mod support;

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use support::{Server, command, registration, text, until};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

const PATIENCE: Duration = Duration::from_secs(30);

/// A certificate with its key, in files.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
    trusted: CertificateDer<'static>,
}

impl Pair {
    /// A new pair for `localhost`; what was in the files is replaced.
    fn write(folder: &TempDir, name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate can be made");
        let (certificate, key) = (folder.path().join(format!("{name}.pem")), folder.path().join(format!("{name}.key")));
        std::fs::write(&certificate, made.cert.pem()).expect("a file can be written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file can be written");
        Self { certificate, key, trusted: made.cert.der().clone() }
    }

    async fn server(&self) -> Server {
        Server::start(&[("TLS__CERTIFICATE", path(&self.certificate)), ("TLS__KEY", path(&self.key))]).await
    }

    /// A connection of a client that trusts this certificate and no other.
    async fn connect(&self, server: &Server) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.trusted.clone()).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions fit")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = TcpStream::connect(("127.0.0.1", server.port())).await?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// The whole answer to a request on a connection of its own.
    async fn ask(&self, server: &Server, method: &str, path: &str, body: &str) -> String {
        let mut stream = self.connect(server).await.expect("the certificate is trusted");
        let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        let head = format!("{head}content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).await.expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the connection is closed in order");
        answer
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn json_of(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    serde_json::from_str(body).expect("the body is JSON")
}

#[tokio::test]
async fn requests_are_answered_over_tls_and_browsers_told_to_remember_it() {
    let folder = folder();
    let pair = Pair::write(&folder, "pair");
    let server = pair.server().await;
    let answer = pair.ask(&server, "GET", "/health/ready", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000"), "{answer}");
    let document = pair.ask(&server, "GET", "/openapi.json", "").await;
    assert!(document.starts_with("HTTP/1.1 200"), "{document}");
}

#[tokio::test]
async fn sockets_hear_events_over_tls() {
    let folder = folder();
    let pair = Pair::write(&folder, "pair");
    let server = pair.server().await;
    let registered = pair.ask(&server, "POST", "/api/v1/auth/register", &registration("acme").to_string()).await;
    let registered = json_of(&registered)["data"].clone();
    let stream = pair.connect(&server).await.expect("the certificate is trusted");
    let url = "ws://localhost/socket.io/?EIO=4&transport=websocket";
    let (mut socket, _) = client_async(url, stream).await.expect("the upgrade works");
    let entry = format!("40/ws,{}", json!({"token": text(&registered, "access_token")}));
    socket.send(Message::text(entry)).await.expect("it reads");
    let connected = async {
        loop {
            let packet = socket.next().await.expect("the socket stays open").expect("a packet");
            if packet.to_text().is_ok_and(|packet| packet.starts_with("42/ws,[\"connected\"")) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, connected).await.expect("the event comes");
}

#[tokio::test]
async fn what_is_not_tls_is_cut_off() {
    let folder = folder();
    let server = Pair::write(&folder, "pair").server().await;
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.expect("it listens");
    stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("it reads");
    let mut answer = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection ends");
    assert!(end.is_ok(), "{end:?}");
    // An alert of TLS, and nothing else.
    assert_eq!((answer.first(), answer.len()), (Some(&0x15), 7));
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_over_and_a_broken_one_is_not() {
    let folder = folder();
    let old = Pair::write(&folder, "pair");
    let server = old.server().await;
    let new = Pair::write(&folder, "pair");
    until("the new certificate", PATIENCE, async || new.connect(&server).await.ok().map(drop)).await;
    assert!(old.connect(&server).await.is_err());

    std::fs::write(&new.certificate, "no certificate").expect("a file can be written");
    until("a complaint", PATIENCE, async || server.log().contains("The certificate in use stays").then_some(())).await;
    assert!(new.ask(&server, "GET", "/health/live", "").await.starts_with("HTTP/1.1 200"));
}

fn check(certificate: &Path, key: &str) -> Output {
    let environment =
        [("ERPMAX_TLS__CERTIFICATE", path(certificate)), ("ERPMAX_TLS__KEY", key)].map(|(k, v)| (k.into(), v.into()));
    command(&environment).args(["config", "check"]).output().expect("the binary starts")
}

#[track_caller]
fn assert_refused(output: &Output, sentence: &str) {
    let expected = format!("error: the configuration cannot be used:\n  {sentence}\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn each_way_in_which_files_do_not_fit_is_said_in_a_sentence() {
    let folder = folder();
    let (one, other) = (Pair::write(&folder, "one"), Pair::write(&folder, "other"));
    assert_eq!(check(&one.certificate, path(&one.key)).status.code(), Some(0));
    assert_refused(&check(&one.certificate, ""), "tls: give both certificate and key, or neither");
    let (certificate, key) = (one.certificate.display(), other.key.display());
    let sentence = format!("tls.key: the key in {key} does not belong to the certificate in {certificate}");
    assert_refused(&check(&one.certificate, path(&other.key)), &sentence);
    let sentence =
        "tls.key: the key file /nowhere.key cannot be used: I/O error: No such file or directory (os error 2)";
    assert_refused(&check(&one.certificate, "/nowhere.key"), sentence);
    let sentence = format!("tls.certificate: the certificate file {} holds no certificate", one.key.display());
    assert_refused(&check(&one.key, path(&one.key)), &sentence);
}
