//! Papers at a desk: two clerks and one commit, and a waiting paper that nobody else can see.

use serde_json::{Value, json};
use tsumugi_access::{
    Action, Against, Caller, Hides, Holder, Mandate, PaperAct, PaperError, PaperFault, PaperState, Request,
    Restriction, Shown, paper::PaperTyped, standing::Period,
};
use tsumugi_kernel::{OrganizationKind, PersonId, Purpose, Role};
use tsumugi_record::papers::{DeskPaperError, PaperWish, TakenDown, setting_code};
use tsumugi_store::sqlite::CommitFault;

use crate::common::{House, NOW, caller, city, condition, hospital, physician};

fn clerk(name: &str) -> Caller {
    let mut clerk = city();
    clerk.person = PersonId::new(name).unwrap();
    clerk
}

fn typed() -> PaperTyped {
    PaperTyped { number: "00420078".into(), birth: "1948-03-05".into() }
}

fn daughter() -> Caller {
    let mut daughter = caller(Role::Proxy, Purpose::FamilyRequest, OrganizationKind::Household, "household");
    daughter.person = PersonId::new("megumi").unwrap();
    daughter
}

fn mandate() -> PaperWish {
    PaperWish::Mandate(Mandate {
        id: String::new(),
        holder: Holder::Person(PersonId::new("megumi").unwrap()),
        parental: false,
        holder_name: "山田 恵".into(),
        relation: "娘".into(),
        purposes: vec![Purpose::FamilyRequest],
        categories: None,
        period: Period::between(NOW, NOW.plus_millis(365 * 86_400_000)),
    })
}

fn restriction(hides: Hides) -> PaperWish {
    PaperWish::Restriction(Restriction {
        id: String::new(),
        against: Against::Everyone,
        hides,
        emergency_may_override: false,
        period: Period::since(NOW),
    })
}

async fn take(house: &House, her: &str, who: &str, form: &str, wish: PaperWish) -> Result<TakenDown, DeskPaperError> {
    let given = (form.to_owned(), typed());
    house.desk.take_paper_down(&clerk(who), house.citizen_of(her), given, wish).await
}

fn fault<T: std::fmt::Debug>(done: Result<T, DeskPaperError>) -> PaperFault {
    match done {
        Err(DeskPaperError::Paper(PaperError::Fault(fault))) => fault,
        other => panic!("{other:?}"),
    }
}

/// All that somebody can read.
async fn seen(house: &House, who: &Caller, her: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        format!("/Patient/{her}"),
        format!("/Patient/{her}/$everything"),
        format!("/Consent?patient={her}&_total=accurate"),
    ] {
        let answer = house.get(who, &path).await;
        let mut body: Value = serde_json::from_str(&answer.text()).unwrap();
        body["id"] = json!(null);
        body["meta"] = json!(null);
        body["timestamp"] = json!(null);
        all.push(json!([answer.status, body]));
    }
    all
}

#[tokio::test]
async fn a_mandate_on_paper_is_a_consent_once_two_have_seen_it_and_nothing_before() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let herself = house.herself(&her);
        let look = format!("/Patient/{her}");
        house.post(&doctor, "/Condition", &condition(&her, "高血圧症", None)).await.is(201);
        let readers = [doctor.clone(), physician("1310000002"), daughter(), clerk("oka")];
        let mut before = Vec::new();
        for reader in &readers {
            before.push(seen(&house, reader, &her).await);
        }
        let consents = house.get(&herself, &format!("/Consent?patient={her}")).await.total();
        let paper = take(&house, &her, "oka", "f1", mandate()).await.unwrap().paper;
        assert_eq!(paper.state(NOW), PaperState::Waiting);
        for (reader, before) in readers.iter().zip(&before) {
            assert_eq!(
                seen(&house, reader, &her).await,
                *before,
                "a waiting paper changes nothing for {}",
                reader.role
            );
        }
        assert_eq!(house.get(&herself, &format!("/Consent?patient={her}")).await.total(), consents, "nor on the shelf");
        assert_eq!(fault(house.desk.confirm_paper(&clerk("oka"), paper.number, 1).await), PaperFault::Oneself);
        house.get(&daughter(), &look).await.outcome(404);
        let leaves = house.leaves();
        let kept = house.desk.confirm_paper(&clerk("sato"), paper.number, 1).await.unwrap();
        assert_eq!((kept.words.len(), house.leaves()), (2, leaves + 1), "one commit, one leaf");
        house.get(&daughter(), &look).await.is(200);
        let found = house.get(&herself, &format!("/Consent?patient={her}")).await;
        assert!(found.total() == consents + 1 && found.text().contains("山田 恵"), "{}", found.text());
        // Sent again it is the same paper and the same word.
        assert_eq!(take(&house, &her, "oka", "f1", mandate()).await.unwrap().paper.number, paper.number);
        house.desk.confirm_paper(&clerk("sato"), paper.number, 1).await.unwrap();
        assert_eq!(house.get(&herself, &format!("/Consent?patient={her}")).await.total(), consents + 1);
        // One clerk ends it, also the one who took it down; whether there was one is told to nobody.
        for (form, holder) in [("f2", "megumi"), ("f3", "nobody")] {
            let holder = Holder::Person(PersonId::new(holder).unwrap());
            let end = PaperWish::EndMandates { holder, name: "山田 恵".into() };
            let ended = take(&house, &her, "oka", form, end).await.unwrap();
            assert_eq!((ended.paper.state(NOW), ended.code), (PaperState::Held, None));
        }
        house.get(&daughter(), &look).await.outcome(404);
    }
}

#[tokio::test]
async fn a_restriction_on_paper_holds_at_once_and_is_lifted_by_two() {
    for house in House::both() {
        let (one, two) = (hospital(), physician("1310000002"));
        let her = house.person(&one, 1).await;
        let herself = house.herself(&her);
        let fact = house.post(&one, "/Condition", &condition(&her, "うつ病", None)).await.is(201).id();
        let look = format!("/Condition/{fact}");
        // Everything, from everybody: also then the desk finds what she wants lifted.
        let taken = take(&house, &her, "oka", "f1", restriction(Hides::Everything)).await.unwrap();
        let code = taken.code.unwrap();
        assert_eq!(taken.paper.state(NOW), PaperState::Held);
        house.get(&two, &look).await.outcome(404);
        // The number on the print is that of the `Consent`, and the same form is the same paper.
        let id = house.get(&herself, &format!("/Consent?patient={her}")).await.entries()[0]["resource"]["id"].clone();
        assert_eq!(setting_code(id.as_str().unwrap()), code);
        let again = take(&house, &her, "oka", "f1", restriction(Hides::Everything)).await.unwrap();
        assert_eq!(again.code.as_ref(), Some(&code));
        // No clerk lifts it alone, by no way.
        let path = format!("/Consent/{}", id.as_str().unwrap());
        house.delete(&clerk("oka"), &path).await.outcome(403);
        let wrong = take(&house, &her, "oka", "f2", PaperWish::Lift(Some("0000-0000".into()))).await;
        assert!(matches!(wrong, Err(DeskPaperError::NoSetting)), "{wrong:?}");
        let lift = |form: &'static str, code: Option<String>| take(&house, &her, "oka", form, PaperWish::Lift(code));
        let paper = lift("f3", Some(code.to_uppercase().replace('-', " "))).await.unwrap().paper;
        house.get(&two, &look).await.outcome(404);
        // She changes it between: what the paper meant is no more, and stays as she has it now.
        let deny = json!({
            "resourceType": "Consent", "status": "active", "patient": {"reference": format!("Patient/{her}")},
            "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
            "category": [{"text": "x"}], "policyRule": {"text": "x"},
            "provision": {"type": "deny", "class": [{"system": "http://tsumugi.example/fhir/CodeSystem/record-category", "code": "condition"}]},
        });
        house.put(&herself, &path, &deny).await.is(200);
        house.desk.confirm_paper(&clerk("sato"), paper.number, 1).await.unwrap();
        house.get(&two, &look).await.outcome(404);
        let paper = lift("f4", None).await.unwrap().paper;
        house.desk.confirm_paper(&clerk("sato"), paper.number, 1).await.unwrap();
        house.get(&two, &look).await.is(200);
        // Where nothing is restricted the desk is not told so.
        assert_eq!(lift("f5", None).await.unwrap().paper.state(NOW), PaperState::Waiting);
    }
}

#[tokio::test]
async fn she_stops_what_she_never_handed_in() {
    let house = House::model();
    let her = house.person(&hospital(), 1).await;
    let paper = take(&house, &her, "oka", "f1", mandate()).await.unwrap().paper;
    let herself = house.herself(&her);
    let request = Request { caller: &herself, action: Action::Standing, citizen: house.citizen_of(&her) };
    let permit = house.desk.door.admit(request).await.unwrap();
    let act = (PaperAct::TakeBack, "");
    house.desk.door.end_paper(permit, paper.number, 1, act).await.unwrap();
    assert_eq!(fault(house.desk.confirm_paper(&clerk("sato"), paper.number, 1).await), PaperFault::NotNow);
    house.get(&daughter(), &format!("/Patient/{her}")).await.outcome(404);
    // The desk that took it reads it with a leaf; whom it names is forgotten.
    let leaves = house.leaves();
    let (permit, read) = house.desk.door.paper(&clerk("sato"), paper.number).await.unwrap();
    permit.seal(Shown::none()).await.unwrap();
    assert_eq!((read.typed, house.leaves()), (None, leaves + 1));
}

#[tokio::test]
async fn a_paper_that_did_not_become_durable_holds_nothing_and_one_that_did_holds_once() {
    let house = House::sqlite();
    let two = physician("1310000002");
    let her = house.person(&hospital(), 1).await;
    let fact = house.post(&hospital(), "/Condition", &condition(&her, "うつ病", None)).await.is(201).id();
    let look = format!("/Condition/{fact}");
    house.fail(0, CommitFault::Fails);
    take(&house, &her, "oka", "f1", restriction(Hides::Everything)).await.unwrap_err();
    house.get(&two, &look).await.is(200);
    house.fail(0, CommitFault::FailsButPersists);
    take(&house, &her, "oka", "f1", restriction(Hides::Everything)).await.unwrap_err();
    house.get(&two, &look).await.outcome(404);
    let taken = take(&house, &her, "oka", "f1", restriction(Hides::Everything)).await.unwrap();
    let herself = house.herself(&her);
    assert_eq!(
        house.get(&herself, &format!("/Consent?patient={her}")).await.total(),
        1,
        "one, however often it is sent"
    );
    let paper = take(&house, &her, "oka", "f2", PaperWish::Lift(taken.code)).await.unwrap().paper;
    house.fail(0, CommitFault::Fails);
    house.desk.confirm_paper(&clerk("sato"), paper.number, 1).await.unwrap_err();
    house.get(&two, &look).await.outcome(404);
    house.fail(0, CommitFault::FailsButPersists);
    house.desk.confirm_paper(&clerk("sato"), paper.number, 1).await.unwrap_err();
    house.get(&two, &look).await.is(200);
    let kept = house.desk.confirm_paper(&clerk("sato"), paper.number, 1).await.unwrap();
    assert_eq!(kept.state(NOW), PaperState::Confirmed);
}
