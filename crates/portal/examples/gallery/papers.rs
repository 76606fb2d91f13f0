//! Papers at a desk for the gallery.

use jiff::civil::date;
use maud::Markup;
use tsumugi_access::{Against, Hides, PaperAct, PaperFault, PaperState, paper::PaperTyped};
use tsumugi_kernel::{OrganizationKind, Purpose, RecordCategory, Role};
use tsumugi_portal::view::*;
use tsumugi_portal::{Frame, Lang, page};

use crate::people::{ago, citizen, staff};

fn word(act: PaperAct, by: &str, hours: i64, reason: &str) -> PaperWordRow {
    let by = (!by.is_empty()).then(|| Name::plain(by));
    PaperWordRow { act, by, at: ago(hours), reason: reason.into() }
}

fn mandate() -> PaperSaid {
    PaperSaid::Mandate(MandateRow {
        name: Words::ja("山田 恵"),
        relation: Words::ja("娘"),
        categories: Some(vec![RecordCategory::Identity, RecordCategory::Medication]),
        until: Some(date(2027, 11, 22)),
        end: String::new(),
        on_paper: None,
    })
}

fn paper(number: u64, what: PaperWhat, state: PaperState, said: PaperSaid) -> PaperLookView {
    PaperLookView {
        number,
        what,
        state,
        desk: Words::ja("みなと市"),
        said,
        typed: None,
        words: vec![word(PaperAct::TakeDown, "岡 市子", 30, "")],
        last: date(2026, 12, 4),
        read: 1,
        own: false,
        fault: None,
    }
}

fn waiting() -> PaperLookView {
    let typed = PaperTyped { number: "39131234::00420078:".into(), birth: "1948-03-05".into() };
    PaperLookView { typed: Some(typed), ..paper(41, PaperWhat::Mandate, PaperState::Waiting, mandate()) }
}

fn form(what: PaperWhat, faults: Vec<PaperFormFault>) -> PaperFormView {
    let choice = |value: &str, text: &str| Choice { value: value.into(), words: Words::ja(text) };
    PaperFormView {
        what,
        insured: "39131234::00420078:".into(),
        birth: "1948-03-05".into(),
        identity: None,
        mandate: MandateForm { answers: vec![("until".into(), "2027-11-22".into())], ..MandateForm::default() },
        restrict: RestrictView {
            step: Step::What,
            answers: vec![("what".into(), "categories".into()), ("category".into(), "genome".into())],
            fault: None,
            things: Vec::new(),
            sources: Vec::new(),
            whom: vec![choice("organization", "紙に番号が書かれた機関"), choice("person", "紙に番号が書かれた人")],
            said: None,
            previews: Vec::new(),
            risky: false,
            has_documents: false,
            idempotency: String::new(),
            on_paper: true,
        },
        code: String::new(),
        all: false,
        words: String::new(),
        faults,
        form: "0".repeat(32),
    }
}

fn own() -> OwnPapersView {
    let restriction = PaperSaid::Restriction(Restricted {
        hides: Hides::Categories(vec![RecordCategory::MentalHealth]),
        what: None,
        against: Against::OrganizationKind(OrganizationKind::Clinic),
        whom: None,
        until: None,
        emergency: true,
    });
    let mut back = paper(38, PaperWhat::Lift, PaperState::SentBack, PaperSaid::Lift(Some("7k2m-9q4x".into())));
    back.words.push(word(PaperAct::SendBack, "高田 実", 5, "署名がありません"));
    let lapsed = paper(30, PaperWhat::Lift, PaperState::Lapsed, PaperSaid::Lift(None));
    let papers = vec![
        paper(41, PaperWhat::Mandate, PaperState::Waiting, mandate()),
        paper(39, PaperWhat::Restriction, PaperState::Held, restriction),
        back,
        lapsed,
    ];
    OwnPapersView { papers, done: true, may_stop: true }
}

/// The desk's queue, forms, a paper, the slip, the blank form; and the person's page.
pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let name = Name::read("岡 市子", "おか いちこ");
    let clerk = staff(lang, name, Role::Municipality, "みなと市", Purpose::RecordManagement, None);
    let desk = Frame { subject: None, ..clerk };
    let row = |number, what, own| PaperRow {
        number,
        what,
        taken: ago(30),
        by: Name::plain("岡 市子"),
        last: date(2026, 12, 4),
        own,
    };
    let waits = vec![row(41, PaperWhat::Mandate, true), row(42, PaperWhat::Lift, false)];
    let queue = PapersView { waiting: waits, next: None, done: Some(PaperDone::Waits(date(2026, 12, 4))) };
    let faults = vec![PaperFormFault::Nobody, PaperFormFault::Identity, PaperFormFault::Setting];
    let slip = |what, code: Option<&str>, deadline| PaperSlipView {
        what,
        desk: "みなと市".into(),
        at: ago(0),
        code: code.map(Into::into),
        deadline,
    };
    let refused = PaperLookView { own: true, fault: Some(PaperFault::Oneself), ..waiting() };
    vec![
        ("papers", page::papers::page(&queue, &desk)),
        ("papers-empty", page::papers::page(&PapersView::default(), &desk)),
        ("papers-mandate", page::papers::form(&form(PaperWhat::Mandate, Vec::new()), &desk)),
        ("papers-end-mandate", page::papers::form(&form(PaperWhat::EndMandate, Vec::new()), &desk)),
        ("papers-restriction", page::papers::form(&form(PaperWhat::Restriction, Vec::new()), &desk)),
        ("papers-lift-faults", page::papers::form(&form(PaperWhat::Lift, faults), &desk)),
        ("papers-correction", page::papers::form(&form(PaperWhat::Correction, Vec::new()), &desk)),
        ("papers-look", page::papers::look(&waiting(), &desk)),
        ("papers-look-refused", page::papers::look(&refused, &desk)),
        ("papers-slip", page::papers::slip(&slip(PaperWhat::Restriction, Some("7k2m-9q4x"), None), &desk)),
        (
            "papers-slip-correction",
            page::papers::slip(&slip(PaperWhat::Correction, None, Some(date(2026, 12, 14))), &desk),
        ),
        ("papers-blank", page::papers::blank(&desk)),
        ("papers-own", page::own_papers::page(&own(), &citizen(lang))),
        ("papers-own-none", page::own_papers::page(&OwnPapersView::default(), &citizen(lang))),
    ]
}
