//! Breaking the glass: what is offered to everybody alike, what happens when a reason is typed, and how it ends.

use super::*;

pub const REASON: &str = "意識がなく、薬がわからない";

/// Types a reason as the nurse; gives her cookies with the short token.
pub async fn broken(town: &Town) -> String {
    let session = town.session("mori").await;
    let form = town.get_with(&town.at("/break-glass"), &session).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    let body = format!("csrf={}&reason={}", form.field("csrf"), query_value(REASON));
    let begun = town.post(&town.at("/break-glass"), &session, &body).await;
    assert_eq!((begun.status, begun.location()), (StatusCode::SEE_OTHER, town.at("").as_str()), "{}", begun.text);
    with(&session, &begun)
}

/// A session with the short token that an answer has set.
fn with(session: &str, answered: &Answered) -> String {
    let set = answered.cookies().into_iter().find(|cookie| cookie.starts_with("tsumugi_emergency=")).unwrap();
    format!("{session}; {}", set.split(';').next().unwrap())
}

/// She restricts everything from the nurse, but for emergencies where `override_` says so.
pub async fn restrict(town: &Town, override_: bool) {
    use tsumugi_access::{Action, Against, Change, Hides, Request, Restriction, Shown, standing::Period};
    let citizen = town.desk.record.sealer().open(&town.patient).unwrap().citizen;
    let her = tsumugi_access::Caller {
        person: PersonId::new("haru").unwrap(),
        person_name: "山田 ハル".into(),
        qualification: None,
        organization: OrganizationId::new("home").unwrap(),
        organization_name: "家".into(),
        organization_kind: OrganizationKind::Household,
        role: Role::Citizen,
        purpose: Purpose::PatientRequest,
        citizen: Some(citizen),
        on_behalf: None,
        automatic: false,
        reason: None,
        whole: false,
        scope: None,
        expires: NOW.plus_millis(1_000_000),
    };
    let permit = town.desk.door.admit(Request { caller: &her, action: Action::Standing, citizen }).await.unwrap();
    let restriction = Restriction {
        id: "all".into(),
        against: Against::Person(PersonId::new("mori").unwrap()),
        hides: Hides::Everything,
        emergency_may_override: override_,
        period: Period::since(NOW),
    };
    let write = town.desk.door.change(&permit, &[Change::Restrict(restriction)]).await.unwrap();
    let leaves = permit.into_leaves(&Shown::none()).await.unwrap();
    let batch = tsumugi_store::Batch { rows: write.rows, expect: write.expect, leaves, ..Default::default() };
    town.store.commit(batch).await.unwrap();
    town.desk.door.forget(citizen);
}

#[tokio::test]
async fn it_is_offered_to_those_whose_work_it_is_whether_or_not_anything_is_hidden() {
    let town = Town::new().await;
    let link = format!("href=\"{}\"", town.at("/break-glass"));
    for (person, offered) in [("mori", true), ("sasaki", true), ("rin", false)] {
        let page = town.get(person, &town.at("")).await;
        assert_eq!((page.status, page.text.contains(&link)), (StatusCode::OK, offered), "{person}: {}", page.text);
        let form = town.get(person, &town.at("/break-glass")).await;
        assert_eq!(form.status, if offered { StatusCode::OK } else { StatusCode::NOT_FOUND }, "{person}");
    }
    assert!(!town.get("haru", "/me").await.text.contains("break-glass"));
    // The crew tells why; more is not shown, and no supervisor is spoken of.
    let crew = town.get("sasaki", &town.at("/break-glass")).await;
    assert!(crew.text.contains("見える範囲は変わりません") && !crew.text.contains("審査"), "{}", crew.text);
    assert_eq!(town.get_with(&town.at("/break-glass"), "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.get("mori", "/people/x/break-glass").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_reason_is_needed_and_what_was_typed_stays() {
    let town = Town::new().await;
    let session = town.session("mori").await;
    let path = town.at("/break-glass");
    let csrf = town.get_with(&path, &session).await.field("csrf");
    let long = "長".repeat(201);
    for (reason, words) in [("", "5文字以上"), ("急患", "5文字以上"), (long.as_str(), "200文字まで")] {
        let faulty = town.post(&path, &session, &format!("csrf={csrf}&reason={}", query_value(reason))).await;
        assert_eq!((faulty.status, faulty.cookies().len()), (StatusCode::OK, 0));
        assert!(faulty.text.contains("<title>入力の誤り:") && faulty.text.contains(words), "{}", faulty.text);
        assert!(faulty.text.contains(&format!(">{reason}</textarea>")), "{}", faulty.text);
    }
    let forged = town.post(&path, &session, &format!("reason={}", query_value(REASON))).await;
    assert_eq!((forged.status, forged.cookies().len()), (StatusCode::FORBIDDEN, 0));
    assert!(town.desk.door.waiting_cases(None, 10).await.unwrap().is_empty(), "nothing was seen so far");
}

#[tokio::test]
async fn the_smallest_view_comes_first_and_the_rest_after_a_second_step() {
    let town = Town::new().await;
    let cookies = broken(&town).await;
    let set = cookies.split("tsumugi_emergency=").nth(1).unwrap();
    assert!(!set.contains(&town.patient) && town.desk.door.waiting_cases(None, 10).await.unwrap().is_empty());
    let first = town.get_with(&town.at(""), &cookies).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    for words in [REASON, "とろみをつける", "脳梗塞", "12:30まで", "/break-glass/whole", "命を守るため"]
    {
        assert!(first.text.contains(words), "{words}: {}", first.text);
    }
    assert!(!first.text.contains("生活の力") && !first.text.contains("/timeline"), "{}", first.text);
    let [case] = town.desk.door.waiting_cases(None, 10).await.unwrap().try_into().unwrap();
    assert_eq!(case.looker.name, "森 由美");
    // What stands behind the second step is not shown by an address alone, and nothing can be written.
    let results = town.get_with(&town.at("/laboratory"), &cookies).await;
    assert!(results.status == StatusCode::OK && !results.text.contains("CRP"), "{}", results.text);
    assert_eq!(town.get_with(&town.at("/care"), &cookies).await.status, StatusCode::NOT_FOUND);
    let care = format!("csrf={}&note=x&idempotency={}", first.field("csrf"), "a".repeat(32));
    assert_eq!(town.post(&town.at("/care"), &cookies, &care).await.status, StatusCode::NOT_FOUND);

    let csrf = format!("csrf={}", first.field("csrf"));
    let widened = town.post(&town.at("/break-glass/whole"), &cookies, &csrf).await;
    assert_eq!(widened.location(), town.at(""), "{}", widened.text);
    let whole = with(&town.session("mori").await, &widened);
    let rest = town.get_with(&town.at(""), &whole).await;
    assert!(rest.text.contains("生活の力") && rest.text.contains("12:30まで"), "{}", rest.text);
    assert!(!rest.text.contains("/break-glass/whole") && !rest.text.contains("/care\""), "{}", rest.text);
    assert!(town.get_with(&town.at("/laboratory"), &whole).await.text.contains("CRP"));
    assert_eq!(town.desk.door.waiting_cases(None, 10).await.unwrap(), [case], "one reason, one case");

    // It ends by itself, with the session, and when it is ended.
    let ended = town.post(&town.at("/break-glass/end"), &whole, &csrf).await;
    assert!(ended.cookies()[0].starts_with("tsumugi_emergency=; ") && ended.cookies()[0].contains("Max-Age=0"));
    let glass = whole.split("; ").nth(1).unwrap();
    assert_eq!(
        town.get_with(&town.at(""), glass).await.status,
        StatusCode::SEE_OTHER,
        "without a session it is nothing"
    );
    let other = format!("{}; {glass}", town.session("rin").await);
    assert!(!town.get_with(&town.at(""), &other).await.text.contains(REASON), "it is the nurse's alone");
    town.clock.set(NOW.plus_millis(tsumugi_signin::EMERGENCY_MILLIS));
    let after = town.get_with(&town.at(""), &whole).await;
    assert!(after.text.contains("もっと見る(理由を書く)") && !after.text.contains(REASON), "{}", after.text);
}

#[tokio::test]
async fn what_she_allowed_in_an_emergency_opens_and_what_she_did_not_stays_closed() {
    for allowed in [true, false] {
        let town = Town::new().await;
        restrict(&town, allowed).await;
        assert_eq!(town.get("mori", &town.at("")).await.status, StatusCode::NOT_FOUND);
        // The page reads as always, without a name.
        let form = town.get("mori", &town.at("/break-glass")).await;
        assert!(form.status == StatusCode::OK && !form.text.contains("山田"), "{}", form.text);
        let cookies = broken(&town).await;
        let page = town.get_with(&town.at(""), &cookies).await;
        let expected = if allowed { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!((page.status, page.text.contains("脳梗塞")), (expected, allowed), "{}", page.text);
        assert_eq!(town.desk.door.waiting_cases(None, 10).await.unwrap().len(), 1, "it was tried past her limits");
    }
}

#[tokio::test]
async fn the_crew_tells_why_and_she_reads_it() {
    let town = Town::new().await;
    let session = town.session("sasaki").await;
    let form = town.get_with(&town.at("/break-glass"), &session).await;
    let body = format!("csrf={}&reason={}", form.field("csrf"), query_value("倒れて、話せない"));
    let begun = town.post(&town.at("/break-glass"), &session, &body).await;
    let cookies = with(&session, &begun);
    let page = town.get_with(&town.at(""), &cookies).await;
    assert!(page.text.contains("倒れて、話せない") && !page.text.contains("/break-glass/whole"), "{}", page.text);
    assert!(town.desk.door.waiting_cases(None, 10).await.unwrap().is_empty());
    let widened = town.post(&town.at("/break-glass/whole"), &cookies, &format!("csrf={}", page.field("csrf"))).await;
    assert_eq!(widened.status, StatusCode::NOT_FOUND, "there is no second step without the first");
    // What shows an illness that she has not been told gives her no typed words; any other look does.
    let looks = town.get("haru", "/api/me/looks").await;
    assert!(!looks.text.contains("倒れて、話せない"), "{}", looks.text);
    town.get_with(&town.at("/medicines"), &cookies).await;
    let looks = town.get("haru", "/api/me/looks").await;
    assert!(looks.text.contains("倒れて、話せない"), "{}", looks.text);
}
