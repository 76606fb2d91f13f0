//! What a client finds at the connection: HTTP/2 without an upgrade, gzip, preflights of browser apps, `OPTIONS`, `HEAD`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's own helpers may stop the test")]

use std::{io::Read, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tsumugi_kernel::{
    Clock, OrganizationId, PersonId, Purpose, Role,
    edge::{SystemClock, SystemEntropy},
};
use tsumugi_server::{App, Folder, Listening};
use tsumugi_signin::{Claims, DevKey, issue};

struct Server {
    port: u16,
    token: String,
    _place: tempfile::TempDir,
}

async fn server(origins: Option<&'static str>) -> Server {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(&place.path().join("data"), true, &SystemEntropy).unwrap();
    let key = DevKey::new(&folder.secret);
    let mut app = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
    if let Some(origin) = origins {
        app = app.with_origins(vec![origin.parse().unwrap()]);
    }
    let listening = Listening::bind(0).await.unwrap();
    let port = listening.address().port();
    tokio::spawn(listening.serve(app.router(), std::future::pending()));
    let expires = SystemClock.now().plus_millis(3_600_000);
    let (person, organization) = (PersonId::new("tester").unwrap(), OrganizationId::new("1311234567").unwrap());
    let token = issue(&Claims::new(Role::System, Purpose::RecordManagement, person, organization, expires), &key);
    Server { port, token, _place: place }
}

impl Server {
    /// One request on a connection of its own: the head in lower case, and the body.
    async fn ask(&self, method: &str, path: &str, more: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
        let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("no head"));
        (String::from_utf8_lossy(&bytes[..at]).to_lowercase(), bytes[at + 4..].to_vec())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_is_spoken_by_prior_knowledge() {
    let server = server(None).await;
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let frame = |kind: u8, flags: u8, id: u32, payload: &[u8]| {
        let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(id.to_be_bytes());
        frame.extend(payload);
        frame
    };
    // :method GET, :scheme http, :path /healthz, :authority localhost (RFC 7541, static table, no Huffman).
    let mut head = vec![0x82, 0x86, 0x04, 8];
    head.extend(b"/healthz");
    head.extend([0x01, 9]);
    head.extend(b"localhost");
    let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    sent.extend(frame(4, 0, 0, &[]));
    sent.extend(frame(1, 0x05, 1, &head));
    stream.write_all(&sent).await.unwrap();
    let mut data = Vec::new();
    loop {
        let mut front = [0u8; 9];
        tokio::time::timeout(Duration::from_secs(60), stream.read_exact(&mut front)).await.unwrap().unwrap();
        let length = usize::from(front[0]) << 16 | usize::from(front[1]) << 8 | usize::from(front[2]);
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await.unwrap();
        match front[3] {
            // Headers of the stream begin with the indexed :status 200.
            1 => assert_eq!(payload[0], 0x88),
            0 => {
                data.extend(payload);
                if front[4] & 1 == 1 {
                    break;
                }
            }
            7 => panic!("the server ended the connection"),
            _ => {}
        }
    }
    assert_eq!(data, b"ok\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_compressed_for_who_asks() {
    let server = server(None).await;
    let (head, body) = server.ask("GET", "/fhir/R4/metadata", "accept-encoding: gzip\r\n").await;
    assert!(head.contains("content-encoding: gzip"), "{head}");
    let (plain_head, plain) = server.ask("GET", "/fhir/R4/metadata", "").await;
    assert!(!plain_head.contains("content-encoding"), "{plain_head}");
    // Chunked: each chunk has its length before it.
    let mut packed = Vec::new();
    let mut rest = &body[..];
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..at]).unwrap(), 16).unwrap();
        if length == 0 {
            break;
        }
        packed.extend_from_slice(&rest[at + 2..at + 2 + length]);
        rest = &rest[at + 4 + length..];
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    assert!(text.contains("CapabilityStatement") && packed.len() < plain.len() / 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_named_origins_may_ask_and_only_the_interface() {
    let preflight = |origin: &str| {
        format!(
            "origin: {origin}\r\naccess-control-request-method: PATCH\r\naccess-control-request-headers: authorization,if-none-exist\r\n"
        )
    };
    let named = server(Some("https://app.example")).await;
    let (head, _) = named.ask("OPTIONS", "/fhir/R4/Observation", &preflight("https://app.example")).await;
    assert!(
        head.starts_with("http/1.1 200") && head.contains("access-control-allow-origin: https://app.example"),
        "{head}"
    );
    assert!(head.contains("patch") && head.contains("if-none-exist"), "{head}");
    assert!(!head.contains("access-control-allow-credentials"), "a cookie opens nothing here");
    let (head, _) = named.ask("OPTIONS", "/fhir/R4/Observation", &preflight("https://other.example")).await;
    assert!(!head.contains("access-control-allow-origin"), "{head}");
    let (head, _) = named.ask("GET", "/fhir/R4/metadata", "origin: https://app.example\r\n").await;
    assert!(head.contains("access-control-expose-headers") && head.contains("tsumugi-receipt"), "{head}");
    let (head, _) = named.ask("GET", "/healthz", "origin: https://app.example\r\n").await;
    assert!(!head.contains("access-control-allow-origin"), "{head}");
    // A development folder holds nobody real.
    let dev = server(None).await;
    let (head, _) = dev.ask("GET", "/fhir/R4/metadata", "origin: http://localhost:5173\r\n").await;
    assert!(head.contains("access-control-allow-origin: http://localhost:5173"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn options_tells_the_methods_and_head_the_headers() {
    let server = server(None).await;
    let (head, body) = server.ask("OPTIONS", "/fhir/R4/Observation/x", "").await;
    // In a development folder every origin may ask, so the browser layer answers.
    assert!(head.starts_with("http/1.1 200 ") && body.is_empty(), "{head}");
    let allow = head.lines().find(|line| line.starts_with("allow:")).unwrap_or_else(|| panic!("{head}"));
    for method in ["get", "head", "put", "patch", "delete"] {
        assert!(allow.contains(method), "{allow}");
    }
    let (head, body) = server.ask("HEAD", "/fhir/R4/metadata", "").await;
    assert!(head.starts_with("http/1.1 200") && head.contains("application/fhir+json") && body.is_empty(), "{head}");
    let (head, _) = server.ask("GET", "/fhir/R4/metadata?_format=xml", "").await;
    assert!(head.contains("application/fhir+xml"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_below_fhir_answers_with_a_page() {
    let server = server(None).await;
    let signed_in = format!("authorization: Bearer {}\r\ncontent-length: 0\r\n", server.token);
    for (method, path, status) in [
        // The base with and without its slash is one place: an empty batch is no JSON.
        ("POST", "/fhir/R4/", "400"),
        ("POST", "/fhir/R4", "400"),
        ("PUT", "/fhir/R4/", "405"),
        ("GET", "/fhir/R5/Patient", "404"),
        ("GET", "/fhir/R4/metadata/", "404"),
        // Neither an id nor a method that is not taken: an operation that is not there.
        ("POST", "/fhir/R4/$foo", "404"),
        ("POST", "/fhir/R4/Patient/x/$foo", "404"),
    ] {
        let (head, body) = server.ask(method, path, &signed_in).await;
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{method} {path}: {head}");
        let (stranger, _) = server.ask(method, path, "content-length: 0\r\n").await;
        assert!(stranger.starts_with("http/1.1 401 "), "{method} {path}: {stranger}");
        for head in [head, stranger] {
            assert!(head.contains("application/fhir+json"), "{method} {path}: {head}");
        }
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains("OperationOutcome"), "{method} {path}");
        assert_eq!(body.contains("$everything"), path.ends_with("$foo"), "{method} {path}: {body}");
    }
}
