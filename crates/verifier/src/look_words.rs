//! One look as a line: when, who, for which organisation, for what, what became of it, by which rule.

use tsumugi_ledger::{LookPart, ReadLook, look::Decision};

use crate::{Words, plain};

/// Japan is nine hours ahead of UTC and keeps no summer time.
const JAPAN_OFFSET_MS: i64 = 9 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// The line for a look.
pub(crate) fn words(read: &ReadLook) -> Words {
    let look = &read.look;
    let time = japan_time(look.time);
    let (person, organization) = (plain(&look.person.name), plain(&look.organization.name));
    let qualification =
        look.person.qualification.as_deref().map(|code| format!(" ({})", plain(code))).unwrap_or_default();
    let who = if look.automatic { ("自動処理: ", "automatic: ") } else { ("", "") };
    let purpose = purpose(look);
    let decision = decision(look);
    let rule = plain(&look.rule);
    let mut words = Words::new(
        format!(
            "{}. {time} {}{person}{qualification} / {organization} / 目的: {} / {} / 規則: {rule}",
            read.number, who.0, purpose.ja, decision.ja
        ),
        format!(
            "{}. {time} {}{person}{qualification} / {organization} / purpose: {} / {} / rule: {rule}",
            read.number, who.1, purpose.en, decision.en
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
    match look.decision {
        Decision::Shown => Words::new(format!("{count}件を閲覧"), format!("{count} shown")),
        Decision::Written => Words::new(format!("{count}件を書きこみ"), format!("{count} written")),
        Decision::Refused => Words::new("拒否 (何も見せていない)", "refused (nothing was shown)"),
    }
}

/// The purpose (HL7 v3 PurposeOfUse); an unknown code stands for itself.
fn purpose(look: &LookPart) -> Words {
    let (ja, en) = match look.purpose.as_str() {
        "TREAT" => ("診療", "treatment"),
        "ETREAT" => ("救急の診療", "emergency treatment"),
        "BTG" => ("緊急の例外的な閲覧", "emergency access beyond the usual rules"),
        "CAREMGT" => ("介護とケアの調整", "care management"),
        "HPAYMT" => ("医療費の支払い", "payment"),
        "COVERAGE" => ("保険資格の確認", "checking insurance"),
        "PUBHLTH" => ("公衆衛生", "public health"),
        "DISASTER" => ("災害対応", "disaster response"),
        "HRESCH" => ("研究", "research"),
        "PATRQT" => ("本人の求め", "the person's own request"),
        "FAMRQT" => ("家族・代理人の求め", "a family member's or proxy's request"),
        "HOPERAT" => ("運営", "operations"),
        "RECORDMGT" => ("記録の管理", "keeping the record"),
        other => return Words::new(plain(other), plain(other)),
    };
    Words::new(ja, en)
}

/// Milliseconds since 1970 as Japan's date and time, `2026-09-21 22:13`.
fn japan_time(time_ms: i64) -> String {
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

    #[test]
    fn times_are_japans() {
        assert_eq!(japan_time(0), "1970-01-01 09:00");
        assert_eq!(japan_time(-DAY_MS), "1969-12-31 09:00");
        assert_eq!(japan_time(951_750_000_000), "2000-02-29 00:00", "the leap day, at midnight in Japan");
        assert_eq!(japan_time(1_790_000_000_000), "2026-09-21 23:13");
        assert_eq!(japan_time(4_107_510_000_000), "2100-03-01 00:00", "2100 has no leap day");
    }
}
