//! The stories, played on a store of each kind.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

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

/// Every story of the repository.
const STORIES: [&str; 5] = [play::STROKE, play::ACCOUNT, play::DISASTER, play::HAND, play::PAPER];

#[tokio::test(flavor = "multi_thread")]
async fn every_story_on_the_embedded_store() {
    for story in STORIES {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("data"), true, &SystemEntropy).unwrap();
        let clock = Arc::new(TownClock::default());
        let app = App::new(folder, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy)).unwrap();
        played(&app.desk, clock, &app.vkey, story).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_story_on_the_model() {
    for story in STORIES {
        let clock = Arc::new(TownClock::default());
        let signer = Signer::new("tsumugi.example/model", [3; 32]).unwrap();
        let vkey = signer.vkey();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(signer, "tsumugi.example/model".into()));
        let secret = MasterSecret::new([5; 32]);
        let as_clock = Arc::clone(&clock) as Arc<dyn Clock>;
        let entropy = Arc::new(SeededEntropy::new(1));
        let door = Door::new(store.clone(), PolicyProfile::SpecialLaw, &secret, as_clock.clone(), entropy).unwrap();
        let record = Record::new(store, Arc::new(Sealer::new(&secret)), as_clock);
        let directory = door.directory().clone();
        played(&Desk { record, door, directory }, clock, &vkey, story).await;
    }
}

async fn played(desk: &Desk, clock: Arc<TownClock>, vkey: &str, story: &str) {
    let sent = story::stroke(TODAY).unwrap();
    let mut player = play::Player::new(desk, clock, vkey, story, sent).unwrap();
    player.play().await.unwrap();
}
