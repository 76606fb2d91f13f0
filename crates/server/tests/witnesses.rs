//! A served folder with its witnesses: checkpoints are signed as they come, nobody waits for a witness that is away, and a
//! citizen's file is checked with the policy that the log publishes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's own helpers may stop the test")]

use std::{path::Path, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};
use tsumugi_kernel::{
    Clock, OrganizationId, PersonId, Purpose, Role,
    edge::{SystemClock, SystemEntropy},
};
use tsumugi_ledger::{Note, ProofFile, WitnessPolicy};
use tsumugi_server::{App, Folder, Listening};
use tsumugi_signin::{Claims, DevKey, issue};
use tsumugi_witness::{Witness, WitnessFolder, router};

const HOSPITAL: &str = "1311234567";

/// Serves a witness, on a port of its own or on this one.
async fn serve(witness: Arc<Witness>, port: u16) -> (u16, JoinHandle<()>) {
    for _ in 0..200 {
        if let Ok(listening) = Listening::bind(port).await {
            let port = listening.address().port();
            return (port, tokio::spawn(listening.serve(router(witness), std::future::pending())));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("port {port} does not become free");
}

struct Log {
    port: u16,
    vkey: String,
    key: DevKey,
    _tasks: Vec<JoinHandle<()>>,
}

impl Log {
    /// Serves the folder with what `witnesses.json` in it says.
    async fn open(dir: &Path) -> Self {
        let folder = Folder::open(dir, true, &SystemEntropy).unwrap();
        let (key, vkey) = (DevKey::new(&folder.secret), folder.vkey.clone());
        let app = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
        let listening = Listening::bind(0).await.unwrap();
        let port = listening.address().port();
        let serving = tokio::spawn(listening.serve(app.router(), std::future::pending()));
        let tasks = vec![serving, tokio::spawn(app.keep_publishing())];
        Self { port, vkey, key, _tasks: tasks }
    }

    fn token(&self, role: Role, purpose: Purpose, citizen: Option<&str>) -> String {
        let expires = SystemClock.now().plus_millis(3_600_000);
        let organization = if citizen.is_some() { "household" } else { HOSPITAL };
        let (person, place) = (PersonId::new("tester").unwrap(), OrganizationId::new(organization).unwrap());
        let claims =
            Claims { citizen: citizen.map(str::to_owned), ..Claims::new(role, purpose, person, place, expires) };
        issue(&claims, &self.key)
    }

    async fn ask(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nhost: localhost\r\nconnection: close\r\naccept-language: ja\r\n{bearer}content-type: application/fhir+json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        tokio::time::timeout(Duration::from_secs(60), stream.read_to_string(&mut text)).await.unwrap().unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    async fn get(&self, path: &str) -> String {
        let (status, body) = self.ask("GET", path, None, "").await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn state(&self) -> serde_json::Value {
        serde_json::from_str(&self.get("/api/log").await).unwrap()
    }

    /// Waits until the state is so.
    async fn until(&self, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        for _ in 0..400 {
            let state = self.state().await;
            if wanted(&state) {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it does not come so: {}", self.state().await);
    }

    /// A new person; gives the id of the `Patient`.
    async fn patient(&self, number: u32) -> String {
        let json = format!(
            r#"{{"resourceType":"Patient","identifier":[{{"system":"urn:oid:1.2.392.100495.20.3.51.1{HOSPITAL}","value":"{number}"}}],"name":[{{"text":"山田 ハル"}}],"gender":"female","birthDate":"1948-03-05"}}"#
        );
        let token = self.token(Role::Nurse, Purpose::Treat, None);
        let (status, body) = self.ask("POST", "/fhir/R4/Patient", Some(&token), &json).await;
        assert_eq!(status, 201, "{body}");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        body["id"].as_str().unwrap().to_owned()
    }

    async fn proof(&self, patient: &str) -> ProofFile {
        let token = self.token(Role::Citizen, Purpose::PatientRequest, Some(patient));
        let (status, body) = self.ask("GET", "/api/me/looks/proof", Some(&token), "").await;
        assert_eq!(status, 200, "{body}");
        ProofFile::from_json(body.as_bytes()).unwrap()
    }
}

fn now() -> u64 {
    u64::try_from(SystemClock.now().0 / 1_000).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_witnesses_says_so() {
    let place = tempfile::tempdir().unwrap();
    let log = Log::open(&place.path().join("data")).await;
    let patient = log.patient(1).await;
    let state = log.until(|state| state["size"].as_u64() >= Some(1) && state["signed"].is_string()).await;
    assert_eq!((&state["quorum"], &state["reached"]), (&0.into(), &serde_json::Value::Null));
    assert!(log.get("/log").await.contains("立会人は、まだ決まっていません"));
    assert_eq!(log.get("/log/policy").await, format!("log {}\nquorum none\n", log.vkey));
    assert!(log.get("/log/checkpoint").await.starts_with("tsumugi.example/dev/"));
    log.proof(&patient).await.verify(Some(&log.vkey)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn witnesses_sign_as_the_log_grows_and_nobody_waits_for_one_that_is_away() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let vkey = Folder::open(&data, true, &SystemEntropy).unwrap().vkey;
    let (mut running, mut entries, mut locks) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..=2 {
        let dir = place.path().join(format!("w{number}"));
        let mut folder = WitnessFolder::init(&dir, &format!("witness.example/w{number}"), &SystemEntropy).unwrap();
        folder.trust(&vkey).unwrap();
        let key = folder.vkey();
        let (witness, lock) = folder.witness(Arc::new(SystemClock));
        let witness = Arc::new(witness);
        let (port, task) = serve(Arc::clone(&witness), 0).await;
        entries.push(serde_json::json!({"name": format!("立会人{number}"), "url": format!("http://127.0.0.1:{port}"), "key": key}));
        running.push((witness, port, task));
        locks.push(lock);
    }
    let list = serde_json::json!({"quorum": 2, "witnesses": entries});
    std::fs::write(data.join("witnesses.json"), list.to_string()).unwrap();
    let log = Log::open(&data).await;
    let patient = log.patient(1).await;
    log.until(|state| state["reached"] == true && state["pending"] == 0).await;
    let page = log.get("/log").await;
    assert!(page.contains("2人の立会人のうち2人以上が、同じ台帳を見ています") && page.contains("立会人1"), "{page}");

    // Her file holds by the published policy, at once.
    let policy = WitnessPolicy::parse(&log.get("/log/policy").await).unwrap();
    let judged = |file: &ProofFile| policy.judge(&Note::split(&file.proofs[0].checkpoint).unwrap(), now());
    for _ in 0..3 {
        let file = log.proof(&patient).await;
        file.verify(Some(&log.vkey)).unwrap();
        assert!(judged(&file).holds() && judged(&file).count() == 2);
    }
    assert!(policy.judge(&Note::split(&log.get("/log/checkpoint").await).unwrap(), now()).holds());

    // One goes away: care goes on, the state says since when, the proof comes with what there is.
    running[1].2.abort();
    log.patient(2).await;
    let state = log.until(|state| state["reached"] == false).await;
    assert!(state["too_few_since"].is_string() && state["witnesses"][1]["state"] == "silent", "{state}");
    assert!(log.get("/log").await.contains("から足りません"));
    let file = log.proof(&patient).await;
    file.verify(Some(&log.vkey)).unwrap();
    assert!(!judged(&file).holds() && judged(&file).count() == 1);

    // It comes back and catches up by itself.
    let (_, _back) = serve(Arc::clone(&running[1].0), running[1].1).await;
    log.until(|state| state["reached"] == true).await;
    assert!(judged(&log.proof(&patient).await).holds());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_used_stops_the_start() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    drop(Folder::open(&data, true, &SystemEntropy).unwrap());
    std::fs::write(data.join("witnesses.json"), r#"{"quorum":1,"witnesses":[]}"#).unwrap();
    let folder = Folder::open(&data, true, &SystemEntropy).unwrap();
    let told = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy)).err().unwrap().to_string();
    assert!(told.contains("witnesses.json") && told.contains("quorum"), "{told}");
}
