//! Bad input over a real connection: what comes back is clear, the connection or at least the server stays whole, and
//! memory stays bounded.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's own helpers may stop the test")]

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tsumugi_kernel::{
    Clock, OrganizationId, PersonId, Purpose, Role,
    edge::{SystemClock, SystemEntropy},
    limits,
};
use tsumugi_server::{App, Folder, Listening};
use tsumugi_signin::{Claims, DevKey, issue};

struct Server {
    port: u16,
    token: String,
    _place: tempfile::TempDir,
    app: App,
}

async fn server() -> Server {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(&place.path().join("data"), true, &SystemEntropy).unwrap();
    let key = DevKey::new(&folder.secret);
    let app = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
    let listening = Listening::bind(0).await.unwrap();
    let port = listening.address().port();
    tokio::spawn(listening.serve(app.router(), std::future::pending()));
    let expires = SystemClock.now().plus_millis(3_600_000);
    let (person, organization) = (PersonId::new("tester").unwrap(), OrganizationId::new("1311234567").unwrap());
    let token = issue(&Claims::new(Role::System, Purpose::RecordManagement, person, organization, expires), &key);
    Server { port, token, _place: place, app }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    fn head(&self, path: &str, more: &str) -> Vec<u8> {
        format!("POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n{more}\r\n", self.token)
            .into_bytes()
    }

    /// Sends bytes and reads one answer, by its content-length.
    async fn ask(&self, stream: &mut TcpStream, bytes: &[u8]) -> (u16, String) {
        // A server that refuses by the head may close before all is sent.
        stream.write_all(bytes).await.ok();
        answer(stream).await
    }

    async fn post(&self, body: &[u8], more: &str) -> (u16, String) {
        let mut stream = self.connect().await;
        let mut bytes = self.head("/fhir/R4/Bundle/$submit", &format!("content-length: {}\r\n{more}", body.len()));
        bytes.extend_from_slice(body);
        self.ask(&mut stream, &bytes).await
    }

    /// The server still answers, on a new connection.
    async fn is_well(&self) {
        let mut stream = self.connect().await;
        let (status, body) = self.ask(&mut stream, b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        assert_eq!((status, body.as_str()), (200, "ok\n"));
    }
}

async fn answer(stream: &mut TcpStream) -> (u16, String) {
    let mut buffer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&buffer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let status = head[9..12].parse().unwrap();
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return (status, body.to_owned());
            }
        }
        match tokio::time::timeout(Duration::from_secs(60), stream.read_buf(&mut buffer)).await {
            Ok(Ok(read)) if read > 0 => {}
            other => panic!("the server closed without an answer: {other:?}, {}", String::from_utf8_lossy(&buffer)),
        }
    }
}

fn is_outcome(body: &str, words: &str) {
    let outcome: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {body}"));
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    assert!(body.contains(words), "{words} is not in {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_announced_as_too_large_is_refused_by_its_head() {
    let server = server().await;
    let mut stream = server.connect().await;
    let head = server.head("/fhir/R4/Bundle/$submit", "content-length: 104857600\r\n");
    let (status, body) = server.ask(&mut stream, &head).await;
    assert_eq!(status, 413);
    is_outcome(&body, "MiB");
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_without_a_length_stop_at_the_limit() {
    let server = server().await;
    let mut stream = server.connect().await;
    let head = server.head("/fhir/R4/Bundle/$submit", "transfer-encoding: chunked\r\n");
    stream.write_all(&head).await.unwrap();
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..100 {
        let sent = stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await.is_ok()
            && stream.write_all(&chunk).await.is_ok()
            && stream.write_all(b"\r\n").await.is_ok();
        if !sent {
            break;
        }
    }
    let mut buffer = Vec::new();
    stream.read_to_end(&mut buffer).await.ok();
    // The answer may be lost when the server closes while we still send; the server must be well either way.
    let text = String::from_utf8_lossy(&buffer);
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 413"), "{text}");
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_bomb_stops_at_the_limit() {
    let server = server().await;
    let bomb = gzip_of_spaces(200 << 20);
    assert!(bomb.len() < 1 << 20, "the bomb is small: {}", bomb.len());
    let (status, body) = server.post(&bomb, "content-encoding: gzip\r\ncontent-type: application/fhir+json\r\n").await;
    assert_eq!(status, 413, "{body}");
    is_outcome(&body, "MiB");
    let (status, body) = server.post(b"this is no gzip", "content-encoding: gzip\r\n").await;
    assert!(status == 422 || status == 400, "{status} {body}");
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_are_named_and_kept_and_the_connection_goes_on() {
    let server = server().await;
    let deep = "[".repeat(100_000);
    let bodies: [(&[u8], &str); 9] = [
        (b"", "OperationOutcome"),
        (b"{\"resourceType\":\"Bundle\"", "diagnostics"),
        (deep.as_bytes(), "OperationOutcome"),
        (b"{\"a\":1,\"a\":2}", "diagnostics"),
        (b"{\"a\":\"\\ud800\"}", "diagnostics"),
        (b"\xff\xfe{\x00}\x00", "UTF-8"),
        (b"{\"resourceType\":\"Bundle\",\"type\":\"document\",\"x\":\"\x83e\x83X\x83g\"}", "UTF-8"),
        (b"{\"resourceType\":\"Spaceship\"}", "OperationOutcome"),
        (b"<Bundle xmlns=\"http://hl7.org/fhir\"/>", "OperationOutcome"),
    ];
    let mut stream = server.connect().await;
    let before =
        server.app.desk.record.quarantined(&OrganizationId::new("1311234567").unwrap(), None, 100).await.unwrap().len();
    for (body, words) in bodies {
        let mut bytes = server.head("/fhir/R4/Bundle/$submit", &format!("content-length: {}\r\n", body.len()));
        bytes.extend_from_slice(body);
        let (status, text) = server.ask(&mut stream, &bytes).await;
        assert_eq!(status, 422, "{text}");
        is_outcome(&text, words);
    }
    let after =
        server.app.desk.record.quarantined(&OrganizationId::new("1311234567").unwrap(), None, 100).await.unwrap().len();
    assert_eq!(after - before, bodies.len(), "every refused body is kept");
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_forms_long_urls_foreign_routes_and_unknown_callers_are_told_so() {
    let server = server().await;
    let mut stream = server.connect().await;
    let turtle = server.head("/fhir/R4/Patient", "content-type: text/turtle\r\ncontent-length: 0\r\n");
    let (status, body) = server.ask(&mut stream, &turtle).await;
    assert_eq!(status, 415);
    is_outcome(&body, "json");
    let xml = server.head("/fhir/R4/Patient", "content-type: application/fhir+xml\r\ncontent-length: 1\r\n");
    let (status, body) = server.ask(&mut stream, &[xml, b"<".to_vec()].concat()).await;
    assert_eq!(status, 400);
    is_outcome(&body, "XML");
    let mut stream = server.connect().await;
    let long =
        format!("GET /fhir/R4/Observation?code={} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(limits::URL_BYTES));
    let (status, _) = server.ask(&mut stream, long.as_bytes()).await;
    assert_eq!(status, 414);
    let mut stream = server.connect().await;
    let (status, body) = server
        .ask(&mut stream, b"GET /fhir/R4/Patient/x HTTP/1.1\r\nhost: localhost\r\naccept-language: en\r\n\r\n")
        .await;
    assert_eq!(status, 401);
    is_outcome(&body, "Bearer");
    let (status, _) = server
        .ask(
            &mut stream,
            b"GET /fhir/R4/Patient/x HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer nonsense\r\n\r\n",
        )
        .await;
    assert_eq!(status, 401);
    let forged = server.head("/fhir/R4/Spaceship", "content-length: 2\r\n");
    let (status, body) = server.ask(&mut stream, &[forged, b"{}".to_vec()].concat()).await;
    assert_eq!(status, 404);
    is_outcome(&body, "FHIR R4");
    server.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_senders_do_not_hold_others_up() {
    let server = server().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = server.connect().await;
        stream.write_all(b"POST /fhir/R4/Bundle/$submit HTTP/1.1\r\nhost: ").await.unwrap();
        slow.push(stream);
    }
    let mut half = server.connect().await;
    let head = server.head("/fhir/R4/Bundle/$submit", "content-length: 100\r\n");
    half.write_all(&head).await.unwrap();
    half.write_all(b"{").await.unwrap();
    server.is_well().await;
    let (status, body) = answer(&mut half).await;
    assert_eq!(status, 408);
    is_outcome(&body, "OperationOutcome");
    drop(slow);
    server.is_well().await;
}

/// `length` spaces in gzip's form.
fn gzip_of_spaces(length: usize) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..length >> 20 {
        encoder.write_all(&chunk).unwrap();
    }
    encoder.finish().unwrap()
}
