//! Dates as Japan's files write them: the common calendar and eras, full width too.

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization as _;

/// Eras: kanji, letter, the year before the first, the first day. The last day is the day before the next era's first.
const ERAS: [(&str, char, i16, Date); 5] = [
    ("明治", 'M', 1867, Date::constant(1868, 1, 25)),
    ("大正", 'T', 1911, Date::constant(1912, 7, 30)),
    ("昭和", 'S', 1925, Date::constant(1926, 12, 25)),
    ("平成", 'H', 1988, Date::constant(1989, 1, 8)),
    ("令和", 'R', 2018, Date::constant(2019, 5, 1)),
];

/// Reads a day: `2026-04-01`, `2026/4/1`, `20260401`, `令和8年4月1日`, `令和元年5月1日`, `R8.4.1`, `S230501`. Whatever is
/// written full width is read as its half width. A day that its era does not have is no day.
#[must_use]
pub fn read_day(text: &str) -> Option<Date> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    let era = ERAS.iter().enumerate().find_map(|(place, (kanji, letter, before, first))| {
        let rest = text.strip_prefix(kanji).or_else(|| {
            let mut chars = text.chars();
            chars.next().is_some_and(|c| c.eq_ignore_ascii_case(letter)).then_some(chars.as_str())
        })?;
        Some((rest, *before, *first, ERAS.get(place + 1).map(|next| next.3)))
    });
    let Some((rest, before, first, next)) = era else { return common(&text) };
    let (year, month, day) = parts(rest, 2)?;
    let date = Date::new(before.checked_add(year)?, month, day).ok()?;
    (year >= 1 && first <= date && next.is_none_or(|next| date < next)).then_some(date)
}

fn common(text: &str) -> Option<Date> {
    let (year, month, day) = parts(text, 4)?;
    (1868..=9999).contains(&year).then(|| Date::new(year, month, day).ok()).flatten()
}

/// Year, month and day, apart or run together; the year has `digits` digits when they are.
fn parts(text: &str, digits: usize) -> Option<(i16, i8, i8)> {
    let text = text.replacen("元年", "1年", 1);
    let text = text.strip_suffix('日').unwrap_or(&text);
    let split: Vec<&str> = text.split(['-', '/', '.', '年', '月', '−', '‐']).collect();
    let read = |year: &str, month: &str, day: &str| {
        let digits = |part: &str, most: usize| {
            let fits = (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            fits.then(|| part.parse::<i16>().ok()).flatten()
        };
        Some((digits(year, 4)?, i8::try_from(digits(month, 2)?).ok()?, i8::try_from(digits(day, 2)?).ok()?))
    };
    match split[..] {
        [year, month, day] => read(year, month, day),
        [run] if run.len() == digits + 4 && run.is_ascii() => {
            read(&run[..digits], &run[digits..digits + 2], &run[digits + 2..])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_both_calendars() {
        for (text, expected) in [
            ("1948-05-01", Some("1948-05-01")),
            ("1948/5/1", Some("1948-05-01")),
            ("19480501", Some("1948-05-01")),
            ("１９４８－０５－０１", Some("1948-05-01")),
            ("昭和23年5月1日", Some("1948-05-01")),
            ("昭和２３年０５月０１日", Some("1948-05-01")),
            ("S23.5.1", Some("1948-05-01")),
            ("s230501", Some("1948-05-01")),
            ("Ｓ２３０５０１", Some("1948-05-01")),
            ("㍼23年5月1日", Some("1948-05-01")),
            ("令和元年5月1日", Some("2019-05-01")),
            ("R8.4.1", Some("2026-04-01")),
            ("昭和64年1月7日", Some("1989-01-07")),
            ("大正15年12月24日", Some("1926-12-24")),
            ("明治45年7月29日", Some("1912-07-29")),
            ("昭和64年1月8日", None),
            ("平成元年1月7日", None),
            ("平成31年5月1日", None),
            ("令和0年5月1日", None),
            ("1948-02-30", None),
            ("48-05-01", None),
            ("1948-05", None),
            ("19480501x", None),
            ("1948年5月1", Some("1948-05-01")),
            ("+948-05-01", None),
            ("", None),
            ("日", None),
            ("令和", None),
        ] {
            assert_eq!(read_day(text).map(|day| day.to_string()).as_deref(), expected, "{text}");
        }
    }
}
