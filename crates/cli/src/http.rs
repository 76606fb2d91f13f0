//! A small HTTP/1.1 client for measuring and for sending a town: one connection, keep-alive, no more work than a request
//! needs, so that what is measured is the server. No TLS: before a server in real use stands a proxy, and a town is sent to
//! the server behind it.

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One kept-alive connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer: its status, and where its body stands in the client's buffer.
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The head, without its last empty line.
    pub head: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl Client {
    /// Connects to a port of this machine.
    ///
    /// # Errors
    /// If nobody listens there.
    pub async fn connect(port: u16) -> anyhow::Result<Self> {
        Self::to("127.0.0.1", port).await
    }

    /// Connects to a port of a host.
    ///
    /// # Errors
    /// If nobody listens there.
    pub async fn to(host: &str, port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect((host, port)).await;
        let stream = stream.with_context(|| format!("nobody listens at {host}:{port}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a prepared request and reads the whole answer.
    ///
    /// # Errors
    /// If the connection breaks, or what comes back is no HTTP.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = std::str::from_utf8(&self.buffer[..head_end])?;
        let status: u16 = head.get(9..12).and_then(|code| code.parse().ok()).context("no status line")?;
        let length: usize = header(head, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        while self.buffer.len() < head_end + length {
            self.more().await?;
        }
        let (head, body) = self.buffer.split_at(head_end);
        Ok(Answer { status, head: std::str::from_utf8(head)?, body: &body[..length] })
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        self.buffer.reserve(32 * 1024);
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

/// A header's value by its lower-case name.
#[must_use]
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n")
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, v)| v)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// A GET with a token.
#[must_use]
pub fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n").into_bytes()
}

/// A POST of FHIR JSON with a token.
#[must_use]
pub fn post(path: &str, token: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: application/fhir+json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}
