//! The files of `docs/examples`, sent as the README and `docs/api.md` send them.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use tsumugi_cli::{
    gate::Gate,
    import::{Counted, Importer},
    town_clock::TownClock,
};
use tsumugi_kernel::{
    Clock as _, OrganizationId, PersonId, Purpose, Role,
    edge::{SystemClock, SystemEntropy},
};
use tsumugi_server::{App, Folder};
use tsumugi_signin::{Claims, DevKey, issue};

const HOSPITAL: &str = "4911000017";

fn example(name: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples").join(name);
    std::fs::read(path).unwrap().into()
}

fn app(dir: &Path) -> App {
    let folder = Folder::open(dir, true, &SystemEntropy).unwrap();
    App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_document_and_the_daily_activities_go_in_as_the_documents_say() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("try");
    let app = app(&dir);
    let claims = Claims::new(
        Role::Physician,
        Purpose::Treat,
        PersonId::new("okada-chihiro").unwrap(),
        OrganizationId::new(HOSPITAL).unwrap(),
        SystemClock.now().plus_millis(60_000),
    );
    let token = issue(&claims, &DevKey::new(&Folder::dev_secret(&dir).unwrap()));
    let caller = app.caller(&token, None).await.unwrap();
    let gate = Gate::new(&app.desk);
    for (path, file) in [("/Bundle/$submit", "laboratory.json"), ("/Observation", "barthel.json")] {
        let answer = gate.ask(&caller, "POST", path, example(file)).await.unwrap();
        assert_eq!(answer.status, 201, "{file}: {}", String::from_utf8_lossy(&answer.body));
    }
    let kept: serde_json::Value = serde_json::from_slice(&example("barthel.json")).unwrap();
    let sum: i64 = kept["component"].as_array().unwrap().iter().map(|one| one["valueInteger"].as_i64().unwrap()).sum();
    assert_eq!(kept["valueInteger"], sum, "the total is the sum of its ten items");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_files_the_good_ones_go_in_and_the_others_are_counted() {
    let place = tempfile::tempdir().unwrap();
    let letters = place.path().join("letters");
    std::fs::create_dir(&letters).unwrap();
    std::fs::write(letters.join("a.json"), "{\"resourceType\":").unwrap();
    std::fs::write(letters.join("b.json"), example("laboratory.json")).unwrap();
    std::fs::write(letters.join("c.json"), "{\"resourceType\":\"Bundle\"}").unwrap();
    let app = app(&place.path().join("data"));
    let importer = Importer::new(&app.desk, Arc::new(TownClock::default()));
    assert_eq!(importer.path(&letters, None).await.unwrap(), Counted { taken: 1, refused: 2 });
    assert_eq!(importer.path(&place.path().join("none"), None).await.unwrap(), Counted { taken: 0, refused: 1 });
}
