//! Notices: looks at a record, seen through what she wants to be told. Nothing is stored for them but her choice and up
//! to when a reader has read.

use std::collections::HashMap;

use jiff::civil::Date;
use tsumugi_access::{
    Look, NoticeChoice,
    notice::{self, Circumstances},
};
use tsumugi_kernel::{Instant, PersonId, Purpose, Role};

use super::looks::{self, Known};
use crate::Lang;
use crate::view::{Notice, NoticeWhy};

/// Most notices of a list.
pub const MOST: usize = 50;

/// What a clerk's word about a paper of hers has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperNews {
    /// It was said.
    Said,
    /// The paper that was taken down by it lapsed at this moment.
    Lapsed(Instant),
}

/// For whom notices are made, and how.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Her choice.
    pub choice: NoticeChoice,
    /// Who reads.
    pub reader: &'a PersonId,
    /// Up to when they have read.
    pub read_until: Option<Instant>,
    /// Whether a look stands on no care relation.
    pub outside: &'a (dyn Fn(&Look) -> bool + Sync),
    /// Whether the screening found a look odd.
    pub odd: &'a (dyn Fn(&Look) -> bool + Sync),
    /// Whether a look is a clerk's word about a paper of hers; with when the paper lapsed, if it did.
    pub paper: &'a (dyn Fn(&Look) -> Option<PaperNews> + Sync),
}

/// The newest notices, and how many of all are unread. Looks of one person for one purpose on one day are one notice.
#[must_use]
pub fn list(all: &[Look], known: &Known, asked: Asked<'_>, lang: Lang) -> (Vec<Notice>, u32) {
    let mut groups: Vec<(NoticeWhy, Vec<&Look>)> = Vec::new();
    let mut places: HashMap<(&str, Purpose, Date, Option<NoticeWhy>), usize> = HashMap::new();
    for look in all.iter().rev() {
        let Some(why) = why(look, known, asked) else { continue };
        let key = (look.part.person.id.as_str(), looks::purpose(&look.part), looks::day(look), told_apart(why));
        let place = *places.entry(key).or_insert_with(|| {
            groups.push((why, Vec::new()));
            groups.len() - 1
        });
        if let Some((first, looks)) = groups.get_mut(place) {
            *first = why.min(*first);
            looks.push(look);
        }
    }
    // What lapsed is news from then on, and stands first for a while, because no look tells of it.
    groups.sort_by_key(|(why, _)| *why != NoticeWhy::Lapsed);
    let since = |look: &Look| match (asked.paper)(look) {
        Some(PaperNews::Lapsed(at)) => at.0,
        _ => look.part.time,
    };
    let unread = |looks: &[&Look]| {
        looks.first().is_some_and(|newest| asked.read_until.is_none_or(|until| since(newest) > until.0))
    };
    let count = groups.iter().filter(|(_, looks)| unread(looks)).count();
    let notices = groups.iter().take(MOST).map(|(why, looks)| Notice {
        row: looks::fold(looks, known, lang),
        why: *why,
        unread: unread(looks),
    });
    (notices.collect(), u32::try_from(count).unwrap_or(u32::MAX))
}

/// The notice that a start shows first: of those that are unread the most urgent, then the newest.
#[must_use]
pub fn first(notices: Vec<Notice>) -> Option<Notice> {
    notices.into_iter().filter(|notice| notice.unread).min_by_key(|notice| notice.why)
}

/// What is never folded together with other looks of the same person and day.
fn told_apart(why: NoticeWhy) -> Option<NoticeWhy> {
    matches!(why, NoticeWhy::Case | NoticeWhy::Paper | NoticeWhy::Lapsed).then_some(why)
}

/// Why she is told of a look; `None` if she is not.
fn why(look: &Look, known: &Known, asked: Asked<'_>) -> Option<NoticeWhy> {
    let part = &look.part;
    if looks::role(part) == Role::Citizen || part.person.id == asked.reader.as_str() {
        return None;
    }
    // What a desk does with a paper of hers is always told; that nobody confirmed it, as well.
    if let Some(news) = (asked.paper)(look) {
        return Some(match news {
            PaperNews::Lapsed(_) => NoticeWhy::Lapsed,
            PaperNews::Said => NoticeWhy::Paper,
        });
    }
    let circumstances = Circumstances {
        first: &|| known.firsts.contains(&look.number),
        outside: &|| (asked.outside)(look),
        odd: &|| (asked.odd)(look),
    };
    notice::why(part, asked.choice, &circumstances)
}

#[cfg(test)]
mod tests {
    use super::super::looks::tests::look;
    use super::*;

    /// Looks over some days: a nurse's, a stranger's outside a relation, a crew's, one past the limits, her own.
    fn looks() -> Vec<Look> {
        let mut glass = look(6, 4, "nurse", "hospital", "BTG");
        glass.part.count = 0;
        let mut refused = look(7, 4, "somebody", "hospital", "BTG");
        refused.part.decision = tsumugi_ledger::look::Decision::Refused;
        let mut empty = look(8, 4, "somebody", "hospital", "TREAT");
        empty.part.count = 0;
        let mut outside = look(9, 5, "nurse", "hospital", "TREAT");
        outside.part.rule = "treat-first-contact".into();
        vec![
            look(1, 1, "nurse", "hospital", "TREAT"),
            look(2, 1, "nurse", "hospital", "TREAT"),
            look(3, 2, "haru", "home", "PATRQT"),
            look(4, 2, "nurse", "hospital", "TREAT"),
            look(5, 3, "crew", "fire", "ETREAT"),
            glass,
            refused,
            empty,
            outside,
        ]
    }

    fn told(choice: NoticeChoice, reader: &str, read_until: Option<Instant>) -> (Vec<(u64, NoticeWhy, u64)>, u32) {
        let looks = looks();
        let known = Known { firsts: notice::firsts(&looks), ..Known::default() };
        let reader = PersonId::new(reader).unwrap();
        let outside = |look: &Look| look.part.rule == "treat-first-contact";
        let asked = Asked {
            choice,
            reader: &reader,
            read_until,
            outside: &outside,
            odd: &|look| look.number == 4,
            paper: &|_| None,
        };
        let (notices, unread) = list(&looks, &known, asked, Lang::Ja);
        (notices.iter().map(|one| (one.row.number, one.why, one.row.times)).collect(), unread)
    }

    #[test]
    fn what_is_told_follows_her_choice() {
        use NoticeWhy::{Emergency, First, Glass, Odd, Outside};
        let (quiet, usual) = (vec![(6, Glass, 1), (5, Emergency, 1)], told(NoticeChoice::Unusual, "haru", None));
        assert_eq!(told(NoticeChoice::Emergencies, "haru", None), (quiet, 2));
        assert_eq!(usual, (vec![(9, Outside, 1), (6, Glass, 1), (5, Emergency, 1), (4, Odd, 1), (1, First, 1)], 5));
        let every = told(NoticeChoice::Every, "haru", None);
        let all = vec![(9, Outside, 1), (6, Glass, 1), (5, Emergency, 1), (4, Odd, 1), (2, First, 2)];
        assert_eq!(every, (all, 5));
    }

    #[test]
    fn what_was_read_is_not_new_and_ones_own_looks_are_no_news() {
        let at = |number: usize| Some(Instant(looks()[number - 1].part.time));
        assert_eq!(told(NoticeChoice::Unusual, "haru", at(9)).1, 0);
        assert_eq!(told(NoticeChoice::Unusual, "haru", at(6)).1, 1);
        let others: Vec<u64> = told(NoticeChoice::Every, "nurse", None).0.iter().map(|one| one.0).collect();
        assert_eq!(others, [5]);
    }

    #[test]
    fn the_start_shows_the_most_urgent_that_is_unread() {
        let looks = looks();
        let known = Known { firsts: notice::firsts(&looks), ..Known::default() };
        let reader = PersonId::new("haru").unwrap();
        let number = |read_until| {
            let asked = Asked {
                choice: NoticeChoice::Unusual,
                reader: &reader,
                read_until,
                outside: &|_| true,
                odd: &|_| false,
                paper: &|_| None,
            };
            first(list(&looks, &known, asked, Lang::Ja).0).map(|notice| notice.row.number)
        };
        assert_eq!(number(None), Some(6));
        assert_eq!(number(Some(Instant(looks[5].part.time))), Some(9));
        assert_eq!(number(Some(Instant(looks[8].part.time))), None);
    }
}
