//! The care worker's form.

use super::*;
use tsumugi_portal::view::ACTIVITIES;

fn answers(points: u8) -> String {
    ACTIVITIES.iter().map(|activity| format!("barthel-{}={points}&", activity.code)).collect()
}

#[tokio::test]
async fn a_form_sent_twice_is_written_once() {
    let town = Town::new().await;
    let session = town.session("rin").await;
    let form = town.get_with(&town.at("/care"), &session).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    let body = format!(
        "{}note={}&csrf={}&idempotency={}",
        answers(5),
        "%E3%82%80%E3%81%9B%E3%81%BE%E3%81%97%E3%81%9F",
        form.field("csrf"),
        form.field("idempotency")
    );
    let before = town.leaves();
    let first = town.post(&town.at("/care"), &session, &body).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    assert_eq!(town.leaves(), before + 1, "two observations, one leaf");
    let second = town.post(&town.at("/care"), &session, &body).await;
    assert_eq!(second.location(), first.location());
    let page = town.get_with(first.location(), &session).await;
    assert!(page.text.contains("12:00 記録しました") && page.text.contains("むせました"), "{}", page.text);
    let data = town.get("haru", "/api/me/activities").await;
    let body: serde_json::Value = serde_json::from_str(&data.text).unwrap();
    assert_eq!((body["measurements"].as_array().unwrap().len(), body["notes"].as_array().unwrap().len()), (1, 1));
    assert_eq!(
        (&body["measurements"][0]["total"], &body["measurements"][0]["items"][0]["points"]),
        (&50.into(), &5.into())
    );
    assert_eq!(body["notes"][0]["by"], "ひだまりデイ リン");
    assert!(town.get("haru", "/me/looks").await.text.contains("書いたもの:"));
}

#[tokio::test]
async fn faults_keep_what_was_typed_and_write_nothing() {
    let town = Town::new().await;
    let session = town.session("rin").await;
    let form = town.get_with(&town.at("/care"), &session).await;
    let body =
        format!("barthel-feeding=10&note=abc&csrf={}&idempotency={}", form.field("csrf"), form.field("idempotency"));
    let faulty = town.post(&town.at("/care"), &session, &body).await;
    assert_eq!(faulty.status, StatusCode::OK);
    assert!(faulty.text.contains("入力を直してください") && faulty.text.contains("abc</textarea>"), "{}", faulty.text);
    assert_eq!(faulty.field("idempotency"), form.field("idempotency"));
    let data = town.get("haru", "/api/me/activities").await;
    assert!(data.text.contains("\"measurements\":[]"), "{}", data.text);
}

#[tokio::test]
async fn only_our_own_form_of_those_whose_work_it_is_writes() {
    let town = Town::new().await;
    let session = town.session("rin").await;
    let form = town.get_with(&town.at("/care"), &session).await;
    let (csrf, number) = (form.field("csrf"), form.field("idempotency"));
    let path = town.at("/care");
    for body in [
        format!("note=x&idempotency={number}"),
        format!("note=x&idempotency={number}&csrf={}", "0".repeat(64)),
        format!("note=x&csrf={csrf}"),
    ] {
        assert_eq!(town.post(&path, &session, &body).await.status, StatusCode::FORBIDDEN, "{body}");
    }
    let whole = format!("note=x&idempotency={number}&csrf={csrf}");
    let cross = Request::post(&path)
        .header(header::COOKIE, &session)
        .header(header::HOST, "tsumugi.test")
        .header(header::ORIGIN, "http://evil.test");
    assert_eq!(town.send(cross.body(Body::from(whole.clone())).unwrap()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(town.post(&path, "", &whole).await.location(), "/sign-in");
    for person in ["haru", "clerk"] {
        assert_eq!(town.get(person, &path).await.status, StatusCode::NOT_FOUND, "{person}");
    }
    assert_eq!(town.post(&path, &session, &whole).await.status, StatusCode::SEE_OTHER);
}
