//! Who looked: from leaves to rows, and from rows to groups by stay, organisation and day.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use tsumugi_access::Look;
use tsumugi_kernel::{Instant, Kind, Purpose, Role};
use tsumugi_ledger::look::{self, LookPart, parse_ranges};
use tsumugi_people::nearness::folded;

use super::words;
use crate::Lang;
use crate::view::{Decision, LookBy, LookFilter, LookGroup, LookRow, Name, OnBehalf, Pager, ShownKind, Who, Words};

/// Looks on one page, unless one group alone has more.
pub const PAGE: usize = 50;
/// Days without a look that a stay may have between two looks.
const GAP_DAYS: i32 = 2;
/// Looks that make a stay.
const STAY_LOOKS: usize = 3;

/// The day in Japan of a look.
#[must_use]
pub fn day(look: &Look) -> Date {
    Instant(look.part.time).civil().date()
}

/// The looks that pass the filter.
#[must_use]
pub fn narrowed<'a>(looks: &'a [Look], filter: &LookFilter, readings: &HashMap<String, String>) -> Vec<&'a Look> {
    let wanted = filter.text.as_deref().map(folded);
    let says = |look: &Look, wanted: &str| {
        let part = &look.part;
        let reading = readings.get(&part.person.id).map(String::as_str);
        let behalf = part.on_behalf.as_ref().map(|behalf| behalf.name.as_str());
        let texts = [Some(part.person.name.as_str()), reading, Some(part.organization.name.as_str()), behalf];
        texts.into_iter().flatten().any(|text| folded(text).contains(wanted))
    };
    // Several kinds may share a word, and the word is what was chosen.
    let word = |kind| Lang::Ja.kind(kind);
    let shows = |look: &Look, kind: Kind| {
        look.part.shown.keys().filter_map(|name| Kind::from_name(name)).any(|shown| word(shown) == word(kind))
    };
    let passes = |look: &&Look| {
        wanted.as_deref().is_none_or(|wanted| says(look, wanted))
            && filter.by.is_none_or(|wanted| by(&look.part) == wanted)
            && filter.kind.is_none_or(|kind| shows(look, kind))
            && filter.purpose.is_none_or(|purpose| look.part.purpose == purpose.code())
            && filter.from.is_none_or(|from| day(look) >= from)
            && filter.to.is_none_or(|to| day(look) <= to)
    };
    looks.iter().filter(passes).collect()
}

/// How somebody looked. No role is that of an assistant: whoever looks for somebody else's work says so, and who registers
/// and bills works at a reception.
#[must_use]
pub fn by(part: &LookPart) -> LookBy {
    let role = role(part);
    if part.automatic {
        LookBy::Automatic
    } else if role == Role::Registrar || (part.on_behalf.is_some() && role != Role::Proxy) {
        LookBy::Assistant
    } else {
        LookBy::Person
    }
}

/// How many looks there are of each sort, those of which there are any.
#[must_use]
pub fn sorts(looks: &[Look]) -> Vec<(LookBy, u64)> {
    let count = |sort| looks.iter().filter(|look| by(&look.part) == sort).count() as u64;
    LookBy::ALL.iter().map(|(sort, _)| (*sort, count(*sort))).filter(|(_, count)| *count > 0).collect()
}

/// Which kinds looks tell of; of those that share a word, one.
#[must_use]
pub fn kinds(looks: &[Look]) -> Vec<Kind> {
    let names: BTreeSet<&str> = looks.iter().flat_map(|look| look.part.shown.keys().map(String::as_str)).collect();
    let mut words = HashSet::new();
    names.into_iter().filter_map(Kind::from_name).filter(|kind| words.insert(Lang::Ja.kind(*kind))).collect()
}

/// What is known of looks besides themselves.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Numbers of the looks that are somebody's first.
    pub firsts: HashSet<u64>,
    /// How names are read, by the id of the person.
    pub readings: HashMap<String, String>,
}

impl Known {
    /// Who looked, with the reading of the name.
    #[must_use]
    pub fn who(&self, part: &LookPart) -> Who {
        let mut who = who(part);
        who.name.kana = self.readings.get(&part.person.id).cloned();
        who
    }
}

/// The role in a look; one that this program does not know is told as a system's.
#[must_use]
pub fn role(part: &LookPart) -> Role {
    Role::from_code(&part.role).unwrap_or(Role::System)
}

/// The purpose in a look; one that this program does not know is told as running and checking.
#[must_use]
pub fn purpose(part: &LookPart) -> Purpose {
    Purpose::from_code(&part.purpose).unwrap_or(Purpose::Operations)
}

/// Whether something was taken along: a file, or what a link shows.
fn is_taken(part: &LookPart) -> bool {
    part.decision == look::Decision::Shown && part.action == tsumugi_access::Action::Take.code()
}

/// Who looked.
#[must_use]
pub fn who(part: &LookPart) -> Who {
    let home = matches!(role(part), Role::Citizen | Role::Proxy | Role::LinkHolder);
    Who {
        name: Name::plain(part.person.name.as_str()),
        role: role(part),
        qualification: part.person.qualification.as_deref().map(Words::ja),
        organization: (!home).then(|| Words::ja(part.organization.name.as_str())),
    }
}

/// One look as a row.
#[must_use]
pub fn row(look: &Look, known: &Known, lang: Lang) -> LookRow {
    fold(&[look], known, lang)
}

/// Looks of one person, newest first, as one row.
pub(super) fn fold(looks: &[&Look], known: &Known, lang: Lang) -> LookRow {
    let newest = looks[0];
    let part = &newest.part;
    let mut kinds: BTreeMap<Kind, BTreeSet<(u64, u64)>> = BTreeMap::new();
    for look in looks {
        for (name, numbers) in &look.part.shown {
            if let (Some(kind), Some(ranges)) = (Kind::from_name(name), parse_ranges(numbers)) {
                kinds.entry(kind).or_default().extend(ranges);
            }
        }
    }
    LookRow {
        number: newest.number,
        when: Instant(part.time),
        who: known.who(part),
        on_behalf: part
            .on_behalf
            .as_ref()
            .map(|behalf| OnBehalf { name: behalf.name.clone(), relation: words(behalf.relation.as_str(), lang) }),
        purpose: purpose(part),
        shown: kinds.into_iter().map(|(kind, ranges)| ShownKind { kind, count: count(&ranges) }).collect(),
        times: looks.len() as u64,
        first: looks.iter().any(|look| known.firsts.contains(&look.number)),
        by: by(part),
        taken: is_taken(part),
        decision: match part.decision {
            look::Decision::Shown => Decision::Shown,
            look::Decision::Written => Decision::Written,
            look::Decision::Refused => Decision::Refused,
        },
    }
}

/// How many different numbers ranges hold together; they come in order of their starts.
pub(crate) fn count(ranges: &BTreeSet<(u64, u64)>) -> u64 {
    let mut sum = 0;
    let mut next = 0;
    for &(first, last) in ranges {
        let first = first.max(next);
        if last >= first {
            sum += last - first + 1;
            next = last + 1;
        }
    }
    sum
}

/// Groups, newest first. A hospital's looks that follow each other closely over several days are a stay; all others
/// belong to their organisation's day.
#[must_use]
pub fn groups(looks: &[&Look], known: &Known, is_hospital: &dyn Fn(&str) -> bool, lang: Lang) -> Vec<LookGroup> {
    let mut places: BTreeMap<&str, Vec<&Look>> = BTreeMap::new();
    for look in looks {
        places.entry(look.part.organization.id.as_str()).or_default().push(look);
    }
    let mut groups = Vec::new();
    for (place, mut looks) in places {
        looks.sort_by_key(|look| std::cmp::Reverse(look.number));
        let gap = if is_hospital(place) { GAP_DAYS } else { 0 };
        for run in looks.chunk_by(|newer, older| days_between(older, newer) <= gap) {
            let several = run.len() >= STAY_LOOKS && day(run[0]) != day(run[run.len() - 1]);
            if gap > 0 && several {
                groups.push(group(run, true, known, lang));
            } else {
                groups.extend(run.chunk_by(|a, b| day(a) == day(b)).map(|day| group(day, false, known, lang)));
            }
        }
    }
    groups
        .sort_by_key(|group| std::cmp::Reverse((group.to, group.from, group.rows.iter().map(|row| row.number).max())));
    groups
}

fn days_between(older: &Look, newer: &Look) -> i32 {
    day(older).until(day(newer)).map_or(i32::MAX, |span| span.get_days().abs())
}

/// One group of looks, newest first and not empty.
fn group(looks: &[&Look], stay: bool, known: &Known, lang: Lang) -> LookGroup {
    let mut people: HashMap<(&str, Purpose, (u8, bool)), usize> = HashMap::new();
    let mut folded: Vec<Vec<&Look>> = Vec::new();
    for look in looks {
        // What was taken along stands in a line of its own.
        let key = (look.part.person.id.as_str(), purpose(&look.part), (look.part.decision as u8, is_taken(&look.part)));
        let index = *people.entry(key).or_insert_with(|| {
            folded.push(Vec::new());
            folded.len() - 1
        });
        folded[index].push(look);
    }
    let mut purposes: Vec<Purpose> = looks.iter().map(|look| purpose(&look.part)).collect();
    purposes.sort_unstable();
    purposes.dedup();
    let ids: HashSet<&str> = looks.iter().map(|look| look.part.person.id.as_str()).collect();
    LookGroup {
        from: looks.last().map_or_else(Date::default, |look| day(look)),
        to: looks.first().map_or_else(Date::default, |look| day(look)),
        stay,
        organization: looks
            .first()
            .map_or_else(|| Words::ja(""), |look| Words::ja(look.part.organization.name.as_str())),
        people: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        looks: looks.len() as u64,
        purposes,
        rows: folded.iter().map(|looks| fold(looks, known, lang)).collect(),
    }
}

/// One page of groups: whole groups, as many as have [`PAGE`] rows together, at least one.
#[must_use]
pub fn paged(groups: Vec<LookGroup>, page: u32) -> (Vec<LookGroup>, Pager) {
    let mut pages: Vec<Vec<LookGroup>> = Vec::new();
    let mut rows = 0;
    for group in groups {
        rows += group.rows.len();
        match pages.last_mut() {
            Some(last) if rows <= PAGE => last.push(group),
            _ => {
                rows = group.rows.len();
                pages.push(vec![group]);
            }
        }
    }
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX).max(1);
    let page = page.clamp(1, count);
    let index = usize::try_from(page - 1).unwrap_or(0);
    let shown = if index < pages.len() { pages.swap_remove(index) } else { Vec::new() };
    (shown, Pager { page, pages: count })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use tsumugi_ledger::look::{LookOrganization, LookPerson, VERSION};

    /// A look at noon on a day of November 2026.
    pub(crate) fn look(number: u64, day: i8, person: &str, place: &str, purpose: &str) -> Look {
        let noon = jiff::civil::date(2026, 11, day).at(12, 0, 0, 0).to_zoned(tsumugi_kernel::clock::japan()).unwrap();
        let role = if person == "haru" { "citizen" } else { "nurse" };
        Look {
            index: number,
            number,
            part: LookPart {
                v: VERSION,
                time: noon.timestamp().as_millisecond() + i64::try_from(number).unwrap(),
                action: "page".into(),
                person: LookPerson { id: person.into(), name: person.into(), qualification: None },
                organization: LookOrganization { id: place.into(), name: place.into() },
                on_behalf: None,
                automatic: false,
                role: role.into(),
                purpose: purpose.into(),
                rule: "treat-in-care".into(),
                reason: None,
                opening: None,
                offline: None,
                shown: BTreeMap::from([("Observation".into(), format!("{number}-{}", number + 1))]),
                self_only: BTreeMap::new(),
                count: 2,
                decision: look::Decision::Shown,
            },
        }
    }

    fn known(looks: &[Look]) -> Known {
        Known {
            firsts: tsumugi_access::notice::firsts(looks),
            readings: HashMap::from([("b".to_owned(), "ビー".to_owned())]),
        }
    }

    fn grouped(looks: &[Look]) -> Vec<(bool, i8, i8, u32, u64, usize)> {
        let all: Vec<&Look> = looks.iter().collect();
        let groups = groups(&all, &known(looks), &|place| place == "hospital", Lang::Ja);
        groups.iter().map(|g| (g.stay, g.from.day(), g.to.day(), g.people, g.looks, g.rows.len())).collect()
    }

    #[test]
    fn a_hospitals_days_become_a_stay_and_others_stay_days() {
        let looks = [
            look(1, 1, "a", "office", "CAREMGT"),
            look(2, 2, "a", "office", "CAREMGT"),
            look(3, 3, "a", "office", "CAREMGT"),
            look(4, 4, "b", "hospital", "TREAT"),
            look(5, 6, "b", "hospital", "TREAT"),
            look(6, 8, "c", "hospital", "TREAT"),
            look(7, 12, "c", "hospital", "TREAT"),
        ];
        assert_eq!(
            grouped(&looks),
            [
                (false, 12, 12, 1, 1, 1),
                (true, 4, 8, 2, 3, 2),
                (false, 3, 3, 1, 1, 1),
                (false, 2, 2, 1, 1, 1),
                (false, 1, 1, 1, 1, 1),
            ]
        );
    }

    #[test]
    fn three_looks_of_one_day_are_no_stay() {
        let looks = [1, 2, 3].map(|n| look(n, 4, "b", "hospital", "TREAT"));
        assert_eq!(grouped(&looks), [(false, 4, 4, 1, 3, 1)]);
    }

    #[test]
    fn a_folded_row_counts_each_fact_once_and_keeps_purposes_apart() {
        let looks =
            [look(1, 4, "b", "office", "TREAT"), look(2, 4, "b", "office", "TREAT"), look(3, 4, "b", "office", "BTG")];
        let all: Vec<&Look> = looks.iter().collect();
        let groups = groups(&all, &known(&looks), &|_| false, Lang::Ja);
        let [group] = groups.as_slice() else { panic!("{groups:?}") };
        assert_eq!((group.people, group.looks, group.purposes.len()), (1, 3, 2));
        let [glass, treat] = group.rows.as_slice() else { panic!("{group:?}") };
        assert_eq!((glass.number, glass.purpose, glass.times), (3, Purpose::BreakGlass, 1));
        assert_eq!((treat.number, treat.times, treat.first), (2, 2, true));
        assert_eq!(treat.who.name.kana.as_deref(), Some("ビー"));
        assert_eq!(treat.shown, [ShownKind { kind: Kind::OBSERVATION, count: 3 }], "1-2 and 2-3 are three facts");
    }

    #[test]
    fn only_the_first_look_of_another_person_is_first() {
        let mut refused = look(4, 3, "x", "office", "TREAT");
        refused.part.decision = look::Decision::Refused;
        let looks = [
            look(1, 1, "haru", "home", "PATRQT"),
            look(2, 1, "a", "office", "TREAT"),
            look(3, 2, "a", "office", "TREAT"),
            refused,
        ];
        assert_eq!(tsumugi_access::notice::firsts(&looks), HashSet::from([2]));
    }

    #[test]
    fn the_filter_narrows_by_purpose_and_day() {
        let looks = [
            look(1, 1, "a", "office", "TREAT"),
            look(2, 2, "a", "office", "CAREMGT"),
            look(3, 3, "a", "office", "TREAT"),
        ];
        let readings = HashMap::new();
        let numbers = |filter: LookFilter| {
            narrowed(&looks, &filter, &readings).iter().map(|look| look.number).collect::<Vec<_>>()
        };
        let day = |day| Some(jiff::civil::date(2026, 11, day));
        assert_eq!(numbers(LookFilter { purpose: Some(Purpose::Treat), ..LookFilter::default() }), [1, 3]);
        assert_eq!(numbers(LookFilter { from: day(2), to: day(2), ..LookFilter::default() }), [2]);
        assert_eq!(numbers(LookFilter::default()), [1, 2, 3]);
    }

    #[test]
    fn a_name_is_found_in_every_width_and_by_its_reading_and_a_kind_by_its_word() {
        let mut looks = vec![
            look(1, 1, "髙橋 久美", "みなと総合病院", "TREAT"),
            look(2, 2, "Ito Makoto", "ＡＢＣ薬局", "TREAT"),
            look(3, 3, "受付", "みなと総合病院", "TREAT"),
        ];
        looks[2].part.role = "registrar".into();
        looks[1].part.automatic = true;
        looks[1].part.shown = BTreeMap::from([("MedicationRequest".into(), "1".into())]);
        let readings = HashMap::from([("髙橋 久美".to_owned(), "タカハシ クミ".to_owned())]);
        let numbers = |filter: LookFilter| {
            narrowed(&looks, &filter, &readings).iter().map(|look| look.number).collect::<Vec<_>>()
        };
        let text = |text: &str| LookFilter { text: Some(text.to_owned()), ..LookFilter::default() };
        for (wanted, found) in [
            ("高橋", vec![1]),
            ("高橋久美", vec![1]),
            ("たかはし", vec![1]),
            ("ﾀｶﾊｼ", vec![1]),
            ("ＩＴＯ", vec![2]),
            ("abc", vec![2]),
            ("みなと", vec![1, 3]),
            ("だれでもない", vec![]),
        ] {
            assert_eq!(numbers(text(wanted)), found, "{wanted}");
        }
        let by = |by| LookFilter { by: Some(by), ..LookFilter::default() };
        assert_eq!(numbers(by(LookBy::Assistant)), [3]);
        assert_eq!(numbers(by(LookBy::Automatic)), [2]);
        assert_eq!(sorts(&looks), [(LookBy::Person, 1), (LookBy::Assistant, 1), (LookBy::Automatic, 1)]);
        assert_eq!(numbers(LookFilter { kind: Some(Kind::OBSERVATION), ..LookFilter::default() }), [1, 3]);
        assert_eq!(kinds(&looks).len(), 2);
    }

    #[test]
    fn pages_hold_whole_groups() {
        let looks: Vec<Look> =
            (1..=60).map(|n| look(n, 4, &format!("p{n}"), &format!("place{}", n % 3), "TREAT")).collect();
        let all: Vec<&Look> = looks.iter().collect();
        let made = groups(&all, &Known::default(), &|_| false, Lang::Ja);
        let (first, pager) = paged(made.clone(), 1);
        assert_eq!((first.len(), pager), (2, Pager { page: 1, pages: 2 }));
        let (last, pager) = paged(made.clone(), 99);
        assert_eq!((last.len(), pager), (1, Pager { page: 2, pages: 2 }));
        assert_eq!(paged(Vec::new(), 3).1, Pager { page: 1, pages: 1 });
    }

    #[test]
    fn overlapping_ranges_count_once() {
        assert_eq!(count(&BTreeSet::from([(1, 5), (2, 3), (4, 8), (10, 10)])), 9);
        assert_eq!(count(&BTreeSet::new()), 0);
    }
}
