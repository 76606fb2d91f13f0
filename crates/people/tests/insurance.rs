//! Insurance histories: corrections, gaps, overlaps, and the answers of the qualification check.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use jiff::{ToSpan as _, civil::Date, civil::date};
use proptest::prelude::*;
use tsumugi_kernel::{CitizenId, Instant, OrganizationId};
use tsumugi_people::{
    By, Coverage, History, Member, Qualification, Source, Statement, Validity,
    eligibility::{Asked, Candidate, judge},
    insurance::{Act, Confidence, Kind, Loss, Relation, gaps, overlaps},
};

fn member(kind: Kind, insurer: &str, branch: &str) -> Member {
    let text = |text: &str| text.to_owned();
    Member { kind, insurer: text(insurer), symbol: String::new(), number: text("1234567"), branch: text(branch) }
}

fn statement(act: Act, member: &Member, from: Option<Date>, until: Option<Date>, told: i64) -> Statement {
    Statement {
        act,
        member: member.clone(),
        relation: Some(Relation::Insured),
        validity: Validity::new(from, until),
        loss: (act == Act::End).then_some(Loss::OtherInsurance),
        unregistered: false,
        by_payer: true,
        source: Source { organization: OrganizationId::new("insurer").unwrap(), by: By::File, reference: None },
        told: Instant(told),
    }
}

fn periods(coverages: &[Coverage]) -> Vec<(Option<Date>, Option<Date>)> {
    coverages.iter().map(|coverage| (coverage.validity.from, coverage.validity.until)).collect()
}

#[test]
fn what_was_known_and_what_is_so_are_both_there() {
    let a = member(Kind::Medical, "00012345", "01");
    let (start, end, late) = (date(2022, 4, 1), date(2025, 4, 1), date(2025, 3, 1));
    let mut history = History::default();
    assert!(history.add(statement(Act::State, &a, Some(start), None, 10)).unwrap());
    assert!(!history.add(statement(Act::State, &a, Some(start), None, 11)).unwrap(), "told again");
    assert!(history.add(statement(Act::End, &a, None, Some(end), 20)).unwrap());
    assert!(!history.add(statement(Act::End, &a, None, Some(end), 21)).unwrap());
    assert!(history.add(statement(Act::End, &a, None, Some(late), 30)).unwrap(), "a late correction");
    assert_eq!(periods(&history.coverages()), [(Some(start), Some(late))]);
    assert!(history.coverages()[0].corrected);
    assert_eq!(periods(&history.as_told(Instant(15))), [(Some(start), None)]);
    assert_eq!(periods(&history.as_told(Instant(25))), [(Some(start), Some(end))]);
    assert_eq!(history.days_of(&a), Some(Validity::new(Some(start), Some(late))));
    // Taken up again later: two periods of one number.
    let again = date(2026, 4, 1);
    assert!(history.add(statement(Act::State, &a, Some(again), None, 40)).unwrap());
    assert_eq!(periods(&history.coverages()), [(Some(start), Some(late)), (Some(again), None)]);
    assert_eq!(gaps(&history.coverages()), [Validity::new(Some(late), Some(again))]);
    // It never was so.
    assert!(history.add(statement(Act::Withdraw, &a, Some(again), None, 50)).unwrap());
    assert_eq!(periods(&history.coverages()), [(Some(start), Some(late))]);
    assert_eq!(history.statements().len(), 5, "nothing told is lost");
    // An end of which no beginning was told is kept as such.
    let b = member(Kind::Medical, "06123456", "02");
    assert!(history.add(statement(Act::End, &b, None, Some(start), 60)).unwrap());
    assert_eq!(history.coverages()[0].validity, Validity::new(None, Some(start)));
}

#[test]
fn insurers_are_joined_and_what_cannot_be_so_is_named() {
    let (a, b) = (member(Kind::Medical, "00012345", "01"), member(Kind::Medical, "06123456", "02"));
    let care = member(Kind::Care, "131234", "");
    let mut history = History::default();
    history.add(statement(Act::State, &a, Some(date(2020, 4, 1)), Some(date(2024, 4, 1)), 1)).unwrap();
    history.add(statement(Act::State, &b, Some(date(2024, 3, 1)), None, 2)).unwrap();
    history.add(statement(Act::State, &care, Some(date(2021, 1, 1)), None, 3)).unwrap();
    let coverages = history.coverages();
    let both = Validity::new(Some(date(2024, 3, 1)), Some(date(2024, 4, 1)));
    let found = overlaps(&coverages);
    assert_eq!(found.len(), 1, "care insurance stands beside the others");
    assert_eq!((&coverages[found[0].0].member, &coverages[found[0].1].member, found[0].2), (&a, &b, both));
    assert!(gaps(&coverages).is_empty());
}

fn day(offset: i64) -> Date {
    date(2024, 1, 1).saturating_add(offset.days())
}

proptest! {
    /// Gaps and overlaps against a count of each day.
    #[test]
    fn gaps_and_overlaps_are_those_of_the_days(
        spans in proptest::collection::vec((0i64..30, proptest::option::of(1i64..10)), 0..6)
    ) {
        let mut history = History::default();
        for (place, (from, length)) in spans.iter().enumerate() {
            let member = member(Kind::Medical, &format!("{place:08}"), "01");
            let until = length.map(|length| day(from + length));
            history.add(statement(Act::State, &member, Some(day(*from)), until, place as i64)).unwrap();
        }
        let coverages = history.coverages();
        let count = |at: i64| coverages.iter().filter(|coverage| coverage.validity.holds(day(at))).count();
        let first = (0..60).find(|at| count(*at) > 0);
        let last = (0..60).rev().find(|at| count(*at) > 0);
        let (gaps, overlaps) = (gaps(&coverages), overlaps(&coverages));
        for at in 0..60 {
            let inside = first.is_some_and(|first| first < at) && last.is_some_and(|last| at < last);
            prop_assert_eq!(gaps.iter().any(|gap| gap.holds(day(at))), inside && count(at) == 0, "day {}", at);
            let pairs = overlaps.iter().filter(|(_, _, both)| both.holds(day(at))).count();
            prop_assert_eq!(pairs, count(at) * count(at).saturating_sub(1) / 2, "day {}", at);
        }
    }

    /// Statements in any order of content, told twice, change nothing the second time; and `as_told` of the last is all.
    #[test]
    fn telling_it_all_again_at_the_end_changes_nothing_more(
        spans in proptest::collection::vec((0i64..40, 1i64..10, 0usize..3), 1..6)
    ) {
        let mut history = History::default();
        for (told, (from, length, act)) in spans.iter().enumerate() {
            let member = member(Kind::Medical, "00012345", "01");
            let act = [Act::State, Act::End, Act::Withdraw][*act];
            let statement = statement(act, &member, Some(day(*from)), Some(day(from + length)), told as i64);
            history.add(statement.clone()).unwrap();
            prop_assert!(!history.add(statement).unwrap());
        }
        prop_assert_eq!(history.as_told(Instant(i64::MAX)), history.coverages());
        let coverages = history.coverages();
        for (place, one) in coverages.iter().enumerate() {
            for other in &coverages[place + 1..] {
                prop_assert!(!one.validity.overlaps(&other.validity), "one number, one coverage a day");
            }
        }
    }
}

#[test]
fn the_six_answers_are_told_apart() {
    let household = member(Kind::Medical, "00012345", "");
    let (one, two) = (member(Kind::Medical, "00012345", "01"), member(Kind::Medical, "00012345", "02"));
    let elsewhere = member(Kind::Medical, "06123456", "01");
    let assistance = member(Kind::PublicAssistance, "12131234", "");
    let care = member(Kind::Care, "131234", "");
    let (from, until) = (Some(date(2022, 4, 1)), Some(date(2025, 4, 1)));
    let person = |id: u64, statements: &[Statement]| {
        let mut history = History::default();
        for statement in statements {
            history.add(statement.clone()).unwrap();
        }
        Candidate { citizen: CitizenId(id), coverages: history.coverages() }
    };
    let state = |member: &Member, from, until| statement(Act::State, member, from, until, 1);
    let ended = person(1, &[state(&one, from, until)]);
    let moved = person(1, &[state(&one, from, until), state(&elsewhere, until, None)]);
    let with_care = person(1, &[state(&one, from, until), state(&care, from, None)]);
    let seen = Statement { by_payer: false, ..state(&elsewhere, until, None) };
    let moved_by_hearsay = person(1, &[state(&one, from, until), seen]);
    let spouse = person(2, &[state(&two, from, None)]);
    let reissued = person(3, &[state(&one, until, None)]);
    let no_ticket = person(4, &[Statement { unregistered: true, ..state(&assistance, from, None) }]);
    let (inside, after) = (date(2024, 1, 1), date(2026, 1, 1));
    use Qualification as Q;
    for (people, asked, day, expected) in [
        (&[][..], &one, inside, (Q::NotFound, None)),
        (&[ended.clone()][..], &one, inside, (Q::Valid, Some(0))),
        (std::slice::from_ref(&ended), &one, date(2025, 4, 1), (Q::Invalid, Some(0))),
        (std::slice::from_ref(&ended), &one, date(2022, 3, 31), (Q::Invalid, Some(0))),
        (std::slice::from_ref(&moved), &one, after, (Q::InvalidNewElsewhere, Some(0))),
        (std::slice::from_ref(&moved), &elsewhere, after, (Q::Valid, Some(0))),
        (&[with_care], &one, after, (Q::Invalid, Some(0))),
        (&[moved_by_hearsay], &one, after, (Q::Invalid, Some(0))),
        (&[ended.clone(), spouse.clone()], &household, inside, (Q::Several, None)),
        (&[ended.clone(), spouse.clone()], &household, after, (Q::Valid, Some(1))),
        (&[ended.clone(), spouse], &one, inside, (Q::Valid, Some(0))),
        (&[ended.clone(), reissued.clone()], &one, after, (Q::Valid, Some(1))),
        (&[ended.clone(), reissued], &one, inside, (Q::Valid, Some(0))),
        (&[no_ticket], &assistance, inside, (Q::ValidUnregistered, Some(0))),
    ] {
        let asked = Asked { member: asked.clone(), birth_date: None, day };
        assert_eq!(judge(people, &asked), expected, "{asked:?}");
    }
    let codes: Vec<u8> = [Q::Valid, Q::Invalid, Q::InvalidNewElsewhere, Q::NotFound, Q::Several, Q::ValidUnregistered]
        .map(Qualification::code)
        .into();
    assert_eq!(codes, [1, 2, 3, 4, 5, 6]);
    assert_eq!(moved.coverages[0].confidence, Confidence::Payer);
}

#[test]
fn a_member_is_its_identifier() {
    for (kind, insurer, symbol, number, branch) in [
        (Kind::Medical, "00012345", "あ", "１８７", "05"),
        (Kind::Medical, "39490014", "", "00420078", ""),
        (Kind::PublicAssistance, "12131234", "", "1234567", ""),
        (Kind::Care, "131234", "", "0001234567", ""),
    ] {
        let [insurer, symbol, number, branch] = [insurer, symbol, number, branch].map(str::to_owned);
        let member = Member { kind, insurer, symbol, number, branch };
        assert_eq!(member.identifier().fault(), None);
        assert_eq!(Member::of(&member.identifier()), Some(member));
    }
    let hospital = tsumugi_people::Identifier::new("urn:oid:1.2.392.100495.20.3.51.11318814790", "1");
    assert_eq!(Member::of(&hospital), None);
}
