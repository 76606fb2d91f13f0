//! Objections: the citizen calls a look to account, the organisation answers, the supervisor decides, the door heeds it.

use super::*;

/// The first address on a page that begins so, without what begins it.
fn link(page: &Answered, begins: &str) -> String {
    let mark = format!("href=\"{begins}");
    page.text.split(&mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// The nurse has looked; the page of that look, as `reader` sees it under `base`.
async fn looked(town: &Town, reader: &str, base: &str) -> (String, Answered) {
    town.get("mori", &town.at("")).await;
    let list = town.get(reader, &format!("{base}/looks?purpose=TREAT")).await;
    let path = format!("{base}/looks/{}", link(&list, &format!("{base}/looks/")));
    let page = town.get(reader, &path).await;
    (path, page)
}

async fn send(town: &Town, person: &str, from: &Answered, path: &str, body: &str) -> Answered {
    let body = format!("csrf={}&{body}", from.field("csrf"));
    town.post(path, &town.session(person).await, &body).await
}

/// Objects to the nurse's look: the path of the case.
async fn objected(town: &Town) -> String {
    let (path, page) = looked(town, "haru", "/me").await;
    let sent = send(town, "haru", &page, &format!("{path}/objection"), "").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    sent.location().split('?').next().unwrap().to_owned()
}

async fn answered(town: &Town, case: &str, words: &str) -> Answered {
    let id = case.rsplit('/').next().unwrap();
    let page = town.get("clerk", &format!("/office/cases/{id}")).await;
    let body = format!("act=answer&said={}&words={}", page.field("said"), query_value(words));
    send(town, "clerk", &page, &format!("/office/cases/{id}/answer"), &body).await
}

async fn judged(town: &Town, case: &str, body: &str) -> Answered {
    let path = format!("/review/{}", case.rsplit('/').next().unwrap());
    let page = town.get("ito", &path).await;
    let body = format!("said={}&reason={}&{body}", page.field("said"), query_value("担当の記録がない"));
    send(town, "ito", &page, &format!("{path}/judgement"), &body).await
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story from its beginning to its end")]
async fn from_one_button_to_a_suspension_that_holds_at_once() {
    let town = Town::new().await;
    let (look, page) = looked(&town, "haru", "/me").await;
    assert!(page.text.contains("この閲覧に異議があります") && page.text.contains("10営業日"), "{}", page.text);
    let forged = town.post(&format!("{look}/objection"), &town.session("haru").await, "").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let long = format!("concern=no-care&words={}", query_value(&"あ".repeat(501)));
    let faulty = send(&town, "haru", &page, &format!("{look}/objection"), &long).await;
    assert!(
        faulty.text.contains("500文字までに短く") && faulty.text.contains("value=\"no-care\" checked"),
        "{}",
        faulty.text
    );
    let before = town.leaves();
    let words = format!("concern=no-care&words={}", query_value("受診していません"));
    let sent = send(&town, "haru", &page, &format!("{look}/objection"), &words).await;
    assert!(
        sent.location().ends_with("?done=object") && town.leaves() == before + 1,
        "{} {}",
        sent.location(),
        sent.text
    );
    let case = sent.location().split('?').next().unwrap().to_owned();
    let own = town.get("haru", sent.location()).await;
    for words in [
        "12月7日(月)までに答えなければなりません",
        "そのとき、受診も利用もしていません",
        "受診していません",
        "森 由美",
        "取り下げる",
    ] {
        assert!(own.text.contains(words), "{words}: {}", own.text);
    }
    let again = send(&town, "haru", &page, &format!("{look}/objection"), "").await;
    assert_eq!(again.location(), "/me/cases", "one look, one objection");
    assert!(town.get("haru", &look).await.text.contains("この閲覧に異議を申し立てています"));
    assert!(town.get("haru", "/me/cases").await.text.contains("閲覧への異議"));

    // The organisation: the list names nobody and leaves no leaf; the case says who it was, whom the nurse had been shown.
    let before = town.leaves();
    let list = town.get("clerk", "/office/cases").await;
    assert!(list.text.contains("森 由美") && !list.text.contains("山田") && town.leaves() == before, "{}", list.text);
    let id = case.rsplit('/').next().unwrap().to_owned();
    let office = town.get("clerk", &format!("/office/cases/{id}")).await;
    for words in ["山田 ハル", "受診していません", "ご本人", "治療"] {
        assert!(office.text.contains(words), "{words}: {}", office.text);
    }
    assert_eq!(town.leaves(), before + 1);
    for stranger in ["rin", "sasaki", "city", "haru", "megumi"] {
        let closed = town.get(stranger, &format!("/office/cases/{id}")).await;
        assert!(closed.status == StatusCode::NOT_FOUND && !closed.text.contains("受診"), "{stranger}");
    }
    let waiting = town.get("ito", &format!("/review/{id}")).await;
    assert!(waiting.text.contains("ほかの人の番です") && !waiting.text.contains("/judgement"), "{}", waiting.text);
    let empty = answered(&town, &case, " ").await;
    assert!(empty.text.contains("理由や説明を書いてください"), "{}", empty.text);
    assert_eq!(answered(&town, &case, "当直の交代で開きました").await.location(), "/office/cases?done=1");

    // She is told, reads it, and is not content.
    let home = town.get("haru", "/me").await;
    assert!(home.text.contains("審査に動きがありました") && home.text.contains("href=\"/me/cases\""), "{}", home.text);
    let own = town.get("haru", &case).await;
    assert!(own.text.contains("当直の交代で開きました") && own.text.contains("前田 彩"), "{}", own.text);
    let reply = format!("{case}/reply");
    let nothing = send(&town, "haru", &own, &reply, &format!("said={}", own.field("said"))).await;
    assert!(nothing.status == StatusCode::OK && nothing.text.contains("href=\"#act\""), "{}", nothing.text);
    let silent = send(&town, "haru", &own, &reply, &format!("said={}&act=insist", own.field("said"))).await;
    assert!(silent.text.contains("href=\"#words\""), "{}", silent.text);
    let body = format!("said={}&act=insist&words={}", own.field("said"), query_value("その日は家にいました"));
    assert!(send(&town, "haru", &own, &reply, &body).await.location().ends_with("?done=insist"));

    // The supervisor decides; the nurse's sign-in of before is refused from then on, in words of its own.
    let wrong = judged(&town, &case, "verdict=fine&penalty=days-30").await;
    assert!(
        wrong.text.contains("不適切と決めたときだけ") && wrong.text.contains("value=\"days-30\" selected"),
        "{}",
        wrong.text
    );
    assert_eq!(judged(&town, &case, "verdict=unfit&penalty=days-31").await.status, StatusCode::BAD_REQUEST);
    let session = town.session("mori").await;
    assert_eq!(town.get_with(&town.at(""), &session).await.status, StatusCode::OK);
    assert_eq!(judged(&town, &case, "verdict=unfit&penalty=days-30&report=1").await.location(), "/review?done=unfit");
    let refused = town.get_with(&town.at(""), &session).await;
    assert!(refused.status == StatusCode::FORBIDDEN && !refused.text.contains("山田"), "{}", refused.text);
    assert!(refused.text.contains("監督機関の決定により"), "{}", refused.text);
    let fhir = town.get_with(&format!("/fhir/R4/Patient/{}", town.patient), &session).await;
    assert!(fhir.status == StatusCode::FORBIDDEN && fhir.text.contains("2026年12月22日"), "{}", fhir.text);
    assert_eq!(town.get("clerk", &town.at("")).await.status, StatusCode::OK, "colleagues work on");
    let hers = town.get("haru", &case).await;
    for words in ["不適切と決めました", "30日の停止", "主務官庁に通報する", "担当の記録がない"]
    {
        assert!(hers.text.contains(words), "{words}: {}", hers.text);
    }
    // Whoever is suspended still reads why.
    let why = town.get("mori", &format!("/office/cases/{id}")).await;
    assert!(why.text.contains("担当の記録がない") && why.text.contains("30日の停止"), "{}", why.text);
    assert!(town.get("ito", "/review?closed=1").await.text.contains(&id));

    // Lifted before its end.
    let closed = town.get("ito", &format!("/review/{id}")).await;
    let lifted = format!("said={}&reason={}", closed.field("said"), query_value("再教育を終えた"));
    let done = send(&town, "ito", &closed, &format!("/review/{id}/lift"), &lifted).await;
    assert_eq!(done.location(), "/review?done=lift", "{}", done.text);
    assert_eq!(town.get_with(&town.at(""), &session).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_daughter_objects_and_takes_it_back() {
    let town = Town::new().await;
    town.mandate().await;
    let (look, page) = looked(&town, "megumi", &town.at("")).await;
    let sent = send(&town, "megumi", &page, &format!("{look}/objection"), "").await;
    let case = sent.location().split('?').next().unwrap().to_owned();
    assert!(case.starts_with(&town.at("/cases/")), "{}", sent.text);
    let hers = town.get("haru", "/me/cases").await;
    assert!(hers.text.contains("閲覧への異議"), "her mother reads it: {}", hers.text);
    let office = town.get("mori", &format!("/office/cases/{}", case.rsplit('/').next().unwrap())).await;
    assert!(office.text.contains("ご本人の代理の人") && !office.text.contains("山田 恵"), "{}", office.text);
    let own = town.get("megumi", &case).await;
    let body = format!("said={}&act=accept", own.field("said"));
    assert!(send(&town, "megumi", &own, &format!("{case}/reply"), &body).await.location().ends_with("?done=accept"));
    assert!(town.get("mori", "/office/cases").await.text.contains("答えを待っているものはありません"));
    assert!(town.get("mori", "/office/cases?all=1").await.text.contains("ご本人が納得"));
    assert_eq!(town.get("stranger", &town.at("/cases")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_a_supervisor_asks_reaches_whoever_looked() {
    let town = Town::new().await;
    let cookies = super::glass::broken(&town).await;
    town.get_with(&town.at(""), &cookies).await;
    assert!(town.get("mori", "/office/cases").await.text.contains("答えを待っているものはありません"));
    let queue = town.get("ito", "/review").await;
    let id = link(&queue, "/review/");
    // Named before a faulty answer, she stays named: by a look of its own.
    let case = town.get("ito", &format!("/review/{id}")).await;
    let named = send(&town, "ito", &case, &format!("/review/{id}/name"), "").await;
    let before = town.leaves();
    let faulty = send(&town, "ito", &named, &format!("/review/{id}/judgement"), "said=0&named=1&verdict=explain").await;
    assert!(faulty.text.contains("山田 ハル") && town.leaves() == before + 1, "{}", faulty.text);
    let asked = judged(&town, &format!("/me/cases/{id}"), "verdict=explain").await;
    assert_eq!(asked.location(), "/review?done=explain", "{}", asked.text);

    let list = town.get("mori", "/office/cases").await;
    assert!(list.text.contains("見せない設定をこえた閲覧"), "{}", list.text);
    let office = town.get("mori", &format!("/office/cases/{id}")).await;
    assert!(
        office.text.contains("担当の記録がない") && !office.text.contains("山田"),
        "a look that may have shown no name: {}",
        office.text
    );
    let answer = answered(&town, &format!("/me/cases/{id}"), "救急の記録のとおりです").await;
    assert_eq!(answer.location(), "/office/cases?done=1", "{}", answer.text);
    let back = town.get("ito", &format!("/review/{id}")).await;
    assert!(back.text.contains("救急の記録のとおりです") && back.text.contains("/judgement"), "{}", back.text);
    assert_eq!(judged(&town, &format!("/me/cases/{id}"), "verdict=fine").await.location(), "/review?done=fine");
    // She reads that it ended, and not what supervisors and the looker wrote to each other.
    let own = town.get("haru", &format!("/me/cases/{id}")).await;
    assert!(own.text.contains("問題なしと決めました") && !own.text.contains("救急の記録"), "{}", own.text);
    assert!(town.get("haru", "/me/notices").await.text.contains("審査に動きがありました"));
}

#[tokio::test]
async fn on_paper_at_a_desk_the_clocks_are_the_same() {
    let town = Town::new().await;
    let (look, _) = looked(&town, "haru", "/me").await;
    let number = look.rsplit('/').next().unwrap().to_owned();
    assert_eq!(
        town.get("clerk", "/desk/objections").await.status,
        StatusCode::NOT_FOUND,
        "not at the desk that looked"
    );
    let desk = town.get("city", "/desk/objections").await;
    let empty = send(&town, "city", &desk, "/desk/objections", "").await;
    assert!(empty.text.contains("href=\"#number\"") && empty.text.contains("href=\"#look\""), "{}", empty.text);
    let hers = query_value("39131234::00420078:");
    for (body, words) in [
        (format!("number=nobody&look={number}"), "見つからないか"),
        (format!("number={hers}&look=9999"), "異議を申し立てられる閲覧の番号"),
    ] {
        let faulty = send(&town, "city", &desk, "/desk/objections", &body).await;
        assert!(faulty.text.contains(words), "{words}: {}", faulty.text);
    }
    let body = format!("number={hers}&look={number}&concern=unknown&words={}", query_value("知らない人です"));
    let taken = send(&town, "city", &desk, "/desk/objections", &body).await;
    assert_eq!(taken.location(), "/desk/objections?done=2026-12-07", "{}", taken.text);
    assert!(town.get("city", taken.location()).await.text.contains("12月7日(月)までに答え"));
    let twice = send(&town, "city", &desk, "/desk/objections", &body).await;
    assert!(twice.text.contains("もう異議が出ています"), "{}", twice.text);
    let list = town.get("haru", "/me/cases").await;
    let own = town.get("haru", &format!("/me/cases/{}", link(&list, "/me/cases/"))).await;
    assert!(own.text.contains("市区町村の窓口(紙で受け付け)") && own.text.contains("知らない人です"), "{}", own.text);
}

#[tokio::test]
async fn statistics_are_public_and_tell_nobody_apart() {
    let town = Town::new().await;
    objected(&town).await;
    let page = town.get_with("/statistics", "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("どの月も、10未満です") && page.text.contains("10営業日"), "{}", page.text);
    for telling in ["山田", "森 由美", "みなと"] {
        assert!(!page.text.contains(telling), "{telling}");
    }
}

#[tokio::test]
async fn systems_read_and_answer_as_the_pages_do() {
    let town = Town::new().await;
    let (look, _) = looked(&town, "haru", "/me").await;
    let number = look.rsplit('/').next().unwrap().to_owned();
    let send = async |person: &str, path: &str, body: &str| {
        let request = Request::post(path).header(header::COOKIE, town.session(person).await);
        let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_owned()));
        town.send(request.unwrap()).await
    };
    let path = format!("/api/me/looks/{number}/objection");
    assert_eq!(send("haru", &path, r#"{"concern":"bored"}"#).await.status, StatusCode::BAD_REQUEST);
    let raised = send("haru", &path, r#"{"concern":"unknown","words":"だれですか"}"#).await;
    let case: serde_json::Value = serde_json::from_str(&raised.text).unwrap();
    assert_eq!(
        (case["turn"].as_str(), case["deadline"].as_str()),
        (Some("organization"), Some("2026-12-07")),
        "{}",
        raised.text
    );
    assert_eq!(send("haru", &path, "{}").await.status, StatusCode::CONFLICT);
    let list = town.get("clerk", "/api/office/cases").await;
    assert!(list.text.contains("森 由美") && !list.text.contains("山田"), "{}", list.text);
    let id = case["id"].as_str().unwrap();
    let office = town.get("clerk", &format!("/api/office/cases/{id}")).await;
    assert!(office.text.contains("山田 ハル") && office.text.contains("だれですか"), "{}", office.text);
    let answer = format!("/api/office/cases/{id}/answer");
    let wrong = send("clerk", &answer, r#"{"act":"fine","words":"x","said":1}"#).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(send("rin", &answer, r#"{"act":"answer","words":"x","said":1}"#).await.status, StatusCode::NOT_FOUND);
    let said = send("clerk", &answer, r#"{"act":"answer","words":"担当でした","said":1}"#).await;
    assert!(said.text.contains("\"answered\""), "{}", said.text);
    let late = send("clerk", &answer, r#"{"act":"answer","words":"もう一度","said":2}"#).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    assert!(town.get("haru", "/api/me/cases").await.text.contains("\"citizen\""));
    let counted = town.get_with("/api/statistics/cases", "").await;
    assert!(counted.status == StatusCode::OK && counted.text.contains("\"opened\":null"), "{}", counted.text);
}
