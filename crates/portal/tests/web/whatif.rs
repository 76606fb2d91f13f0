//! The supervising body tries rules before they bind.

use super::*;

#[tokio::test]
async fn a_supervisor_sees_what_other_rules_would_have_changed_and_nobody_else_does() {
    let town = Town::new().await;
    // The office in charge looks, and the hospital.
    for person in ["rin", "mori"] {
        assert_eq!(town.get(person, &town.at("/timeline")).await.status, StatusCode::OK);
    }
    town.clock.set(NOW.plus_millis(1_000));
    assert!(town.get("ito", "/").await.text.contains("href=\"/what-if\""));
    let start = town.get("ito", "/what-if").await;
    assert!(start.text.contains("jp-2026") && start.text.contains("/what-if?file=TREAT"), "{}", start.text);
    let session = town.session("ito").await;
    let csrf = start.field("csrf");
    let before = town.leaves();
    let tried = town.post("/what-if", &session, &format!("csrf={csrf}&days=7&profile=jp-2026")).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.text);
    for words in ["試した結果", "care-in-charge", "看護師", "見える範囲がせまくなる"] {
        assert!(tried.text.contains(words), "{words}: {}", tried.text);
    }
    assert!(!tried.text.contains("森") && !tried.text.contains("山田"), "it names nobody: {}", tried.text);
    assert_eq!(town.leaves(), before, "it is a look at nobody");
    // The same rules change nothing.
    let same = town.post("/what-if", &session, &format!("csrf={csrf}&days=7&profile=special-law")).await;
    assert!(!same.text.contains("<table"), "{}", same.text);
    // Others find no such page, and a form of elsewhere tries nothing.
    for person in ["mori", "haru", "rin"] {
        assert_ne!(town.get(person, "/what-if").await.status, StatusCode::OK, "{person}");
        let other = town.session(person).await;
        assert_ne!(town.post("/what-if", &other, "days=7&profile=jp-2026").await.status, StatusCode::OK, "{person}");
    }
    assert_eq!(town.post("/what-if", &session, "days=7&profile=jp-2026").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn one_rule_is_changed_and_tried_and_a_text_that_is_none_is_told() {
    let town = Town::new().await;
    assert_eq!(town.get("mori", &town.at("/timeline")).await.status, StatusCode::OK);
    town.clock.set(NOW.plus_millis(1_000));
    let page = town.get("ito", "/what-if?file=TREAT").await;
    assert!(page.text.contains("treat-in-care") && page.text.contains("<textarea"), "{}", page.text);
    let session = town.session("ito").await;
    let sent = |text: &str| {
        let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("csrf={}&days=1&file=TREAT&text={text}", page.field("csrf"))
    };
    let refused = town.post("/what-if", &session, &sent("// nothing is permitted\n")).await;
    assert!(refused.text.contains("見られなくなる") && refused.text.contains("<table"), "{}", refused.text);
    let never = "@id(\"n\") @shows(\"identity\") @ja(\"だれも\") @en(\"nobody\") @source(\"試し\")\npermit (principal, action, resource) when { false };";
    for wrong in ["permit (", "permit (principal, action, resource);", never] {
        let told = town.post("/what-if", &session, &sent(wrong)).await;
        assert!(told.text.contains("決まりの文を読み取れません"), "{wrong}: {}", told.text);
        assert!(
            told.text.contains("<textarea") && told.text.contains("permit ("),
            "what was typed is there: {}",
            told.text
        );
    }
    assert_eq!(town.get("ito", "/what-if?file=NOTHING").await.status, StatusCode::NOT_FOUND);
}
