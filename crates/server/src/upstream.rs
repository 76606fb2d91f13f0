//! Asks the external provider by which people may come in: one request over plain HTTP/1.1, answered within a bounded time.
//!
//! TLS is not spoken here: a provider elsewhere is reached through a forwarder on this machine (`docs/signin.md`). What comes back
//! is checked with the provider's keys, and those come the same way: so the forwarder, on this machine, is trusted.

use std::time::Duration;

use axum::http::{Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tsumugi_signin::gate::{Answering, Ask};

/// The most bytes of an answer.
const MOST_BYTES: usize = 64 * 1024;
/// How long an answer may take.
const MOST_TIME: Duration = Duration::from_secs(10);

/// Asks over the network of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Forwarded;

impl Ask for Forwarded {
    fn ask<'a>(&'a self, address: &'a str, form: Option<String>) -> Answering<'a> {
        Box::pin(async move {
            match tokio::time::timeout(MOST_TIME, sent(address, form)).await {
                Ok(Some(answer)) => Some(answer),
                _ => {
                    tracing::warn!(address, "the external provider does not answer");
                    None
                }
            }
        })
    }
}

async fn sent(address: &str, form: Option<String>) -> Option<Vec<u8>> {
    let uri: Uri = address.parse().ok()?;
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http"))?;
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    let driver = tokio::spawn(connection);
    let asked = async {
        let method = if form.is_some() { "POST" } else { "GET" };
        let request = Request::builder()
            .method(method)
            .uri(uri.path_and_query().map_or("/", |path| path.as_str()))
            .header(header::HOST, authority.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form.unwrap_or_default())))
            .ok()?;
        let answer = sender.send_request(request).await.ok()?;
        let is_good = answer.status() == StatusCode::OK;
        let bytes = Limited::new(answer.into_body(), MOST_BYTES).collect().await.ok()?.to_bytes();
        is_good.then(|| bytes.to_vec())
    };
    let answer = asked.await;
    driver.abort();
    answer
}
