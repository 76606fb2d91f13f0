//! Asks one witness: one request over plain HTTP/1.1, answered within a bounded time.
//!
//! TLS is not spoken here: a witness elsewhere is reached through a forwarder on this machine (`docs/operations.md`).
//! Nothing is lost in safety: what is sent is public and signed, and what comes back is checked with the witness's key.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::AddCheckpoint;

/// The most bytes of an answer.
const MOST_BYTES: usize = 16 * 1024;

/// Where a witness takes checkpoints: `http://host[:port][/prefix]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    prefix: String,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it, and what to write.
    pub fn parse(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("http://").ok_or_else(|| {
            format!(
                "{url} does not begin with http://; for https put a forwarder with TLS on this machine and name that"
            )
        })?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| format!("{url} has no port that is a number"))?),
            None => (authority, 80),
        };
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\\"<>".contains(&byte));
        if host.is_empty() || !plain(host) || !plain(path) {
            return Err(format!("{url} is no URL of the form http://host:port/path"));
        }
        let prefix = path.trim_end_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        Ok(Self { host: host.to_owned(), port, prefix })
    }
}

/// What a witness said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Signature lines, not yet checked.
    Lines(String),
    /// The size that it signed last is this one.
    Conflict(u64),
    /// The log does not continue what it signed.
    Unproven,
    /// It does not know the log, or not its key, or not this form.
    Refused(u16),
    /// It did not answer in time, or not as a witness does.
    Silent,
}

/// Asks a witness, within `most`.
pub async fn ask(address: &Address, request: &AddCheckpoint, most: Duration) -> Reply {
    match tokio::time::timeout(most, sent(address, request.text())).await {
        Ok(Some(reply)) => reply,
        Ok(None) | Err(_) => Reply::Silent,
    }
}

async fn sent(address: &Address, body: String) -> Option<Reply> {
    let stream = TcpStream::connect((address.host.as_str(), address.port)).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    let driver = tokio::spawn(connection);
    let asked = async {
        let request = Request::post(format!("{}/add-checkpoint", address.prefix))
            .header(header::HOST, format!("{}:{}", address.host, address.port))
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(Full::new(Bytes::from(body)))
            .ok()?;
        let answer = sender.send_request(request).await.ok()?;
        let (status, body) = (answer.status(), answer.into_body());
        let bytes = Limited::new(body, MOST_BYTES).collect().await.ok()?.to_bytes();
        let text = String::from_utf8(bytes.to_vec()).ok()?;
        Some(match status {
            StatusCode::OK => Reply::Lines(text),
            StatusCode::CONFLICT => Reply::Conflict(text.strip_suffix('\n')?.parse().ok()?),
            StatusCode::UNPROCESSABLE_ENTITY => Reply::Unproven,
            status if status.is_client_error() => Reply::Refused(status.as_u16()),
            _ => Reply::Silent,
        })
    };
    let reply = asked.await;
    driver.abort();
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_or_refused_with_what_to_write() {
        let address = Address::parse("http://127.0.0.1:8090/w1/").unwrap();
        assert_eq!((address.host.as_str(), address.port, address.prefix.as_str()), ("127.0.0.1", 8090, "/w1"));
        assert_eq!(Address::parse("http://witness.example").unwrap().port, 80);
        assert!(Address::parse("https://witness.example").unwrap_err().contains("forwarder"));
        for bad in
            ["", "http://", "http://:1/", "http://a:b/", "http://a:99999", "http://a/ b", "http://u@h/", "ftp://a"]
        {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }
}
