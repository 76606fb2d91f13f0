//! Signing in by a desk's code, one's own ways in, and the desk that hands codes out.

use super::*;

const FORM: &str = "number=39131234%3A%3A00420078%3A&birth=1948-03-05&identity=my-number-card";

/// The number on the paper.
pub fn code(paper: &Answered) -> String {
    let code = paper.text.split("<p class=\"number\"><strong>").nth(1).and_then(|rest| rest.split('<').next());
    code.unwrap_or_default().to_owned()
}

pub async fn hand(town: &Town, who: &str, form: &str) -> Answered {
    let csrf = town.get(who, "/desk/codes").await.field("csrf");
    town.post("/desk/codes", &town.session(who).await, &format!("csrf={csrf}&{form}")).await
}

/// The cookie of a session begun with a code.
pub async fn come_in(town: &Town, digits: &str) -> String {
    let form = town.get_with("/sign-in/code", "").await;
    let nonce = form.cookies().remove(0).split(';').next().unwrap().to_owned();
    let body = format!("csrf={}&code={}", form.field("csrf"), query_value(digits));
    let answer = town.post("/sign-in/code", &nonce, &body).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/ways"), "{}", answer.text);
    answer.cookies().remove(0).split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_clerk_hands_out_a_code_and_she_reads_her_record_with_it() {
    let town = Town::new().await;
    let before = town.leaves();
    let paper = hand(&town, "city", FORM).await;
    assert_eq!((paper.status, town.leaves()), (StatusCode::OK, before + 1), "{}", paper.text);
    assert_eq!(paper.headers[header::CACHE_CONTROL], "no-store");
    let cookie = come_in(&town, &code(&paper)).await;
    let ways = town.get_with("/ways", &cookie).await;
    assert!(ways.text.contains("岡 市子（city）") || ways.text.contains("岡 市子（みなと市）"), "{}", ways.text);
    let go_on = town.get_with("/sign-in/as", &cookie).await;
    let body = format!("csrf={}&as=home+citizen+PATRQT", go_on.field("csrf"));
    let on = town.post("/sign-in/as", &cookie, &body).await;
    let own = on.cookies().remove(0).split(';').next().unwrap().to_owned();
    assert_ne!(own, cookie, "a step up has another name");
    assert_eq!(
        town.get_with("/sign-in/as", &cookie).await.status,
        StatusCode::SEE_OTHER,
        "and the one before has ended"
    );
    assert_eq!(town.get_with("/me", &own).await.status, StatusCode::OK);
    // What the clerk saw stands in her log.
    let looks = town.get_with("/api/me/looks", &own).await;
    assert!(looks.text.contains("本人確認: マイナンバーカード"), "{}", looks.text);
    // Apps that come back for months need a passkey.
    assert_eq!(town.get_with("/apps", &own).await.status, StatusCode::SEE_OTHER);
    let out = format!("csrf={}", town.get_with("/ways", &own).await.field("csrf"));
    assert_eq!(town.post("/sign-out", &own, &out).await.status, StatusCode::SEE_OTHER);
    assert_eq!(town.get_with("/me", &own).await.status, StatusCode::SEE_OTHER, "ended on the server");
}

#[tokio::test]
async fn only_a_desk_hands_out_and_a_slip_of_the_clerk_tells_nothing() {
    let town = Town::new().await;
    for who in ["haru", "megumi", "mori", "rin", "ito"] {
        assert_eq!(town.get(who, "/desk/codes").await.status, StatusCode::NOT_FOUND, "{who}");
    }
    let before = town.leaves();
    let other_day = hand(&town, "city", &FORM.replace("03-05", "03-06")).await;
    let nobody = hand(&town, "city", &FORM.replace("00420078", "00999999")).await;
    let told = |answer: &Answered| answer.text.matches("お見せできません").count();
    assert_eq!((told(&other_day), told(&nobody), town.leaves()), (2, 2, before));
    for missing in ["number=", "number=1&birth=x", "number=1&birth=1948-03-05&identity=staff"] {
        assert!(hand(&town, "city", missing).await.text.contains("入力を直して"), "{missing}");
    }
    // A registrar's page takes no citizens: the number is a person's id on the roster.
    let staff = hand(&town, "clerk", "number=mori").await;
    assert!(staff.text.contains("お見せできません"), "not on a roster: {}", staff.text);
}

#[tokio::test]
async fn forms_of_other_sites_change_nothing() {
    let town = Town::new().await;
    let cookie = come_in(&town, &code(&hand(&town, "city", FORM).await)).await;
    for (path, body) in [
        ("/sign-in/passkey", "id=a"),
        ("/sign-in/code", "code=1"),
        ("/sign-in/as", "as=home+citizen+PATRQT"),
        ("/sign-in/second", "number=1"),
        ("/ways", "client=a"),
        ("/ways/remove", "key=a"),
        ("/ways/second", "number=1"),
        ("/ways/end", "session=a"),
        ("/sign-out", ""),
    ] {
        let answer = town.post(path, &cookie, body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text);
    }
    assert_eq!(town.get_with("/ways", &cookie).await.status, StatusCode::OK, "still signed in");
    let desk = town.post("/desk/codes", &town.session("city").await, FORM).await;
    assert_eq!(desk.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_planted_cookie_does_not_become_the_session_and_wrong_codes_are_told() {
    let town = Town::new().await;
    let planted = "tsumugi_session=planted";
    let csrf = town.get_with("/sign-in/code", planted).await.field("csrf");
    let digits = code(&hand(&town, "city", FORM).await);
    let wrong = town.post("/sign-in/code", planted, &format!("csrf={csrf}&code=123")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = format!("csrf={csrf}&code={}", query_value(&digits));
    let begun = town.post("/sign-in/code", planted, &body).await;
    let cookie = begun.cookies().remove(0).to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("planted"), "{cookie}");
    assert_ne!(town.get_with("/ways", planted).await.status, StatusCode::OK);
    let again = town.post("/sign-in/code", planted, &body).await;
    assert!(again.text.contains("もう使われています"), "{}", again.text);
    assert!(town.gate.sessions(&PersonId::new("haru").unwrap()).await.unwrap().len() <= 1);
}
