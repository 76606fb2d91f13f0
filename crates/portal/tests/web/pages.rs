//! Signing in, who looked, and what is shown to whom.

use super::*;

const SENTENCE: &str = "この画面は、役割と目的に合う範囲を表示しています。";

#[tokio::test]
async fn signing_in_sets_a_session_and_leads_to_her_record() {
    let town = Town::new().await;
    let start = town.get_with("/", "").await;
    assert_eq!((start.status, start.location()), (StatusCode::SEE_OTHER, "/sign-in"));
    let form = town.get_with("/sign-in", "").await;
    let nonce = form.cookies()[0].split(';').next().unwrap().to_owned();
    assert!(nonce.starts_with("tsumugi_nonce=") && form.text.contains("森 由美"), "{}", form.text);
    let csrf = form.field("csrf");
    let refused = town.post("/sign-in", &nonce, "person=haru").await;
    assert_eq!((refused.status, refused.cookies().len()), (StatusCode::FORBIDDEN, 0));
    let nobody = town.post("/sign-in", &nonce, &format!("person=nobody&csrf={csrf}")).await;
    assert_eq!(nobody.status, StatusCode::BAD_REQUEST);
    let done = town.post("/sign-in", &nonce, &format!("person=haru&csrf={csrf}")).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/"));
    let session = done.cookies()[0];
    for part in ["tsumugi_session=tsumugi-dev.", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        assert!(session.contains(part), "{session}");
    }
    let session = session.split(';').next().unwrap();
    assert_eq!(town.get_with("/", session).await.location(), "/me");
    let home = town.get_with("/me", session).await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(home.text.contains("山田 ハル") && home.text.contains("1948年(昭和23年)"), "{}", home.text);
    assert_eq!(home.headers[header::CACHE_CONTROL], "no-store");
    let out = town.post("/sign-out", session, &format!("csrf={}", home.field("csrf"))).await;
    assert_eq!(out.location(), "/sign-in");
    assert!(out.cookies()[0].contains("tsumugi_session=; Path=/; Max-Age=0"), "{:?}", out.cookies());
}

#[tokio::test]
async fn an_ended_session_is_asked_to_begin_again() {
    let town = Town::new().await;
    let session = town.session("haru").await;
    town.clock.set(NOW.plus_millis(tsumugi_signin::SESSION_MILLIS));
    assert_eq!(town.get_with("/me", &session).await.location(), "/sign-in");
    assert!(town.get_with("/sign-in", &session).await.text.contains("時間がたったので、終わりました。"));
}

#[tokio::test]
async fn she_reads_who_looked_and_why() {
    let town = Town::new().await;
    let ward = town.get("mori", &town.at("")).await;
    assert_eq!(ward.status, StatusCode::OK, "{}", ward.text);
    assert!(ward.text.contains("とろみをつける") && ward.text.contains(SENTENCE), "{}", ward.text);
    let looks = town.get("haru", "/me/looks").await;
    assert_eq!(looks.status, StatusCode::OK);
    for part in
        ["森 由美さん", "看護師", "みなと総合病院", "治療のため", SENTENCE, "data-proof-url=\"/api/me/looks/proof\""]
    {
        assert!(looks.text.contains(part), "{part} is not in {}", looks.text);
    }
    let link = looks.text.split("href=\"/me/looks/").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let one = town.get("haru", &format!("/me/looks/{link}")).await;
    assert!(one.text.contains("決まり") && one.text.contains("治療のために記録を"), "{}", one.text);
    let again = town.get("haru", "/me/looks?purpose=PATRQT").await;
    assert!(again.text.contains("しぼった結果は2件です。") && again.text.contains("山田 ハル"), "{}", again.text);
    assert_eq!(town.get("haru", "/me/looks?from=yesterday").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(town.get("haru", "/me/looks/9999").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_page_of_a_record_leaves_one_leaf() {
    let town = Town::new().await;
    let slug = "/laboratory/CRP";
    for (person, base) in [("haru", "/me".to_owned()), ("mori", town.at(""))] {
        for rest in ["", "/timeline", "/activities", "/laboratory", slug, "/medicines", "/looks"] {
            let before = town.leaves();
            let page = town.get(person, &format!("{base}{rest}")).await;
            let closed = person == "mori" && rest == "/looks";
            let expected = if closed { StatusCode::NOT_FOUND } else { StatusCode::OK };
            assert_eq!(page.status, expected, "{person} {rest}: {}", page.text);
            assert_eq!(town.leaves(), before + 1, "{person} {rest}");
            assert_eq!(page.text.contains(SENTENCE), !closed, "{person} {rest}");
        }
    }
    for path in ["/", "/sign-in", "/settings?text=large", "/api/openapi.json"] {
        let before = town.leaves();
        town.get("mori", path).await;
        assert_eq!(town.leaves(), before, "{path} is nobody's record");
    }
}

#[tokio::test]
async fn what_she_has_not_been_told_is_on_none_of_her_pages() {
    let town = Town::new().await;
    let ward = town.get("mori", &town.at("")).await;
    assert!(ward.text.contains("膵頭部癌(ご本人に未告知)"), "{}", ward.text);
    for path in ["/me", "/me/timeline", "/api/me/timeline", "/me/looks", "/api/me/looks"] {
        let page = town.get("haru", path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains("膵頭部癌"), "{path}");
    }
    assert!(town.get("haru", "/me/timeline").await.text.contains("脳梗塞"));
    // The nurse saw two illnesses; she reads of one.
    let looks = town.get("haru", "/api/me/looks").await;
    let body: serde_json::Value = serde_json::from_str(&looks.text).unwrap();
    let look = body["looks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|look| look["who"]["name"]["text"] == "森 由美" && look["action"] == "page")
        .unwrap();
    let conditions =
        look["shown"].as_array().unwrap().iter().find(|shown| shown["kind"]["code"] == "Condition").unwrap();
    assert_eq!(conditions["count"], 1);
}

#[tokio::test]
async fn refused_and_unknown_are_one_page() {
    let town = Town::new().await;
    let unknown = "a0000000000000000000000000x";
    let same = |page: &Answered, id: &str| page.text.replace(id, "ID");
    for rest in ["", "/looks", "/timeline", "/laboratory/CRP"] {
        let refused = town.get("stranger", &town.at(rest)).await;
        let absent = town.get("stranger", &format!("/people/{unknown}{rest}")).await;
        assert_eq!((refused.status, absent.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
        assert_eq!(same(&refused, &town.patient), same(&absent, unknown));
        assert!(!refused.text.contains("1948") && refused.text.contains("見つからないか、この目的では開けません。"));
    }
    assert_eq!(town.get("stranger", "/me").await.status, StatusCode::NOT_FOUND);
    // The refusals are hers to read.
    let looks = town.get("haru", "/me/looks").await.text;
    assert!(looks.contains("田中 一") && looks.contains("断りました。何も見せていません。"), "{looks}");
}

#[tokio::test]
async fn her_daughter_sees_the_looks_by_mandate() {
    let town = Town::new().await;
    assert!(town.get("megumi", "/").await.text.contains("まだ登録されていません"));
    town.mandate().await;
    let start = town.get("megumi", "/").await;
    assert!(
        start.text.contains("山田 ハル") && start.text.contains('娘') && start.text.contains(&town.at("")),
        "{}",
        start.text
    );
    let home = town.get("megumi", &town.at("")).await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.text);
    assert!(home.text.contains(&town.at("/looks")));
    let looks = town.get("megumi", &town.at("/looks")).await;
    assert!(looks.text.contains("森 由美さん"), "{}", looks.text);
    let own = town.get("haru", "/me/looks?purpose=FAMRQT").await;
    assert!(own.text.contains("山田 恵さん"), "{}", own.text);
}

#[tokio::test]
async fn staff_find_a_person_by_number_or_are_told_nothing() {
    let town = Town::new().await;
    let session = town.session("mori").await;
    let start = town.get_with("/", &session).await;
    let csrf = start.field("csrf");
    assert!(start.text.contains(&town.at("")), "the card's person is linked");
    for number in ["420078", "４２００７８", "39131234::00420078:"] {
        let sent = format!("number={}&csrf={csrf}", query_value(number));
        let found = town.post("/people/find", &session, &sent).await;
        assert_eq!((found.status, found.location()), (StatusCode::SEE_OTHER, town.at("").as_str()), "{number}");
    }
    let nobody = town.post("/people/find", &session, &format!("number=1&csrf={csrf}")).await;
    assert!(nobody.text.contains("見つからないか、この目的では開けません。"));
    assert!(
        town.post("/people/find", &session, &format!("number=+&csrf={csrf}")).await.text.contains("番号がありません")
    );
    assert_eq!(town.post("/people/find", &session, "number=420078").await.status, StatusCode::FORBIDDEN);
    // Another organisation's number is nobody's there.
    let office = town.session("rin").await;
    let csrf = town.get_with("/", &office).await.field("csrf");
    let other = town.post("/people/find", &office, &format!("number=420078&csrf={csrf}")).await;
    assert!(other.text.contains("見つからないか、この目的では開けません。"));
}

#[tokio::test]
async fn settings_and_assets() {
    let town = Town::new().await;
    let set = town.get_with("/settings?text=large&lang=en&back=/me/looks", "").await;
    assert_eq!(set.location(), "/me/looks");
    assert_eq!(set.cookies().len(), 2);
    assert_eq!(town.get_with("/settings?lang=xx&back=//evil", "").await.location(), "/");
    let page = town.get("haru", "/me").await;
    let english =
        town.get_with("/me", &format!("{}; tsumugi_lang=en; tsumugi_text=large", town.session("haru").await)).await;
    assert!(
        page.text.contains("lang=\"ja\"") && english.text.contains("<html lang=\"en\" class=\"large\""),
        "{}",
        english.text
    );
    let css = town.get_with(tsumugi_portal::assets::css_path(), "").await;
    assert_eq!(css.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert!(css.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    assert_eq!(town.get_with("/assets/nothing.css", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.get_with("/nowhere", "").await.status, StatusCode::NOT_FOUND);
}
