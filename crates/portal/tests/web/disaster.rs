//! The disaster mode in pages: two supervisors open it, everybody reads of it, the crew finds her by name, she is told, it is
//! closed and the door heeds it.

use super::*;
use tsumugi_people::Area;

fn form(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={}", query_value(value))).collect::<Vec<_>>().join("&")
}

/// The fire headquarters are registered in a municipality.
async fn placed(town: &Town) {
    let place = Organization {
        municipality: Area::read("13101").ok(),
        ..Organization::new(OrganizationId::new("fire").unwrap(), "みなと消防署", OrganizationKind::FireHeadquarters)
    };
    town.desk.directory.register(&[], &[place]).await.unwrap();
}

async fn propose(town: &Town, areas: &str) -> Answered {
    let session = town.session("ito").await;
    let page = town.get_with("/review/disaster", &session).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let body = form(&[
        ("csrf", &page.field("csrf")),
        ("form", &page.field("form")),
        ("place", "東京都 千代田区"),
        ("areas", areas),
        ("reason", "大きな地震があった"),
        ("until", "2026-11-29T18:00"),
    ]);
    town.post("/review/disaster", &session, &body).await
}

/// Does something with the newest opening.
async fn say(town: &Town, person: &str, act: &str, more: &[(&str, &str)]) -> Answered {
    let session = town.session(person).await;
    let page = town.get_with("/review/disaster", &session).await;
    let opening = town.desk.door.openings().await.unwrap().into_iter().next().unwrap();
    let (csrf, read) = (page.field("csrf"), opening.words.len().to_string());
    let mut pairs = vec![("csrf", csrf.as_str()), ("act", act), ("read", read.as_str())];
    pairs.extend(more);
    town.post(&format!("/review/disaster/{}", opening.number), &session, &form(&pairs)).await
}

async fn open(town: &Town) {
    placed(town).await;
    let proposed = propose(town, "131016").await;
    assert_eq!(
        (proposed.status, proposed.location()),
        (StatusCode::SEE_OTHER, "/review/disaster?done=propose"),
        "{}",
        proposed.text
    );
    let confirmed = say(town, "ueda", "confirm", &[]).await;
    assert_eq!(confirmed.location(), "/review/disaster?done=confirm", "{}", confirmed.text);
}

const HER: [(&str, &str); 5] =
    [("family", "やまだ"), ("given", "はる"), ("birth", "S23.3.5"), ("sex", "female"), ("address", "")];

async fn find(town: &Town, person: &str, items: &[(&str, &str)]) -> Answered {
    let session = town.session(person).await;
    let csrf = town.get_with("/disaster/find", &session).await.field("csrf");
    let mut pairs = vec![("csrf", csrf.as_str())];
    pairs.extend(items);
    town.post("/disaster/find", &session, &form(&pairs)).await
}

fn named() -> Vec<(&'static str, &'static str)> {
    HER.iter()
        .map(|(name, value)| {
            (
                *name,
                if *name == "family" {
                    "山田"
                } else if *name == "given" {
                    "ハル"
                } else {
                    *value
                },
            )
        })
        .collect()
}

#[tokio::test]
async fn one_person_opens_nothing_and_faults_keep_what_was_typed() {
    let town = Town::new().await;
    placed(&town).await;
    for person in ["sasaki", "haru", "city"] {
        assert_eq!(town.get(person, "/review/disaster").await.status, StatusCode::NOT_FOUND, "{person}");
    }
    let wrong = propose(&town, "131017").await;
    assert_eq!(wrong.status, StatusCode::OK);
    for words in ["<title>入力の誤り:", "地域の番号が読めません", "value=\"東京都 千代田区\"", "aria-invalid=\"true\""]
    {
        assert!(wrong.text.contains(words), "{words}: {}", wrong.text);
    }
    propose(&town, "13101").await;
    let own = say(&town, "ito", "confirm", &[]).await;
    assert!(own.text.contains("提案した人は、たしかめることができません"), "{}", own.text);
    let waits = town.get("ito", "/review/disaster").await;
    assert!(waits.text.contains("あなたの提案です") && !waits.text.contains("たしかめて開く"), "{}", waits.text);
    assert!(town.get("ueda", "/review/disaster").await.text.contains("たしかめて開く"));
    let public = town.get_with("/disaster", "").await;
    assert!(
        public.text.contains("開いているところはありません") && !public.text.contains("千代田区"),
        "{}",
        public.text
    );
    let forged = town.post("/review/disaster/1", &town.session("ueda").await, "act=confirm&read=1").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let refused = town.get("sasaki", "/disaster/find").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("災害時モードは、いま使えません"), "{}", refused.text);
}

#[tokio::test]
async fn the_crew_finds_her_by_name_and_she_is_told_until_it_is_closed() {
    let town = Town::new().await;
    open(&town).await;
    // Everybody reads of it, signed in or not, in each language and as data.
    let public = town.get_with("/disaster", "").await;
    for words in ["東京都 千代田区", "大きな地震があった", "13101", "11月29日(日) 18:00まで", "10回より少ない"]
    {
        assert!(public.text.contains(words), "{words}: {}", public.text);
    }
    assert!(!public.text.contains("伊藤") && !public.text.contains("上田"), "{}", public.text);
    let english = town.get_with("/disaster", "tsumugi_lang=en").await;
    assert!(english.text.contains("Where it is open now") && english.text.contains("Opened"), "{}", english.text);
    let data: serde_json::Value = serde_json::from_str(&town.get_with("/api/disaster", "").await.text).unwrap();
    assert_eq!(
        (&data["openings"][0]["state"], &data["openings"][0]["looks"]),
        (&"open".into(), &serde_json::Value::Null)
    );
    for (person, path) in [("haru", "/me"), ("megumi", "/"), ("mori", "/"), ("ito", "/")] {
        let start = town.get(person, path).await;
        assert!(start.text.contains("災害時モードが開いています"), "{person}: {}", start.text);
        assert!(!start.text.contains("/disaster/find"), "{person}");
    }
    assert!(town.get_with("/sign-in", "").await.text.contains("災害時モードが開いています"));
    assert!(town.get("sasaki", "/").await.text.contains("/disaster/find"));

    // What is missing is said; who is not there is nobody.
    let missing = find(&town, "sasaki", &[("family", "山田")]).await;
    for words in ["名を入れてください", "生年月日を、年・月・日まで", "性別を選んでください", "value=\"山田\""]
    {
        assert!(missing.text.contains(words), "{words}: {}", missing.text);
    }
    let nobody = find(&town, "sasaki", &HER).await;
    assert!(
        nobody.text.contains("見つからないか、見せられる記録がありません"),
        "she has no reading here: {}",
        nobody.text
    );
    let before = town.leaves();
    let found = find(&town, "sasaki", &named()).await;
    assert_eq!((found.status, found.location()), (StatusCode::SEE_OTHER, town.at("").as_str()), "{}", found.text);
    assert_eq!(town.leaves(), before + 1, "that she was found is told before it is");
    let set = found.cookies().into_iter().find(|cookie| cookie.starts_with("tsumugi_emergency=")).unwrap().to_owned();
    assert!(set.contains(&format!("Path={}", town.at(""))), "{set}");
    let cookies = format!("{}; {}", town.session("sasaki").await, set.split(';').next().unwrap());
    let record = town.get_with(&town.at(""), &cookies).await;
    for words in ["災害時モードで見ています(12:30まで)", "脳梗塞", "災害時の支援のため"] {
        assert!(record.text.contains(words), "{words}: {}", record.text);
    }
    assert!(!record.text.contains("/timeline") && !record.text.contains("/laboratory"), "{}", record.text);
    assert!(!town.get_with(&town.at("/laboratory"), &cookies).await.text.contains("CRP"));

    // She is told at once, by name, with the region.
    let home = town.get("haru", "/me").await;
    assert!(home.text.contains("災害時モードで、あなたを名前でさがした人か、見た人がいます"), "{}", home.text);
    let log = town.get("haru", "/me/looks").await;
    assert!(log.text.contains("佐々木 健") && log.text.contains("災害時の支援のため"), "{}", log.text);
    let number =
        home.text.split("href=\"/me/looks/").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let look = town.get("haru", &format!("/me/looks/{number}")).await;
    assert!(look.text.contains("東京都 千代田区") && look.text.contains("そこの救急隊は"), "{}", look.text);

    // Closed by one: what was opened with it is closed with it, in words of their own.
    let closed = say(&town, "ueda", "close", &[("reason", "避難所を閉じた")]).await;
    assert_eq!(closed.location(), "/review/disaster?done=close", "{}", closed.text);
    let over = town.get_with(&town.at(""), &cookies).await;
    assert_eq!(over.status, StatusCode::FORBIDDEN);
    assert!(over.text.contains("災害時モードは、いま使えません") && !over.text.contains("脳梗塞"), "{}", over.text);
    assert!(
        over.cookies().iter().any(|cookie| cookie.starts_with("tsumugi_emergency=;")),
        "the session alone counts again"
    );
    assert_eq!(find(&town, "sasaki", &named()).await.status, StatusCode::FORBIDDEN);
    let past = town.get_with("/disaster", "").await;
    assert!(past.text.contains("避難所を閉じた") && past.text.contains("閉じました"), "it stays: {}", past.text);
    assert!(!town.get("haru", "/me").await.text.contains("災害時モードが開いています"));
    let desk = town.get("ito", "/review/disaster").await;
    assert!(desk.text.contains("名前でさがした回数:2") && desk.text.contains("上田 恭子"), "{}", desk.text);
}

#[tokio::test]
async fn whoever_works_elsewhere_finds_nobody() {
    let town = Town::new().await;
    open(&town).await;
    // The hospital is in the prefecture by its number, and in no municipality that anybody registered.
    let refused = find(&town, "mori", &named()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert!(refused.text.contains("あなたの機関のある地域では"), "{}", refused.text);
    for person in ["city", "clerk", "rin", "ito", "haru"] {
        let asked = town.get(person, "/disaster/find").await;
        assert_eq!(asked.status, StatusCode::FORBIDDEN, "{person}");
    }
    assert_eq!(town.get_with("/disaster/find", "").await.location(), "/sign-in");
}

#[tokio::test]
async fn an_extension_needs_two_and_the_rules_say_what_is_open() {
    let town = Town::new().await;
    open(&town).await;
    let short = say(&town, "ito", "extend", &[("until", "2026-11-29T17:00"), ("reason", "余震が続く")]).await;
    assert!(short.text.contains("終わりは、始まりといまより後で"), "{}", short.text);
    say(&town, "ito", "extend", &[("until", "2026-12-06T18:00"), ("reason", "余震が続く")]).await;
    assert!(!town.get_with("/disaster", "").await.text.contains("12月6日"), "what is proposed is not told");
    let confirmed = say(&town, "ueda", "confirm-extension", &[]).await;
    assert_eq!(confirmed.location(), "/review/disaster?done=confirm-extension", "{}", confirmed.text);
    assert!(town.get_with("/disaster", "").await.text.contains("12月6日(日) 18:00まで"));
    let rules = town.get_with("/rules", "").await;
    for words in ["災害時モードの地域の救急隊", "disaster-medical", "災害対策基本法"] {
        assert!(rules.text.contains(words), "{words}");
    }
}
