//! Who could see the record, now and before, and who could see one document.

use super::*;

/// The lines of those who could, without those who could not.
fn seeing(page: &Answered) -> String {
    let main = page.text.split("<main").nth(1).unwrap();
    main.split("<h3>").next().unwrap().to_owned()
}

#[tokio::test]
async fn who_can_see_it_now_and_who_could_before_the_office_was_hidden_from() {
    let town = Town::new().await;
    town.desk.door.note_policies().await.unwrap();
    let now = town.get("haru", "/me/sharing/who").await;
    assert_eq!(now.status, StatusCode::OK, "{}", now.text);
    assert!(seeing(&now).contains("ひだまりデイ") && seeing(&now).contains("見られるものと、その理由"), "{}", now.text);
    assert!(town.get("haru", "/me/sharing").await.text.contains("/me/sharing/who"), "it is found from there");
    // She hides everything from the office; before that it could see it.
    town.clock.set(NOW.plus_millis(3_600_000));
    let answers = format!("what=everything&whom=organization%3A{OFFICE}&long=always&emergency=no");
    let session = town.session("haru").await;
    let check = town.get_with(&format!("/me/sharing/new?step=4&{answers}"), &session).await;
    let body = format!("{answers}&csrf={}&idempotency={}", check.field("csrf"), check.field("idempotency"));
    assert_eq!(town.post("/me/sharing", &session, &body).await.status, StatusCode::SEE_OTHER);
    town.clock.set(NOW.plus_millis(2 * 3_600_000));
    let now = town.get("haru", "/me/sharing/who").await;
    assert!(!seeing(&now).contains("ひだまりデイ") && now.text.contains("ひだまりデイ"), "{}", now.text);
    let civil = NOW.plus_millis(1_800_000).civil();
    let asked = format!("/me/sharing/who?day={}&time={}", civil.date(), civil.strftime("%H:%M"));
    let before = town.get("haru", &asked).await;
    assert!(seeing(&before).contains("ひだまりデイ"), "{}", before.text);
    let early = town.get("haru", "/me/sharing/who?day=2001-01-01").await;
    assert!(early.text.contains("そのときの決まりは、ここに残っていません"), "{}", early.text);
    for wrong in ["day=2100-01-01", "day=x", "time=10%3A00", "day=2026-02-30"] {
        let told = town.get("haru", &format!("/me/sharing/who?{wrong}")).await;
        assert!(
            told.status == StatusCode::OK && told.text.contains("日時を確かめてください"),
            "{wrong}: {}",
            told.text
        );
    }
}

#[tokio::test]
async fn of_one_thing_it_is_told_who_can_see_it_and_of_what_is_withheld_nothing() {
    let town = Town::new().await;
    town.desk.door.note_policies().await.unwrap();
    let found = town.get("mori", &format!("/fhir/R4/Condition?patient={}", town.patient)).await;
    let bundle: serde_json::Value = serde_json::from_str(&found.text).unwrap();
    let id = |name: &str| {
        let entries = bundle["entry"].as_array().unwrap().iter();
        let all: Vec<_> = entries.filter(|entry| entry["resource"]["code"]["text"] == name).collect();
        all[0]["resource"]["id"].as_str().unwrap().to_owned()
    };
    let stroke = town.get("haru", &format!("/me/sharing/who?fact=Condition/{}", id("脳梗塞"))).await;
    assert!(stroke.status == StatusCode::OK && seeing(&stroke).contains("みなと総合病院"), "{}", stroke.text);
    assert!(stroke.text.contains("これを見られない人"), "{}", stroke.text);
    let day = NOW.civil().date().yesterday().unwrap();
    let before = town.get("haru", &format!("/me/sharing/who?fact=Condition/{}&day={day}", id("脳梗塞"))).await;
    assert!(before.text.contains("そのときの決まりは"), "{}", before.text);
    // What she has not been told is as if it were not there, and so is what is not hers or nothing at all.
    let withheld = town.get("haru", &format!("/me/sharing/who?fact=Condition/{}", id("膵頭部癌"))).await;
    let nothing = town.get("haru", "/me/sharing/who?fact=Condition/x").await;
    assert_eq!((withheld.status, nothing.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert!(!withheld.text.contains("膵"));
    // Whoever only cares for her learns nothing of it.
    let nurse = town.get("mori", &format!("/people/{}/sharing/who", town.patient)).await;
    assert!(nurse.status != StatusCode::OK, "{}", nurse.text);
}
