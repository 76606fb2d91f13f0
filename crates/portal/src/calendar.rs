//! Dates in words: weekdays always, the Japanese era beside births and years of life.
//!
//! What must hold: a date reads the same on every page; an era begins on the day its law or edict names
//! (明治 1868-10-23 in the Gregorian calendar, 大正 1912-07-30, 昭和 1926-12-25, 平成 1989-01-08, 令和 2019-05-01).

use jiff::civil::{Date, DateTime, Weekday, date};
use tsumugi_kernel::Instant;

use crate::Lang;

/// Eras with their first day, newest first.
const ERAS: [(&str, Date); 5] = [
    ("令和", date(2019, 5, 1)),
    ("平成", date(1989, 1, 8)),
    ("昭和", date(1926, 12, 25)),
    ("大正", date(1912, 7, 30)),
    ("明治", date(1868, 10, 23)),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The era's year of a day, for example `昭和23年` or `令和元年`; none before 1868-10-23.
#[must_use]
pub fn era_year(day: Date) -> Option<String> {
    let (name, first) = ERAS.iter().find(|(_, first)| day >= *first)?;
    let year = day.year() - first.year() + 1;
    Some(if year == 1 { format!("{name}元年") } else { format!("{name}{year}年") })
}

/// `2026年11月22日(日)`, `Sunday 22 November 2026`.
#[must_use]
pub fn day(day: Date, lang: Lang) -> String {
    match lang {
        Lang::Ja | Lang::Easy => format!("{}年{}月{}日({})", day.year(), day.month(), day.day(), weekday(day, lang)),
        Lang::En => format!("{} {} {} {}", weekday(day, lang), day.day(), month(day), day.year()),
    }
}

/// The day without the year where it is the year of `today`: `11月22日(日)`, `Sunday 22 November`.
#[must_use]
pub fn near_day(when: Date, today: Date, lang: Lang) -> String {
    if when.year() != today.year() {
        return day(when, lang);
    }
    match lang {
        Lang::Ja | Lang::Easy => format!("{}月{}日({})", when.month(), when.day(), weekday(when, lang)),
        Lang::En => format!("{} {} {}", weekday(when, lang), when.day(), month(when)),
    }
}

/// From one day to another: `11月3日(火)〜11月20日(金)`, `Tuesday 3 November to Friday 20 November`. One day is written once.
#[must_use]
pub fn span(from: Date, to: Date, today: Date, lang: Lang) -> String {
    if from == to {
        return near_day(from, today, lang);
    }
    let joint = match lang {
        Lang::Ja => "〜",
        // A reader who learns Japanese may not know the sign.
        Lang::Easy => "から ",
        Lang::En => " to ",
    };
    let end = if lang == Lang::Easy { "まで" } else { "" };
    format!("{}{joint}{}{end}", near_day(from, today, lang), near_day(to, today, lang))
}

/// A birth: `1948年(昭和23年)3月5日`, `5 March 1948`.
#[must_use]
pub fn birth(day: Date, lang: Lang) -> String {
    match (lang, era_year(day)) {
        (Lang::Ja, Some(era)) => format!("{}年({era}){}月{}日", day.year(), day.month(), day.day()),
        (Lang::Ja, None) | (Lang::Easy, _) => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        (Lang::En, _) => format!("{} {} {}", day.day(), month(day), day.year()),
    }
}

/// A year: `2026年(令和8年)`, with both eras where it has two: `2019年(平成31年・令和元年)`; `2026` in English.
#[must_use]
pub fn year(year: i16, lang: Lang) -> String {
    match lang {
        Lang::En => return year.to_string(),
        Lang::Easy => return format!("{year}年"),
        Lang::Ja => {}
    }
    let ends = [Date::new(year, 1, 1), Date::new(year, 12, 31)];
    let mut eras: Vec<String> = ends.into_iter().filter_map(|end| end.ok().and_then(era_year)).collect();
    eras.dedup();
    if eras.is_empty() { format!("{year}年") } else { format!("{year}年({})", eras.join("・")) }
}

/// The time of day in Japan: `7:14`.
#[must_use]
pub fn time(moment: Instant) -> String {
    let civil = moment.civil();
    format!("{}:{:02}", civil.hour(), civil.minute())
}

/// Day and time: `11月22日(日) 9:00`, `Sunday 22 November, 9:00`.
#[must_use]
pub fn near_moment(moment: Instant, today: Date, lang: Lang) -> String {
    let near = near_day(moment.civil().date(), today, lang);
    match lang {
        Lang::Ja | Lang::Easy => format!("{near} {}", time(moment)),
        Lang::En => format!("{near}, {}", time(moment)),
    }
}

/// Day with year, and time: `2026年11月22日(日) 9:00`.
#[must_use]
pub fn moment(moment: Instant, lang: Lang) -> String {
    let written = day(moment.civil().date(), lang);
    match lang {
        Lang::Ja | Lang::Easy => format!("{written} {}", time(moment)),
        Lang::En => format!("{written}, {}", time(moment)),
    }
}

/// A short day for a chart's axis: `11月18日`, `18 Nov`.
#[must_use]
pub fn axis_day(day: Date, lang: Lang) -> String {
    match lang {
        Lang::Ja | Lang::Easy => format!("{}月{}日", day.month(), day.day()),
        Lang::En => format!("{} {}", day.day(), short_month(day)),
    }
}

/// A short month for a chart's axis that spans years: `2025年11月`, `Nov 2025`.
#[must_use]
pub fn axis_month(day: Date, lang: Lang) -> String {
    match lang {
        Lang::Ja | Lang::Easy => format!("{}年{}月", day.year(), day.month()),
        Lang::En => format!("{} {}", short_month(day), day.year()),
    }
}

/// The age in whole years on `today`; none if the birth is later.
#[must_use]
pub fn age(birth: Date, today: Date) -> Option<u16> {
    let had = (today.month(), today.day()) >= (birth.month(), birth.day());
    u16::try_from(today.year() - birth.year() - i16::from(!had)).ok()
}

/// `datetime` of a `<time>` element for a moment: `2026-11-22T09:00+09:00`.
#[must_use]
pub fn machine(moment: Instant) -> String {
    let civil: DateTime = moment.civil();
    format!("{}T{:02}:{:02}+09:00", civil.date(), civil.hour(), civil.minute())
}

fn weekday(day: Date, lang: Lang) -> &'static str {
    let (ja, en) = match day.weekday() {
        Weekday::Monday => ("月", "Monday"),
        Weekday::Tuesday => ("火", "Tuesday"),
        Weekday::Wednesday => ("水", "Wednesday"),
        Weekday::Thursday => ("木", "Thursday"),
        Weekday::Friday => ("金", "Friday"),
        Weekday::Saturday => ("土", "Saturday"),
        Weekday::Sunday => ("日", "Sunday"),
    };
    match lang {
        Lang::Ja | Lang::Easy => ja,
        Lang::En => en,
    }
}

fn month(day: Date) -> &'static str {
    MONTHS[usize::from(day.month().unsigned_abs() - 1) % 12]
}

fn short_month(day: Date) -> &'static str {
    &month(day)[..3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eras_change_on_their_day() {
        let cases = [
            (date(1868, 10, 22), None),
            (date(1868, 10, 23), Some("明治元年")),
            (date(1912, 7, 29), Some("明治45年")),
            (date(1912, 7, 30), Some("大正元年")),
            (date(1926, 12, 24), Some("大正15年")),
            (date(1926, 12, 25), Some("昭和元年")),
            (date(1948, 3, 5), Some("昭和23年")),
            (date(1989, 1, 7), Some("昭和64年")),
            (date(1989, 1, 8), Some("平成元年")),
            (date(2019, 4, 30), Some("平成31年")),
            (date(2019, 5, 1), Some("令和元年")),
            (date(2026, 11, 22), Some("令和8年")),
        ];
        for (when, expected) in cases {
            assert_eq!(era_year(when).as_deref(), expected, "{when}");
        }
    }

    #[test]
    fn days_carry_their_weekday() {
        let sunday = date(2026, 11, 22);
        assert_eq!(day(sunday, Lang::Ja), "2026年11月22日(日)");
        assert_eq!(day(sunday, Lang::En), "Sunday 22 November 2026");
        assert_eq!(near_day(sunday, date(2026, 1, 1), Lang::Ja), "11月22日(日)");
        assert_eq!(near_day(sunday, date(2027, 1, 1), Lang::Ja), "2026年11月22日(日)");
        assert_eq!(span(date(2026, 11, 3), date(2026, 11, 20), sunday, Lang::Ja), "11月3日(火)〜11月20日(金)");
        assert_eq!(
            span(date(2025, 12, 30), date(2026, 1, 3), sunday, Lang::En),
            "Tuesday 30 December 2025 to Saturday 3 January"
        );
        assert_eq!(span(sunday, sunday, sunday, Lang::Ja), "11月22日(日)");
    }

    #[test]
    fn births_carry_their_era() {
        assert_eq!(birth(date(1948, 3, 5), Lang::Ja), "1948年(昭和23年)3月5日");
        assert_eq!(birth(date(1948, 3, 5), Lang::En), "5 March 1948");
    }

    #[test]
    fn a_year_of_two_eras_names_both() {
        assert_eq!(year(2019, Lang::Ja), "2019年(平成31年・令和元年)");
        assert_eq!(year(1989, Lang::Ja), "1989年(昭和64年・平成元年)");
        assert_eq!(year(2026, Lang::Ja), "2026年(令和8年)");
        assert_eq!(year(1850, Lang::Ja), "1850年");
        assert_eq!(year(2026, Lang::En), "2026");
    }

    #[test]
    fn an_age_grows_on_the_birthday() {
        let birth = date(1948, 3, 5);
        assert_eq!(age(birth, date(2026, 3, 4)), Some(77));
        assert_eq!(age(birth, date(2026, 3, 5)), Some(78));
        assert_eq!(age(birth, date(1940, 1, 1)), None);
    }

    #[test]
    fn moments_are_japans() {
        let midnight_before = Instant(1_795_000_000_123);
        assert_eq!(moment(midnight_before, Lang::Ja), "2026年11月18日(水) 20:06");
        assert_eq!(near_moment(midnight_before, date(2026, 11, 22), Lang::En), "Wednesday 18 November, 20:06");
        assert_eq!(machine(midnight_before), "2026-11-18T20:06+09:00");
    }
}
