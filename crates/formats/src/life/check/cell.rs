//! One value against what its column says: the gravest thing that is wrong with it, in the words that help most.

use crate::life::{
    catalogue::{Column, Format},
    finding::Detail,
    rule::Rule,
};

/// How many codes a finding lists.
const CODES: usize = 12;
/// Names of eras at the start of a date.
const ERAS: [&str; 5] = ["令和", "平成", "昭和", "大正", "明治"];

type Wrong = (Rule, Detail);

/// What is wrong with a value.
pub fn check(column: &Column, text: &str) -> Option<Wrong> {
    if text.chars().all(|c| c == ' ' || c == '\u{3000}') {
        return Some((Rule::BlankIsData, Detail::None));
    }
    if column.codes.is_some() {
        return code(column, text);
    }
    match column.format {
        Some(Format::Date) => date(text, false),
        Some(Format::DateDayUnknown) => date(text, true),
        Some(Format::Time) => time(text),
        Some(Format::Icd10) => icd10(text),
        Some(Format::Digits) => digits(column, text),
        Some(Format::NumberOfFixedLength) => fixed(column, text),
        None if column.number_type => number(column, text),
        None => length(column, text),
    }
}

fn length(column: &Column, text: &str) -> Option<Wrong> {
    let most = usize::try_from(column.length).unwrap_or(usize::MAX);
    // Characters are at most as many as bytes.
    (text.len() > most && text.chars().count() > most).then_some((Rule::TooLong, Detail::Number(column.length.into())))
}

fn code(column: &Column, text: &str) -> Option<Wrong> {
    if column.has_code(text) != Some(false) {
        return None;
    }
    if has_full_width(text) {
        return Some((Rule::FullWidth, Detail::None));
    }
    let codes = column.codes.as_deref().unwrap_or_default();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let bare = |text: &str| text.trim_start_matches('0').to_owned();
    let lost = |code: &str| code.len() > text.len() && bare(code) == bare(text);
    if is_number && codes.iter().any(|(code, _)| lost(code)) {
        return Some((Rule::LeadingZero, Detail::None));
    }
    let mut list: Vec<&str> = codes.iter().take(CODES).map(|(code, _)| code.as_ref()).collect();
    if codes.len() > CODES {
        list.push("…");
    }
    let list = Detail::Word(list.join(", "));
    let points = text.parse::<u32>().is_ok_and(|points| column.points.iter().any(|(_, known)| *known == points));
    Some((if points { Rule::PointsForCode } else { Rule::UnknownCode }, list))
}

fn number(column: &Column, text: &str) -> Option<Wrong> {
    if let Some(wrong) = not_plain(text) {
        return Some(wrong);
    }
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(rest) || text.ends_with('.') {
        return Some((Rule::NotNumber, Detail::None));
    }
    let many = |part: &str, most: u32| part.len() > usize::try_from(most).unwrap_or(usize::MAX);
    if many(whole, column.length) {
        return Some((Rule::TooManyDigits, Detail::Number(column.length.into())));
    }
    if many(rest, column.decimals) {
        return Some((Rule::TooManyDecimals, Detail::Number(column.decimals.into())));
    }
    let (low, high) = column.range?;
    let inside = text.parse::<f64>().is_ok_and(|value| (f64::from(low)..=f64::from(high)).contains(&value));
    (!inside).then(|| (Rule::OutOfRange, Detail::Word(format!("{low}–{high}"))))
}

/// What spreadsheets and full-width letters make of digits.
fn not_plain(text: &str) -> Option<Wrong> {
    if has_full_width(text) {
        return Some((Rule::FullWidth, Detail::None));
    }
    let is_quantity = text.split_once(['E', 'e']).is_some_and(|(before, after)| {
        before.starts_with(|c: char| c.is_ascii_digit()) && after.starts_with(['+', '-'])
    });
    is_quantity.then_some((Rule::SpreadsheetNumber, Detail::None))
}

fn date(text: &str, day_unknown: bool) -> Option<Wrong> {
    let bytes = text.as_bytes();
    let is_digits = bytes.iter().all(u8::is_ascii_digit);
    if bytes.len() == 8 && is_digits {
        let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
        let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
        let exists = year > 0 && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
        let unknown = day_unknown && year > 0 && (1..=12).contains(&month) && day == 0;
        return (!exists && !unknown).then_some((Rule::NotDate, Detail::None));
    }
    if ERAS.iter().any(|era| text.starts_with(era)) {
        return Some((Rule::JapaneseEra, Detail::None));
    }
    if let Some(wrong) = not_plain(text) {
        return Some(wrong);
    }
    let letter = text.starts_with(['R', 'H', 'S', 'T', 'M', 'r', 'h', 's', 't', 'm']);
    // An era's number and two digits each of year, month and day.
    let numbered = is_digits && bytes.len() == 7 && text.starts_with(['1', '2', '3', '4', '5']);
    let rule = if numbered || (letter && text.bytes().any(|byte| byte.is_ascii_digit())) {
        Rule::JapaneseEra
    } else if text.contains(['/', '-', '.']) {
        Rule::DateWithMarks
    } else {
        Rule::NotDate
    };
    Some((rule, Detail::None))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

fn time(text: &str) -> Option<Wrong> {
    if has_full_width(text) {
        return Some((Rule::FullWidth, Detail::None));
    }
    let is_digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let good = is_digits && part(0, 2).is_some_and(|hour| hour < 24) && part(2, 4).is_some_and(|minute| minute < 60);
    if good {
        return None;
    }
    let lost = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    Some((if lost { Rule::LeadingZero } else { Rule::NotTime }, Detail::None))
}

fn icd10(text: &str) -> Option<Wrong> {
    if has_full_width(text) {
        return Some((Rule::FullWidth, Detail::None));
    }
    let (category, rest) = text.split_once('.').unwrap_or((text, ""));
    let mut characters = category.bytes();
    let good = category.len() == 3
        && characters.next().is_some_and(|byte| byte.is_ascii_uppercase())
        && characters.next().is_some_and(|byte| byte.is_ascii_digit())
        && characters.next().is_some_and(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && (rest.is_empty() != text.contains('.'))
        && rest.len() <= 4
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (!good).then_some((Rule::NotIcd10, Detail::None))
}

fn digits(column: &Column, text: &str) -> Option<Wrong> {
    if let Some(wrong) = not_plain(text) {
        return Some(wrong);
    }
    let right = text.len() == usize::try_from(column.length).unwrap_or(usize::MAX)
        && text.bytes().all(|byte| byte.is_ascii_digit());
    (!right).then_some((Rule::NotDigits, Detail::Number(column.length.into())))
}

/// The numbers of offices, insurers and people. A person who lives on welfare and has no insurance has an `H` in front.
fn fixed(column: &Column, text: &str) -> Option<Wrong> {
    if let Some(wrong) = not_plain(text).or_else(|| length(column, text)) {
        return Some(wrong);
    }
    let digits = if column.id == "insured_no" { text.strip_prefix('H').unwrap_or(text) } else { text };
    let right = text.len() == usize::try_from(column.length).unwrap_or(usize::MAX)
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    (!right).then_some((Rule::FixedLength, Detail::Number(column.length.into())))
}

fn has_full_width(text: &str) -> bool {
    text.chars().any(|c| ('\u{ff01}'..='\u{ff5e}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::life::Catalogue;

    fn found(form: &str, column: &str, text: &str) -> Option<Rule> {
        let catalogue = Catalogue::embedded().unwrap();
        let form = catalogue.form(form, None).unwrap();
        check(&form.columns[form.column(column).unwrap()], text).map(|(rule, _)| rule)
    }

    #[test]
    fn each_wrong_value_is_told_by_what_helps() {
        let people = "SERVICE_USER_INFO";
        for (form, column, text, rule) in [
            (people, "birthday", "19550401", None),
            (people, "birthday", "20000229", None),
            (people, "birthday", "19000229", Some(Rule::NotDate)),
            (people, "birthday", "19551301", Some(Rule::NotDate)),
            (people, "birthday", "19550400", Some(Rule::NotDate)),
            (people, "birthday", "1955/4/1", Some(Rule::DateWithMarks)),
            (people, "birthday", "1955-04-01", Some(Rule::DateWithMarks)),
            (people, "birthday", "昭和30年4月1日", Some(Rule::JapaneseEra)),
            (people, "birthday", "S300401", Some(Rule::JapaneseEra)),
            (people, "birthday", "3300401", Some(Rule::JapaneseEra)),
            (people, "birthday", "１９５５０４０１", Some(Rule::FullWidth)),
            (people, "birthday", "1.96E+07", Some(Rule::SpreadsheetNumber)),
            (people, "care_level", "23", None),
            (people, "care_level", "1", Some(Rule::LeadingZero)),
            (people, "care_level", "３", Some(Rule::FullWidth)),
            (people, "care_level", "99", Some(Rule::UnknownCode)),
            (people, "insurer_no", "12345", Some(Rule::FixedLength)),
            (people, "insured_no", "H123456789", None),
            (people, "insured_no", "1.23457E+09", Some(Rule::SpreadsheetNumber)),
            (people, "insured_no", "12345678901", Some(Rule::TooLong)),
            (people, "last_name", "山田", None),
            (people, "last_name", "\u{3000}", Some(Rule::BlankIsData)),
            (people, "last_name", "  ", Some(Rule::BlankIsData)),
            ("FORM_0210_2021", "date_of_onset_01", "20210400", None),
            ("FORM_0210_2021", "date_of_onset_01", "20210000", Some(Rule::NotDate)),
            ("FORM_0210_2021", "number_of_teeth", "28", None),
            ("FORM_0210_2021", "number_of_teeth", "29", Some(Rule::OutOfRange)),
            ("FORM_0210_2021", "number_of_teeth", "-1", Some(Rule::NotNumber)),
            ("FORM_0210_2021", "number_of_teeth", "2.5", Some(Rule::TooManyDecimals)),
            ("FORM_0210_2021", "number_of_teeth", "100", Some(Rule::TooManyDigits)),
            ("FORM_0900_2021", "barthel_index_meal", "2", None),
            ("FORM_0900_2021", "barthel_index_meal", "10", Some(Rule::PointsForCode)),
            ("FORM_0900_2021", "barthel_index_meal", "3", Some(Rule::UnknownCode)),
            ("FORM_0320_2021", "evaluate_start_time", "1310", None),
            ("FORM_0320_2021", "evaluate_start_time", "2400", Some(Rule::NotTime)),
            ("FORM_0320_2021", "evaluate_start_time", "930", Some(Rule::LeadingZero)),
            ("FORM_0001_2021", "injury_code", "B15.9", None),
            ("FORM_0001_2021", "injury_code", "I10", None),
            ("FORM_0001_2021", "injury_code", "B159", Some(Rule::NotIcd10)),
            ("FORM_0001_2021", "injury_code", "B15.", Some(Rule::NotIcd10)),
            ("FORM_0002_2021", "chemical_code", "620000001", None),
            ("FORM_0002_2021", "chemical_code", "62000001", Some(Rule::NotDigits)),
            ("FORM_0002_2021", "dose", "1.50000", None),
            ("FORM_0002_2021", "dose", "1.500000", Some(Rule::TooManyDecimals)),
        ] {
            assert_eq!(found(form, column, text), rule, "{form} {column} {text}");
        }
    }

    #[test]
    fn points_do_not_lead_back_where_two_codes_are_worth_the_same() {
        let catalogue = Catalogue::embedded().unwrap();
        let form = catalogue.form("FORM_0900_2021", None).unwrap();
        let hygiene = &form.columns[form.column("barthel_index_personal_hygiene_and_adjustment").unwrap()];
        assert_eq!(hygiene.codes_of(0), ["0", "1"]);
        assert_eq!(hygiene.points_of("2"), Some(5));
        let meal = &form.columns[form.column("barthel_index_meal").unwrap()];
        assert_eq!((meal.codes_of(5), meal.has_two_codes_for_one()), (vec!["1"], false));
    }
}
