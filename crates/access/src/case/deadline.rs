//! Within how many working days who has to do what: data with its sources (`data/deadlines.txt`).

use std::sync::LazyLock;

use jiff::civil::Date;
use tsumugi_kernel::{Instant, working_day::working_days_after};

/// What has to be done in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// A supervisor judges, or somebody answers a supervisor.
    Judge,
    /// An organisation justifies a look.
    Answer,
    /// An organisation answers a wish for correction.
    Correct,
    /// The person says whether an answer is enough.
    Reply,
    /// An author corrects what a supervisor found to be wrong.
    Amend,
}

struct Line {
    duty: &'static str,
    days: u32,
    source: &'static str,
}

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let lines = include_str!("../../data/deadlines.txt").lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| {
        let mut parts = line.splitn(3, ' ');
        Some(Line { duty: parts.next()?, days: parts.next()?.parse().ok()?, source: parts.next()? })
    };
    lines.filter_map(read).collect()
});

impl Duty {
    /// Every duty.
    pub const ALL: &'static [Self] = &[Self::Judge, Self::Answer, Self::Correct, Self::Reply, Self::Amend];

    /// The code as the data write it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Judge => "judge",
            Self::Answer => "answer",
            Self::Correct => "correct",
            Self::Reply => "reply",
            Self::Amend => "amend",
        }
    }

    /// How many working days there are; none where the data have no line, so that nothing waits for ever.
    #[must_use]
    pub fn days(self) -> u32 {
        self.line().map_or(0, |line| line.days)
    }

    /// Where the number comes from.
    #[must_use]
    pub fn source(self) -> &'static str {
        self.line().map_or("", |line| line.source)
    }

    /// The day by whose end it is done, if it falls due at a moment.
    #[must_use]
    pub fn deadline(self, from: Instant) -> Date {
        working_days_after(from.civil().date(), self.days())
    }

    fn line(self) -> Option<&'static Line> {
        LINES.iter().find(|line| line.duty == self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duty_has_its_days_and_their_source() {
        let lines = include_str!("../../data/deadlines.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((LINES.len(), lines), (Duty::ALL.len(), Duty::ALL.len()));
        for duty in Duty::ALL {
            assert!(duty.days() > 0 && duty.source().len() > 20, "{duty:?}");
        }
        // 30 days are not passed even over Golden Week or the turn of the year (第94条).
        for (year, month, day) in [(2026, 4, 24), (2026, 12, 18), (2027, 4, 28), (2027, 12, 24)] {
            let from = jiff::civil::date(year, month, day);
            let until = working_days_after(from, Duty::Correct.days());
            assert!(from.until(until).unwrap().get_days() <= 30, "{from}");
        }
    }
}
