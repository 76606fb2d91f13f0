//! Which signals a look has: a pure decision over what is known of looker and person.

use jiff::civil::Date;
use tsumugi_kernel::{Instant, OrganizationId, Purpose, Role};
use tsumugi_ledger::{LookPart, look::Decision};

use super::rules::{CARE_DAYS, ENDED_DAYS, NIGHT, NIGHT_SHIFT_PERCENT, Signal, VOLUME_LEAST, VOLUME_TIMES};
use crate::Standing;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Looks from which on a share of them says something.
const HABIT_LEAST: u32 = 20;

/// What is known of looker and person besides the look.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ties {
    /// The same family name.
    pub family_name: bool,
    /// The person lives in the quarter of the looker's workplace, or of the looker's home.
    pub neighbour: bool,
    /// The person works at the looker's organisation.
    pub colleague: bool,
    /// Many know the person.
    pub public_person: bool,
    /// There is a case about the person.
    pub case: bool,
    /// When the organisation last wrote of care for the person.
    pub cared: Option<Instant>,
}

/// A looker's habit, as it was before this look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Habit {
    /// Different people looked at on this day, this one included.
    pub today: u32,
    /// The usual number of a day, in hundredths; `None` on the first day.
    pub usual: Option<u32>,
    /// All looks.
    pub looks: u32,
    /// Those at night.
    pub nights: u32,
}

/// Whether a look is screened: somebody's at somebody else's record, whom a person can ask why. What breaks the glass has
/// its case already; what was written is no look.
pub(super) fn is_screened(part: &LookPart, role: Role, purpose: Purpose) -> bool {
    !part.automatic
        && !matches!(role, Role::Citizen | Role::Proxy | Role::System)
        && purpose != Purpose::BreakGlass
        && part.decision != Decision::Written
}

/// The day and hour of a moment in Japan.
pub(super) fn civil(at: Instant) -> (Date, i8) {
    let civil = at.civil();
    (civil.date(), civil.hour())
}

/// The signals of a look by `role` of `organization` for `purpose` at `at`, in the order of the table.
pub(super) fn signals(
    (role, purpose, organization): (Role, Purpose, &OrganizationId),
    at: Instant,
    standing: &Standing,
    ties: &Ties,
    habit: &Habit,
) -> Vec<Signal> {
    let mut found = Vec::new();
    if needs_relation(role, purpose)
        && let Some(signal) = unrelated(organization, at, standing, ties)
    {
        found.push(signal);
    }
    let disaster = purpose == Purpose::Disaster;
    let tests = [
        (role == Role::Supervisor && !ties.case, Signal::NoCase),
        (ties.family_name, Signal::FamilyName),
        // In a disaster whoever is near helps, many people, at any hour: the opening explains these.
        (!disaster && ties.neighbour, Signal::Neighbour),
        (ties.colleague, Signal::Colleague),
        (ties.public_person, Signal::PublicPerson),
        (!disaster && is_far_above(habit), Signal::Volume),
        (!disaster && purpose != Purpose::EmergencyTreat && is_unusual_night(at, habit), Signal::Night),
    ];
    found.extend(tests.into_iter().filter_map(|(holds, signal)| holds.then_some(signal)));
    found
}

/// Whether looking for this purpose stands on a care relation. An emergency has none, and an office has its duty.
pub(super) const fn needs_relation(role: Role, purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Treat | Purpose::CareManagement) && !matches!(role, Role::Municipality)
}

fn unrelated(organization: &OrganizationId, at: Instant, standing: &Standing, ties: &Ties) -> Option<Signal> {
    if !standing.relations_with(organization, at).is_empty() || !standing.consents_to(organization, at).is_empty() {
        return None;
    }
    let within = |moment: Instant, days: i64| at.0 - moment.0 <= days * DAY_MILLIS;
    if ties.cared.is_some_and(|cared| within(cared, CARE_DAYS)) {
        return None;
    }
    let own = standing.relations.iter().filter(|relation| relation.organization == *organization);
    let ended = own.filter_map(|relation| relation.period.until).filter(|until| *until <= at).max();
    match ended {
        Some(until) if within(until, ENDED_DAYS) => None,
        Some(_) => Some(Signal::RelationEnded),
        None if ties.cared.is_some() => Some(Signal::RelationEnded),
        None => Some(Signal::NoRelation),
    }
}

fn is_far_above(habit: &Habit) -> bool {
    // On a first day there is nothing to compare with, so only the lower bound holds, several times.
    let usual = habit.usual.unwrap_or(VOLUME_LEAST * 100);
    habit.today >= VOLUME_LEAST && u64::from(habit.today) * 100 > u64::from(usual) * u64::from(VOLUME_TIMES)
}

fn is_unusual_night(at: Instant, habit: &Habit) -> bool {
    let (_, hour) = civil(at);
    let night = hour >= NIGHT.0 || hour < NIGHT.1;
    let usual = habit.looks >= HABIT_LEAST
        && u64::from(habit.nights) * 100 >= u64::from(habit.looks) * u64::from(NIGHT_SHIFT_PERCENT);
    night && !usual
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Relation, RelationKind, standing::Period};

    const AT: Instant = Instant(1_795_000_000_000);

    fn of(role: Role, purpose: Purpose, standing: &Standing, ties: &Ties, habit: &Habit, at: Instant) -> Vec<Signal> {
        signals((role, purpose, &OrganizationId::new("hospital").unwrap()), at, standing, ties, habit)
    }

    fn related(until: Option<Instant>) -> Standing {
        let organization = OrganizationId::new("hospital").unwrap();
        let period = Period::new(Instant(0), until);
        let mut standing = Standing::default();
        standing.relations.push(Relation { kind: RelationKind::Encounter, organization, period });
        standing
    }

    #[test]
    fn a_relation_explains_while_it_lasts_and_a_month_longer() {
        let found = |standing: &Standing, cared: Option<Instant>| {
            let ties = Ties { cared, ..Ties::default() };
            of(Role::Nurse, Purpose::Treat, standing, &ties, &Habit::default(), AT)
        };
        let days = |days: i64| Some(AT.plus_millis(-days * DAY_MILLIS));
        assert_eq!(found(&related(None), None), []);
        assert_eq!(found(&related(days(31)), None), []);
        assert_eq!(found(&related(days(32)), None), [Signal::RelationEnded]);
        assert_eq!(found(&related(days(32)), days(3)), [], "written lately");
        assert_eq!(found(&Standing::default(), days(396)), []);
        assert_eq!(found(&Standing::default(), days(397)), [Signal::RelationEnded]);
        assert_eq!(found(&Standing::default(), None), [Signal::NoRelation]);
    }

    #[test]
    fn duties_and_emergencies_need_no_relation_and_supervisors_need_a_case() {
        let (nobody, free) = (Ties::default(), Standing::default());
        let found = |role, purpose| of(role, purpose, &free, &nobody, &Habit::default(), AT);
        assert_eq!(found(Role::Crew, Purpose::EmergencyTreat), []);
        assert_eq!(found(Role::Insurer, Purpose::Coverage), []);
        assert_eq!(found(Role::Supervisor, Purpose::Operations), [Signal::NoCase]);
        let known = Ties { case: true, ..Ties::default() };
        assert_eq!(of(Role::Supervisor, Purpose::Operations, &free, &known, &Habit::default(), AT), []);
    }

    #[test]
    fn a_disaster_explains_nearness_number_and_hour_and_nothing_else() {
        let ties = Ties { family_name: true, neighbour: true, colleague: true, public_person: true, ..Ties::default() };
        let busy = Habit { today: 90, usual: Some(200), looks: 90, nights: 0 };
        let night = AT.civil().date().at(2, 30, 0, 0).to_zoned(tsumugi_kernel::clock::japan()).unwrap();
        let night = Instant(night.timestamp().as_millisecond());
        let found = of(Role::Nurse, Purpose::Disaster, &Standing::default(), &ties, &busy, night);
        assert_eq!(found, [Signal::FamilyName, Signal::Colleague, Signal::PublicPerson]);
    }

    #[test]
    fn ties_are_named_in_the_order_of_the_table() {
        let ties = Ties { family_name: true, neighbour: true, colleague: true, public_person: true, ..Ties::default() };
        let found = of(Role::Nurse, Purpose::Treat, &related(None), &ties, &Habit::default(), AT);
        assert_eq!(found, [Signal::FamilyName, Signal::Neighbour, Signal::Colleague, Signal::PublicPerson]);
    }

    #[test]
    fn volume_is_held_against_the_lookers_own_days() {
        let above = |today, usual| is_far_above(&Habit { today, usual, ..Habit::default() });
        assert!(above(15, Some(200)) && !above(14, Some(100)), "never below the least");
        assert!(!above(40, Some(1_000)) && above(51, Some(1_000)));
        assert!(!above(75, None) && above(76, None));
    }

    #[test]
    fn night_is_unusual_for_who_works_by_day() {
        // 2026-11-18 at 02:30 in Japan.
        let night = AT.civil().date().at(2, 30, 0, 0).to_zoned(tsumugi_kernel::clock::japan()).unwrap();
        let night = Instant(night.timestamp().as_millisecond());
        let found = |purpose, habit: Habit| of(Role::Nurse, purpose, &related(None), &Ties::default(), &habit, night);
        assert_eq!(found(Purpose::Treat, Habit::default()), [Signal::Night]);
        assert_eq!(found(Purpose::Treat, Habit { looks: 50, nights: 5, ..Habit::default() }), []);
        assert_eq!(found(Purpose::Treat, Habit { looks: 50, nights: 4, ..Habit::default() }), [Signal::Night]);
        assert_eq!(found(Purpose::EmergencyTreat, Habit::default()), []);
        assert_eq!(of(Role::Nurse, Purpose::Treat, &related(None), &Ties::default(), &Habit::default(), AT), []);
    }
}
