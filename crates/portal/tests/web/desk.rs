//! `/api/desk`: two clerks make two records one person's, and one takes it back.

use super::*;

/// A clerk of the hospital who is not on the card.
fn another(town: &Town, id: &str) -> String {
    let ends = town.clock.now().plus_millis(tsumugi_signin::SESSION_MILLIS);
    let (person, place) = (PersonId::new(id).unwrap(), OrganizationId::new(HOSPITAL).unwrap());
    let claims = Claims::new(Role::Registrar, Purpose::RecordManagement, person, place, ends);
    format!("{COOKIE}={}", tsumugi_signin::issue(&claims, &town.key))
}

async fn said(town: &Town, cookies: &str, path: &str, body: &str) -> (StatusCode, serde_json::Value) {
    let request = Request::post(path).header(header::COOKIE, cookies).header(header::HOST, "tsumugi.test");
    let request = request.header(header::ORIGIN, "http://tsumugi.test").header("sec-fetch-site", "same-origin");
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_owned())).unwrap();
    let answer = town.send(request).await;
    (answer.status, serde_json::from_str(&answer.text).unwrap())
}

#[tokio::test]
async fn two_clerks_merge_and_one_takes_it_back() {
    let town = Town::new().await;
    let twin = format!(
        r#"{{"resourceType":"Patient","identifier":[{{"system":"{MEMBER}","value":"39131234::00420079:"}}],"name":[{{"text":"山田 ハル"}}],"gender":"female","birthDate":"1948-03-05"}}"#
    );
    town.create("mori", "Patient", &twin).await;
    let (first, second) = (town.session("clerk").await, another(&town, "clerk-2"));
    for (path, who) in [("/api/desk/matches", "haru"), ("/api/desk/merges", "mori")] {
        assert_eq!(town.get_with(path, "").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(town.get(who, path).await.status, StatusCode::NOT_FOUND, "{who}");
    }
    let before = town.leaves();
    let listed = town.get_with("/api/desk/matches", &first).await;
    assert!(!listed.text.contains("山田") && town.leaves() == before, "a list names nobody: {}", listed.text);
    let listed: serde_json::Value = serde_json::from_str(&listed.text).unwrap();
    assert_eq!(listed["entries"][0]["reason"], "likeness");
    let pair = format!("/api/desk/matches/{}", listed["entries"][0]["id"].as_str().unwrap());
    let shown = town.get_with(&pair, &first).await;
    assert!(shown.text.contains("山田 ハル") && town.leaves() == before + 2, "{}", shown.text);
    // A form of another page is no word of a clerk.
    let form = town.post(&format!("{pair}/proposal"), &first, "opinion=same&reason=x").await;
    assert_eq!(form.status, StatusCode::BAD_REQUEST);
    let word = r#"{"opinion":"same","reason":"住所と電話が同じ"}"#;
    assert_eq!(said(&town, &first, &format!("{pair}/proposal"), r#"{"opinion":"same","reason":""}"#).await.0, 400);
    let (status, body) = said(&town, &first, &format!("{pair}/proposal"), word).await;
    assert_eq!((status, &body["state"]), (StatusCode::OK, &"proposed".into()));
    let yes = r#"{"agrees":true,"reason":"本人に確かめた"}"#;
    let (status, body) = said(&town, &first, &format!("{pair}/confirmation"), yes).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body["error"]["ja"].as_str().unwrap().contains("別の職員"), "{body}");
    let (status, body) = said(&town, &second, &format!("{pair}/confirmation"), yes).await;
    assert_eq!((status, &body["state"]), (StatusCode::OK, &"same".into()), "{body}");
    let (status, again) = said(&town, &second, &format!("{pair}/confirmation"), yes).await;
    assert_eq!(status, StatusCode::CONFLICT, "{again}");
    // Her file holds both chains, and each holds.
    let file = town.get("haru", "/api/me/looks/proof").await;
    let reports = tsumugi_ledger::ProofFile::from_json(file.text.as_bytes()).unwrap().verify(Some(&town.vkey)).unwrap();
    assert_eq!(reports.len(), 2);
    assert_eq!(town.get("haru", "/me/looks").await.status, StatusCode::OK);
    let undo = format!("/api/desk/merges/{}/undo", body["merge"].as_str().unwrap());
    let (status, undone) = said(&town, &second, &undo, r#"{"reason":"双子だった"}"#).await;
    assert_eq!((status, &undone["undone"]["reason"]), (StatusCode::OK, &"双子だった".into()), "{undone}");
    assert_eq!(said(&town, &second, &undo, r#"{"reason":"双子だった"}"#).await.0, StatusCode::CONFLICT);
    let listed = town.get_with("/api/desk/matches", &first).await;
    assert!(listed.text.contains("\"waiting\""), "queued again: {}", listed.text);
}
