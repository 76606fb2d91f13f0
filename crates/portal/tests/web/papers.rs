//! Papers at the municipality's desk: one clerk narrows, two widen, and she reads who did what.

use super::*;

const HERS: &str = "insured=39131234%3A%3A00420078%3A&birth=1948-03-05&identity=my-number-card";

pub(super) async fn form(town: &Town, what: &str) -> Answered {
    let form = town.get("city", &format!("/desk/papers/new?what={what}")).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    form
}

/// A clerk types a paper.
pub(super) async fn hand_in(town: &Town, form: &Answered, what: &str, fields: &str) -> Answered {
    let body = format!("csrf={}&form={}&paper={what}&{HERS}&{fields}", form.field("csrf"), form.field("form"));
    town.post("/desk/papers", &town.session("city").await, &body).await
}

pub(super) fn daughter() -> String {
    let text = query_value;
    format!("number=megumi&name={}&relation={}&extent=all&until=2027-11-22", text("山田 恵"), text("娘"))
}

/// The path of the only paper that waits.
async fn waiting(town: &Town) -> String {
    let queue = town.get("takada", "/desk/papers").await;
    assert!(
        !queue.text.contains("山田") && !queue.text.contains("00420078"),
        "whose it is, no list says: {}",
        queue.text
    );
    let found = queue.text.split("href=\"/desk/papers/").skip(1).filter_map(|rest| rest.split('"').next());
    let number = found.into_iter().find(|path| path.bytes().all(|byte| byte.is_ascii_digit())).unwrap().to_owned();
    format!("/desk/papers/{number}")
}

async fn say(town: &Town, person: &str, path: &str, what: &str) -> Answered {
    let page = town.get(person, path).await;
    let body = format!("csrf={}&read=1&{what}", page.field("csrf"));
    town.post(path, &town.session(person).await, &body).await
}

#[tokio::test]
async fn a_daughter_is_named_on_paper_and_acts_once_two_have_seen_it() {
    let town = Town::new().await;
    let empty = form(&town, "mandate").await;
    let faulty = hand_in(&town, &empty, "mandate", "number=megumi&name=x&extent=some").await;
    for words in ["この番号と名前の人が見つかりません", "ひとつ以上選んで", "href=\"#relation\"", "<title>入力の誤り:"]
    {
        assert!(faulty.text.contains(words), "{words}: {}", faulty.text);
    }
    let nobody = empty.field("form");
    let body = format!(
        "csrf={}&form={nobody}&paper=mandate&insured=1&birth=1948-03-05&identity=passport&{}",
        empty.field("csrf"),
        daughter()
    );
    let nobody = town.post("/desk/papers", &town.session("city").await, &body).await;
    assert!(nobody.text.contains("この番号と生年月日に合う人を、お見せできません"), "{}", nobody.text);
    let leaves = town.leaves();
    let taken = hand_in(&town, &empty, "mandate", &daughter()).await;
    assert!(
        taken.location().starts_with("/desk/papers?done=waits&until=2026-12-05"),
        "{} {}",
        taken.location(),
        taken.text
    );
    assert_eq!(town.leaves(), leaves + 1, "and it is in her log");
    assert!(town.get("city", taken.location()).await.text.contains("12月5日(土)までに"));
    // A double tap is one paper.
    hand_in(&town, &empty, "mandate", &daughter()).await;
    assert!(town.get("takada", "/").await.text.contains("1件"), "the start counts what waits");
    assert_eq!(town.get("megumi", &town.at("")).await.status, StatusCode::NOT_FOUND, "what waits opens nothing");

    let path = waiting(&town).await;
    let leaves = town.leaves();
    let paper = town.get("takada", &path).await;
    assert_eq!(town.leaves(), leaves + 1, "the look is in her log");
    for words in ["39131234::00420078:", "1948-03-05", "山田 恵", "娘", "岡 市子", "紙のとおりと確かめた"]
    {
        assert!(paper.text.contains(words), "{words}: {}", paper.text);
    }
    // Nobody is their own second, and other desks know of nothing.
    let own = town.get("city", &path).await;
    assert!(own.text.contains("別の職員が確かめます") && !own.text.contains("value=\"confirm\""), "{}", own.text);
    let alone = say(&town, "city", &path, "act=confirm").await;
    assert!(alone.text.contains("別の職員に頼んでください"), "{}", alone.text);
    for other in ["clerk", "mori", "ito", "haru", "megumi"] {
        assert_eq!(town.get(other, &path).await.status, StatusCode::NOT_FOUND, "{other}");
        assert_eq!(town.get(other, "/desk/papers").await.status, StatusCode::NOT_FOUND, "{other}");
    }
    let session = town.session("takada").await;
    assert_eq!(town.post(&path, &session, "csrf=0&read=1&act=confirm").await.status, StatusCode::FORBIDDEN);
    let back = say(&town, "takada", &path, "act=send-back&reason=").await;
    assert!(back.text.contains("差し戻す理由を書いてください"), "{}", back.text);

    // She reads that it waits, before anything holds, and is told of it.
    let hers = town.get("haru", "/me/papers").await;
    assert!(hers.text.contains("2人目の確認を待っています") && hers.text.contains("この届出を止める"), "{}", hers.text);
    assert!(town.get("haru", "/me/notices").await.text.contains("紙の届出が受け付けられるか"));

    let done = say(&town, "takada", &path, "act=confirm").await;
    assert_eq!(done.location(), "/desk/papers?done=confirmed", "{}", done.text);
    assert_eq!(town.get("megumi", &town.at("")).await.status, StatusCode::OK);
    let hers = town.get("haru", "/me/mandates").await;
    for words in ["みなと市", "岡 市子さんが受け付けました", "高田 実さんが確かめました"] {
        assert!(hers.text.contains(words), "{words}: {}", hers.text);
    }
    let after = town.get("takada", &path).await;
    assert!(!after.text.contains("00420078") && !after.text.contains("value=\"confirm\""), "{}", after.text);
}

#[tokio::test]
async fn a_restriction_holds_at_once_and_its_number_lifts_it() {
    let town = Town::new().await;
    let empty = form(&town, "restriction").await;
    let none = hand_in(&town, &empty, "restriction", "what=categories&whom=everyone&long=always&emergency=yes").await;
    assert!(none.text.contains("記録の種類を、ひとつ以上選んでください"), "{}", none.text);
    let unknown = "what=everything&whom=organization&whom-number=9999999999&long=always&emergency=no";
    assert!(hand_in(&town, &empty, "restriction", unknown).await.text.contains("選んだものが見つかりません"));
    let fields =
        format!("what=categories&category=condition&whom=organization&whom-number={OFFICE}&long=always&emergency=yes");
    let slip = hand_in(&town, &empty, "restriction", &fields).await;
    assert!(slip.status == StatusCode::OK && slip.text.contains("受付の控え"), "{}", slip.text);
    let code = slip.text.split("<strong translate=\"no\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(!town.get("rin", &town.at("/timeline")).await.text.contains("脳梗塞"), "hidden from the office at once");
    let hers = town.get("haru", "/me/sharing").await;
    assert!(hers.text.contains(&code) && hers.text.contains("岡 市子さんが受け付けました"), "{}", hers.text);
    let again = hand_in(&town, &empty, "restriction", &fields).await;
    assert!(again.text.contains(&code), "the same form gives the same slip");
    assert_eq!(town.get("haru", "/me/sharing").await.text.matches("/lift\"").count(), 1);

    let empty = form(&town, "lift").await;
    let wrong = hand_in(&town, &empty, "lift", "which=one&code=0000-0000").await;
    assert!(wrong.text.contains("この番号の設定が見つかりません"), "{}", wrong.text);
    let taken = hand_in(&town, &empty, "lift", &format!("which=one&code={}", code.to_uppercase())).await;
    assert!(taken.location().contains("done=waits"), "{}", taken.text);
    assert!(!town.get("rin", &town.at("/timeline")).await.text.contains("脳梗塞"), "it waits");
    let path = waiting(&town).await;
    assert!(town.get("takada", &path).await.text.contains(&code.to_uppercase()), "as the first clerk typed it");
    assert_eq!(say(&town, "takada", &path, "act=confirm").await.location(), "/desk/papers?done=confirmed");
    assert!(town.get("rin", &town.at("/timeline")).await.text.contains("脳梗塞"));
}

#[tokio::test]
async fn what_is_sent_back_stopped_or_forgotten_holds_nothing_and_she_is_told() {
    let town = Town::new().await;
    for (number, how) in ["back", "stop", "forget"].into_iter().enumerate() {
        let empty = form(&town, "mandate").await;
        hand_in(&town, &empty, "mandate", &daughter()).await;
        let path = waiting(&town).await;
        match how {
            "back" => {
                let words = query_value("署名がありません");
                let done = say(&town, "takada", &path, &format!("act=send-back&reason={words}")).await;
                assert_eq!(done.location(), "/desk/papers?done=sent-back", "{}", done.text);
                let hers = town.get("haru", "/me/papers").await;
                assert!(
                    hers.text.contains("差し戻されました") && hers.text.contains("署名がありません"),
                    "{}",
                    hers.text
                );
            }
            "stop" => {
                let hers = town.get("haru", "/me/papers").await;
                let stop = path.replace("/desk/papers", "/me/papers");
                let body = format!("csrf={}&read=1", hers.field("csrf"));
                let stranger = town.post(&stop, &town.session("stranger").await, &body).await;
                assert!(stranger.status.is_client_error(), "{}", stranger.status);
                let stopped = town.post(&format!("{stop}/stop"), &town.session("haru").await, &body).await;
                assert_eq!(stopped.location(), "/me/papers?done=stopped", "{}", stopped.text);
                let late = say(&town, "takada", &path, "act=confirm").await;
                assert!(late.text.contains("もう待っていません"), "{}", late.text);
            }
            _ => {
                town.clock.set(NOW.plus_millis(15 * 86_400_000));
                let late = say(&town, "takada", &path, "act=confirm").await;
                assert!(late.text.contains("もう待っていません"), "{}", late.text);
                let told = town.get("haru", "/me/notices").await;
                assert!(told.text.contains("紙の届出が期限までに確かめられず"), "{}", told.text);
                assert!(town.get("haru", "/me/papers").await.text.contains("期限が過ぎ、取りやめになりました"));
                assert!(town.get("takada", "/desk/papers").await.text.contains("いま、待っている届出はありません"));
            }
        }
        assert_eq!(town.get("megumi", &town.at("")).await.status, StatusCode::NOT_FOUND, "{number}");
    }
}

#[tokio::test]
async fn a_correction_on_paper_is_a_case_with_the_same_clock() {
    let town = Town::new().await;
    let timeline = town.get("haru", "/me/timeline").await;
    let entry = timeline.text.split("href=\"/me/entries/").skip(1).filter_map(|rest| rest.split('"').next());
    let mut code = String::new();
    for id in entry {
        let page = town.get("haru", &format!("/me/entries/{id}")).await;
        if page.text.contains("脳梗塞") {
            code = page
                .text
                .split("<span class=\"nb\" translate=\"no\">")
                .nth(1)
                .unwrap()
                .split('<')
                .next()
                .unwrap()
                .into();
        }
    }
    assert_eq!(code.len(), 9, "{}", timeline.text);
    let empty = form(&town, "correction").await;
    let words = query_value("脳梗塞ではありません");
    let wrong = hand_in(&town, &empty, "correction", &format!("code=0000-0000&words={words}")).await;
    assert!(wrong.text.contains("この番号の記録が見つかりません") && !wrong.text.contains("脳梗塞<"), "{}", wrong.text);
    let slip = hand_in(&town, &empty, "correction", &format!("code={code}&words={words}")).await;
    assert!(slip.text.contains("12月14日(月)") && !slip.text.contains("みなと総合病院"), "{}", slip.text);
    let twice = hand_in(&town, &empty, "correction", &format!("code={code}&words={words}")).await;
    assert!(twice.text.contains("同じ訂正の申出が、もう出ています"), "{}", twice.text);
    assert!(town.get("haru", "/me/cases").await.text.contains("訂正の求め"));
    let office = town.get("clerk", "/office/cases").await;
    assert!(office.text.contains("訂正の求め"), "{}", office.text);
    for page in ["/desk/papers/form", "/papers/form"] {
        let blank = town.get("haru", page).await;
        assert!(blank.text.contains("署名") && blank.text.contains("代理人の届出"), "{}", blank.text);
    }
}
