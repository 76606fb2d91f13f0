//! Signing in, who looked, and what is shown to whom.

use super::*;

const SENTENCE: &str = "この画面は、役割と目的に合う範囲を表示しています。";
/// The same on her own pages.
const OWN_SENTENCE: &str = "この画面には、いまお見せできる記録が出ています。";

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
    for part in [
        "<rt>ユミ</rt>",
        "看護師",
        "みなと総合病院",
        "治療のため",
        OWN_SENTENCE,
        "data-proof-url=\"/api/me/looks/proof\"",
    ] {
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
            let sentence = if person == "haru" { OWN_SENTENCE } else { SENTENCE };
            assert_eq!(page.text.contains(sentence), !closed, "{person} {rest}");
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
        start.text.contains("山田 ハル") && start.text.contains("あなたは娘") && start.text.contains(&town.at("")),
        "{}",
        start.text
    );
    let home = town.get("megumi", &town.at("")).await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.text);
    assert!(home.text.contains(&town.at("/looks")));
    let looks = town.get("megumi", &town.at("/looks")).await;
    assert!(looks.text.contains("<rt>モリ</rt>"), "{}", looks.text);
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
    assert!(!start.text.contains("小林 茂"), "nobody is here under the other number");
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
    let nowhere = town.get("haru", "/nowhere").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert!(
        nowhere.text.contains("この住所のページはありません") && !nowhere.text.contains("担当"),
        "{}",
        nowhere.text
    );
    assert_eq!(town.get_with("/favicon.ico", "").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_document_opens_for_those_who_may_see_it() {
    let town = Town::new().await;
    let document = |title: &str, tag: &str| {
        format!(
            r#"{{"resourceType":"Composition",{tag}"status":"final","type":{{"coding":[{{"system":"http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes","code":"18842-5"}}]}},
                "subject":{{"identifier":{{"system":"{MEMBER}","value":"39131234::00420078:"}}}},"date":"2026-11-20T13:00:00+09:00","author":[{{"display":"岡田 千尋"}}],"title":"{title}",
                "section":[{{"title":"現病歴","text":{{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>台所で<b>倒れた</b></p><table><tr><td>血圧</td><td>182/104</td></tr></table></div>"}}}}]}}"#
        )
    };
    let id = |created: Answered| {
        let body: serde_json::Value = serde_json::from_str(&created.text).unwrap();
        body["id"].as_str().unwrap().to_owned()
    };
    let open = id(town.create("mori", "Composition", &document("退院時サマリー", "")).await);
    let untold = r#""meta":{"tag":[{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication","code":"UNINFORMED"}]},"#;
    let hidden = id(town.create("mori", "Composition", &document("病理の報告", untold)).await);

    let timeline = town.get("haru", "/me/timeline").await.text;
    assert!(timeline.contains(&format!("href=\"/me/documents/{open}\"")) && !timeline.contains("病理"), "{timeline}");
    let before = town.leaves();
    let page = town.get("haru", &format!("/me/documents/{open}")).await;
    assert_eq!((page.status, town.leaves()), (StatusCode::OK, before + 1));
    for part in [
        "<h1>退院時サマリー</h1>",
        "11月20日(金)",
        "みなと総合病院 岡田 千尋",
        "<h2>現病歴</h2>",
        "<p>台所で倒れた</p>",
        "<p>血圧 / 182/104</p>",
        OWN_SENTENCE,
    ] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    let english = format!("{}; tsumugi_lang=en", town.session("haru").await);
    let english = town.get_with(&format!("/me/documents/{open}"), &english).await.text;
    assert!(
        english.contains("These are the author’s own words, as text only.")
            && english.contains("lang=\"ja\">台所で倒れた"),
        "{english}"
    );

    // What is withheld, what is not there and what is no document are one answer, and the look is in the list all the same.
    let before = town.leaves();
    let absent = town.get("haru", "/me/documents/a0000000000000000000000000x").await;
    for id in [&hidden, &town.patient] {
        let other = town.get("haru", &format!("/me/documents/{id}")).await;
        assert_eq!(
            (other.status, other.text.replace(id.as_str(), "ID")),
            (StatusCode::NOT_FOUND, absent.text.replace("a0000000000000000000000000x", "ID"))
        );
    }
    assert_eq!(town.leaves(), before + 3);
    assert_eq!(town.get("mori", &town.at(&format!("/documents/{hidden}"))).await.status, StatusCode::OK);
    assert_eq!(town.get("stranger", &town.at(&format!("/documents/{open}"))).await.status, StatusCode::NOT_FOUND);

    let looks = town.get("haru", "/api/me/looks").await;
    let body: serde_json::Value = serde_json::from_str(&looks.text).unwrap();
    let own = body["looks"].as_array().unwrap().iter().filter(|look| look["who"]["name"]["text"] == "山田 ハル");
    let documents: Vec<bool> = own
        .map(|look| look["shown"].as_array().unwrap().iter().any(|shown| shown["kind"]["code"] == "Composition"))
        .collect();
    assert_eq!(
        documents,
        [false, false, false, true, true, true],
        "newest first: three refusals, the page twice, the timeline"
    );
}

#[tokio::test]
async fn the_crew_sees_first_what_an_emergency_needs() {
    let town = Town::new().await;
    let subject = format!(r#"{{"identifier":{{"system":"{MEMBER}","value":"39131234::00420078:"}}}}"#);
    let allergy = format!(
        r#"{{"resourceType":"AllergyIntolerance","clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}}]}},"code":{{"text":"ペニシリン"}},"patient":{subject},"recordedDate":"2019-05-01"}}"#
    );
    town.create("mori", "AllergyIntolerance", &allergy).await;
    let page = town.get("sasaki", &town.at("")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let at = |text: &str| page.text.find(text).unwrap_or_else(|| panic!("{text} is not in {}", page.text));
    assert!(
        at("ペニシリン") < at("使っている薬")
            && at("使っている薬") < at("脳梗塞")
            && at("脳梗塞") < at("とろみをつける")
    );
    assert!(
        !page.text.contains("生活の力") && !page.text.contains("メモ"),
        "what this purpose never shows has no place"
    );
    let looks = town.get("haru", "/me/looks").await.text;
    assert!(
        looks.contains("佐々木 健さん")
            && looks.contains("この画面を開いたことも")
            && looks.contains("href=\"#check\""),
        "{looks}"
    );
}

#[tokio::test]
async fn her_own_pages_do_not_send_her_to_herself() {
    let town = Town::new().await;
    let own = town.get("haru", "/me/medicines").await.text;
    let ward = town.get("mori", &town.at("/medicines")).await.text;
    assert!(own.contains("薬の記録はありません。") && !own.contains("ご本人にも"), "{own}");
    assert!(ward.contains("薬の記録はありません。ご本人にも確かめてください。"), "{ward}");
    assert!(!own.contains("ご本人の依頼") && ward.contains("治療のため"));
}
