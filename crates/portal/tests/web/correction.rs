//! Corrections: the person asks, the author answers, both stand beside the document for everybody who may read it.

use super::*;

fn letter(title: &str) -> String {
    format!(
        r#"{{"resourceType":"Composition","status":"final","type":{{"coding":[{{"system":"http://loinc.org","code":"18842-5"}}],"text":"{title}"}},"subject":{{"identifier":{{"system":"{MEMBER}","value":"39131234::00420078:"}}}},"date":"2026-11-20T10:00:00+09:00","author":[{{"display":"みなと総合病院"}}],"title":"{title}","section":[{{"title":"経過","text":{{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">左の麻痺</div>"}}}}]}}"#
    )
}

async fn send(town: &Town, person: &str, from: &Answered, path: &str, body: &str) -> Answered {
    let body = format!("csrf={}&{body}", from.field("csrf"));
    town.post(path, &town.session(person).await, &body).await
}

#[tokio::test]
async fn both_versions_and_both_sides_words_stay() {
    let town = Town::new().await;
    let created = town.create("mori", "Composition", &letter("退院時サマリー")).await;
    let body: serde_json::Value = serde_json::from_str(&created.text).unwrap();
    let id = body["id"].as_str().unwrap().to_owned();
    let (own, path) = (format!("/me/documents/{id}"), format!("/me/documents/{id}/correction"));
    let page = town.get("haru", &own).await;
    assert!(page.text.contains("この記録の訂正を求める") && page.text.contains("15営業日"), "{}", page.text);
    let theirs = town.get("mori", &town.at(&format!("/documents/{id}"))).await;
    assert!(theirs.status == StatusCode::OK && !theirs.text.contains("訂正を求める"), "{}", theirs.text);
    let faulty = send(&town, "haru", &page, &path, "words=").await;
    assert!(faulty.text.contains("href=\"#words\"") || faulty.text.contains("words-fault"), "{}", faulty.text);
    let nurse =
        town.post(&town.at(&format!("/documents/{id}/correction")), &town.session("mori").await, "words=x").await;
    assert!(nurse.status.is_client_error(), "{}", nurse.status);
    let asked = send(&town, "haru", &page, &path, &format!("words={}", query_value("麻痺は右です"))).await;
    assert!(asked.location().ends_with("?done=wish"), "{}", asked.text);
    let case = asked.location().split('?').next().unwrap().to_owned();
    assert!(town.get("haru", asked.location()).await.text.contains("12月14日(月)までに答え"), "15 working days");

    // Everybody who may read the document reads her words beside it.
    let theirs = town.get("mori", &town.at(&format!("/documents/{id}"))).await;
    assert!(theirs.text.contains("麻痺は右です") && theirs.text.contains("左の麻痺"), "{}", theirs.text);

    let office = format!("/office/cases/{}", case.rsplit('/').next().unwrap());
    let page = town.get("clerk", &office).await;
    assert!(page.text.contains("みなと総合病院") && page.text.contains("value=\"corrected\""), "{}", page.text);
    let answer = |act: &str| format!("said=1&act={act}&words={}", query_value("カルテを確かめました"));
    let none = send(&town, "clerk", &page, &format!("{office}/answer"), "said=1&words=x").await;
    assert!(none.text.contains("答えを選んでください"), "{}", none.text);
    let early = send(&town, "clerk", &page, &format!("{office}/answer"), &answer("corrected")).await;
    assert!(early.text.contains("先に、訂正した新しい版を登録してください"), "{}", early.text);
    let newer = letter("退院時サマリー").replace("左の麻痺", "右の麻痺");
    let newer = newer.replacen('{', &format!("{{\"id\":\"{id}\","), 1);
    let put = Request::put(format!("/fhir/R4/Composition/{id}")).header(header::COOKIE, town.session("mori").await);
    let put = put.header(header::CONTENT_TYPE, "application/fhir+json").body(Body::from(newer)).unwrap();
    let put = town.send(put).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text);
    let done = send(&town, "clerk", &page, &format!("{office}/answer"), &answer("corrected")).await;
    assert_eq!(done.location(), "/office/cases?done=1", "{}", done.text);
    let theirs = town.get("mori", &town.at(&format!("/documents/{id}"))).await;
    for words in ["右の麻痺", "麻痺は右です", "カルテを確かめました", "第2版で訂正されています"]
    {
        assert!(theirs.text.contains(words), "{words}: {}", theirs.text);
    }

    // Not content, she takes it to the reviewer.
    let mine = town.get("haru", &case).await;
    let body = format!("said={}&act=insist&words={}", mine.field("said"), query_value("日付もちがいます"));
    assert!(send(&town, "haru", &mine, &format!("{case}/reply"), &body).await.location().ends_with("?done=insist"));
    let review = town.get("ito", &format!("/review/{}", case.rsplit('/').next().unwrap())).await;
    assert!(
        review.text.contains("訂正の求め") && !review.text.contains("山田") && !review.text.contains("days-30"),
        "{}",
        review.text
    );
}

#[tokio::test]
async fn what_she_takes_back_unanswered_leaves_no_note() {
    let town = Town::new().await;
    let created = town.create("mori", "Composition", &letter("紹介状")).await;
    let body: serde_json::Value = serde_json::from_str(&created.text).unwrap();
    let id = body["id"].as_str().unwrap().to_owned();
    let page = town.get("haru", &format!("/me/documents/{id}")).await;
    let asked = send(&town, "haru", &page, &format!("/me/documents/{id}/correction"), "words=x").await;
    let case = asked.location().split('?').next().unwrap().to_owned();
    let mine = town.get("haru", &case).await;
    send(&town, "haru", &mine, &format!("{case}/reply"), "said=1&act=accept").await;
    assert!(!town.get("haru", &format!("/me/documents/{id}")).await.text.contains("ご本人の申し出"));
    let nothing = send(&town, "haru", &page, &format!("/me/documents/{}/correction", town.patient), "words=x").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

/// The id of her entry of a kind.
async fn entry_of(town: &Town, kind: &str) -> String {
    let found = town.get("mori", &format!("/fhir/R4/{kind}?patient={}&_sort=_lastUpdated", town.patient)).await;
    let body: serde_json::Value = serde_json::from_str(&found.text).unwrap();
    let known = body["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    known.into_iter().find(|one| !one.to_string().contains("膵")).unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_single_entry_is_asked_to_be_corrected_from_where_it_is_read() {
    let town = Town::new().await;
    town.mandate().await;
    let (illness, result) = (entry_of(&town, "Condition").await, entry_of(&town, "Observation").await);
    for person in ["haru", "megumi", "mori"] {
        let base = if person == "haru" { "/me".to_owned() } else { town.at("") };
        let timeline = town.get(person, &format!("{base}/timeline")).await;
        assert!(timeline.text.contains(&format!("{base}/entries/{illness}")), "{person}: {}", timeline.text);
        let test = town.get(person, &format!("{base}/laboratory")).await;
        let slug = test.text.split("/laboratory/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let test = town.get(person, &format!("{base}/laboratory/{slug}")).await;
        assert!(test.text.contains(&format!("{base}/entries/{result}")), "{person}: {}", test.text);
        let page = town.get(person, &format!("{base}/entries/{illness}")).await;
        let asks = page.text.contains("この記録の訂正を求める");
        assert!(page.text.contains("脳梗塞") && asks == (person != "mori"), "{person}: {}", page.text);
    }
    // For her mother the daughter asks; both are told where it stands.
    let path = town.at(&format!("/entries/{result}"));
    let page = town.get("megumi", &path).await;
    let words = format!("words={}", query_value("数字がちがいます"));
    let asked = send(&town, "megumi", &page, &format!("{path}/correction"), &words).await;
    assert!(asked.location().ends_with("?done=wish"), "{}", asked.text);
    let again = send(&town, "megumi", &page, &format!("{path}/correction"), &words).await;
    assert_eq!(again.location(), town.at("/cases"), "the same form again is no second wish: {}", again.text);
    let case = town.get("haru", "/me/cases").await;
    assert_eq!(case.text.matches("訂正の求め").count(), 1, "{}", case.text);
    // A document's page is no entry's, and nothing that is not hers opens.
    for wrong in [format!("/me/documents/{result}"), format!("/me/entries/{}", town.patient), "/me/entries/x".into()] {
        assert_eq!(town.get("haru", &wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_found_to_be_wrong_is_told_to_every_reader_until_it_is_corrected() {
    let town = Town::new().await;
    let illness = entry_of(&town, "Condition").await;
    let own = format!("/me/entries/{illness}");
    let page = town.get("haru", &own).await;
    let asked =
        send(&town, "haru", &page, &format!("{own}/correction"), &format!("words={}", query_value("脳出血でした")))
            .await;
    let case = asked.location().split('?').next().unwrap().to_owned();
    let number = case.rsplit('/').next().unwrap().to_owned();
    let (office, review) = (format!("/office/cases/{number}"), format!("/review/{number}"));
    let page = town.get("clerk", &office).await;
    let refused = format!("said=1&act=refused&words={}", query_value("このとおりです"));
    assert_eq!(
        send(&town, "clerk", &page, &format!("{office}/answer"), &refused).await.location(),
        "/office/cases?done=1"
    );
    let mine = town.get("haru", &case).await;
    let insist = format!("said=2&act=insist&words={}", query_value("画像を見てください"));
    send(&town, "haru", &mine, &format!("{case}/reply"), &insist).await;
    let page = town.get("ito", &review).await;
    let unfit = format!("said=3&verdict=unfit&penalty=none&reason={}", query_value("画像では出血である"));
    let judged = send(&town, "ito", &page, &format!("{review}/judgement"), &unfit).await;
    assert_eq!(judged.status, StatusCode::SEE_OTHER, "{}", judged.text);

    // It does not force the author, and stays theirs to do: nothing else can be answered.
    let page = town.get("clerk", &office).await;
    assert!(
        page.text.contains("認められ、訂正を待っています") && !page.text.contains("value=\"refused\""),
        "{}",
        page.text
    );
    let annotated = format!("said=4&act=annotated&words={}", query_value("このままにします"));
    let annotated = send(&town, "clerk", &page, &format!("{office}/answer"), &annotated).await;
    assert!(!annotated.location().starts_with("/office/cases?done"), "{}", annotated.text);
    const TOLD: &str = "書いた機関は、期限が過ぎても直していません";
    for at in ["/timeline", ""] {
        assert!(!town.get("mori", &town.at(at)).await.text.contains(TOLD), "in time nobody is told");
    }
    town.clock.set(NOW.plus_millis(20 * 86_400_000));
    for person in ["mori", "rin", "haru"] {
        let base = if person == "haru" { "/me".to_owned() } else { town.at("") };
        let timeline = town.get(person, &format!("{base}/timeline")).await;
        assert!(timeline.text.contains(TOLD), "{person}: {}", timeline.text);
        let page = town.get(person, &format!("{base}/entries/{illness}")).await;
        assert!(page.text.contains(TOLD) && page.text.contains("脳出血でした"), "{person}: {}", page.text);
    }
    assert!(!town.get("mori", &town.at("/laboratory")).await.text.contains(TOLD), "what does not show it says nothing");
    for (person, list) in [("clerk", "/office/cases"), ("ito", "/review")] {
        let list = town.get(person, list).await;
        assert!(
            list.text.contains("訂正の求め") && list.text.contains("期限を過ぎています"),
            "{person}: {}",
            list.text
        );
    }
    // Late, the supervising body may say it again with a report; it cannot find otherwise.
    let page = town.get("ito", &review).await;
    assert!(page.text.contains("value=\"unfit\"") && !page.text.contains("value=\"fine\""), "{}", page.text);

    let newer = town.get("mori", &format!("/fhir/R4/Condition/{illness}")).await.text.replace("脳梗塞", "脳出血");
    let put = Request::put(format!("/fhir/R4/Condition/{illness}")).header(header::COOKIE, town.session("mori").await);
    let put = put.header(header::CONTENT_TYPE, "application/fhir+json").body(Body::from(newer)).unwrap();
    assert_eq!(town.send(put).await.status, StatusCode::OK);
    let page = town.get("clerk", &office).await;
    let corrected = format!("said=4&act=corrected&words={}", query_value("直しました"));
    let done = send(&town, "clerk", &page, &format!("{office}/answer"), &corrected).await;
    assert_eq!(done.location(), "/office/cases?done=1", "{}", done.text);
    let timeline = town.get("mori", &town.at("/timeline")).await;
    assert!(!timeline.text.contains(TOLD) && timeline.text.contains("脳出血"), "{}", timeline.text);
}
