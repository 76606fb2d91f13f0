//! The stories, played on a store of each kind.

use std::sync::Arc;

use tsumugi_access::{Door, PolicyProfile};
use tsumugi_cli::{play, town_clock::TownClock};
use tsumugi_kernel::{Clock, MasterSecret, Sealer, edge::SystemEntropy, entropy::SeededEntropy};
use tsumugi_ledger::Signer;
use tsumugi_record::{Record, rest::Desk};
use tsumugi_server::{App, Folder};
use tsumugi_store::{MemoryStore, Store};
use tsumugi_synth::story;

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

#[tokio::test(flavor = "multi_thread")]
async fn the_stroke_on_the_embedded_store() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(&place.path().join("data"), true, &SystemEntropy).unwrap();
    let clock = Arc::new(TownClock::default());
    let app = App::new(folder, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy)).unwrap();
    let mut player =
        play::Player::new(&app.desk, clock, &app.vkey, play::STROKE, story::stroke(TODAY).unwrap()).unwrap();
    player.play().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stroke_on_the_model() {
    let clock = Arc::new(TownClock::default());
    let signer = Signer::new("tsumugi.example/model", [3; 32]).unwrap();
    let vkey = signer.vkey();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(signer, "tsumugi.example/model".into()));
    let secret = MasterSecret::new([5; 32]);
    let as_clock = Arc::clone(&clock) as Arc<dyn Clock>;
    let door = Door::new(
        Arc::clone(&store),
        PolicyProfile::SpecialLaw,
        &secret,
        Arc::clone(&as_clock),
        Arc::new(SeededEntropy::new(1)),
    )
    .unwrap();
    let record = Record::new(store, Arc::new(Sealer::new(&secret)), as_clock);
    let directory = door.directory().clone();
    let desk = Desk { record, door, directory };
    let mut player = play::Player::new(&desk, clock, &vkey, play::STROKE, story::stroke(TODAY).unwrap()).unwrap();
    player.play().await.unwrap();
}
