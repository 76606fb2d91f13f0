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
