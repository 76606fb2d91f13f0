//! The hard cases, as a table: who must wait for a person, who must not, and of whom nobody may be sure.

#![expect(clippy::expect_used, reason = "helpers of tests; clippy spares test functions only")]

use tsumugi_people_match::{Description, Features, Insured, Likeness, Model, Sex, Verdict};

/// `name|kana|birth|sex|address|phones|insurer:symbol:number:branch`; empty is missing, `~` before a birth date is a guess.
fn person(text: &str) -> Features {
    let parts: Vec<&str> = text.split('|').collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or_default().to_owned();
    let words = |at: usize| part(at).split_whitespace().map(String::from).collect::<Vec<_>>();
    let birth = part(2);
    Features::of(&Description {
        name: part(0),
        kana: part(1),
        birth: birth.trim_start_matches('~').into(),
        birth_estimated: birth.starts_with('~'),
        sex: match part(3).as_str() {
            "m" => Some(Sex::Male),
            "w" => Some(Sex::Female),
            _ => None,
        },
        address: part(4),
        phones: words(5),
        insurances: words(6)
            .iter()
            .map(|text| {
                let of: Vec<String> = text.split(':').map(String::from).collect();
                let at = |index: usize| of.get(index).cloned().unwrap_or_default();
                Insured { insurer: at(0), symbol: at(1), number: at(2), branch: at(3) }
            })
            .collect(),
    })
}

fn judge(a: &str, b: &str) -> Likeness {
    let (model, a, b) = (Model::bundled().expect("the bundled model"), person(a), person(b));
    let likeness = model.judge(&a, &b);
    assert_eq!(model.judge(&b, &a), likeness, "which comes first does not matter");
    likeness
}

const HOME: &str = "茨城県緑川市桜台町1丁目2番3号";

#[test]
fn people_who_are_two() {
    let home = HOME;
    for (case, a, b) in [
        (
            "twins, all shared",
            format!("佐藤 一郎|サトウ イチロウ|2015-04-01|m|{home}|029-123-4567|01:1:2:"),
            format!("佐藤 二郎|サトウ ジロウ|2015-04-01|m|{home}|029-123-4567|01:1:2:"),
        ),
        (
            "twins of near names",
            format!("佐藤 遥|サトウ ハルカ|2015-04-01|w|{home}|029-123-4567|01:1:2:"),
            format!("佐藤 春菜|サトウ ハルナ|2015-04-01|w|{home}|029-123-4567|01:1:2:"),
        ),
        (
            "twins with 枝番",
            format!("佐藤 遥||2015-04-01|w|{home}||01:1:2:03"),
            format!("佐藤 遙香||2015-04-01|w|{home}||01:1:2:04"),
        ),
        (
            "neighbours of one name",
            format!("佐藤 和子|サトウ カズコ|1941-03-05|w|{home}||"),
            "佐藤 和子|サトウ カズコ|1946-11-21|w|緑川市桜台町1-9-9||".into(),
        ),
        (
            "namesakes far apart",
            "鈴木 清|スズキ キヨシ|1941-03-05|m|||".into(),
            "鈴木 清|スズキ キヨシ|1952-09-30|m|||".into(),
        ),
        (
            "father and son of one name",
            format!("東雲 清|シノノメ キヨシ|1941-03-05|m|{home}|029-123-4567|01:1:2:"),
            format!("東雲 清|シノノメ キヨシ|1970-08-19|m|{home}|029-123-4567|01:1:2:"),
        ),
        (
            "mother and daughter of one sound",
            format!("東雲 裕子|シノノメ ユウコ|1961-03-05|w|{home}|029-123-4567|"),
            format!("東雲 優子|シノノメ ユウコ|1990-12-11|w|{home}|029-123-4567|"),
        ),
        (
            "husband and wife",
            format!("東雲 清|シノノメ キヨシ|1961-03-05|m|{home}|029-123-4567|"),
            format!("東雲 優子|シノノメ ユウコ|1962-12-11|w|{home}|029-123-4567|"),
        ),
        (
            "born on one day",
            "佐藤 清|サトウ キヨシ|1961-03-05|m|||".into(),
            "佐藤 実|サトウ ミノル|1961-03-05|m|||".into(),
        ),
        (
            "mother and unnamed baby",
            format!("佐藤 花子|サトウ ハナコ|1995-03-05|w|{home}|029-123-4567|01:1:2:"),
            format!("佐藤 ベビー|サトウ ベビー|2026-11-20|w|{home}|029-123-4567|01:1:2:"),
        ),
    ] {
        assert_eq!(judge(&a, &b).verdict, Verdict::Ignore, "{case}: {:?}", judge(&a, &b));
    }
}

#[test]
fn people_who_are_one() {
    let home = HOME;
    for (case, a, b) in [
        (
            "other spelling",
            "髙橋 花子|タカハシ ハナコ|1948-05-01|w|||".to_owned(),
            "高橋　花子|ﾀｶﾊｼ ﾊﾅｺ|1948-05-01|w|||".to_owned(),
        ),
        (
            "adoption: another family name at home",
            format!("東雲 清|シノノメ キヨシ|1991-03-05|m|{home}||"),
            "旭 清|アサヒ キヨシ|1991-03-05|m|緑川市桜台町1-2-3||".into(),
        ),
        (
            "marriage and move, the mobile stays",
            format!("東雲 美咲|シノノメ ミサキ|1991-03-05|w|{home}|090-1111-2222|"),
            "旭 美咲|アサヒ ミサキ|1991-03-05|w|埼玉県白石市旭町2-2-2|09011112222|".into(),
        ),
        (
            "change of sex",
            format!("東雲 薫|シノノメ カオル|1991-03-05|m|{home}||"),
            "東雲 薫|シノノメ カオル|1991-03-05|w|緑川市桜台町1-2-3||".into(),
        ),
        (
            "change of sex and of given name",
            format!("東雲 清|シノノメ キヨシ|1991-03-05|m|{home}|090-1111-2222|01:1:2:00"),
            "東雲 薫|シノノメ カオル|1991-03-05|w|緑川市桜台町1-2-3|090-1111-2222|01:1:2:00".into(),
        ),
        (
            "the baby gets a name",
            format!("佐藤 ベビー|サトウ ベビー|2026-11-20|w|{home}|029-123-4567|"),
            format!("佐藤 結衣|サトウ ユイ|2026-11-20|w|{home}|029-123-4567|"),
        ),
        (
            "day and month swapped",
            "東雲 清|シノノメ キヨシ|1991-03-05|m|||".into(),
            "東雲 清|シノノメ キヨシ|1991-05-03|m|||".into(),
        ),
        (
            "昭和 for 平成",
            "東雲 清|シノノメ キヨシ|1991-03-05|m|||".into(),
            "東雲 清|シノノメ キヨシ|1928-03-05|m|||".into(),
        ),
        ("names swapped", "Smith John||1980-02-03|m|||".into(), "JOHN SMITH||1980-02-03|m|||".into()),
        (
            "no numbers at all",
            "東雲 清|シノノメ キヨシ|1991-03-05||||".into(),
            "東雲 清|シノノメ キヨシ|1991-03-05||||".into(),
        ),
        (
            "only kana, as in claims",
            "東雲 清|シノノメ キヨシ|1991-03-05|m|||".into(),
            "ｼﾉﾉﾒ ｷﾖｼ||1991-03-05|m|||".into(),
        ),
    ] {
        assert_ne!(judge(&a, &b).verdict, Verdict::Ignore, "{case}: {:?}", judge(&a, &b));
    }
}

#[test]
fn what_is_missing_makes_nobody_sure() {
    let home = HOME;
    let whole = format!("佐藤 結衣|サトウ ユイ|1991-03-05|w|{home}|029-123-4567|01:1:2:00");
    for (case, a) in [
        ("nothing", "||||||".to_owned()),
        ("unknown and unconscious", "氏名不詳||~1990|w|||".into()),
        ("unknown, by the year", "||1991|w|||".into()),
        ("found at home", format!("不詳||~1990|w|{home}||")),
        ("found at home, the telephone rings there", format!("不詳||~1990|w|{home}|029-123-4567|")),
        ("a name and no birth date", "佐藤 結衣|サトウ ユイ||w|||".into()),
        ("a birth date and no name", "||1991-03-05|w|||".into()),
        ("a family name and a birth date", "佐藤 ベビー||1991-03-05|w|||".into()),
        ("a household without a name", format!("|||w|{home}|029-123-4567|01:1:2:")),
    ] {
        let likeness = judge(&a, &whole);
        assert_eq!(likeness.verdict, Verdict::Ignore, "{case}: {likeness:?}");
    }
    // Something to look at, never something to be sure of.
    for (case, a) in [
        ("no given name", format!("佐藤 ベビー||1991-03-05|w|{home}|029-123-4567|01:1:2:00")),
        ("only a year", format!("佐藤 結衣|サトウ ユイ|1991|w|{home}|029-123-4567|01:1:2:00")),
        ("no birth date", format!("佐藤 結衣|サトウ ユイ||w|{home}|029-123-4567|01:1:2:00")),
    ] {
        let likeness = judge(&a, &whole);
        assert!(likeness.verdict != Verdict::Likely && likeness.probability <= 5000, "{case}: {likeness:?}");
    }
    assert_eq!(judge("||||||", "||||||").verdict, Verdict::Ignore, "two of whom nothing is known");
    assert_eq!(judge("||~1990|w|||", "||~1990|w|||").verdict, Verdict::Ignore, "two unknown women");
}

#[test]
fn common_names_say_less() {
    let common = judge("佐藤 和子|サトウ カズコ|1941-03-05|w|||", "佐藤 和子|サトウ カズコ|1941-03-05|w|||");
    let rare = judge("四十物 千早|アイモノ チハヤ|1941-03-05|w|||", "四十物 千早|アイモノ チハヤ|1941-03-05|w|||");
    assert!(common.score + 4 * 1024 < rare.score, "{common:?} {rare:?}");
    // On the first of January stands whose birthday nobody knows.
    let new_year = judge("佐藤 和子|サトウ カズコ|1941-01-01|w|||", "佐藤 和子|サトウ カズコ|1941-01-01|w|||");
    assert!(new_year.score < common.score);
}
