//! A lean HTTP/1.1 client on kept-alive connections, the same for both sides of every comparison.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request as it goes over the wire.
#[derive(Clone)]
pub(crate) struct Request(Vec<u8>);

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Request {
    /// A GET, with a bearer token unless it is empty.
    pub(crate) fn get(path: &str, token: &str) -> Self {
        Self::build("GET", path, token, "")
    }

    /// A POST of JSON.
    pub(crate) fn post(path: &str, token: &str, body: &Value) -> Self {
        Self::build("POST", path, token, &body.to_string())
    }

    fn build(method: &str, path: &str, token: &str, body: &str) -> Self {
        let bearer = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
        let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{bearer}content-type: application/json\r\n");
        Self(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes())
    }
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("Failed to connect")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(8192) })
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn send(&mut self, request: &Request) -> Result<Answer<'_>> {
        self.stream.write_all(&request.0).await?;
        self.buffer.clear();
        let head = loop {
            self.read().await?;
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
        };
        let status = status(&self.buffer)?;
        let length = content_length(&self.buffer[..head])?;
        while self.buffer.len() < head + length {
            self.read().await?;
        }
        ensure!(self.buffer.len() == head + length, "the answer is longer than it says");
        Ok(Answer { status, body: &self.buffer[head..] })
    }

    /// Sends a request whose answer has to be a success.
    pub(crate) async fn succeed(&mut self, request: &Request) -> Result<Value> {
        let answer = self.send(request).await?;
        if answer.status >= 300 {
            bail!("{} was answered: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        Ok(serde_json::from_slice(answer.body)?)
    }

    async fn read(&mut self) -> Result<()> {
        ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server closed the connection");
        Ok(())
    }
}

/// Sends one request on a connection of its own.
pub(crate) async fn succeed(address: SocketAddr, request: &Request) -> Result<Value> {
    Connection::open(address).await?.succeed(request).await
}

fn status(answer: &[u8]) -> Result<u16> {
    let digits = answer.get(9..12).context("the answer has no status")?;
    Ok(std::str::from_utf8(digits)?.parse()?)
}

fn content_length(head: &[u8]) -> Result<usize> {
    const NAME: &[u8] = b"content-length:";
    let line = head.split(|byte| *byte == b'\n').find(|line| line.len() > NAME.len() && starts_with(line, NAME));
    let line = line.context("the answer does not say how long it is")?;
    Ok(std::str::from_utf8(&line[NAME.len()..])?.trim().parse()?)
}

fn starts_with(line: &[u8], name: &[u8]) -> bool {
    line[..name.len()].eq_ignore_ascii_case(name)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
