//! Two citizens that turn out to be one person, and two that were merged by mistake: every old id, every restriction,
//! every leaf, and all of it taken back.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tsumugi_access::{Action, Against, Caller, Hides, Look, Request, Shown};
use tsumugi_kernel::{Clock, FactKey, OrganizationKind, PersonId, Purpose, RecordCategory, Role};
use tsumugi_ledger::look::parse_ranges;
use tsumugi_people::{DecideFault, MatchState, MergeFault, Opinion, Person};
use tsumugi_record::matches::{Decided, MatchError};
use tsumugi_store::{Point, sqlite::CommitFault};
use tsumugi_synth::load::Load;

use crate::common::{House, caller, care_worker, city, lab, patient, physician, restriction, signer};

const ONE: &str = "1311000014";
const TWO: &str = "1310000002";
const THIRD: &str = "1310000003";

fn clerk(name: &str) -> Caller {
    let mut clerk = city();
    clerk.person = PersonId::new(name).unwrap();
    clerk.person_name = name.to_owned();
    clerk
}

/// The insured person `number` under a name and birth date that another one has as well.
fn twin(number: u64) -> Value {
    let mut twin = patient(number);
    twin["name"] = json!([{"text": "山田 春子"}]);
    twin
}

/// Two citizens of one name: one of whom one hospital knows, one of whom another does. Each has two values and a
/// replaced one.
struct Two {
    house: House,
    one: String,
    other: String,
    facts: Vec<String>,
}

async fn two(house: House) -> Two {
    let (first, second) = (physician(ONE), physician(TWO));
    let one = house.post(&first, "/Patient", &twin(1)).await.is(201).id();
    let other = house.post(&second, "/Patient", &twin(2)).await.is(201).id();
    let mut facts = Vec::new();
    for (who, patient) in [(&first, &one), (&second, &other)] {
        for code in ["CRP", "K"] {
            let sent = lab(patient, code, "2026-11-20", 1.0);
            let id = house.post(who, "/Observation", &sent).await.is(201).id();
            house.put(who, &format!("/Observation/{id}"), &lab(patient, code, "2026-11-20", 2.0)).await.is(200);
            facts.push(id);
        }
    }
    assert_ne!(house.citizen_of(&one), house.citizen_of(&other));
    Two { house, one, other, facts }
}

impl Two {
    /// The id of the one pair in the queue.
    async fn pair(&self) -> String {
        let listed = self.house.desk.matches(&clerk("a"), None, 10).await.unwrap();
        assert_eq!((listed.entries.len(), listed.next), (1, None));
        listed.entries[0].id.clone()
    }

    async fn merge(&self) -> String {
        let pair = self.pair().await;
        self.house.desk.propose(&clerk("a"), &pair, Opinion::Same, "保険証と住所が同じ").await.unwrap();
        let done = self.house.desk.confirm(&clerk("b"), &pair, true, "本人に確かめた").await.unwrap();
        assert!(matches!(done.state, MatchState::Same(_)));
        done.merge.unwrap()
    }

    /// What every route answers about every fact by its id, byte for byte.
    async fn by_id(&self) -> Vec<(String, u16, String)> {
        let mut answers = Vec::new();
        for id in &self.facts {
            let path = format!("/Observation/{id}");
            for path in
                [path.clone(), format!("{path}/_history/1"), format!("{path}/_history/2"), format!("{path}/_history")]
            {
                let answer = self.house.get(&physician(THIRD), &path).await;
                answers.push((path, answer.status, answer.text()));
            }
        }
        answers
    }

    async fn total(&self, who: &Caller, path: &str) -> u64 {
        self.house.get(who, path).await.is(200).total()
    }

    async fn looks(&self, patient: &str) -> Vec<Look> {
        let her = self.house.herself(patient);
        self.house.clock.set(self.house.clock.now().plus_millis(1));
        let request = Request { caller: &her, action: Action::AccessLog, citizen: self.house.citizen_of(patient) };
        let permit = self.house.desk.door.admit(request).await.unwrap();
        let count = permit.looks_count().await.unwrap();
        let looks = permit.looks(1, count).await.unwrap();
        assert_eq!(looks.len() as u64, count);
        assert!(looks.iter().zip(1..).all(|(look, number)| look.number == number));
        permit.seal(Shown::none()).await.unwrap();
        looks
    }

    /// The numbers of facts that looks name.
    fn named(looks: &[Look]) -> BTreeSet<u64> {
        let ranges = looks.iter().flat_map(|look| look.part.shown.values()).filter_map(|text| parse_ranges(text));
        ranges.flatten().flat_map(|(first, last)| first..=last).collect()
    }

    /// The numbers of the facts on the shelf of one of the two.
    async fn numbers(&self, patient: &str) -> BTreeSet<u64> {
        let scan = tsumugi_store::ShelfScan::of(self.house.citizen_of(patient), None, Point::NOW, usize::MAX);
        self.house.store.shelf(scan).await.unwrap().facts.into_iter().map(|fact| fact.key.number).collect()
    }
}

#[tokio::test]
async fn every_old_id_leads_to_one_record_and_back_to_two() {
    for house in House::both() {
        let two = two(house).await;
        let (house, reader) = (&two.house, physician(THIRD));
        let before = two.by_id().await;
        assert!(before.iter().all(|(_, status, _)| *status == 200));
        let merge = two.merge().await;
        assert_eq!(two.by_id().await, before, "bytes, versions, ids and histories are the same");
        for id in [&two.one, &two.other] {
            for (path, total) in [
                (format!("/Observation?patient={id}"), 4),
                (format!("/Observation?subject=Patient/{id}&code=CRP"), 2),
                (format!("/Observation?patient=Patient/{id}&patient=Patient/{}", two.other), 4),
                (format!("/Patient/{id}/Observation"), 4),
                (format!("/Patient/{id}/*?_type=Observation"), 4),
                (format!("/Patient/{id}/$everything"), 6),
                (format!("/Patient?_id={id}"), 1),
                (format!("/Observation/$lastn?patient={id}&max=9"), 4),
                (format!("/Observation/_history?patient={id}"), 8),
            ] {
                assert_eq!(two.total(&reader, &path).await, total, "{path}");
            }
            let along = house.get(&reader, &format!("/Patient?_id={id}&_revinclude=Observation:subject")).await.is(200);
            assert_eq!(along.entries().len(), 1 + 2, "what points to this source's Patient comes along");
        }
        for number in [1, 2] {
            let path = format!("/Patient?identifier={}|{}", crate::common::MEMBER, Load::member_id(number));
            assert_eq!(two.total(&reader, &path).await, 1);
        }
        house.desk.unmerge(&clerk("c"), &merge, "双子だった").await.unwrap();
        assert_eq!(two.by_id().await, before);
        for id in [&two.one, &two.other] {
            assert_eq!(two.total(&reader, &format!("/Observation?patient={id}")).await, 2);
            assert_eq!(two.total(&reader, &format!("/Patient/{id}/$everything")).await, 3);
        }
        house.get(&reader, &format!("/Observation?patient={}&patient={}", two.one, two.other)).await.outcome(400);
    }
}

#[tokio::test]
async fn what_is_written_while_merged_goes_to_the_shelf_of_its_source() {
    for house in House::both() {
        let two = two(house).await;
        let (house, first, second) = (&two.house, physician(ONE), physician(TWO));
        house.put(&first, "/Observation/na-1", &lab(&two.one, "Na", "2026-11-19", 140.0)).await.is(201);
        let merge = two.merge().await;
        // The client's own id still is its fact; both sources' facts stand in one transaction.
        house.put(&first, "/Observation/na-1", &lab(&two.one, "Na", "2026-11-19", 141.0)).await.is(200);
        let entries: Vec<Value> = [&two.one, &two.other]
            .map(|id| json!({"request": {"method": "POST", "url": "Observation"}, "resource": lab(id, "Cl", "2026-11-21", 100.0)}))
            .to_vec();
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        let written = house.post(&second, "/", &bundle).await.is(200);
        let locations: Vec<String> = written
            .entries()
            .iter()
            .map(|entry| entry["response"]["location"].as_str().unwrap().split('/').nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(house.citizen_of(&locations[0]), house.citizen_of(&two.one));
        assert_eq!(house.citizen_of(&locations[1]), house.citizen_of(&two.other));
        // A third source knows her by the other's insured number: its Patient goes to that shelf.
        let third = house.post(&physician(THIRD), "/Patient", &twin(2)).await.is(201).id();
        assert_eq!(house.citizen_of(&third), house.citizen_of(&two.other));
        // A fourth knows her by both numbers: nobody new is made, nothing is queued, and no number leads elsewhere.
        let mut both = twin(1);
        both["identifier"].as_array_mut().unwrap().push(twin(2)["identifier"][0].clone());
        let fourth = house.post(&physician("1310000004"), "/Patient", &both).await.is(201).id();
        assert_eq!(house.citizen_of(&fourth), house.citizen_of(&two.one));
        assert!(house.desk.matches(&clerk("a"), None, 10).await.unwrap().entries.is_empty());
        // A care office has no Patient of its own: whose its note is, is not certain once they are two.
        let note = json!({
            "resourceType": "Observation", "status": "final", "subject": {"reference": format!("Patient/{}", two.one)},
            "code": {"coding": [{"system": "http://tsumugi.example/fhir/CodeSystem/adl", "code": "care-note"}]},
            "valueString": "昼を全部食べた",
        });
        house.post(&care_worker("1370000001"), "/Observation", &note).await.is(201);
        let undone = house.desk.unmerge(&clerk("c"), &merge, "別人だった").await.unwrap();
        let open: Vec<(String, usize)> = undone.open.iter().map(|open| (open.source.to_string(), open.count)).collect();
        // The second hospital wrote about the first one's Patient; it has none there itself.
        assert_eq!(open, [(TWO.to_owned(), 1), ("1370000001".to_owned(), 1)]);
        let settled = house.desk.settle(&clerk("c"), &undone.id, 1, "事業所に確かめた。この人のもの").await.unwrap();
        assert!(settled.open[1].settled.is_some() && settled.open[0].settled.is_none());
        assert!(matches!(house.desk.settle(&clerk("c"), &undone.id, 1, "again").await, Err(MatchError::Absent)));
        for (number, home) in [(1, &two.one), (2, &two.other)] {
            let identifier = tsumugi_people::Identifier::new(crate::common::MEMBER, Load::member_id(number));
            let found = house.desk.directory.find(&identifier).await.unwrap();
            assert_eq!(found, Some(house.citizen_of(home)), "numbers lead to whom they led");
        }
        let reader = physician("1310000009");
        assert_eq!(two.total(&reader, &format!("/Observation?patient={}", two.one)).await, 5);
        assert_eq!(two.total(&reader, &format!("/Observation?patient={}", two.other)).await, 3);
    }
}

#[tokio::test]
async fn what_either_restricted_stays_hidden_and_what_she_restricts_now_stays_on_both() {
    let two = two(House::sqlite()).await;
    let (house, reader) = (&two.house, physician(THIRD));
    let labs = Hides::Categories(vec![RecordCategory::Laboratory]);
    let against = || Against::Organization(reader.organization.clone());
    house.decide(&two.other, &[restriction("r", against(), labs.clone())]).await;
    assert_eq!(two.total(&reader, &format!("/Observation?patient={}", two.one)).await, 2);
    let merge = two.merge().await;
    for id in [&two.one, &two.other] {
        assert_eq!(two.total(&reader, &format!("/Observation?patient={id}")).await, 0, "the stricter wins");
    }
    house.get(&reader, &format!("/Observation/{}", two.facts[0])).await.outcome(404);
    // She lifts it on whichever of her pages, and restricts something else.
    let lift = tsumugi_access::Change::Lift { restriction: "r".into(), at: house.desk.record.now() };
    house.decide(&two.one, &[lift]).await;
    house.desk.door.forget(house.citizen_of(&two.other));
    assert_eq!(two.total(&reader, &format!("/Observation?patient={}", two.one)).await, 4);
    house.decide(&two.one, &[restriction("s", against(), labs)]).await;
    house.desk.door.forget(house.citizen_of(&two.other));
    assert_eq!(two.total(&reader, &format!("/Observation?patient={}", two.other)).await, 0);
    house.desk.unmerge(&clerk("c"), &merge, "別人だった").await.unwrap();
    for id in [&two.one, &two.other] {
        assert_eq!(two.total(&reader, &format!("/Observation?patient={id}")).await, 0, "taking apart opens nothing");
    }
}

#[tokio::test]
async fn each_chain_tells_of_its_own_facts_and_the_person_sees_one_list() {
    let two = two(House::sqlite()).await;
    let (house, reader) = (&two.house, physician(THIRD));
    house.get(&reader, &format!("/Patient/{}/$everything", two.one)).await.is(200);
    let apart = (two.looks(&two.one).await.len(), two.looks(&two.other).await.len());
    let merge = two.merge().await;
    house.get(&reader, &format!("/Patient/{}/$everything", two.other)).await.is(200);
    let together = two.looks(&two.one).await;
    let everything: Vec<&Look> = together.iter().filter(|look| look.part.action == "everything").collect();
    assert_eq!(everything.iter().map(|look| look.part.count).collect::<Vec<_>>(), [3, 6], "one look is one look");
    let (merges, matches) = ("merge", "match");
    let count = |action: &str| together.iter().filter(|look| look.part.action == action).count();
    assert_eq!((count(merges), count(matches)), (1, 1), "of two leaves of one deed one line");
    // Both lists of before, that of her own second list, the proposal, the merge, and everything.
    assert_eq!(together.len(), apart.0 + 1 + apart.1 + 1 + 3);
    // The file has both chains, and the verifier says so.
    house.desk.record.publish().await.unwrap();
    let her = house.herself(&two.one);
    let request = Request { caller: &her, action: Action::AccessLog, citizen: house.citizen_of(&two.one) };
    let permit = house.desk.door.admit(request).await.unwrap();
    let file = permit.proofs(&signer().vkey()).await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    let reports = file.verify(Some(&signer().vkey())).unwrap();
    assert_eq!(reports.len(), 2);
    let again = tsumugi_ledger::ProofFile::from_json(&file.to_json().unwrap()).unwrap();
    assert_eq!(again, file);
    let mut twice = file.clone();
    twice.proofs[1] = twice.proofs[0].clone();
    assert!(twice.verify(None).is_err(), "one chain twice is no proof of two");
    // Apart again: each sees what was seen of her own, also while they were one; nothing of the other's.
    house.desk.unmerge(&clerk("c"), &merge, "双子だった").await.unwrap();
    for (own, foreign) in [(&two.one, &two.other), (&two.other, &two.one)] {
        let looks = two.looks(own).await;
        let (numbers, others) = (two.numbers(own).await, two.numbers(foreign).await);
        assert!(Two::named(&looks).is_subset(&numbers), "a leaf names a fact of another person");
        assert!(Two::named(&looks).is_disjoint(&others));
        let seen = looks.iter().filter(|look| look.part.action == "everything").map(|look| look.part.count).max();
        assert_eq!(seen, Some(3));
        let actions: Vec<&str> = looks.iter().map(|look| look.part.action.as_str()).collect();
        assert!(actions.contains(&"merge") && actions.contains(&"unmerge"), "{actions:?}");
    }
}

#[tokio::test]
async fn two_clerks_are_two_people() {
    let two = two(House::model()).await;
    let (house, desk) = (&two.house, &two.house.desk);
    let pair = two.pair().await;
    let fault = |result: Result<Decided, MatchError>| match result {
        Err(MatchError::Decide(fault)) => fault,
        other => panic!("{other:?}"),
    };
    let leaves = house.leaves();
    let view = desk.match_of(&clerk("a"), &pair).await.unwrap();
    assert_eq!((house.leaves() - leaves, view.receipts.len()), (2, 2), "a look at a pair leaves a leaf for each");
    assert_eq!(view.one.name.as_deref(), Some("山田 春子"));
    assert_eq!(fault(desk.confirm(&clerk("b"), &pair, true, "x").await), DecideFault::NothingProposed);
    assert_eq!(fault(desk.propose(&clerk("a"), &pair, Opinion::Same, "  ").await), DecideFault::Reason);
    desk.propose(&clerk("a"), &pair, Opinion::Same, "同じ住所").await.unwrap();
    assert_eq!(fault(desk.propose(&clerk("b"), &pair, Opinion::Same, "x").await), DecideFault::AlreadyProposed);
    assert_eq!(fault(desk.confirm(&clerk("a"), &pair, true, "x").await), DecideFault::SameClerk);
    // Under a second id of hers she is the same person; and nobody decides about themself.
    let herself = house.citizen_of(&house.person(&physician(ONE), 7).await);
    let known = |id: &str, citizen| Person { citizen: Some(citizen), ..Person::named(PersonId::new(id).unwrap(), id) };
    let persons = [known("a", herself), known("a-2", herself), known("o", house.citizen_of(&two.other))];
    desk.directory.register(&persons, &[]).await.unwrap();
    assert_eq!(fault(desk.confirm(&clerk("a-2"), &pair, true, "x").await), DecideFault::SameClerk);
    assert_eq!(fault(desk.confirm(&clerk("o"), &pair, true, "x").await), DecideFault::Oneself);
    // Who disagrees sends it back; both reasons stay.
    let back = desk.confirm(&clerk("b"), &pair, false, "筆跡が違う").await.unwrap();
    assert_eq!((back.state, back.merge), (MatchState::Waiting, None));
    desk.propose(&clerk("b"), &pair, Opinion::Different, "別人").await.unwrap();
    let said = desk.match_of(&clerk("a"), &pair).await.unwrap().said;
    assert_eq!(said.iter().map(|said| said.reason.as_str()).collect::<Vec<_>>(), ["同じ住所", "筆跡が違う", "別人"]);
    let closed = desk.confirm(&clerk("a"), &pair, true, "そのとおり").await.unwrap();
    assert_eq!(closed.state, MatchState::Different);
    assert!(desk.matches(&clerk("a"), None, 10).await.unwrap().entries.is_empty());
    // Kept, and never queued again, whoever asks for it.
    let (one, other) = (house.citizen_of(&two.one), house.citizen_of(&two.other));
    assert_eq!(desk.directory.pair(one, other).await.unwrap().unwrap().decision.said.len(), 4);
    let mut both = twin(1);
    both["identifier"].as_array_mut().unwrap().push(twin(2)["identifier"][0].clone());
    house.put(&physician(ONE), &format!("/Patient/{}", two.one), &both).await.is(200);
    assert!(desk.matches(&clerk("a"), None, 10).await.unwrap().entries.is_empty());
    assert_eq!(fault(desk.confirm(&clerk("c"), &pair, true, "x").await), DecideFault::Closed);
}

#[tokio::test]
async fn a_pair_is_the_matter_of_desks_that_know_one_of_the_two() {
    let two = two(House::model()).await;
    let pair = two.pair().await;
    let desk = |organization: &str| {
        caller(Role::Registrar, Purpose::RecordManagement, OrganizationKind::Hospital, organization)
    };
    let leaves = two.house.leaves();
    assert!(two.house.desk.matches(&desk(ONE), None, 10).await.unwrap().entries.is_empty());
    assert!(matches!(two.house.desk.match_of(&desk(ONE), &pair).await, Err(MatchError::Absent)));
    assert!(matches!(two.house.desk.matches(&physician(ONE), None, 10).await, Err(MatchError::NotClerk)));
    let mut machine = clerk("m");
    machine.automatic = true;
    assert!(matches!(two.house.desk.match_of(&machine, &pair).await, Err(MatchError::NotClerk)));
    assert_eq!(two.house.leaves(), leaves);
    let mut known = twin(1);
    let number = json!({"system": format!("urn:oid:1.2.392.100495.20.3.51.1{ONE}"), "value": "0042"});
    known["identifier"].as_array_mut().unwrap().push(number);
    two.house.put(&physician(ONE), &format!("/Patient/{}", two.one), &known).await.is(200);
    assert_eq!(two.house.desk.matches(&desk(ONE), None, 10).await.unwrap().entries.len(), 1);
    assert!(two.house.desk.match_of(&desk(ONE), &pair).await.is_ok());
}

#[tokio::test]
async fn a_merge_happens_once_and_is_taken_back_once() {
    let two = two(House::sqlite()).await;
    let (house, desk) = (&two.house, &two.house.desk);
    let pair = two.pair().await;
    desk.propose(&clerk("a"), &pair, Opinion::Same, "同じ住所").await.unwrap();
    // Two clerks confirm at once: one merges, the other is told that it is decided.
    let (b, c) = (clerk("b"), clerk("c"));
    let (one, other) = tokio::join!(desk.confirm(&b, &pair, true, "はい"), desk.confirm(&c, &pair, true, "はい"));
    let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    assert!(matches!(lost, Err(MatchError::Decide(DecideFault::Closed))), "{lost:?}");
    let merge = won.unwrap().merge.unwrap();
    let listed = desk.merges(&clerk("a"), None, 10).await.unwrap();
    assert_eq!((listed.entries.len(), listed.entries[0].by.len()), (1, 2));
    desk.unmerge(&clerk("c"), &merge, "別人").await.unwrap();
    let again = desk.unmerge(&clerk("c"), &merge, "別人").await;
    assert!(matches!(again, Err(MatchError::Merge(MergeFault::NotMerged))), "{again:?}");
    // Back in the queue with all that was said; merged again it is another merge.
    let view = desk.match_of(&clerk("a"), &two.pair().await).await.unwrap();
    assert_eq!(view.said.len(), 3);
    let second = two.merge().await;
    assert_ne!(second, merge);
    assert_eq!(two.total(&physician(THIRD), &format!("/Observation?patient={}", two.one)).await, 4);
    assert_eq!(desk.merges(&clerk("a"), None, 10).await.unwrap().entries.len(), 2);
    assert_eq!(house.desk.merges(&clerk("a"), Some(&merge), 10).await.unwrap().entries.len(), 1);
}

#[tokio::test]
async fn a_merge_that_fails_is_there_wholly_or_not_at_all() {
    for (fault, merged) in [(CommitFault::Fails, false), (CommitFault::FailsButPersists, true)] {
        let two = two(House::sqlite()).await;
        let (house, desk) = (&two.house, &two.house.desk);
        let pair = two.pair().await;
        desk.propose(&clerk("a"), &pair, Opinion::Same, "同じ住所").await.unwrap();
        let leaves = house.leaves();
        house.fail(0, fault);
        assert!(desk.confirm(&clerk("b"), &pair, true, "はい").await.is_err());
        assert_eq!(house.leaves() - leaves, if merged { 2 } else { 0 });
        let reader = physician(THIRD);
        let total = two.total(&reader, &format!("/Observation?patient={}", two.one)).await;
        assert_eq!(total, if merged { 4 } else { 2 });
        let again = desk.confirm(&clerk("b"), &pair, true, "はい").await;
        assert_eq!(again.is_ok(), !merged, "{again:?}");
        let merge = desk.merges(&clerk("a"), None, 10).await.unwrap().entries[0].id.clone();
        house.fail(0, fault);
        assert!(desk.unmerge(&clerk("c"), &merge, "別人").await.is_err());
        let total = two.total(&reader, &format!("/Observation?patient={}", two.one)).await;
        assert_eq!(total, if merged { 2 } else { 4 });
        assert_eq!(desk.unmerge(&clerk("c"), &merge, "別人").await.is_ok(), !merged);
        assert_eq!(two.total(&reader, &format!("/Observation?patient={}", two.one)).await, 2);
    }
}

#[tokio::test]
async fn pages_begun_before_keep_to_what_was_theirs() {
    let two = two(House::model()).await;
    let (house, reader) = (&two.house, physician(THIRD));
    let first = house.get(&reader, &format!("/Observation?patient={}&_count=1", two.one)).await.is(200);
    let merge = two.merge().await;
    let second = house.get(&reader, &first.next().unwrap()).await.is(200);
    assert_eq!((second.total(), second.next()), (2, None), "a page goes on as it was begun");
    let wide = house.get(&reader, &format!("/Observation?patient={}&_count=3", two.one)).await.is(200);
    house.desk.unmerge(&clerk("c"), &merge, "別人").await.unwrap();
    assert_ne!(house.get(&reader, &wide.next().unwrap()).await.status, 200, "what was one list is none any more");
}

#[tokio::test]
async fn a_write_under_way_is_not_lost_and_a_changed_person_makes_the_merge_begin_again() {
    let two = two(House::sqlite()).await;
    let (house, doctor) = (&two.house, physician(ONE));
    let citizen = house.citizen_of(&two.one);
    // Admitted before the merge, committed after it.
    let request = Request { caller: &doctor, action: Action::Create, citizen };
    let permit = house.desk.door.admit(request).await.unwrap();
    let merge = two.merge().await;
    let sent = lab(&two.one, "Mg", "2026-11-21", 1.0).to_string();
    let document = tsumugi_fhir::json::Document::parse(sent.clone().into(), &Default::default()).unwrap();
    let key: FactKey = house.desk.record.new_key(&permit, tsumugi_kernel::Kind::OBSERVATION);
    let mut writing = house.desk.record.write(permit);
    let origin = writing.original(sent.into());
    writing.put(key, None, document.root(), origin, &Default::default()).unwrap();
    writing.commit(&house.desk.door).await.unwrap();
    assert_eq!(two.total(&physician(THIRD), &format!("/Observation?patient={}", two.other)).await, 5);
    house.desk.unmerge(&clerk("c"), &merge, "別人").await.unwrap();
    assert_eq!(two.total(&physician(THIRD), &format!("/Observation?patient={}", two.one)).await, 3);
    // What the merge read of a person and somebody changed is a conflict for the store.
    let (one, other) = (house.citizen_of(&two.one), house.citizen_of(&two.other));
    let merge = tsumugi_people::Merge { number: 999_999, one, other, after: 0, at: house.desk.record.now() };
    let write = house.desk.directory.merge(&merge, Vec::new()).await.unwrap();
    let mut known = twin(1);
    let number = json!({"system": format!("urn:oid:1.2.392.100495.20.3.51.1{ONE}"), "value": "0042"});
    known["identifier"].as_array_mut().unwrap().push(number);
    house.put(&doctor, &format!("/Patient/{}", two.one), &known).await.is(200);
    let batch = tsumugi_store::Batch { rows: write.rows, expect: write.expect, ..Default::default() };
    assert!(matches!(house.store.commit(batch).await, Err(tsumugi_store::CommitError::Conflict(_))));
}

/// Random facts on two shelves, merged, written to, and taken apart: what each shelf holds is what it would hold if they
/// had never been one, and both engines agree.
#[tokio::test]
async fn a_merge_taken_back_leaves_no_trace_in_any_fact() {
    for seed in 1..=6_u64 {
        let mut told = Vec::new();
        for house in House::both() {
            told.push(played(house, seed, true).await);
        }
        told.push(played(House::model(), seed, false).await);
        assert_eq!(told[0], told[1], "seed {seed}: the engines differ");
        assert_eq!(told[0], told[2], "seed {seed}: the merge left a trace");
    }
}

/// Every version of every fact, as stored, after a seeded story in which the two are one for a while, or never.
async fn played(house: House, seed: u64, merges: bool) -> Vec<String> {
    let two = two(house).await;
    let house = &two.house;
    let mut state = seed;
    let mut below = |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    let mut merge = None;
    let mut facts: Vec<(usize, String)> = Vec::new();
    for step in 0..40 {
        match (step, merges) {
            (12, true) => merge = Some(two.merge().await),
            (28, true) => {
                house.desk.unmerge(&clerk("c"), merge.as_deref().unwrap(), "別人").await.unwrap();
            }
            _ => {}
        }
        let side = below(2) as usize;
        let (who, patient) = if side == 0 { (physician(ONE), &two.one) } else { (physician(TWO), &two.other) };
        let value = below(1_000) as f64;
        let body = lab(patient, &format!("X{}", below(5)), "2026-11-21", value);
        let own: Vec<String> = facts.iter().filter(|(of, _)| *of == side).map(|(_, id)| id.clone()).collect();
        match below(4) {
            0 | 1 => facts.push((side, house.post(&who, "/Observation", &body).await.is(201).id())),
            2 if !own.is_empty() => {
                let id = &own[below(own.len() as u64) as usize];
                house.put(&who, &format!("/Observation/{id}"), &body).await;
            }
            3 if !own.is_empty() => {
                let id = &own[below(own.len() as u64) as usize];
                house.delete(&who, &format!("/Observation/{id}")).await;
            }
            _ => {}
        }
    }
    let mut told = Vec::new();
    for (side, id) in &facts {
        for stored in house.store.history(house.key(id)).await.unwrap() {
            let body = String::from_utf8(stored.body().unwrap().to_vec()).unwrap();
            // Numbers and instants differ where a merge took some; everything else is the same.
            let body: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
            told.push(format!(
                "{side} {} {:?} {} {}",
                stored.version, stored.state, body["code"], body["valueQuantity"]
            ));
        }
        let home = if *side == 0 { &two.one } else { &two.other };
        assert_eq!(house.citizen_of(id), house.citizen_of(home));
    }
    for home in [&two.one, &two.other] {
        told.push(two.total(&physician(THIRD), &format!("/Patient/{home}/$everything")).await.to_string());
        told.push(two.total(&physician(THIRD), &format!("/Patient/{home}/_history")).await.to_string());
    }
    told
}
