//! `/api/insurer` as programs ask it.

use super::*;

const FILE: &str = "event,kind,insurer,symbol,number,branch,name,birth_date,sex,from\r\n\
                    register,medical,39490014,,00420099,,佐藤 ミネ,1950-01-01,female,2025-04-01\r\n\
                    register,medical,06123456,,1,01,別の 人,1950-01-01,male,2025-04-01\r\n";
const NUMBER: &str = "123456789018";

impl Town {
    /// As a program with a token: the test's middleware takes it from the cookie.
    async fn program(&self, method: &str, path: &str, who: (Role, Purpose, &str), body: &str) -> Answered {
        let (person, place) = (PersonId::new("clerk-of-payer").unwrap(), OrganizationId::new(who.2).unwrap());
        let ends = self.clock.now().plus_millis(tsumugi_signin::SESSION_MILLIS);
        let token = tsumugi_signin::issue(&Claims::new(who.0, who.1, person, place, ends), &self.key);
        let request = Request::builder().method(method).uri(path).header(header::COOKIE, format!("{COOKIE}={token}"));
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

fn json(answered: &Answered) -> serde_json::Value {
    serde_json::from_str(&answered.text).unwrap()
}

const INSURER: (Role, Purpose, &str) = (Role::Insurer, Purpose::Coverage, "insurer-39490014");

#[tokio::test]
async fn a_file_is_taken_in_and_its_result_given() {
    let town = Town::new().await;
    let path = "/api/insurer/members";
    let taken = town.program("POST", path, INSURER, FILE).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.text);
    let told = json(&taken);
    assert_eq!((&told["result"]["registered"], &told["result"]["refused"]), (&1.into(), &1.into()));
    assert_eq!((&told["lines"][1]["line"], &told["lines"][1]["findings"][0]["rule"]), (&3.into(), &"M20".into()));
    assert!(!taken.text.contains("佐藤") && !taken.text.contains("00420099"), "no cell of the file");
    let again = town.program("POST", path, INSURER, FILE).await;
    assert_eq!((again.status, json(&again)["again"].as_bool()), (StatusCode::OK, Some(true)));
    let result = format!("{path}/{}", told["file"].as_str().unwrap());
    let file = town.program("GET", &result, INSURER, "").await;
    assert!(file.status == StatusCode::OK && file.text.contains("\r\n3,受け取れません,refused,M20,"), "{}", file.text);
    // Another sender has no such file; nor has anybody one of another name.
    let other = (Role::Insurer, Purpose::Coverage, "insurer-06123456");
    assert_eq!(town.program("GET", &result, other, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.program("GET", &format!("{path}/x"), INSURER, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.program("POST", path, INSURER, "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let doctor = (Role::Physician, Purpose::Treat, HOSPITAL);
    assert_eq!(town.program("POST", path, doctor, FILE).await.status, StatusCode::FORBIDDEN);
    // A session of a browser opens nothing here.
    let session = town.session("clerk").await;
    assert_eq!(town.post(path, &session, FILE).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn questions_are_answered_and_a_closed_door_is_no_answer() {
    let town = Town::new().await;
    town.program("POST", "/api/insurer/members", INSURER, FILE).await;
    let ask = |number: &str| format!(r#"{{"system":"{MEMBER}","value":"39490014::{number}:","day":"R8.4.1"}}"#);
    let path = "/api/insurer/qualification";
    let desk = (Role::Registrar, Purpose::Coverage, HOSPITAL);
    let valid = town.program("POST", path, desk, &ask("00420099")).await;
    assert_eq!((valid.status, &json(&valid)["qualification"]), (StatusCode::OK, &1.into()), "{}", valid.text);
    assert_eq!(json(&valid)["coverage"]["from"], "2025-04-01");
    assert_eq!(json(&town.program("POST", path, desk, &ask("9")).await)["qualification"], 4);
    let doctor = (Role::Physician, Purpose::Treat, HOSPITAL);
    assert_eq!(town.program("POST", path, doctor, &ask("00420099")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(town.program("POST", path, desk, "{").await.status, StatusCode::BAD_REQUEST);
    let all = town.program("POST", "/api/insurer/numbers", INSURER, &ask("00420099")).await;
    assert_eq!(json(&all)[0]["by_payer"], true, "{}", all.text);
    assert_eq!(
        town.program("POST", "/api/insurer/numbers", desk, &ask("00420099")).await.status,
        StatusCode::FORBIDDEN
    );

    let path = "/api/insurer/individual-number";
    let asked = format!(r#"{{"number":"{NUMBER}"}}"#);
    assert_eq!(town.program("POST", path, INSURER, &asked).await.status, StatusCode::NOT_FOUND, "nobody yet");
    let give = format!(r#"{{"number":"{NUMBER}","member":{{"system":"{MEMBER}","value":"39490014::00420099:"}}}}"#);
    for (method, body) in [("PUT", &give), ("POST", &asked)] {
        let told = town.program(method, path, INSURER, body).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        assert!(!told.text.contains(NUMBER));
        assert_eq!(town.program(method, path, doctor, body).await.status, StatusCode::FORBIDDEN);
    }
    let wrong = town.program("POST", path, INSURER, r#"{"number":"123456789010"}"#).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(!wrong.text.contains("1234"), "{}", wrong.text);
}
