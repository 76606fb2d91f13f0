//! Taking along: files, sealed files, and links for whoever holds them.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

use super::*;

const UNTOLD: &str = "膵頭部癌";
const MINUTE: i64 = 60_000;

/// An answer that need not be text.
async fn bytes(town: &Town, path: &str, cookies: &str, body: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::post(path).header(header::COOKIE, cookies).header(header::HOST, "tsumugi.test");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = town.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

/// The file that the form gives.
async fn file(town: &Town, person: &str, base: &str, answers: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let session = town.session(person).await;
    let form = town.get_with(&format!("{base}/take"), &session).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    bytes(town, &format!("{base}/take"), &session, &format!("{answers}&csrf={}", form.field("csrf"))).await
}

async fn bundle(town: &Town, person: &str, base: &str, answers: &str) -> Value {
    let (status, headers, body) = file(town, person, base, answers).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "application/fhir+json");
    assert_eq!(headers[header::CONTENT_DISPOSITION], "attachment; filename=\"tsumugi-record.json\"");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    serde_json::from_slice(&body).unwrap()
}

fn kinds(bundle: &Value) -> Vec<&str> {
    let mut kinds: Vec<&str> = bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["resource"]["resourceType"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    kinds
}

#[tokio::test]
async fn the_summary_is_a_document_and_stands_in_her_log_as_taken_along() {
    let town = Town::new().await;
    let summary = bundle(&town, "haru", "/me", "what=summary&form=fhir&lock=no").await;
    assert_eq!(summary["type"], "document");
    assert!(summary["entry"][1]["fullUrl"].as_str().unwrap().starts_with("https://tsumugi.test/fhir/R4/Patient/"));
    let text = summary.to_string();
    assert!(text.contains("脳梗塞") && !text.contains(UNTOLD), "{text}");
    let looks = town.get("haru", "/me/looks").await;
    assert!(looks.text.contains("持ち出し</span>") && looks.text.contains("ご本人の依頼"), "{}", looks.text);
    assert_eq!(
        looks.text.matches("持ち出し</span>").count(),
        1,
        "the page of the form is a look, and takes nothing along"
    );
    let log = town.get("haru", &format!("/fhir/R4/Patient/{}/$access-log", town.patient)).await;
    assert!(log.text.contains("\"PATRQT\""), "{}", log.text);
}

#[tokio::test]
async fn everything_and_a_part_are_what_she_may_see_and_no_more() {
    let town = Town::new().await;
    let all = bundle(&town, "haru", "/me", "what=everything&form=fhir").await;
    assert_eq!(all["type"], "collection");
    assert!(kinds(&all).contains(&"Observation") && kinds(&all).contains(&"Flag") && !all.to_string().contains(UNTOLD));
    let part = bundle(&town, "haru", "/me", "what=part&category=condition&form=fhir").await;
    assert_eq!(kinds(&part), ["Condition", "Patient"]);
    let days = bundle(&town, "haru", "/me", "what=part&from=2026-11-18&to=2026-11-18&form=fhir").await;
    assert!(kinds(&days).contains(&"Observation") && !kinds(&days).contains(&"Condition"), "{:?}", kinds(&days));
}

#[tokio::test]
async fn what_is_wrong_with_the_answers_is_said_and_kept() {
    let town = Town::new().await;
    for (answers, said) in [
        ("what=part&form=fhir", "種類か期間を、ひとつ以上"),
        ("what=part&category=care&from=2026-02-02&to=2026-02-01&form=fhir", "日を正しく入れて"),
    ] {
        let (status, _, body) = file(&town, "haru", "/me", answers).await;
        let page = String::from_utf8(body).unwrap();
        assert!(status == StatusCode::OK && page.contains(said) && page.contains("<title>入力の誤り:"), "{page}");
        assert!(page.contains("value=\"part\" checked"), "{page}");
    }
    let session = town.session("haru").await;
    assert_eq!(bytes(&town, "/me/take", &session, "what=summary&form=fhir").await.0, StatusCode::FORBIDDEN, "no token");
}

#[tokio::test]
async fn a_daughter_takes_what_her_mandate_covers_and_a_stranger_nothing() {
    let town = Town::new().await;
    let session = town.session("haru").await;
    let form = town.get_with("/me/mandates", &session).await;
    let body = format!(
        "number=megumi&name={}&relation=%E5%A8%98&extent=some&category=condition&until=2027-11-22&csrf={}&idempotency={}",
        query_value("山田 恵"),
        form.field("csrf"),
        form.field("idempotency")
    );
    assert_eq!(town.post("/me/mandates", &session, &body).await.status, StatusCode::SEE_OTHER);
    let all = bundle(&town, "megumi", &town.at(""), "what=everything&form=fhir").await;
    assert!(kinds(&all).contains(&"Condition") && !kinds(&all).contains(&"Observation"), "{:?}", kinds(&all));
    assert!(!all.to_string().contains(UNTOLD));
    let looks = town.get("haru", "/me/looks").await;
    assert!(looks.text.contains("持ち出し</span>") && looks.text.contains("山田 恵"), "{}", looks.text);
    for person in ["stranger", "mori", "rin", "ito"] {
        assert_eq!(town.get(person, &town.at("/take")).await.status, StatusCode::NOT_FOUND, "{person}");
        let (session, start) = (town.session(person).await, town.get(person, "/").await);
        let sent = format!("what=everything&form=fhir&csrf={}", start.field("csrf"));
        let made = town.post(&town.at("/take"), &session, &sent).await;
        assert_eq!(made.status, StatusCode::NOT_FOUND, "{person}");
        assert!(!made.text.contains("脳梗塞"), "{person}");
    }
}

#[tokio::test]
async fn on_paper_it_is_a_pdf_and_sealed_it_says_nothing() {
    let town = Town::new().await;
    let (status, headers, pdf) = file(&town, "haru", "/me", "what=summary&form=pdf&lock=no").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "application/pdf");
    assert!(pdf.starts_with(b"%PDF-1.7"));
    // Sealed: first the password, and nothing of the record; then the file.
    let session = town.session("haru").await;
    let form = town.get_with("/me/take", &session).await;
    let answers = format!("what=summary&form=fhir&lock=yes&csrf={}", form.field("csrf"));
    let first = town.post("/me/take", &session, &answers).await;
    let password = first.field("password");
    assert!(
        password.len() == 24 && first.text.contains(&format!("<b translate=\"no\">{password}</b>")),
        "{}",
        first.text
    );
    let (_, headers, zip) = bytes(&town, "/me/take", &session, &format!("{answers}&password={password}")).await;
    assert_eq!(headers[header::CONTENT_TYPE], "application/zip");
    assert!(zip.starts_with(b"PK\x03\x04") && !zip.windows(12).any(|window| window == "脳梗塞".as_bytes()));
    let weak = bytes(&town, "/me/take", &session, &format!("{answers}&password=1234")).await;
    assert_eq!(weak.0, StatusCode::FORBIDDEN, "no other password than the page's kind");
}

#[tokio::test]
async fn programs_take_the_same_under_api() {
    let town = Town::new().await;
    let taken = town.get("haru", "/api/me/take?what=part&category=condition").await;
    let body: Value = serde_json::from_str(&taken.text).unwrap();
    assert_eq!(kinds(&body), ["Condition", "Patient"]);
    assert_eq!(town.get("haru", "/api/me/take?what=all").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(town.get("haru", "/api/me/take?what=part").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(town.get("haru", "/api/me/take?form=exe").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(town.get_with("/api/me/take", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(town.get("stranger", &format!("/api{}", town.at("/take"))).await.status, StatusCode::NOT_FOUND);
}

/// A link as the page shows it.
struct Shown {
    page: Answered,
    code: String,
    pin: String,
}

async fn link(town: &Town, uses: u8) -> Shown {
    let session = town.session("haru").await;
    let form = town.get_with("/me/take", &session).await;
    let body = format!("uses={uses}&csrf={}&idempotency={}", form.field("csrf"), form.field("idempotency"));
    let page = town.post("/me/take/link", &session, &body).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let code = page.text.split("https://tsumugi.test/link#").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let pin = page.text.split("<b translate=\"no\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(page.text.contains("<svg") && pin.len() == 6, "{}", page.text);
    let again = town.post("/me/take/link", &session, &body).await;
    assert!(again.text.contains(&code), "sent twice it is one link");
    Shown { page, code, pin }
}

async fn open(town: &Town, code: &str, pin: &str) -> Answered {
    let body = format!("code={}&pin={pin}&by={}", query_value(code), query_value("Dr. Smith <b>"));
    town.post("/link", "", &body).await
}

#[tokio::test]
async fn whoever_holds_a_link_sees_the_summary_once_and_she_reads_who_it_was() {
    let town = Town::new().await;
    let shown = link(&town, 1).await;
    let empty = town.get_with("/link", "").await;
    assert!(empty.status == StatusCode::OK && empty.text.contains("data-link-code"), "{}", empty.text);
    let seen = open(&town, &format!("https://tsumugi.test/link#{}", shown.code), &shown.pin).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
    assert!(seen.text.contains("脳梗塞") && seen.text.contains("1948年(昭和23年)") && !seen.text.contains(UNTOLD));
    assert!(seen.text.contains("data:application/fhir+json;base64,"));
    assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
    let again = open(&town, &shown.code, &shown.pin).await;
    assert!(again.status == StatusCode::NOT_FOUND && again.text.contains("このリンクは開けません"), "{}", again.text);
    let page = town.get("haru", "/me/take").await;
    assert!(page.text.contains("Dr. Smith &lt;b&gt;") && page.text.contains("決めた回数だけ開かれた"), "{}", page.text);
    let looks = town.get("haru", "/me/looks").await;
    assert!(
        looks.text.contains("Dr. Smith &lt;b&gt;") && looks.text.contains("リンクを受け取った人"),
        "{}",
        looks.text
    );
    let told = town.get("haru", "/me/notices").await;
    assert!(told.text.contains("Dr. Smith"), "somebody new: she is told. {}", told.text);
}

#[tokio::test]
async fn a_viewer_of_smart_health_links_gets_the_sealed_file_and_opens_it_with_the_key() {
    let town = Town::new().await;
    let shown = link(&town, 3).await;
    let payload: Value =
        serde_json::from_slice(&BASE64.decode(shown.code.strip_prefix("shlink:/").unwrap()).unwrap()).unwrap();
    assert_eq!((payload["flag"].as_str(), payload["v"].as_u64()), (Some("P"), Some(1)));
    assert_eq!(payload["exp"].as_i64(), Some((NOW.0 + 15 * MINUTE) / 1000));
    let path = payload["url"].as_str().unwrap().strip_prefix("https://tsumugi.test").unwrap();
    let ask = async |body: String| {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        town.send(request.body(Body::from(body)).unwrap()).await
    };
    let wrong = ask(r#"{"recipient":"Clinic","passcode":"x"}"#.to_owned()).await;
    assert_eq!((wrong.status, wrong.text.as_str()), (StatusCode::UNAUTHORIZED, r#"{"remainingAttempts":4}"#));
    assert_eq!(ask("{}".to_owned()).await.status, StatusCode::BAD_REQUEST, "a recipient is asked for");
    assert_eq!(ask("nonsense".to_owned()).await.status, StatusCode::BAD_REQUEST);
    let given = ask(format!(r#"{{"recipient":"Clinic","passcode":"{}"}}"#, shown.pin)).await;
    let manifest: Value = serde_json::from_str(&given.text).unwrap();
    assert_eq!(manifest["files"][0]["contentType"], "application/fhir+json");
    let jwe = manifest["files"][0]["embedded"].as_str().unwrap();
    assert!(!given.text.contains("脳梗塞") && jwe.split('.').count() == 5);
    // Opened as RFC 7516 says, with the key that stands in the link alone.
    let [head, _, nonce, cipher, tag] = jwe.split('.').collect::<Vec<_>>().try_into().unwrap();
    let head_words: Value = serde_json::from_slice(&BASE64.decode(head).unwrap()).unwrap();
    assert_eq!((head_words["alg"].as_str(), head_words["enc"].as_str()), (Some("dir"), Some("A256GCM")));
    let key: [u8; 32] = BASE64.decode(payload["key"].as_str().unwrap()).unwrap().try_into().unwrap();
    let nonce: [u8; 12] = BASE64.decode(nonce).unwrap().try_into().unwrap();
    let sealed = [BASE64.decode(cipher).unwrap(), BASE64.decode(tag).unwrap()].concat();
    use aes_gcm::{KeyInit as _, aead::Aead as _};
    let cipher = aes_gcm::Aes256Gcm::new(&key.into());
    let plain = cipher.decrypt(&nonce.into(), aes_gcm::aead::Payload { msg: &sealed, aad: head.as_bytes() }).unwrap();
    let summary: Value = serde_json::from_slice(&plain).unwrap();
    assert!(summary["type"] == "document" && summary.to_string().contains("脳梗塞"));
}

#[tokio::test]
async fn a_link_that_is_wrong_expired_ended_or_guessed_shows_nothing() {
    let town = Town::new().await;
    let shown = link(&town, 3).await;
    assert_eq!(open(&town, "shlink:/e30", &shown.pin).await.status, StatusCode::BAD_REQUEST);
    let nameless = town.post("/link", "", &format!("code={}&pin={}", query_value(&shown.code), shown.pin)).await;
    assert_eq!(nameless.status, StatusCode::BAD_REQUEST);
    for left in [4, 3, 2, 1] {
        let tried = open(&town, &shown.code, "abc").await;
        assert!(tried.text.contains(&format!("あと{left}回ためせます")), "{}", tried.text);
    }
    assert_eq!(open(&town, &shown.code, "abc").await.status, StatusCode::NOT_FOUND);
    assert_eq!(open(&town, &shown.code, &shown.pin).await.status, StatusCode::NOT_FOUND, "five were wrong");
    // She ends one; nobody opens it any more. Another person cannot end it.
    let shown = link(&town, 3).await;
    let end =
        shown.page.text.split("action=\"").find(|part| part.contains("/end\"")).unwrap().split('"').next().unwrap();
    let session = town.session("haru").await;
    let csrf = shown.page.field("csrf");
    let stranger = town.session("stranger").await;
    assert!(town.post(end, &stranger, &format!("csrf={csrf}")).await.status.is_client_error());
    assert_eq!(town.post(end, &session, "").await.status, StatusCode::FORBIDDEN, "no token");
    let ended = town.post(end, &session, &format!("csrf={csrf}")).await;
    assert_eq!(ended.location(), "/me/take?done=ended");
    assert_eq!(open(&town, &shown.code, &shown.pin).await.status, StatusCode::NOT_FOUND);
    // Fifteen minutes.
    let shown = link(&town, 3).await;
    town.clock.set(NOW.plus_millis(15 * MINUTE));
    assert_eq!(open(&town, &shown.code, &shown.pin).await.status, StatusCode::NOT_FOUND);
    town.clock.set(NOW);
    assert_eq!(open(&town, &shown.code, &shown.pin).await.status, StatusCode::NOT_FOUND, "a clock set back");
    let guess = BASE64.encode([7; 32]);
    let request =
        Request::post(format!("/link/{guess}")).body(Body::from(r#"{"recipient":"x","passcode":"1"}"#)).unwrap();
    assert_eq!(town.send(request).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn somebody_elses_record_makes_no_link() {
    let town = Town::new().await;
    for person in ["stranger", "mori", "rin", "ito", "clerk"] {
        let session = town.session(person).await;
        let csrf = town.get_with("/", &session).await.field("csrf");
        let body = format!("uses=1&csrf={csrf}&idempotency={}", "0a".repeat(16));
        let made = town.post(&town.at("/take/link"), &session, &body).await;
        assert!(
            made.status.is_client_error() && !made.text.contains("shlink"),
            "{person}: {} {}",
            made.status,
            made.text
        );
    }
    let session = town.session("haru").await;
    let csrf = town.get_with("/me/take", &session).await.field("csrf");
    for body in ["uses=1&idempotency=x", "uses=9&idempotency=0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"] {
        assert!(town.post("/me/take/link", &session, &format!("{body}&csrf={csrf}")).await.status.is_client_error());
    }
}

/// The summary that she carries, as a file.
async fn carried(town: &Town) -> String {
    let session = town.session("haru").await;
    let csrf = town.get_with("/me/take", &session).await.field("csrf");
    let file = town.post("/me/take/emergency", &session, &format!("csrf={csrf}&as=file")).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.text);
    file.text
}

async fn tell(town: &Town, person: &str, json: &serde_json::Value) -> Answered {
    let request = Request::post("/api/disaster/receipts").header(header::COOKIE, town.session(person).await);
    let request = request.header(header::CONTENT_TYPE, "application/json").header(header::HOST, "tsumugi.test");
    town.send(request.body(Body::from(json.to_string())).unwrap()).await
}

#[tokio::test]
async fn she_carries_a_summary_that_is_read_without_a_network_and_told_later() {
    use sha2::Digest as _;
    let town = Town::new().await;
    let key = town.get_with("/emergency/key", "").await.text;
    let note = carried(&town).await;
    let read = tsumugi_ledger::EmergencySummary::open(&note, Some(key.trim())).unwrap();
    assert!(
        note.contains("name 山田 ハル") && note.contains("condition 脳梗塞") && note.contains("とろみをつける"),
        "{note}"
    );
    assert!(!note.contains("膵頭部癌") && !note.contains("CRP") && !note.contains(&town.patient), "{note}");
    let log = town.get("haru", "/me/looks").await;
    assert!(log.text.contains("href=\"/me/looks/"), "taking it along stands in the log: {}", log.text);
    // A page to print with the code, and the reader with the key in it.
    let session = town.session("haru").await;
    let csrf = town.get_with("/me/take", &session).await.field("csrf");
    let page = town.post("/me/take/emergency", &session, &format!("csrf={csrf}&as=page")).await;
    assert!(page.text.contains("<svg") && page.text.contains("tsumugi-emergency-summary/1"), "{}", page.text);
    let reader = town.get_with("/emergency/reader", "").await;
    assert!(reader.text.contains(key.trim()) && !reader.text.contains("{{KEY}}"));
    assert_eq!(town.get("mori", &town.at("/take/emergency")).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let forged = town.post("/me/take/emergency", &session, "as=file").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);

    // The nurse read it without a network, and tells so when it is back.
    town.clock.set(NOW.plus_millis(3_600_000));
    let hash: String = sha2::Sha256::digest(note.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let receipt = serde_json::json!({"v": 1, "id": read.id, "hash": hash, "at": "2026-11-22T03:30:00.000Z", "reason": "停電の避難所で"});
    let before = town.leaves();
    let told = tell(&town, "mori", &receipt).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let again = tell(&town, "mori", &receipt).await;
    assert!(told.text.contains("\"again\":false") && again.text.contains("\"again\":true"), "{}", again.text);
    assert_eq!(town.leaves(), before + 1);
    let look = town.get("haru", "/me/looks").await;
    assert!(look.text.contains("<rt>ユミ</rt>"), "{}", look.text);
    let number =
        look.text.split("href=\"/me/looks/").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let one = town.get("haru", &format!("/me/looks/{number}")).await;
    assert!(one.text.contains("電波のないところで見た") && one.text.contains("12:30"), "{}", one.text);
    let bad = tell(&town, "mori", &serde_json::json!({"id": read.id, "hash": "ab".repeat(32), "at": "2026-11-22T03:30:00Z", "reason": "停電の避難所で"})).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", bad.text);
    assert_eq!(tell(&town, "haru", &receipt).await.status, StatusCode::NOT_FOUND);

    // By the form, from the summary's own text, as a browser sends it.
    let session = town.session("sasaki").await;
    let csrf = town.get_with("/disaster/receipts", &session).await.field("csrf");
    let pasted = note.trim_end().replace('\n', "\r\n");
    let body = format!(
        "csrf={csrf}&text={}&at=2026-11-22T12:40&reason={}",
        query_value(&pasted),
        query_value("倒れていて、話せない")
    );
    let handed = town.post("/disaster/receipts", &session, &body).await;
    assert!(handed.text.contains("届けました"), "{}", handed.text);
    let again = town.post("/disaster/receipts", &session, &body).await;
    assert!(again.text.contains("もう届いています"), "{}", again.text);
    for (text, words) in [("なにか", "緊急のまとめでもありません"), ("{}", "緊急のまとめでもありません")]
    {
        let body = format!("csrf={csrf}&text={}&at=&reason=", query_value(text));
        let faulty = town.post("/disaster/receipts", &session, &body).await;
        assert!(faulty.text.contains(words) && faulty.text.contains("<title>入力の誤り:"), "{}", faulty.text);
    }
    assert_eq!(town.get("haru", "/disaster/receipts").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_she_hides_even_from_an_emergency_is_not_carried() {
    for allowed in [true, false] {
        let town = Town::new().await;
        super::glass::restrict(&town, allowed).await;
        let note = carried(&town).await;
        assert_eq!(
            note.contains("脳梗塞"),
            allowed,
            "it was hidden from one person only, and whoever finds it can read it"
        );
        assert_eq!(note.contains("山田 ハル"), allowed);
    }
}
