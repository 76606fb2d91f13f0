//! The start of a citizen's record: the newest of everything, and how many have looked.

use std::collections::HashSet;

use jiff::civil::Date;
use tsumugi_access::{Look, Shown};
use tsumugi_kernel::{PersonId, Role};
use tsumugi_ledger::look::Decision;

use super::{Piece, Want, activities, laboratory, looks, medicines, timeline};
use crate::Lang;
use crate::view::HomeView;

/// What the start needs.
pub const WANTS: &[Want] = timeline::WANTS;

/// The start, without its notices.
#[must_use]
pub fn view(pieces: &[Piece], looks: &[Look], reader: &PersonId, today: Date, shown: &mut Shown) -> HomeView {
    let lang = Lang::Ja;
    let newest = |day_of: &dyn Fn(&Piece) -> Option<Date>, shown: &mut Shown| {
        let found = pieces.iter().filter_map(|piece| Some((day_of(piece)?, piece))).max_by_key(|(day, _)| *day)?;
        found.1.tell(shown);
        Some(found.0)
    };
    let medicines = medicines::view(pieces, today, lang, &mut Shown::none());
    for piece in medicines::current(pieces, today) {
        piece.tell(shown);
    }
    HomeView {
        news: None,
        disaster: Vec::new(),
        people_this_month: people_this_month(looks, reader, today),
        newest_entry: newest(&|piece| timeline::day(piece), shown),
        newest_activities: newest(&|piece| activities::measurement(piece).map(|measured| measured.day), shown),
        newest_laboratory: newest(&|piece| laboratory::day(piece), shown),
        medicines: u32::try_from(medicines.current.len()).unwrap_or(u32::MAX),
    }
}

/// How many other people the record was shown to since the first of the month.
fn people_this_month(looks: &[Look], reader: &PersonId, today: Date) -> u32 {
    let people: HashSet<&str> = looks
        .iter()
        .filter(|look| looks::day(look) >= today.first_of_month() && has_shown(look))
        .filter(|look| looks::role(&look.part) != Role::Citizen && look.part.person.id != reader.as_str())
        .map(|look| look.part.person.id.as_str())
        .collect();
    u32::try_from(people.len()).unwrap_or(u32::MAX)
}

/// Whether a look showed anything: one that was refused, or found nothing, is no news.
fn has_shown(look: &Look) -> bool {
    look.part.decision == Decision::Shown && look.part.count > 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use tsumugi_ledger::LookPart;
    use tsumugi_ledger::look::{LookOrganization, LookPerson, VERSION};

    const DAY: i64 = 86_400_000;
    /// 2026-11-20T00:00Z.
    const NOW: i64 = 1_795_132_800_000;

    fn look(number: u64, time: i64, person: &str, role: &str) -> Look {
        let part = LookPart {
            v: VERSION,
            time,
            action: "page".into(),
            person: LookPerson { id: person.into(), name: person.into(), qualification: None },
            organization: LookOrganization { id: "h".into(), name: "h".into() },
            on_behalf: None,
            automatic: false,
            role: role.into(),
            purpose: "TREAT".into(),
            rule: String::new(),
            reason: None,
            opening: None,
            offline: None,
            shown: BTreeMap::new(),
            self_only: BTreeMap::new(),
            count: 1,
            decision: Decision::Shown,
        };
        Look { index: number, number, part }
    }

    #[test]
    fn others_to_whom_something_was_shown_this_month_are_counted_once() {
        let reader = PersonId::new("haru").unwrap();
        let mut empty = look(5, NOW, "other", "nurse");
        empty.part.count = 0;
        let mut refused = look(6, NOW, "third", "nurse");
        refused.part.decision = Decision::Refused;
        let looks = [
            look(1, NOW - 40 * DAY, "old", "nurse"),
            look(2, NOW - 2 * DAY, "haru", "citizen"),
            look(3, NOW - DAY, "new", "crew"),
            look(4, NOW, "new", "crew"),
            empty,
            refused,
        ];
        assert_eq!(people_this_month(&looks, &reader, jiff::civil::date(2026, 11, 20)), 1);
    }
}
