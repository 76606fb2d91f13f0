//! An operator of a log who drops, reorders, forks or withholds, clocks that are wrong, a store that was set back, a
//! witness that lies, and witnesses that are away: each over HTTP, as in real use.

use tokio::{net::TcpListener, task::JoinHandle};
use tsumugi_ledger::{Note, Sight, WitnessKey, WitnessPolicy, completeness};
use tsumugi_witness::{Address, Circle, Compared, Member, Trouble, compare, router};

use super::*;

/// A witness that listens, with its folder and clock.
struct Running {
    witness: Arc<Witness>,
    port: u16,
    task: JoinHandle<()>,
    _place: tempfile::TempDir,
}

async fn listen(witness: Arc<Witness>, port: u16) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (port, tokio::spawn(async move { axum::serve(listener, router(witness)).await.unwrap() }))
}

async fn run(number: u8, clock: Arc<ManualClock>) -> Running {
    let place = tempfile::tempdir().unwrap();
    let witness = Arc::new(super::witness(number, place.path(), clock, Faulty::default(), true));
    let (port, task) = listen(Arc::clone(&witness), 0).await;
    Running { witness, port, task, _place: place }
}

impl Running {
    fn key(&self) -> WitnessKey {
        WitnessKey::parse(&self.witness.vkey()).unwrap()
    }

    fn member(&self) -> Member {
        let address = Address::parse(&format!("http://127.0.0.1:{}", self.port)).unwrap();
        Member { name: self.key().name().to_owned(), address, key: self.key() }
    }
}

/// Three witnesses of which two are demanded, and an operator with a log of 20 leaves.
struct Scene {
    clock: Arc<ManualClock>,
    witnesses: Vec<Running>,
    operator: Operator,
    circle: Circle,
}

async fn scene() -> Scene {
    let clock = clock();
    let mut witnesses = Vec::new();
    for number in 1..=3 {
        witnesses.push(run(number, clock.clone()).await);
    }
    let operator = Operator::default();
    operator.grow(20);
    let circle = circle(&witnesses, &operator, &clock);
    Scene { clock, witnesses, operator, circle }
}

fn circle(witnesses: &[Running], operator: &Operator, clock: &Arc<ManualClock>) -> Circle {
    let members = witnesses.iter().map(Running::member).collect();
    Circle::new(members, 2, &signer().vkey(), Arc::new(operator.clone()), clock.clone()).unwrap()
}

impl Scene {
    async fn offer(&self) -> tsumugi_witness::Cosigned {
        let _turn = self.circle.turn().await.unwrap();
        self.circle.offer(&self.operator.note()).await.unwrap()
    }

    /// What a reader demands.
    fn policy(&self) -> WitnessPolicy {
        WitnessPolicy::parse(&self.circle.policy()).unwrap()
    }

    fn holds(&self, note: &str, now: u64) -> bool {
        self.policy().judge(&Note::split(note).unwrap(), now).holds()
    }

    /// What the operator can get signed for another history.
    async fn forged(&self, log: &Log) -> String {
        let forger = Operator(Arc::new(Mutex::new(log.clone())));
        let circle = circle(&self.witnesses, &forger, &self.clock);
        let cosigned = circle.offer(&forger.note()).await.unwrap();
        for member in circle.standing().members {
            let (trouble, _) = member.trouble.unwrap();
            assert!(matches!(trouble, Trouble::Fork | Trouble::Ahead(_)), "{trouble:?}");
        }
        cosigned.note
    }
}

#[tokio::test]
async fn the_honest_log_is_signed_by_all_and_a_citizens_proof_holds() {
    let scene = scene().await;
    for _ in 0..3 {
        let cosigned = scene.offer().await;
        assert!(cosigned.witnessed.holds() && cosigned.witnessed.count() == 3);
        let mut proof = scene.operator.0.lock().unwrap().proof(3);
        proof.checkpoint = cosigned.note;
        completeness::verify(&proof, Some(&signer().vkey())).unwrap();
        assert!(scene.holds(&proof.checkpoint, START));
        scene.operator.grow(40);
    }
    let standing = scene.circle.standing();
    assert!(standing.enough == Some((100, START)) && standing.too_few_since.is_none());
    assert!(standing.members.iter().all(|member| member.signed == Some((100, START)) && member.trouble.is_none()));
}

#[tokio::test]
async fn a_history_with_a_leaf_dropped_or_two_swapped_gets_no_signature() {
    let scene = scene().await;
    scene.offer().await;
    let honest = scene.operator.0.lock().unwrap().clone();
    for swap in [false, true] {
        // The operator writes the history anew, with chains that fit, and goes on for a while.
        let mut order: Vec<usize> = (0..honest.leaves.len()).collect();
        if swap {
            order.swap(4, 5);
        } else {
            order.remove(4);
        }
        let mut forged = Log::default();
        for at in order {
            forged.append(at as u64 % 7, [u8::try_from(at).unwrap(); 16]);
        }
        for _ in 0..5 {
            forged.append(6, [0xee; 16]);
        }
        let mut proof = forged.proof(4);
        completeness::verify(&proof, Some(&signer().vkey())).unwrap();
        proof.checkpoint = scene.forged(&forged).await;
        assert!(!scene.holds(&proof.checkpoint, START), "alone it looks whole; no witness has seen it");
    }
}

#[tokio::test]
async fn another_history_for_one_citizen_gets_no_signature() {
    let scene = scene().await;
    scene.operator.grow(1);
    let (shared, mut shown) = (scene.operator.0.lock().unwrap().clone(), Log::default());
    for at in 0..20_u64 {
        shown.append(at % 7, [u8::try_from(at % 251).unwrap(); 16]);
    }
    shown.append(1, [0xaa; 16]);
    let honest = scene.offer().await.note;
    assert_eq!(shown.size(), shared.size());
    let forged = scene.forged(&shown).await;
    assert!(!scene.holds(&forged, START));
    // The signatures of the honest one do not carry over.
    let (text, _) = forged.rsplit_once("\n\n").unwrap();
    let (_, lines) = honest.rsplit_once("\n\n").unwrap();
    let mixed = format!("{text}\n\n{lines}");
    let judged = scene.policy().judge(&Note::split(&mixed).unwrap(), START);
    assert!(!judged.holds() && judged.seen.iter().all(|seen| seen.sight == Sight::Broken));
    // Nor does another map over the same tree get one, with which a look could be left out of one citizen's count.
    let other_map = tsumugi_ledger::Checkpoint { map_root: [7; 32], ..shared.checkpoint() };
    let circle = circle(&scene.witnesses, &scene.operator, &scene.clock);
    let cosigned = circle.offer(&other_map.sign(&signer()).unwrap()).await.unwrap();
    assert_eq!(cosigned.witnessed.count(), 0);
}

#[tokio::test]
async fn a_withheld_log_is_old_for_everybody_to_see() {
    let scene = scene().await;
    let old = scene.offer().await.note;
    set(&scene.clock, 40 * 3_600);
    scene.operator.grow(5);
    assert!(scene.offer().await.witnessed.holds());
    let judged = scene.policy().judge(&Note::split(&old).unwrap(), START + 40 * 3_600);
    // It was seen, and the reader's own clock says how long ago.
    assert_eq!(judged.enough_at, Some(START));
}

#[tokio::test]
async fn the_same_newest_checkpoint_is_signed_again_as_time_passes() {
    let scene = scene().await;
    scene.offer().await;
    assert!(!scene.circle.is_due(20));
    set(&scene.clock, 599);
    assert_eq!(scene.offer().await.witnessed.enough_at, Some(START));
    set(&scene.clock, 601);
    assert!(scene.circle.is_due(20));
    let cosigned = scene.offer().await;
    assert_eq!(cosigned.witnessed.enough_at, Some(START + 601));
    assert_eq!(Note::split(&cosigned.note).unwrap().signatures.len(), 4, "an older line gives way");
}

#[tokio::test]
async fn clocks_that_are_wrong_do_not_make_a_proof_good() {
    let scene = scene().await;
    let cosigned = scene.offer().await;
    // The reader's clock was set back: the signatures lie in its future.
    assert!(!scene.holds(&cosigned.note, START - 3_600));
    // The witnesses' clock was set back: they sign nothing, and say so to their operators.
    set(&scene.clock, -3_600);
    scene.operator.grow(1);
    let later = scene.offer().await;
    assert_eq!(later.witnessed.count(), 0);
    assert!(scene.circle.standing().members.iter().all(|member| member.trouble.is_some()));
}

#[tokio::test]
async fn witnesses_that_are_away_hold_up_nothing_and_catch_up() {
    let scene = scene().await;
    scene.offer().await;
    scene.witnesses[0].task.abort();
    scene.operator.grow(3);
    let two = scene.offer().await;
    assert!(two.witnessed.holds() && two.witnessed.count() == 2);
    scene.witnesses[1].task.abort();
    scene.operator.grow(3);
    set(&scene.clock, 10);
    let one = scene.offer().await;
    assert!(!one.witnessed.holds() && one.witnessed.count() == 1, "as many as came");
    let standing = scene.circle.standing();
    assert_eq!(standing.enough, Some((23, START)));
    assert_eq!(standing.too_few_since, Some(Instant((START as i64 + 10) * 1_000)));
    assert_eq!(standing.members[1].trouble.unwrap().0, Trouble::Silent);
    // Back again: they sign the newest at once, with the proof from where they were.
    for running in &scene.witnesses[..2] {
        while TcpListener::bind(("127.0.0.1", running.port)).await.is_err() {
            tokio::task::yield_now().await;
        }
        listen(Arc::clone(&running.witness), running.port).await;
    }
    set(&scene.clock, 200);
    scene.operator.grow(1);
    let all = scene.offer().await;
    assert_eq!(all.witnessed.count(), 3);
    assert!(scene.circle.standing().too_few_since.is_none());
}

#[tokio::test]
async fn a_store_set_back_is_found_and_what_it_grows_into_is_not_signed() {
    let scene = scene().await;
    let copy = scene.operator.0.lock().unwrap().clone();
    scene.operator.grow(30);
    scene.offer().await;
    // The older copy is served again; its folder knows nothing of what was signed later.
    *scene.operator.0.lock().unwrap() = copy;
    let after = circle(&scene.witnesses, &scene.operator, &scene.clock);
    let cosigned = after.offer(&scene.operator.note()).await.unwrap();
    assert_eq!(cosigned.witnessed.count(), 0);
    assert!(after.standing().members.iter().all(|member| member.trouble.unwrap().0 == Trouble::Ahead(50)));
    // Other looks happen, until the log is longer than the one that was signed.
    for _ in 0..40 {
        scene.operator.0.lock().unwrap().append(2, [0x5a; 16]);
    }
    set(&scene.clock, 300);
    let cosigned = after.offer(&scene.operator.note()).await.unwrap();
    assert_eq!(cosigned.witnessed.count(), 0);
    assert!(after.standing().members.iter().all(|member| member.trouble.unwrap().0 == Trouble::Fork));
}

#[tokio::test]
async fn a_witness_that_signs_two_histories_is_found_by_comparing() {
    let scene = scene().await;
    let honest = scene.offer().await.note;
    let mut other = Log::sample(7, 20, 99);
    // The first witness lies: with its key it signs what it should not.
    let liar = Cosigner::new("witness.example/w1", [1; 32]).unwrap();
    let line = liar.cosign(&other.checkpoint().text(), START + 5);
    let forged = format!("{}{line}", note(&other));
    let keys: Vec<WitnessKey> = scene.witnesses.iter().map(Running::key).collect();
    let (log, log_key) = (signer(), signer());
    let found = compare(log.verifier(), &keys, &honest, &forged, None).unwrap();
    assert_eq!(found, Compared::Two { sizes: (20, 20), witnesses: vec!["witness.example/w1".into()] });
    assert_eq!(compare(log.verifier(), &keys, &honest, &honest, None).unwrap(), Compared::One);
    // Of other sizes: only with a proof, and none fits.
    other.append(1, [1; 16]);
    let longer = note(&other);
    assert_eq!(compare(log.verifier(), &keys, &longer, &honest, None).unwrap(), Compared::Open);
    let proof = consistency_proof(&other.reader(), 20, 21).unwrap();
    let found = compare(log.verifier(), &keys, &longer, &honest, Some(&proof)).unwrap();
    assert!(matches!(found, Compared::Two { sizes: (20, 21), .. }));
    // Nobody is accused by what the log did not sign.
    let unsigned = forged.replace("example/log Az", "example/log Bz");
    let changed = unsigned.replace("\n20\n", "\n21\n");
    assert!(compare(log_key.verifier(), &keys, &honest, &changed, None).is_err());
    // With two that are honest a reader is safe from the one that lies.
    assert!(!scene.holds(&forged, START + 5));
}

#[tokio::test]
async fn what_comes_back_counts_only_with_the_key_that_was_named() {
    let scene = scene().await;
    // The third is asked in place of the first: its line is not taken for the first's.
    let mut members: Vec<Member> = scene.witnesses.iter().map(Running::member).collect();
    members[0].address = members[2].address.clone();
    let circle =
        Circle::new(members, 2, &signer().vkey(), Arc::new(scene.operator.clone()), scene.clock.clone()).unwrap();
    let cosigned = circle.offer(&scene.operator.note()).await.unwrap();
    assert_eq!(cosigned.witnessed.count(), 2);
    assert_eq!(cosigned.witnessed.seen[0].sight, Sight::Nothing);
    assert_eq!(circle.standing().members[0].trouble.unwrap().0, Trouble::OtherKey);
    // A log that is not theirs is refused, and is no alarm.
    let other = Circle::new(
        vec![scene.witnesses[0].member()],
        1,
        &stranger().vkey(),
        Arc::new(scene.operator.clone()),
        scene.clock.clone(),
    )
    .unwrap();
    let checkpoint = tsumugi_ledger::Checkpoint {
        origin: "other.example/log".into(),
        ..scene.operator.0.lock().unwrap().checkpoint()
    };
    other.offer(&checkpoint.sign(&stranger()).unwrap()).await.unwrap();
    assert_eq!(other.standing().members[0].trouble.unwrap().0, Trouble::Refused);
    assert!(other.offer(&scene.operator.note()).await.is_err(), "another log's checkpoint is not offered");
}

#[tokio::test]
async fn the_list_in_the_folder_is_checked_and_what_enough_signed_is_known_after_a_start() {
    let scene = scene().await;
    let place = tempfile::tempdir().unwrap();
    let list = |text: &str| std::fs::write(place.path().join("witnesses.json"), text).unwrap();
    let open =
        || Circle::of_folder(place.path(), &signer().vkey(), Arc::new(scene.operator.clone()), scene.clock.clone());
    assert!(open().unwrap().is_empty() && open().unwrap().standing().quorum == 0);
    let entry = |running: &Running| {
        format!(r#"{{"name":"立会人","url":"http://127.0.0.1:{}","key":"{}"}}"#, running.port, running.witness.vkey())
    };
    let (one, two) = (entry(&scene.witnesses[0]), entry(&scene.witnesses[1]));
    for bad in [
        "{".to_owned(),
        format!(r#"{{"quorum":0,"witnesses":[{one}]}}"#),
        format!(r#"{{"quorum":2,"witnesses":[{one}]}}"#),
        format!(r#"{{"quorum":1,"witnesses":[{one},{one}]}}"#),
        format!(r#"{{"quorum":1,"witnesses":[{}]}}"#, one.replace("http:", "https:")),
        format!(
            r#"{{"quorum":1,"witnesses":[{}]}}"#,
            one.replace(&scene.witnesses[0].witness.vkey(), &signer().vkey())
        ),
        format!(r#"{{"quorum":1,"more":1,"witnesses":[{one}]}}"#),
    ] {
        list(&bad);
        assert!(open().unwrap_err().to_string().contains("witnesses.json"), "{bad}");
    }
    list(&format!(r#"{{"quorum":2,"witnesses":[{one},{two}]}}"#));
    let circle = open().unwrap();
    assert!(circle.offer(&scene.operator.note()).await.unwrap().witnessed.holds());
    drop(circle);
    let again = open().unwrap().standing();
    assert_eq!((again.enough, again.members[0].signed), (Some((20, START)), Some((20, START))));
    std::fs::write(place.path().join("witnessed"), "harmed").unwrap();
    assert_eq!(open().unwrap().standing().enough, None);
}
