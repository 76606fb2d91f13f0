//! Dates as Japan writes them, read into the dates they may mean: 昭和23年5月1日, S23.5.1, 3230501, 1948/5/1.
//!
//! A text gives candidates, the likeliest first, and findings about what is odd in it; or a fault that says what it is not.
//! 昭和65年 never was, but was written: it is read as 1990 with a finding, because a record is not lost over a clerk's
//! habit. Nothing here knows today, so no candidate is refused for being in the future.

use super::{compatible, numeral};

/// What a text says about a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// FHIR dates (`1948-05-01`, `1948-05` or `1948`) that it may mean, the likeliest first; never empty, at most six.
    pub candidates: Vec<String>,
    /// What is odd about it.
    pub findings: Vec<DateFinding>,
}

/// Something odd about a date that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateFinding {
    /// A year after the era's end, such as 昭和65年: read by counting on, which gives 平成2年.
    AfterEra,
    /// A day before the era's first, such as 平成元年1月5日: read in the civil calendar.
    BeforeEra,
    /// A year of two digits without an era: every era that had such a year is a candidate.
    NoEra,
    /// A day of Meiji 1–5, when the lunisolar calendar was used: only the year is read.
    Lunisolar,
    /// Only a year or a month is given.
    Partial,
    /// The text says that it is a guess (推定, 頃, 約).
    Estimated,
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateFault {
    /// Nothing is written.
    #[error("no date is written; leave the field out, or write one such as 1948-05-01 or 昭和23年5月1日")]
    Empty,
    /// It is no date in any writing known here.
    #[error("this is no date; write one such as 1948-05-01, 昭和23年5月1日 or S23.5.1")]
    Form,
    /// The month or the day is not in the calendar.
    #[error("this day is not in the calendar; check month and day")]
    NoSuchDay,
    /// The year is not in 1868–2199, or is year 0 of an era.
    #[error("this year cannot be; check the era and the year")]
    NoSuchYear,
}

/// An era: names, the year before its first, its first day, its last year.
struct Era {
    names: &'static [&'static str],
    before: u32,
    first: (u32, u32, u32),
    last_year: u32,
}

/// The eras since 1868; the code that receipts use is the place in this list, from 1.
const ERAS: [Era; 5] = [
    Era { names: &["明治", "明", "m"], before: 1867, first: (1868, 1, 25), last_year: 45 },
    Era { names: &["大正", "大", "t"], before: 1911, first: (1912, 7, 30), last_year: 15 },
    Era { names: &["昭和", "昭", "s"], before: 1925, first: (1926, 12, 25), last_year: 64 },
    Era { names: &["平成", "平", "h"], before: 1988, first: (1989, 1, 8), last_year: 31 },
    Era { names: &["令和", "令", "r"], before: 2018, first: (2019, 5, 1), last_year: 99 },
];
/// From when the calendar of today is used.
const CIVIL_FROM: u32 = 1873;
/// Longest text that is read.
const LONGEST: usize = 40;

/// Years between eras of which one is easily written for the other: 昭和 for 平成, 大正 for 昭和, and so on.
pub const ERA_SLIPS: [u32; 7] = [63, 14, 30, 77, 93, 44, 58];

/// Reads a date as written.
///
/// # Errors
/// [`DateFault`] says why the text is none.
pub fn read(text: &str) -> Result<Reading, DateFault> {
    let mut findings = Vec::new();
    let mut plain: String = compatible(text).to_lowercase().split_whitespace().collect();
    for word in ["推定", "約", "頃", "ころ", "ごろ", "生まれ", "生", "?"] {
        if plain.contains(word) {
            plain = plain.replace(word, "");
            if !word.starts_with('生') {
                findings.push(DateFinding::Estimated);
            }
        }
    }
    if plain.is_empty() {
        return Err(DateFault::Empty);
    }
    if plain.chars().count() > LONGEST {
        return Err(DateFault::Form);
    }
    let (era, rest) = era(&plain);
    let (era, parts) = match packed(era, rest) {
        Some((era, parts)) => (era, parts),
        None => (era, spaced(rest)?),
    };
    let candidates = match era {
        Some(era) => vec![in_era(&ERAS[era], &parts, &mut findings)?],
        None if parts[0] >= 100 => vec![civil(parts[0], &parts, &mut findings)?],
        None => without_era(&parts, &mut findings)?,
    };
    if parts.len() < 3 {
        findings.push(DateFinding::Partial);
    }
    findings.sort_unstable();
    findings.dedup();
    Ok(Reading { candidates, findings })
}

/// The era that a text starts with, and what follows.
fn era(text: &str) -> (Option<usize>, &str) {
    for (index, era) in ERAS.iter().enumerate() {
        for name in era.names {
            if let Some(rest) = text.strip_prefix(name) {
                return (Some(index), rest.trim_start_matches(['.', '-', ':']));
            }
        }
    }
    (None, text)
}

/// Dates of digits alone: 19480501, S230501, 3230501 (the era's code first).
fn packed(era: Option<usize>, text: &str) -> Option<(Option<usize>, Vec<u32>)> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let cut = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    match (era, text.len()) {
        (None, 8) => Some((None, vec![cut(0, 4)?, cut(4, 6)?, cut(6, 8)?])),
        (Some(_), 6) => Some((era, vec![cut(0, 2)?, cut(2, 4)?, cut(4, 6)?])),
        (None, 7) => {
            let code = usize::try_from(cut(0, 1)?).ok()?.checked_sub(1).filter(|code| *code < ERAS.len())?;
            Some((Some(code), vec![cut(1, 3)?, cut(3, 5)?, cut(5, 7)?]))
        }
        _ => None,
    }
}

/// Year, and if given month and day, parted by 年月日 or signs.
fn spaced(text: &str) -> Result<Vec<u32>, DateFault> {
    let text = text.trim_end_matches(['日', '月', '年', '.']);
    let mut parts = Vec::new();
    for part in text.split(['年', '月', '日', '/', '-', '.', '‐', '−', 'ー', '、', ',']) {
        parts.push(numeral::read(part).ok_or(DateFault::Form)?);
    }
    if (1..=3).contains(&parts.len()) { Ok(parts) } else { Err(DateFault::Form) }
}

fn in_era(era: &Era, parts: &[u32], findings: &mut Vec<DateFinding>) -> Result<String, DateFault> {
    let year_of_era = parts[0];
    if year_of_era == 0 || year_of_era > 99 {
        return Err(DateFault::NoSuchYear);
    }
    let year = era.before + year_of_era;
    if year_of_era > era.last_year {
        findings.push(DateFinding::AfterEra);
    }
    let date = civil(year, parts, findings)?;
    let (month, day) = (parts.get(1).copied(), parts.get(2).copied());
    let last = ERAS.iter().find(|next| next.before + 1 == era.before + era.last_year);
    match (month, day) {
        (Some(month), Some(day)) if (year, month, day) < era.first => findings.push(DateFinding::BeforeEra),
        (Some(month), Some(day)) if last.is_some_and(|next| (year, month, day) >= next.first) => {
            findings.push(DateFinding::AfterEra);
        }
        _ => {}
    }
    Ok(date)
}

fn civil(year: u32, parts: &[u32], findings: &mut Vec<DateFinding>) -> Result<String, DateFault> {
    if !(1868..=2199).contains(&year) {
        return Err(DateFault::NoSuchYear);
    }
    if let Some(month) = parts.get(1)
        && !(1..=12).contains(month)
    {
        return Err(DateFault::NoSuchDay);
    }
    if let (Some(month), Some(day)) = (parts.get(1), parts.get(2))
        && !(1..=days_in(year, *month)).contains(day)
    {
        return Err(DateFault::NoSuchDay);
    }
    if year < CIVIL_FROM && parts.len() > 1 {
        findings.push(DateFinding::Lunisolar);
        return Ok(format!("{year:04}"));
    }
    Ok(match parts {
        [_, month, day, ..] => format!("{year:04}-{month:02}-{day:02}"),
        [_, month] => format!("{year:04}-{month:02}"),
        _ => format!("{year:04}"),
    })
}

/// A year of two digits: every era that had it, and the two centuries, the commonest first.
fn without_era(parts: &[u32], findings: &mut Vec<DateFinding>) -> Result<Vec<String>, DateFault> {
    let mut candidates = Vec::new();
    let mut fault = DateFault::NoSuchYear;
    for index in [2, 3, 4, 1] {
        let era = &ERAS[index];
        let mut odd = Vec::new();
        match in_era(era, parts, &mut odd) {
            Ok(date) if odd.is_empty() => candidates.push(date),
            Ok(_) => {}
            Err(why) => fault = why,
        }
    }
    for century in [1900, 2000] {
        if let Ok(date) = civil(century + parts[0], parts, &mut Vec::new())
            && !candidates.contains(&date)
        {
            candidates.push(date);
        }
    }
    findings.push(DateFinding::NoEra);
    if candidates.is_empty() { Err(fault) } else { Ok(candidates) }
}

/// Days of a month, 1 to 12.
#[must_use]
pub const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_day_in_every_writing() {
        for text in [
            "1948-05-01",
            "1948/5/1",
            "1948.5.1",
            "1948年5月1日",
            "19480501",
            "昭和23年5月1日",
            "昭和２３年５月１日",
            "昭和二十三年五月一日",
            "昭23.5.1",
            "S23.5.1",
            "s23/05/01",
            "S230501",
            "3230501",
            "㍼23年5月1日",
            "昭和 23年 5月 1日生",
            "一九四八年五月一日",
        ] {
            assert_eq!(read(text), Ok(Reading { candidates: vec!["1948-05-01".into()], findings: vec![] }), "{text}");
        }
    }

    #[test]
    fn what_is_odd_is_read_and_said() {
        use DateFinding::{AfterEra, BeforeEra, Estimated, Lunisolar, NoEra, Partial};
        for (text, candidates, findings) in [
            ("昭和65年3月1日", vec!["1990-03-01"], vec![AfterEra]),
            ("昭和64年1月7日", vec!["1989-01-07"], vec![]),
            ("昭和64年1月8日", vec!["1989-01-08"], vec![AfterEra]),
            ("平成元年1月7日", vec!["1989-01-07"], vec![BeforeEra]),
            ("平成元年1月8日", vec!["1989-01-08"], vec![]),
            ("平成31年4月30日", vec!["2019-04-30"], vec![]),
            ("平成31年5月1日", vec!["2019-05-01"], vec![AfterEra]),
            ("平成32年5月1日", vec!["2020-05-01"], vec![AfterEra]),
            ("令和元年5月1日", vec!["2019-05-01"], vec![]),
            ("大正15年12月24日", vec!["1926-12-24"], vec![]),
            ("明治5年11月9日", vec!["1872"], vec![Lunisolar]),
            ("昭和23年", vec!["1948"], vec![Partial]),
            ("昭和23年5月頃", vec!["1948-05"], vec![Partial, Estimated]),
            ("23.5.1", vec!["1948-05-01", "2011-05-01", "2041-05-01", "1923-05-01", "2023-05-01"], vec![NoEra]),
        ] {
            let candidates = candidates.into_iter().map(String::from).collect();
            assert_eq!(read(text), Ok(Reading { candidates, findings }), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_says_why() {
        for (text, fault) in [
            ("", DateFault::Empty),
            ("　", DateFault::Empty),
            ("不明", DateFault::Form),
            ("昭和", DateFault::Form),
            ("1948-05-01-01", DateFault::Form),
            ("昭和23年2月30日", DateFault::NoSuchDay),
            ("1948-13-01", DateFault::NoSuchDay),
            ("1900-02-29", DateFault::NoSuchDay),
            ("昭和0年1月1日", DateFault::NoSuchYear),
            ("1234-01-01", DateFault::NoSuchYear),
        ] {
            assert_eq!(read(text), Err(fault), "{text}");
        }
    }
}
