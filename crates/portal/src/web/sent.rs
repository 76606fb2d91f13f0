//! `GET /office/sent`: what the reader's organisation sent, as counts.

use jiff::{Span, civil::Date};
use maud::Markup;
use tsumugi_kernel::Role;
use tsumugi_record::sent::Counts;

use super::{Fault, Site, Visit, record};
use crate::Lang;
use crate::page;
use crate::view::{SentRule, SentView, SentWeek, Words};

/// Weeks of the report.
const WEEKS: i64 = 12;
/// Weeks that count as recent.
const RECENT: i64 = 4;

/// The page.
pub(crate) async fn report(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    Ok(page::sent::page(&view(site, visit).await?, &visit.frame(None)))
}

/// The report of the reader's own organisation; citizens and proxies have none.
pub(crate) async fn view(site: &Site, visit: &Visit) -> Result<SentView, Fault> {
    let caller = record::caller(visit)?;
    if matches!(caller.role, Role::Citizen | Role::Proxy) {
        return Err(Fault::NOT_SHOWN);
    }
    let today = visit.now.civil().date();
    let from = before(monday(today), WEEKS - 1);
    let days = site.desk().record.sent(&caller.organization, from).await?;
    Ok(of_days(&days, from, today, visit.lang))
}

fn of_days(days: &[(Date, Counts)], from: Date, today: Date, lang: Lang) -> SentView {
    let (recent, earlier) = (before(monday(today), RECENT - 1), before(monday(today), 2 * RECENT - 1));
    let mut weeks = Vec::new();
    let mut start = from;
    while start <= today {
        let end = start.saturating_add(Span::new().weeks(1));
        let mut sum = Counts::default();
        days.iter().filter(|(day, _)| start <= *day && *day < end).for_each(|(_, counts)| sum.add(counts));
        let warnings = sum.rules.values().map(|broken| broken.warnings).sum();
        let Counts { submissions, refused, resources, .. } = sum;
        weeks.push(SentWeek { from: start, submissions, refused, resources, warnings });
        start = end;
    }
    let mut all = Counts::default();
    days.iter().for_each(|(_, counts)| all.add(counts));
    let within = |rule: &str, from: Date, to: Date| -> u64 {
        let inside = days.iter().filter(|(day, _)| from <= *day && *day < to);
        inside.filter_map(|(_, counts)| counts.rules.get(rule)).map(|broken| broken.submissions).sum()
    };
    let mut rules: Vec<SentRule> = all
        .rules
        .iter()
        .map(|(rule, broken)| SentRule {
            rule: rule.clone(),
            words: tsumugi_fhir_validate::rule_words(rule).map(|(ja, en)| match lang {
                Lang::Ja | Lang::Easy => Words::ja(ja),
                Lang::En => Words::en(en),
            }),
            errors: broken.errors,
            warnings: broken.warnings,
            recent: within(rule, recent, Date::MAX),
            before: within(rule, earlier, recent),
        })
        .collect();
    rules.sort_by_key(|rule| std::cmp::Reverse((rule.errors, rule.recent, rule.warnings)));
    SentView { from: Some(from), weeks, rules }
}

fn monday(day: Date) -> Date {
    day.saturating_sub(Span::new().days(i64::from(day.weekday().to_monday_zero_offset())))
}

fn before(day: Date, weeks: i64) -> Date {
    day.saturating_sub(Span::new().weeks(weeks))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tsumugi_record::sent::Broken;

    use super::*;

    #[test]
    fn days_become_weeks_and_rules_are_compared_by_four_weeks() {
        let counts = |refused| Counts {
            submissions: 4,
            refused,
            resources: 60,
            rules: [("R0211".to_owned(), Broken { errors: refused, warnings: 1, submissions: refused })].into(),
        };
        let days = [(date(2026, 10, 12), counts(3)), (date(2026, 11, 16), counts(0)), (date(2026, 11, 22), counts(1))];
        let view = of_days(&days, before(monday(date(2026, 11, 22)), 11), date(2026, 11, 22), Lang::Ja);
        assert!(view.rules[0].words.is_some(), "the rule is told in words");
        assert_eq!(view.weeks.len(), 12);
        assert_eq!(view.total(), (12, 4));
        let last = view.weeks[11];
        assert_eq!((last.from, last.submissions, last.refused, last.resources), (date(2026, 11, 16), 8, 1, 120));
        assert_eq!(last.refused_percent(), Some(12.5));
        assert_eq!((view.rules[0].errors, view.rules[0].recent, view.rules[0].before), (4, 1, 3));
    }
}
