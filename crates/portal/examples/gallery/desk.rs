//! The desk at which two clerks decide.

use jiff::civil::date;
use maud::Markup;
use tsumugi_kernel::{Purpose, Role};
use tsumugi_portal::{
    Frame, Lang, page,
    view::{
        MatchDone, MatchFault, MatchPairView, MatchPerson, MatchQueueView, MatchReason, MatchSaid, MatchTurn,
        MatchVerdict, MergeRow, MergesView, Name, Sex, WaitingPair, Words,
    },
};

use crate::people::{LONGEST, NOW, staff};

/// Its pages, empty, usual, faulty and long.
pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let clerk = staff(
        lang,
        Name::read("青山 史郎", "あおやま しろう"),
        Role::Municipality,
        "紬市役所",
        Purpose::RecordManagement,
        None,
    );
    let clerk: Frame = Frame { subject: None, ..clerk };
    let faulty = MatchPairView {
        faults: vec![MatchFault::NothingChosen, MatchFault::NoReason],
        written: String::new(),
        ..pair(lang, MatchTurn::First)
    };
    vec![
        ("match-queue", page::match_queue::page(&queue(), &clerk)),
        ("match-queue-empty", page::match_queue::page(&MatchQueueView::default(), &clerk)),
        (
            "match-queue-done",
            page::match_queue::page(
                &MatchQueueView { done: Some(MatchDone::Joined), ..MatchQueueView::default() },
                &clerk,
            ),
        ),
        ("match-pair", page::match_pair::page(&pair(lang, MatchTurn::First), &clerk)),
        ("match-pair-second", page::match_pair::page(&pair(lang, MatchTurn::Second), &clerk)),
        ("match-pair-faulty", page::match_pair::page(&faulty, &clerk)),
        ("merges", page::merges::page(&merges(), &clerk)),
        ("merges-empty", page::merges::page(&MergesView::default(), &clerk)),
    ]
}

fn waiting(reason: MatchReason, likely_percent: Option<u32>, turn: MatchTurn) -> WaitingPair {
    WaitingPair { path: "/desk/matches/x".into(), reason, since: date(2026, 11, 18), likely_percent, turn }
}

fn queue() -> MatchQueueView {
    MatchQueueView {
        pairs: vec![
            waiting(MatchReason::Likeness, Some(91), MatchTurn::First),
            waiting(MatchReason::Contradiction, None, MatchTurn::Second),
            waiting(MatchReason::TwoNumbers, None, MatchTurn::Another),
        ],
        next: Some("/desk/matches?after=x".into()),
        done: Some(MatchDone::Proposed),
    }
}

fn person(name: Name, birth: jiff::civil::Date, numbers: &[&str]) -> MatchPerson {
    MatchPerson {
        name: Some(name),
        birth: Some(birth),
        sex: Some(Sex::Female),
        numbers: numbers.iter().map(|&number| number.to_owned()).collect(),
        sources: numbers.len(),
    }
}

fn pair(lang: Lang, turn: MatchTurn) -> MatchPairView {
    let words = |ja: &str, en: &str| if lang != Lang::En { Words::ja(ja) } else { Words::en(en) };
    let said = MatchSaid {
        name: Name::plain("川口 透"),
        organization: "紬市役所".into(),
        verdict: MatchVerdict::Same,
        confirms: None,
        reason: "戸籍の附票で、結婚のときの改姓を確かめました。".into(),
        at: NOW,
    };
    MatchPairView {
        path: "/desk/matches/x".into(),
        reason: MatchReason::Likeness,
        likely_percent: Some(91),
        persons: vec![
            person(Name::read("髙橋 花子", "たかはし はなこ"), date(1948, 5, 1), &["39490018::42007800:", "000123456"]),
            person(Name::read(LONGEST, "かでのこうじ はなこ"), date(1948, 5, 10), &["01490014:１２３:４５:02"]),
        ],
        likeness: vec![
            words("名は同じです。", "The given name is the same."),
            words("生年月日の数字が一つ違います。", "One digit of the birth date differs."),
        ],
        said: if turn == MatchTurn::Second { vec![said] } else { Vec::new() },
        turn,
        chosen: None,
        written: String::new(),
        faults: Vec::new(),
    }
}

fn merges() -> MergesView {
    let row = |undone| MergeRow {
        path: "/desk/merges/x".into(),
        at: NOW,
        by: vec![Name::plain("川口 透"), Name::plain("青山 史郎")],
        undone,
        open: vec![("4911000017".into(), 3)],
    };
    let undone = (Name::plain("川口 透"), NOW, "ふたごの姉妹でした。".into());
    MergesView { merges: vec![row(None), row(Some(undone))], next: None, fault: None }
}
