//! The log in her hand: searched, kept apart, saved; odd looks told with their reasons.

use super::*;

/// Screens all that came.
async fn screened(town: &Town) {
    while town.desk.door.screen().await.unwrap().more {}
}

#[tokio::test]
async fn the_log_is_searched_by_name_and_saved_as_a_table_and_with_proofs() {
    let town = Town::new().await;
    town.get("mori", &town.at("")).await;
    let all = town.get("haru", "/me/looks").await;
    assert!(all.text.contains("由美") && all.text.contains("name=\"text\""), "{}", all.text);
    for wanted in ["森", "もり", "みなと", "由美"] {
        let found = town.get("haru", &format!("/me/looks?text={}", query_value(wanted))).await;
        assert!(found.text.contains("由美"), "{wanted}: {}", found.text);
    }
    let none = town.get("haru", &format!("/me/looks?text={}", query_value("いない人"))).await;
    assert!(none.text.contains("この条件では、見た人はいません"), "{}", none.text);
    for bad in ["by=robot", "kind=Nothing", "purpose=X", "from=gestern", &format!("text={}", "x".repeat(101))] {
        assert_eq!(town.get("haru", &format!("/me/looks?{bad}")).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }

    let table = town.get("haru", &format!("/me/looks/csv?text={}", query_value("森"))).await;
    assert!(table.text.starts_with("\u{feff}\"番号\"") && table.text.contains("森 由美"), "{}", table.text);
    assert!(table.text.matches("\r\n").count() >= 2 && !table.text.contains("\"山田 ハル\",\"\",\"\",\"\""));
    let json: serde_json::Value =
        serde_json::from_str(&town.get("haru", "/me/looks/json?kind=Condition").await.text).unwrap();
    assert_eq!(json["format"], "tsumugi-looks/1");
    assert!(!json["looks"].as_array().unwrap().is_empty() && json["proof"].is_object(), "{json}");
    // Nobody else saves it.
    for path in ["/me/looks/csv", "/me/looks/json"] {
        let other = town.get("mori", path).await;
        assert!(!other.text.contains("森 由美,") && other.status != StatusCode::OK, "{path}: {}", other.status);
    }
}

#[tokio::test]
async fn an_odd_look_is_told_with_its_reasons_to_her_and_to_the_supervisor() {
    let town = Town::new().await;
    // The supervisor looks at her log without a case: curiosity.
    let patient = town.patient.clone();
    let watch = tsumugi_access::Caller {
        scope: None,
        person: PersonId::new("ito").unwrap(),
        person_name: "伊藤 誠".into(),
        qualification: None,
        organization: OrganizationId::new("supervision").unwrap(),
        organization_name: "健康記録監督委員会".into(),
        organization_kind: OrganizationKind::SupervisingBody,
        role: Role::Supervisor,
        purpose: Purpose::Operations,
        citizen: None,
        on_behalf: None,
        automatic: false,
        reason: None,
        whole: false,
        expires: Instant(i64::MAX),
    };
    let citizen = town.desk.record.sealer().open(&patient).unwrap().citizen;
    let request = tsumugi_access::Request { caller: &watch, action: tsumugi_access::Action::AccessLog, citizen };
    town.desk.door.admit(request).await.unwrap().seal(tsumugi_access::Shown::none()).await.unwrap();
    let before = town.leaves();
    screened(&town).await;
    assert_eq!(town.leaves(), before, "screening is no look");

    let notices = town.get("haru", "/me/notices").await;
    assert!(notices.text.contains("ふつうでない閲覧です") && notices.text.contains("伊藤 誠"), "{}", notices.text);
    let path = notices.text.split("href=\"/me/looks/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let look = town.get("haru", &format!("/me/looks/{path}")).await;
    for words in ["ふつうでない閲覧として", "調べる案件がないのに見ました"] {
        assert!(look.text.contains(words), "{words}: {}", look.text);
    }
    let queue = town.get("ito", "/review").await;
    for words in ["ふつうでない閲覧", "調べる案件がないのに見ました", "伊藤 誠"] {
        assert!(queue.text.contains(words), "{words}: {}", queue.text);
    }
    assert!(!queue.text.contains("山田"), "{}", queue.text);
    // Her choice to hear of emergencies alone is kept.
    let session = town.session("haru").await;
    let csrf = notices.field("csrf");
    town.post("/me/notices/choice", &session, &format!("csrf={csrf}&choice=emergencies")).await;
    assert!(!town.get("haru", "/me/notices").await.text.contains("ふつうでない閲覧です"));
}
