//! One look as a line: when, who, for which organisation, for what, what became of it, by which rule.

use tsumugi_ledger::{LookPart, ReadLook, look::Decision};

use crate::{Words, plain};

/// Japan is nine hours ahead of UTC and keeps no summer time.
const JAPAN_OFFSET_MS: i64 = 9 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// The line for a look; `rules` gives the words of a rule that somebody knows.
pub(crate) fn words(read: &ReadLook, rules: &dyn Fn(&str) -> Option<Words>) -> Words {
    let look = &read.look;
    let time = japan_time(look.time);
    let (person, organization) = (plain(&look.person.name), plain(&look.organization.name));
    let qualification =
        look.person.qualification.as_deref().map(|code| format!(" ({})", plain(code))).unwrap_or_default();
    let who = if look.automatic { ("自動処理: ", "automatic: ") } else { ("", "") };
    let purpose = purpose(&look.purpose).unwrap_or_else(|| Words::new(plain(&look.purpose), plain(&look.purpose)));
    let decision = decision(look);
    let rule = rule(&look.rule, rules);
    let mut words = Words::new(
        format!(
            "{}. {time} {}{person}{qualification} / {organization} / 目的: {} / {} / 規則: {}",
            read.number, who.0, purpose.ja, decision.ja, rule.ja
        ),
        format!(
            "{}. {time} {}{person}{qualification} / {organization} / purpose: {} / {} / rule: {}",
            read.number, who.1, purpose.en, decision.en, rule.en
        ),
    );
    if let Some(reason) = look.reason.as_deref().map(plain) {
        words.ja.push_str(&format!(" / 理由: {reason}"));
        words.en.push_str(&format!(" / reason: {reason}"));
    }
    words
}

fn decision(look: &LookPart) -> Words {
    let count = look.count;
    let facts = match look.decision {
        Decision::Shown => Words::new(format!("{count}件を閲覧"), format!("{count} shown")),
        Decision::Written => Words::new(format!("{count}件を書きこみ"), format!("{count} written")),
        Decision::Refused => return Words::new("拒否 (何も見せていない)", "refused (nothing was shown)"),
    };
    // The code of `tsumugi-access` for reading this very list.
    match (look.action.as_str(), count) {
        ("access-log", 0) => Words::new("だれが見たかの一覧を閲覧", "the list of looks was read"),
        ("access-log", _) => Words::new(
            format!("だれが見たかの一覧と、記録{count}件を閲覧"),
            format!("the list of looks was read, and {count} shown"),
        ),
        _ => facts,
    }
}

/// Each rule of a look by its words, with its code behind; without words the code alone.
fn rule(codes: &str, rules: &dyn Fn(&str) -> Option<Words>) -> Words {
    let mut all = Words::new("", "");
    for code in codes.split_whitespace() {
        let known = rules(code);
        let code = plain(code);
        let one = match known {
            Some(words) => Words::new(format!("{} ({code})", words.ja), format!("{} ({code})", words.en)),
            None => Words::new(code.clone(), code),
        };
        for (text, more) in [(&mut all.ja, one.ja), (&mut all.en, one.en)] {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&more);
        }
    }
    all
}

/// The purpose (HL7 v3 PurposeOfUse) in the words of the citizen's pages; `None` for an unknown code.
pub(crate) fn purpose(code: &str) -> Option<Words> {
    let (ja, en) = match code {
        "TREAT" => ("治療のため", "For treatment"),
        "ETREAT" => ("緊急の治療のため", "Emergency treatment"),
        "BTG" => ("命を守るため、見せない設定を解除", "To save life, past your limits"),
        "CAREMGT" => ("介護の計画と調整のため", "To plan care"),
        "HPAYMT" => ("医療・介護の支払いのため", "Payment"),
        "COVERAGE" => ("保険の確認のため", "Insurance check"),
        "PUBHLTH" => ("地域の健康を守るため", "Public health"),
        "DISASTER" => ("災害時の支援のため", "Disaster relief"),
        "HRESCH" => ("許可された研究のため", "Permitted research"),
        "PATRQT" => ("ご本人の依頼", "You asked"),
        "FAMRQT" => ("家族・代理の方の依頼", "Family or proxy asked"),
        "HOPERAT" => ("運営と点検のため", "Running and checking"),
        "RECORDMGT" => ("記録の管理・訂正のため", "Record upkeep"),
        _ => return None,
    };
    Some(Words::new(ja, en))
}

/// Milliseconds since 1970 as Japan's date and time, `2026-09-21 22:13`.
pub(crate) fn japan_time(time_ms: i64) -> String {
    let local = time_ms.saturating_add(JAPAN_OFFSET_MS);
    let (days, minutes) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS) / 60_000);
    // Days to a civil date in the Gregorian calendar, counted from 0000-03-01 so that the leap day comes last
    // (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(action: &str, count: u64, rule: &str) -> ReadLook {
        let text = format!(
            r#"{{"v":1,"time":0,"action":"{action}","person":{{"id":"a","name":"山田 ハル"}},"organization":{{"id":"b","name":"家"}},
                "automatic":false,"role":"citizen","purpose":"PATRQT","rule":"{rule}","shown":{{}},"count":{count},"decision":"shown"}}"#
        );
        ReadLook { number: 1, look: LookPart::from_bytes(text.as_bytes()).unwrap() }
    }

    #[test]
    fn reading_the_list_is_not_told_as_nothing() {
        let none = |_: &str| None;
        assert!(words(&look("access-log", 0, "own"), &none).ja.contains("/ だれが見たかの一覧を閲覧 /"));
        assert!(words(&look("access-log", 2, "own"), &none).en.contains("/ the list of looks was read, and 2 shown /"));
        assert!(words(&look("page", 0, "own"), &none).ja.contains("/ 0件を閲覧 /"));
    }

    #[test]
    fn a_rule_is_told_in_words_where_they_are_known() {
        let rules = |code: &str| (code == "own").then(|| Words::new("ご本人は見ることができます。", "You may look."));
        let told = words(&look("page", 1, "own other"), &rules);
        assert!(told.ja.ends_with("規則: ご本人は見ることができます。 (own) other"), "{}", told.ja);
        assert!(told.en.ends_with("rule: You may look. (own) other"), "{}", told.en);
    }

    #[test]
    fn times_are_japans() {
        assert_eq!(japan_time(0), "1970-01-01 09:00");
        assert_eq!(japan_time(-DAY_MS), "1969-12-31 09:00");
        assert_eq!(japan_time(951_750_000_000), "2000-02-29 00:00", "the leap day, at midnight in Japan");
        assert_eq!(japan_time(1_790_000_000_000), "2026-09-21 23:13");
        assert_eq!(japan_time(4_107_510_000_000), "2100-03-01 00:00", "2100 has no leap day");
    }
}
