//! The supervising body: the queue, a case, whose record it is, and the judgement.

use super::*;

async fn case_path(town: &Town) -> String {
    let queue = town.get("ito", "/review").await;
    let path = queue.text.split("href=\"/review/").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    format!("/review/{path}")
}

async fn judged(town: &Town, path: &str, body: &str) -> Answered {
    let session = town.session("ito").await;
    let csrf = town.get("ito", "/review").await.field("csrf");
    town.post(
        &format!("{path}{}", if body.is_empty() { "/name" } else { "/judgement" }),
        &session,
        &format!("csrf={csrf}&{body}"),
    )
    .await
}

#[tokio::test]
async fn a_case_is_opened_named_and_judged_and_each_step_is_in_her_log() {
    let town = Town::new().await;
    let none = town.get("ito", "/review").await;
    assert!(none.status == StatusCode::OK && none.text.contains("審査を待つ案件はありません"), "{}", none.text);
    assert!(town.get("ito", "/").await.text.contains("href=\"/review\""));
    let cookies = super::glass::broken(&town).await;
    town.get_with(&town.at(""), &cookies).await;

    let before = town.leaves();
    let queue = town.get("ito", "/review").await;
    for words in ["森 由美", "みなと総合病院", "11月30日(月)", "審査を待っています"] {
        assert!(queue.text.contains(words), "{words}: {}", queue.text);
    }
    assert!(!queue.text.contains("山田") && !queue.text.contains(&town.patient) && town.leaves() == before);
    let path = case_path(&town).await;
    let case = town.get("ito", &path).await;
    for words in [super::glass::REASON, "この件をふくむ", "病気 2件", "break-glass"] {
        assert!(case.text.contains(words), "{words}: {}", case.text);
    }
    assert!(!case.text.contains("山田") && town.leaves() == before + 1, "{}", case.text);
    let named = judged(&town, &path, "").await;
    assert!(named.text.contains("山田 ハル") && named.text.contains("1948年"), "{}", named.text);
    assert_eq!(town.leaves(), before + 2);
    let forged = town.post(&format!("{path}/name"), &town.session("ito").await, "").await;
    assert!(forged.status == StatusCode::FORBIDDEN && !forged.text.contains("山田"));

    // Faults are told with the answers kept.
    let faulty = judged(&town, &path, "said=0&verdict=unfit").await;
    assert!(
        faulty.text.contains("理由を書いてください") && faulty.text.contains("value=\"unfit\" checked"),
        "{}",
        faulty.text
    );
    let reason = query_value("薬の一覧で足りたはず");
    let asked = judged(&town, &path, &format!("said=0&verdict=explain&reason={reason}")).await;
    assert_eq!(asked.location(), "/review?done=explain", "{}", asked.text);
    assert!(town.get("ito", "/review?done=explain").await.text.contains("答えを待っています"));
    let late = judged(&town, &path, &format!("said=0&verdict=fine&reason={}", query_value("正しい"))).await;
    assert!(late.text.contains("ほかの人が先に書きました"), "{}", late.text);
    let fine = judged(&town, &path, &format!("said=1&verdict=fine&reason={}", query_value("説明で足りた"))).await;
    assert_eq!(fine.location(), "/review?done=fine", "{}", fine.text);
    assert!(town.get("ito", "/review").await.text.contains("審査を待つ案件はありません"));
    let closed = town.get("ito", &path).await;
    assert!(closed.text.contains("薬の一覧で足りたはず") && !closed.text.contains("/judgement"), "{}", closed.text);

    // She reads how it ended, and that the supervisor was there; never what supervisors wrote to each other.
    let looks = town.get("haru", "/me/looks?purpose=BTG").await;
    let number =
        looks.text.split("href=\"/me/looks/").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let look = town.get("haru", &format!("/me/looks/{number}")).await;
    assert!(look.text.contains("11月22日(日)に、問題はないと決まりました"), "{}", look.text);
    let review = town.get("haru", "/me/looks?purpose=HOPERAT").await;
    assert!(review.text.contains("伊藤 誠") && review.text.contains("健康記録監督委員会"), "{}", review.text);
    for page in [&look, &review] {
        assert!(!page.text.contains("足りた"), "{}", page.text);
    }
}

#[tokio::test]
async fn cases_are_the_supervisors_alone() {
    let town = Town::new().await;
    let cookies = super::glass::broken(&town).await;
    town.get_with(&town.at(""), &cookies).await;
    let path = case_path(&town).await;
    for person in ["mori", "haru", "clerk", "rin"] {
        let session = town.session(person).await;
        for path in ["/review", &path] {
            assert_eq!(town.get(person, path).await.status, StatusCode::NOT_FOUND, "{person} {path}");
        }
        let csrf = town.get(person, "/settings?text=usual").await;
        assert_eq!(csrf.status, StatusCode::SEE_OTHER);
        let named = town.post(&format!("{path}/name"), &session, "csrf=x").await;
        assert!(!named.status.is_success() && !named.text.contains("1948年"), "{person}");
    }
    assert_eq!(town.get_with("/review", "").await.status, StatusCode::SEE_OTHER);
    for nothing in ["/review/x", &format!("/review/{}", town.patient)] {
        assert_eq!(town.get("ito", nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    // The record stays closed to her judge.
    assert_eq!(town.get("ito", &town.at("")).await.status, StatusCode::NOT_FOUND);
}
