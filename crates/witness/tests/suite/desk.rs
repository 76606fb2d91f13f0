//! The witness alone: what it answers, and that no failure of its disk or clock lets it sign two histories.

use std::sync::atomic::Ordering;

use tsumugi_kernel::edge::{SystemClock, SystemEntropy};
use tsumugi_ledger::{Note, WitnessKey};
use tsumugi_witness::{Answer, FolderError, WitnessFolder};

use super::*;

fn cosigned(answer: &Answer) -> bool {
    matches!(answer, Answer::Cosigned(_))
}

#[test]
fn each_answer_is_the_standards() {
    let place = tempfile::tempdir().unwrap();
    let clock = clock();
    let witness = witness(1, place.path(), clock.clone(), Faulty::default(), true);
    let ask = |body: &str| witness.add_checkpoint(body.as_bytes());
    let mut log = Log::sample(3, 5, 1);
    assert!(matches!(ask("old x\n\n"), Answer::Malformed(_)));
    let foreign = log.checkpoint();
    let foreign = tsumugi_ledger::Checkpoint { origin: "other.example/log".into(), ..foreign };
    assert_eq!(ask(&format!("old 0\n\n{}", foreign.sign(&stranger()).unwrap())), Answer::Unknown);
    // The origin is known and the key is not.
    let other = tsumugi_ledger::Signer::new(sample::ORIGIN, [0x67; 32]).unwrap();
    assert_eq!(ask(&format!("old 0\n\n{}", log.checkpoint().sign(&other).unwrap())), Answer::Unsigned);
    assert!(matches!(ask(&request(&log, 0).replace("old 0", "old 6")), Answer::Malformed(_)));
    // The first: nothing was signed, so the size is 0.
    assert_eq!(ask(&request(&log, 2)), Answer::Conflict(0));
    let Answer::Cosigned(line) = ask(&request(&log, 0)) else { panic!("the first is signed") };
    let whole = format!("{}{line}", note(&log));
    let key = WitnessKey::parse(&witness.vkey()).unwrap();
    assert_eq!(key.seen(&Note::split(&whole).unwrap()).unwrap(), Some(START));
    assert_eq!(ask(&request(&log, 0)), Answer::Conflict(5));
    // The same again, later, is signed with the later time.
    set(&clock, 30);
    assert!(cosigned(&ask(&request(&log, 5))));
    assert_eq!(witness.newest(sample::ORIGIN).unwrap().time, START + 30);
    log.append(1, [9; 16]);
    let wrong = request(&log, 5).replacen("\n\n", "\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n", 1);
    assert_eq!(ask(&wrong), Answer::Unproven);
    assert!(cosigned(&ask(&request(&log, 5))));
    // What it shows opens with both keys.
    let shown = witness.newest(sample::ORIGIN).unwrap().note;
    assert!(signer().verifier().open(&shown).is_ok() && key.seen(&Note::split(&shown).unwrap()).unwrap().is_some());
}

#[test]
fn an_empty_log_and_its_first_leaf() {
    let place = tempfile::tempdir().unwrap();
    let witness = witness(1, place.path(), clock(), Faulty::default(), true);
    let mut log = Log::default();
    assert!(cosigned(&witness.add_checkpoint(request(&log, 0).as_bytes())));
    log.append(1, [1; 16]);
    assert!(cosigned(&witness.add_checkpoint(request(&log, 0).as_bytes())));
    // Nobody can say later that there was another empty tree.
    let odd = tsumugi_ledger::Checkpoint { size: 0, ..log.checkpoint() };
    let odd = format!("old 0\n\n{}", odd.sign(&signer()).unwrap());
    assert_eq!(witness.add_checkpoint(odd.as_bytes()), Answer::Conflict(1));
}

#[test]
fn a_write_that_fails_signs_nothing_and_lets_no_other_history_in() {
    for fault in [1, 2] {
        let place = tempfile::tempdir().unwrap();
        let disk = Faulty::default();
        let open = |new| witness(1, place.path(), clock(), disk.clone(), new);
        let before = open(true);
        let common = Log::sample(3, 5, 1);
        assert!(cosigned(&before.add_checkpoint(request(&common, 0).as_bytes())));
        let (mut one, mut two) = (common.clone(), common);
        one.append(1, [1; 16]);
        two.append(2, [2; 16]);
        disk.0.store(fault, Ordering::SeqCst);
        assert!(matches!(before.add_checkpoint(request(&one, 5).as_bytes()), Answer::Unable(_)), "fault {fault}");
        assert!(before.newest(sample::ORIGIN).is_err(), "nothing doubtful is shown");
        // The process goes on, or begins anew: what stands on the disk decides.
        for witness in [before, open(false)] {
            let second = witness.add_checkpoint(request(&two, 5).as_bytes());
            if fault == 1 {
                assert!(cosigned(&second) || second == Answer::Conflict(6), "{second:?}");
            } else {
                assert_eq!(second, Answer::Conflict(6));
                assert_eq!(witness.add_checkpoint(request(&two, 6).as_bytes()), Answer::Conflict(6));
                assert!(cosigned(&witness.add_checkpoint(request(&one, 6).as_bytes())), "the promise can be kept");
                assert!(witness.newest(sample::ORIGIN).is_ok());
            }
        }
    }
}

#[test]
fn a_crash_in_the_middle_of_a_write_leaves_the_old_promise() {
    let place = tempfile::tempdir().unwrap();
    let log = Log::sample(3, 5, 1);
    assert!(cosigned(
        &witness(1, place.path(), clock(), Faulty::default(), true).add_checkpoint(request(&log, 0).as_bytes())
    ));
    let file = std::fs::read_dir(place.path()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(file.with_extension("unfinished"), "{\"origin\":").unwrap();
    let again = witness(1, place.path(), clock(), Faulty::default(), false);
    assert_eq!(again.add_checkpoint(request(&Log::sample(3, 6, 2), 0).as_bytes()), Answer::Conflict(5));
    // A memory that is lost or damaged is never a log that was not seen yet.
    for harm in [Some("{}"), Some(""), None] {
        match harm {
            Some(text) => std::fs::write(&file, text).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        assert!(matches!(again.add_checkpoint(request(&log, 0).as_bytes()), Answer::Unable(_)), "{harm:?}");
    }
}

#[test]
fn a_clock_set_back_signs_no_earlier_time() {
    let place = tempfile::tempdir().unwrap();
    let clock = clock();
    let witness = witness(1, place.path(), clock.clone(), Faulty::default(), true);
    let log = Log::sample(3, 5, 1);
    assert!(cosigned(&witness.add_checkpoint(request(&log, 0).as_bytes())));
    set(&clock, -59);
    assert!(cosigned(&witness.add_checkpoint(request(&log, 5).as_bytes())));
    assert_eq!(witness.newest(sample::ORIGIN).unwrap().time, START, "a small correction gives the last time again");
    set(&clock, -3_600);
    assert!(matches!(witness.add_checkpoint(request(&log, 5).as_bytes()), Answer::Unable(_)));
    set(&clock, 1);
    assert!(cosigned(&witness.add_checkpoint(request(&log, 5).as_bytes())));
}

#[test]
fn of_many_at_once_one_history_is_signed() {
    let place = tempfile::tempdir().unwrap();
    let witness = Arc::new(witness(1, place.path(), clock(), Faulty::default(), true));
    let common = Log::sample(3, 5, 1);
    assert!(cosigned(&witness.add_checkpoint(request(&common, 0).as_bytes())));
    let threads = (1..=8u8).map(|fork| {
        let (witness, mut log) = (Arc::clone(&witness), common.clone());
        std::thread::spawn(move || {
            log.append(1, [fork; 16]);
            cosigned(&witness.add_checkpoint(request(&log, 5).as_bytes()))
        })
    });
    let threads: Vec<_> = threads.collect();
    let signed = threads.into_iter().filter(|_| true).map(|thread| thread.join().unwrap()).filter(|signed| *signed);
    assert_eq!(signed.count(), 1);
}

#[test]
fn a_folder_is_made_once_and_used_by_one() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("w");
    assert!(matches!(WitnessFolder::open(&path), Err(FolderError::Missing(_))));
    let mut folder = WitnessFolder::init(&path, "witness.example/w1", &SystemEntropy).unwrap();
    assert!(matches!(WitnessFolder::open(&path), Err(FolderError::Busy(_))));
    folder.trust(&signer().vkey()).unwrap();
    folder.trust(&signer().vkey()).unwrap();
    assert!(folder.trust("x").is_err());
    let key = folder.vkey();
    {
        let (witness, _lock) = folder.witness(Arc::new(SystemClock));
        assert!(cosigned(&witness.add_checkpoint(request(&Log::sample(2, 3, 1), 0).as_bytes())));
    }
    assert!(matches!(WitnessFolder::init(&path, "witness.example/w2", &SystemEntropy), Err(FolderError::Taken(_))));
    let mut again = WitnessFolder::open(&path).unwrap();
    assert_eq!(again.vkey(), key);
    again.trust(&signer().vkey()).unwrap();
    let (witness, _lock) = again.witness(Arc::new(SystemClock));
    assert_eq!(witness.add_checkpoint(request(&Log::sample(2, 3, 1), 0).as_bytes()), Answer::Conflict(3));
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(path.join("key")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(WitnessFolder::init(&place.path().join("x"), "two words", &SystemEntropy).is_err());
}
