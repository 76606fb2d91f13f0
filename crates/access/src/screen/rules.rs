//! The signals and what each weighs: data, with the reason for each number.
//!
//! Weights are in points; a look is odd from [`ODD`] points on. They were chosen on towns of other seeds than those that
//! `tsumugi bench trust` measures on. One signal alone makes no look odd but a supervisor's without a case. Nothing before and
//! nothing after does, because such a look has no reason that anybody could check.

use serde::{Deserialize, Serialize};

/// From how many points on a look is odd.
pub const ODD: u32 = 100;

/// For how many days care that an organisation wrote about explains a later look of the same organisation: results,
/// questions by telephone, the next visit. A year and a month, because a yearly visit is the longest usual interval.
pub const CARE_DAYS: i64 = 396;

/// For how many days after its end a care relation still explains a look: letters and late results (退院後の処理).
pub const ENDED_DAYS: i64 = 31;

/// For how many days a look that nothing explains waits for care to be written: who treats, records, and a first visit
/// is on the shelf within days (医師法 第24条: 遅滞なく). Counted from the day after.
pub const WAIT_DAYS: i64 = 7;

/// From how many different people on a day on a looker's number is looked at. Fewer are nobody's volume.
pub const VOLUME_LEAST: u32 = 15;

/// How many times a looker's usual day is far above it.
pub const VOLUME_TIMES: u32 = 5;

/// Of how many earlier days the usual is taken, newer ones counting more.
pub const USUAL_DAYS: u32 = 20;

/// The hours that are night: from 22 to before 5, as the labour law counts night work (労働基準法 第37条第4項).
pub const NIGHT: (i8, i8) = (22, 5);

/// Of a looker's earlier looks, the share in per cent from which looks at night are usual for them: a night shift.
pub const NIGHT_SHIFT_PERCENT: u32 = 10;

/// What is asked of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// No care relation is open, and the organisation has written of no care in the time before.
    NoRelation,
    /// There was a relation, and it ended some time ago.
    RelationEnded,
    /// Nobody of the organisation has written of any care in the days after it either.
    NoCareFollowed,
    /// A supervisor looked where there is no case.
    NoCase,
    /// The looker has the person's family name.
    FamilyName,
    /// The looker works where the person lives.
    Neighbour,
    /// The person works, or worked, at the looker's organisation.
    Colleague,
    /// Many know the person.
    PublicPerson,
    /// The looker looked at far more people on that day than usual.
    Volume,
    /// It was night, and the looker does not usually work at night.
    Night,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Weighed {
    /// The signal.
    pub signal: Signal,
    /// Its points.
    pub points: u32,
    /// Why so many.
    pub because: &'static str,
}

/// The table.
pub const TABLE: &[Weighed] = &[
    Weighed {
        signal: Signal::NoRelation,
        points: 55,
        because: "A first visit looks the same, so it waits for the care to be written, also with one personal tie.",
    },
    Weighed {
        signal: Signal::RelationEnded,
        points: 55,
        because: "Whoever cared once has no more reason than a stranger when the care has been over for a month.",
    },
    Weighed {
        signal: Signal::NoCareFollowed,
        points: 45,
        because: "With no relation it makes 100: nothing before and nothing after, so a person must ask why.",
    },
    Weighed {
        signal: Signal::NoCase,
        points: 100,
        because: "A supervisor has no other reason to look than a case (decision 22); curiosity has none.",
    },
    Weighed {
        signal: Signal::FamilyName,
        points: 30,
        because: "Relatives, divorced ones above all, are the commonest in published cases; a doctor of the same name is common, too.",
    },
    Weighed {
        signal: Signal::Neighbour,
        points: 10,
        because: "Most first visits are near home, so even with a family name it must not reach 100 before care can follow.",
    },
    Weighed {
        signal: Signal::Colleague,
        points: 30,
        because: "Staff as patients are the second commonest; but staff do fall ill, and go to their own hospital.",
    },
    Weighed {
        signal: Signal::PublicPerson,
        points: 45,
        because: "Known people draw looks; those who treat them must be able to work, so it stays below with a relation.",
    },
    Weighed {
        signal: Signal::Volume,
        points: 30,
        because: "A day of checkups is many new people as well, and care follows it; gathering has none.",
    },
    Weighed {
        signal: Signal::Night,
        points: 20,
        because: "Weak: people fall ill at night; it tips the scale where a tie is there as well.",
    },
];

impl Signal {
    /// Every signal, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.signal)
    }

    /// Its points.
    #[must_use]
    pub fn points(self) -> u32 {
        TABLE.iter().find(|row| row.signal == self).map_or(0, |row| row.points)
    }
}

/// Why a look is odd: a signal that counted.
pub type Reason = Signal;

/// The points of signals together.
#[must_use]
pub fn sum(signals: &[Signal]) -> u32 {
    signals.iter().map(|signal| signal.points()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signal_has_one_row_with_its_reason() {
        for signal in Signal::all() {
            let rows: Vec<&Weighed> = TABLE.iter().filter(|row| row.signal == signal).collect();
            assert!(rows.len() == 1 && rows[0].points > 0 && rows[0].because.len() > 20, "{signal:?}");
        }
        assert_eq!(Signal::all().count(), 10);
    }

    #[test]
    fn what_the_reasons_say_of_sums_holds() {
        use Signal::{
            Colleague, FamilyName, Neighbour, Night, NoCareFollowed, NoCase, NoRelation, PublicPerson, RelationEnded,
            Volume,
        };
        let odd: [&[Signal]; 7] = [
            &[NoRelation, NoCareFollowed],
            &[RelationEnded, NoCareFollowed],
            &[NoCase],
            &[NoRelation, FamilyName, Colleague],
            &[NoRelation, FamilyName, Night],
            &[NoRelation, PublicPerson],
            &[NoRelation, FamilyName, Volume],
        ];
        let usual: [&[Signal]; 8] = [
            &[NoRelation, Neighbour, Volume],
            &[NoRelation, FamilyName, Neighbour],
            &[NoRelation, Colleague, Neighbour],
            &[NoRelation, Neighbour, Night],
            &[FamilyName, Neighbour, Night],
            &[Colleague, Neighbour, Night],
            &[PublicPerson, Neighbour, Night],
            &[Volume, Neighbour],
        ];
        assert!(odd.iter().all(|signals| sum(signals) >= ODD));
        assert!(usual.iter().all(|signals| sum(signals) < ODD));
    }
}
