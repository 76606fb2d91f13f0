//! Notices: what she is told, her choice, and what stays unread for whom.

use super::*;

/// The number in the address of the first look that a page leads to.
fn first_look(page: &Answered, base: &str) -> String {
    let mark = format!("href=\"{base}/looks/");
    page.text.split(&mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn past_her_limits_she_is_told_until_she_has_read_it() {
    let town = Town::new().await;
    let quiet = town.get("haru", "/me").await;
    assert!(!quiet.text.contains("id=\"news\""), "{}", quiet.text);
    town.get("mori", &town.at("")).await;
    let first = town.get("haru", "/me").await;
    assert!(first.text.contains("担当でない人が見ました。"), "{}", first.text);
    assert!(first.text.contains("<rt>ユミ</rt>") && first.text.contains("新しい1件"), "{}", first.text);

    town.clock.set(NOW.plus_millis(60_000));
    let cookies = super::glass::broken(&town).await;
    // The first view shows the nurse an illness that she has not been told, so its leaf gives her no typed words; the
    // next page does.
    town.get_with(&town.at(""), &cookies).await;
    town.get_with(&town.at("/medicines"), &cookies).await;
    let home = town.get("haru", "/me").await;
    assert!(home.text.contains("理由を書いて見た人がいます") && home.text.contains("新しい2件"), "{}", home.text);
    let look = town.get("haru", &format!("/me/looks/{}", first_look(&home, "/me"))).await;
    for words in [super::glass::REASON, "審査する人にも知らせました", "11月30日(月)までに、答えを出します"]
    {
        assert!(look.text.contains(words), "{words}: {}", look.text);
    }
    let list = town.get("haru", "/me/notices").await;
    assert!(list.text.contains("まだ読んでいないお知らせは2件です"), "{}", list.text);
    let session = town.session("haru").await;
    let body = format!("csrf={}&until={}", list.field("csrf"), list.field("until"));
    let forged = town.post("/me/notices/read", &session, "until=1").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let before = town.leaves();
    let read = town.post("/me/notices/read", &session, &body).await;
    assert_eq!((read.location(), town.leaves()), ("/me/notices?done=read", before + 1), "{}", read.text);
    let list = town.get("haru", "/me/notices?done=read").await;
    assert!(
        list.text.contains("お知らせは0件です") && list.text.contains("理由を書いて見た人"),
        "they stay: {}",
        list.text
    );
    assert!(!town.get("haru", "/me").await.text.contains("id=\"news\""));
}

#[tokio::test]
async fn a_proxy_reads_for_herself_and_chooses_nothing() {
    let town = Town::new().await;
    town.mandate().await;
    town.get("mori", &town.at("")).await;
    let path = town.at("/notices");
    assert_eq!(town.get("mori", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.get("stranger", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.get("ito", &path).await.status, StatusCode::NOT_FOUND, "a supervisor has cases, no notices");
    let list = town.get("megumi", &path).await;
    assert!(
        list.text.contains("担当でない人が見ました") && list.text.contains("決めるのは、ご本人です"),
        "{}",
        list.text
    );
    let session = town.session("megumi").await;
    let choice = format!("csrf={}&choice=emergencies", list.field("csrf"));
    let chosen = town.post(&format!("{path}/choice"), &session, &choice).await;
    assert_eq!(chosen.status, StatusCode::NOT_FOUND, "nobody else makes her record silent");
    let body = format!("csrf={}&until={}", list.field("csrf"), list.field("until"));
    assert_eq!(town.post(&format!("{path}/read"), &session, &body).await.status, StatusCode::SEE_OTHER);
    assert!(town.get("megumi", &path).await.text.contains("お知らせは0件です"));
    assert!(town.get("haru", "/me/notices").await.text.contains("お知らせは2件です"), "for her they are unread");
}

#[tokio::test]
async fn her_choice_is_kept_and_followed() {
    let town = Town::new().await;
    town.get("mori", &town.at("")).await;
    let session = town.session("haru").await;
    let csrf = town.get("haru", "/me/notices").await.field("csrf");
    let choose = async |choice: &str| {
        town.post("/me/notices/choice", &session, &format!("csrf={csrf}&choice={choice}")).await.status
    };
    assert_eq!(choose("everything").await, StatusCode::BAD_REQUEST);
    for (choice, notices) in [("emergencies", 0), ("every", 1), ("unusual", 1)] {
        assert_eq!(choose(choice).await, StatusCode::SEE_OTHER);
        let list = town.get("haru", "/me/notices").await;
        assert!(list.text.contains(&format!("value=\"{choice}\" checked")), "{}", list.text);
        assert!(list.text.contains(&format!("お知らせは{notices}件です")), "{choice}: {}", list.text);
    }
    // The office in charge is usual after its first look; every look is told only on her wish.
    town.get("rin", &town.at("")).await;
    let session_of = async |choice: &str| {
        choose(choice).await;
        town.get("haru", "/me/notices").await.text.matches("リン").count()
    };
    assert_eq!((session_of("emergencies").await, session_of("unusual").await > 0), (0, true));
}

/// The letters that are due once everything was screened; the relay takes them.
async fn letters(town: &Town) -> Vec<tsumugi_access::Letter> {
    let door = &town.desk.door;
    while door.screen().await.unwrap().more {}
    while door.write_letters().await.unwrap() {}
    let letters = door.letters(10).await.unwrap();
    for letter in &letters {
        door.posted(letter, tsumugi_access::Posted::Taken).await.unwrap();
    }
    letters
}

#[tokio::test]
async fn she_is_told_by_mail_where_she_typed_the_number_and_nobody_else_says_where() {
    let town = Town::new().await;
    town.mandate().await;
    let session = town.session("haru").await;
    let list = town.get("haru", "/me/notices").await;
    let csrf = list.field("csrf");
    let post = async |body: String| town.post("/me/notices/mail", &session, &format!("csrf={csrf}&{body}")).await;
    let forged = town.post("/me/notices/mail", &session, "act=name&address=spy%40example.jp").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let wrong = post("act=name&address=haru".into()).await;
    assert!(wrong.text.contains("href=\"#address\"") && wrong.text.contains("value=\"haru\""), "{}", wrong.text);
    let named = post("act=name&address=haru%40example.jp".into()).await;
    assert_eq!(named.location(), "/me/notices?done=named#letters");
    let list = town.get("haru", "/me/notices?done=named").await;
    assert!(list.text.contains("haru@example.jp") && list.text.contains("name=\"code\""), "{}", list.text);
    let [letter] = letters(&town).await.try_into().unwrap();
    let (id, code) = (list.field("id"), letter.code.unwrap());
    let another = post(format!("act=confirm&id={id}&code=000")).await;
    assert!(another.text.contains("番号がちがいます") && another.text.contains("あと4回"), "{}", another.text);
    // As a phone in Japanese types it.
    let wide: String = code.chars().filter_map(|digit| char::from_u32(digit as u32 + 0xFEE0)).collect();
    let confirmed = post(format!("act=confirm&id={id}&code={wide}")).await;
    assert_eq!(confirmed.location(), "/me/notices?done=confirmed#letters", "{}", confirmed.text);
    assert!(town.get("haru", "/me/notices").await.text.contains("このアドレスに知らせています"));

    assert!(letters(&town).await.is_empty());
    let paper = super::papers::form(&town, "mandate").await;
    super::papers::hand_in(&town, &paper, "mandate", &super::papers::daughter()).await;
    let told = letters(&town).await;
    assert!(told.len() == 1 && told[0].code.is_none(), "a clerk took a paper of hers down: {told:?}");
    // What is not urgent waits until she has read that.
    town.get("mori", &town.at("")).await;
    assert!(letters(&town).await.is_empty());
    let body = format!("csrf={csrf}&until={}", NOW.plus_millis(30_000).0);
    town.clock.set(NOW.plus_millis(60_000));
    town.post("/me/notices/read", &session, &body).await;
    town.clock.set(NOW.plus_millis(120_000));
    town.get("mori", &town.at("/medicines")).await;
    assert_eq!(letters(&town).await.len(), 1);

    // Whoever acts for her neither sees nor says where letters go.
    let path = town.at("/notices");
    let hers = town.get("megumi", &path).await;
    assert!(!hers.text.contains("example.jp") && !hers.text.contains("/notices/mail"), "{}", hers.text);
    let body = format!("csrf={}&act=name&address=megumi%40example.jp", hers.field("csrf"));
    let refused = town.post(&format!("{path}/mail"), &town.session("megumi").await, &body).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(post(format!("act=remove&id={id}")).await.location(), "/me/notices?done=removed#letters");
    assert!(letters(&town).await.is_empty());
}

#[tokio::test]
async fn she_alone_asks_for_stricter_checks_and_takes_that_back() {
    let town = Town::new().await;
    town.mandate().await;
    let session = town.session("haru").await;
    for (answer, words) in [("yes", "申し出をやめる"), ("no", "厳しく調べるよう申し出る")] {
        let list = town.get("haru", "/me/notices").await;
        let (before, body) = (town.leaves(), format!("csrf={}&public={answer}", list.field("csrf")));
        let asked = town.post("/me/notices/public", &session, &body).await;
        assert_eq!(asked.location(), "/me/notices?done=screened", "{}", asked.text);
        assert_eq!(town.leaves(), before + 1);
        let list = town.get("haru", "/me/notices?done=screened").await;
        assert!(list.text.contains(words) && list.text.contains("申し出を記録しました"), "{}", list.text);
    }
    let path = town.at("/notices");
    let hers = town.get("megumi", &path).await;
    assert!(!hers.text.contains("/notices/public"), "{}", hers.text);
    let body = format!("csrf={}&public=yes", hers.field("csrf"));
    let refused = town.post(&format!("{path}/public"), &town.session("megumi").await, &body).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}
