//! Looking with a typed reason, what the citizen is told of it, and the supervising body's cases.

use jiff::civil::date;
use maud::Markup;
use tsumugi_access::{CaseAct, CaseKind, case::Turn};
use tsumugi_kernel::{Purpose, Role};
use tsumugi_portal::{Frame, Lang, page, view::*};

use crate::people::*;

/// A notice of a look with this number.
pub fn notice(number: u64, why: NoticeWhy, unread: bool) -> Notice {
    let (who, purpose) = match why {
        NoticeWhy::Glass => (okada(), Purpose::BreakGlass),
        NoticeWhy::Disaster => (sasaki(), Purpose::Disaster),
        NoticeWhy::Emergency => (sasaki(), Purpose::EmergencyTreat),
        _ => (takahashi(), Purpose::CareManagement),
    };
    let hours = i64::try_from(60_u64.saturating_sub(number)).unwrap_or(0);
    Notice { row: row(number, ago(hours), who, purpose, &[("Observation", 3)]), why, unread }
}

fn okada() -> Who {
    who(Name::read("岡田 千尋", "おかだ ちひろ"), Role::Physician, Some("医師"), "みなと総合病院 救命救急センター")
}

/// The pages, usual, empty and faulty.
pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let mut pages = glass(lang);
    pages.extend(told(lang));
    pages.extend(reviewed(lang));
    pages
}

fn glass(lang: Lang) -> Vec<(&'static str, Markup)> {
    let asked = |kind, fault| GlassView {
        base: "/people/a7".into(),
        kind,
        minutes: 30,
        picked: None,
        written: if fault == Some(GlassFault::Short(5)) { "急患".into() } else { String::new() },
        fault,
    };
    let broken = |whole| {
        Some(Glass::Typed {
            kind: GlassKind::Break,
            reason: Words::ja("意識がなく、使っている薬がわからないため"),
            until: NOW.plus_millis(30 * 60_000),
            whole,
        })
    };
    let mut nurse = nurse(lang);
    let unnamed = Frame { subject: None, ..nurse.clone() };
    let offered = page::glass::page(&asked(GlassKind::Break, None), &nurse);
    if let (Some(reader), Some(subject)) = (&mut nurse.signed_in, &mut nurse.subject) {
        reader.purpose = Purpose::BreakGlass;
        subject.sections.truncate(1);
    }
    let first = EmergencyView {
        infections: vec![Statement { text: Words::ja("HBs抗原 陽性"), origin: None }],
        glass: broken(false),
        ..crate::samples::emergency()
    };
    let rest = PersonView { glass: broken(true), ..crate::samples::person(false) };
    vec![
        ("break-glass", offered),
        ("break-glass-unnamed", page::glass::page(&asked(GlassKind::Break, None), &unnamed)),
        ("break-glass-faulty", page::glass::page(&asked(GlassKind::Break, Some(GlassFault::Short(5))), &unnamed)),
        ("break-glass-tell", page::glass::page(&asked(GlassKind::Tell, Some(GlassFault::Long(200))), &unnamed)),
        ("break-glass-first", page::emergency::page(&first, &nurse)),
        ("break-glass-whole", page::ward::page(&rest, &nurse)),
    ]
}

fn told(lang: Lang) -> Vec<(&'static str, Markup)> {
    let her = citizen(lang);
    let view = |notices: Vec<Notice>, unread, done| NoticesView {
        until: notices.first().map(|notice| notice.row.when.0),
        notices,
        unread,
        choice: NoticeWish::Unusual,
        may_choose: true,
        public: Some(false),
        letters: None,
        done,
    };
    let all = vec![
        notice(44, NoticeWhy::Glass, true),
        notice(43, NoticeWhy::Emergency, true),
        notice(42, NoticeWhy::First, false),
        notice(41, NoticeWhy::Outside, false),
        notice(40, NoticeWhy::Every, false),
    ];
    let many = (0..50).map(|number| notice(number + 1, NoticeWhy::Outside, false)).collect();
    let hers = NoticesView { may_choose: false, public: None, ..view(all.clone(), 2, None) };
    let address = |id: &str, state| MailAddress { id: id.into(), address: format!("{id}@example.jp"), state };
    let letters = NoticesView {
        letters: Some(LettersView {
            addresses: vec![address("haru", MailState::Waiting), address("megumi", MailState::Confirmed)],
            fault: Some((LetterFault::Code(4), Some("haru".into()))),
            typed: String::new(),
        }),
        ..view(all.clone(), 2, None)
    };
    let news = News { unread: 2, first: notice(44, NoticeWhy::Glass, true) };
    let home = HomeView { news: Some(news), ..HomeView::default() };
    let look_after = |stand| LookView {
        case: Some(LookCase { stand, deadline: date(2026, 11, 27), said: Some(date(2026, 11, 24)), odd: Vec::new() }),
        ..crate::looks::look(Proof::Covered { at: NOW })
    };
    vec![
        ("notices", page::notices::page(&view(all, 2, None), &her)),
        ("notices-read", page::notices::page(&view(many, 0, Some(NoticeDone::Read)), &her)),
        ("notices-empty", page::notices::page(&view(Vec::new(), 0, Some(NoticeDone::Chosen)), &her)),
        ("notices-proxy", page::notices::page(&hers, &daughter(lang))),
        ("notices-letters", page::notices::page(&letters, &her)),
        ("home-glass", page::home::page(&home, &her)),
        ("look-asked", page::look::page(&look_after(CaseStand::Asked), &her)),
        ("look-fine", page::look::page(&look_after(CaseStand::Fine), &her)),
        ("look-unfit", page::look::page(&look_after(CaseStand::Unfit), &her)),
    ]
}

#[expect(clippy::too_many_lines, reason = "samples, one after the other")]
fn reviewed(lang: Lang) -> Vec<(&'static str, Markup)> {
    let desk = staff(
        lang,
        Name::read("伊藤 誠", "いとう まこと"),
        Role::Supervisor,
        "健康記録監督委員会",
        Purpose::Operations,
        None,
    );
    let desk = Frame { subject: None, ..desk };
    let waiting = |deadline, stand| {
        let closed = matches!(stand, CaseStand::Fine | CaseStand::Unfit).then(|| ago(1));
        WaitingCase {
            path: "/review/x".into(),
            kind: CaseKind::BreakGlass,
            who: okada(),
            opened: ago(30),
            deadline,
            stand,
            turn: if closed.is_some() { Turn::Nobody } else { Turn::Supervisor },
            late: closed.is_none() && deadline < date(2026, 11, 22),
            closed,
            odd: Vec::new(),
        }
    };
    let queue = ReviewQueueView {
        closed: false,
        cases: vec![
            waiting(date(2026, 11, 20), CaseStand::Asked),
            waiting(date(2026, 11, 22), CaseStand::Waiting),
            waiting(date(2026, 11, 27), CaseStand::Waiting),
        ],
        next: Some("/review?after=x".into()),
        done: Some(CaseAct::Explain),
    };
    let case = ReviewCaseView {
        path: "/review/x".into(),
        case: waiting(date(2026, 11, 27), CaseStand::Waiting),
        reason: Some(Words::ja("意識がなく、使っている薬がわからないため")),
        shown: vec![
            ShownKind { kind: kind("MedicationRequest"), count: 5 },
            ShownKind { kind: kind("Condition"), count: 3 },
        ],
        looks: 3,
        rule: None,
        lately: 2,
        person: None,
        said: Vec::new(),
        concern: None,
        looked: None,
        judged_now: true,
        suspended: None,
        penalty: None,
        report: false,
        chosen: None,
        written: String::new(),
        faults: Vec::new(),
    };
    let said = CaseSaid {
        name: Some(Name::plain("伊藤 誠")),
        role: Role::Supervisor,
        act: CaseAct::Explain,
        reason: Some("薬の一覧で足りたはずです。".into()),
        at: ago(2),
        sanction: None,
    };
    let named = ReviewCaseView {
        person: Some(CasePersonView { name: Some(haru()), birth: Some(date(1948, 3, 5)) }),
        said: vec![said],
        case: waiting(date(2026, 11, 30), CaseStand::Asked),
        ..case.clone()
    };
    let faulty = ReviewCaseView { faults: vec![CaseFormFault::NothingChosen, CaseFormFault::NoReason], ..case.clone() };
    let judged = ReviewCaseView {
        case: waiting(date(2026, 11, 27), CaseStand::Unfit),
        judged_now: false,
        suspended: Some(None),
        ..named.clone()
    };
    vec![
        ("review", page::review_queue::page(&queue, &desk)),
        ("review-empty", page::review_queue::page(&ReviewQueueView::default(), &desk)),
        ("review-case", page::review_case::page(&case, &desk)),
        ("review-case-named", page::review_case::page(&named, &desk)),
        ("review-case-faulty", page::review_case::page(&faulty, &desk)),
        ("review-case-judged", page::review_case::page(&judged, &desk)),
        ("staff-home-supervisor", page::staff_home::page(&StaffHomeView::default(), &desk)),
    ]
}
