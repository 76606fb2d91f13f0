//! Restrictions and mandates for the gallery.

use jiff::civil::date;
use maud::Markup;
use tsumugi_access::{Against, Hides, RelationKind};
use tsumugi_kernel::{OrganizationKind, PersonId, Purpose, RecordCategory, Role};
use tsumugi_portal::view::*;
use tsumugi_portal::{Lang, page};

use crate::people::citizen;

fn said() -> Restricted {
    Restricted {
        hides: Hides::Categories(vec![RecordCategory::MentalHealth, RecordCategory::Genome]),
        what: None,
        against: Against::OrganizationKind(OrganizationKind::Clinic),
        whom: None,
        until: None,
        emergency: true,
    }
}

/// Two restrictions, two who care for her, one proxy.
fn list() -> SharingView {
    let on = OnPaper { desk: Words::ja("みなと市"), taken: Name::plain("岡 市子"), confirmed: None };
    let row = |said, id: &str| RestrictionRow {
        said,
        lift: format!("/me/sharing/{id}/lift"),
        code: "7k2m-9q4x".into(),
        on_paper: (id == "b").then(|| on.clone()),
    };
    let okada = PersonId::new("okada-chihiro").ok();
    let visit = Restricted {
        hides: Hides::Facts(vec![(0, 1), (0, 2), (0, 3)]),
        what: Some(Words::ja("2026年8月20日(木) 受診や入院")),
        against: okada.map_or(Against::Everyone, Against::Person),
        whom: Some(Words::ja("岡田 千尋 (みなと総合病院)")),
        until: Some(date(2027, 3, 31)),
        emergency: false,
    };
    let related = |name: &str, kind, since| RelatedRow { name: Words::ja(name), kind, since, until: None };
    SharingView {
        done: Some(SharingDone::Set),
        related: vec![
            related("みなと総合病院", RelationKind::Encounter, date(2026, 11, 3)),
            related("ひだまり介護支援センター", RelationKind::CareInCharge, date(2026, 4, 1)),
        ],
        restrictions: vec![row(said(), "a"), row(visit, "b")],
        mandates: 1,
    }
}

/// Who could see a document, or everything.
fn could(told: CouldTold, fault: bool) -> CouldView {
    CouldView {
        at: (!fault).then_some(CouldAt { day: date(2026, 11, 20), time: None }),
        fault,
        day: "2026-11-20".into(),
        time: if fault { "25:00".into() } else { String::new() },
        thing: Some(("Composition/x".into(), Words::ja("2026年11月20日(金) 退院時サマリー"))),
        told,
    }
}

fn could_rows() -> CouldTold {
    let row = |who, role, purpose, sees: &[(RecordCategory, u32)], rules: &[(&str, &str)]| CouldRow {
        who,
        role,
        purpose,
        sees: sees.to_vec(),
        rules: rules.iter().map(|(plain, source)| (Words::ja(*plain), Words::ja(*source))).collect(),
    };
    let hospital = CouldWho::Place(Words::ja("みなと総合病院"));
    let rule = ("あなたを診ている病院の医師は、治療のために記録を見られます。", "創設の提案(特別法) 第2章");
    let summary = [(RecordCategory::Discharge, 1)];
    CouldTold::Rows(vec![
        row(hospital, Role::Physician, Purpose::Treat, &summary, &[rule]),
        row(CouldWho::Person(Words::ja("山田 恵")), Role::Proxy, Purpose::FamilyRequest, &summary, &[rule]),
        row(CouldWho::Other(OrganizationKind::FireHeadquarters), Role::Crew, Purpose::EmergencyTreat, &[], &[]),
        row(CouldWho::Other(OrganizationKind::Insurer), Role::Insurer, Purpose::Payment, &[], &[]),
    ])
}

/// One step with answers.
fn step(step: Step, fault: Option<RestrictFault>) -> RestrictView {
    let answers = [
        ("what", "categories"),
        ("category", "mental-health"),
        ("category", "genome"),
        ("whom", "kind:clinic"),
        ("long", "always"),
        ("emergency", "yes"),
    ];
    let choice = |value: &str, words: &str| Choice { value: value.into(), words: Words::ja(words) };
    RestrictView {
        step,
        answers: answers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        fault,
        things: vec![
            choice("Encounter/a", "2026年11月20日(金) みなと総合病院 受診や入院"),
            choice("Composition/b", "2026年8月20日(木) あおば診療所 書類"),
        ],
        sources: vec![choice("1311000014", "みなと総合病院"), choice("1310000022", "あおば診療所")],
        whom: vec![
            choice("organization:1311000014", "みなと総合病院"),
            choice("person:okada-chihiro", "岡田 千尋 (みなと総合病院)"),
        ],
        said: (step == Step::Check).then(said),
        previews: vec![
            Preview {
                who: Words::ja("青木 進 (あおば診療所)"),
                counts: Some(vec![
                    (RecordCategory::MentalHealth, 0, 2),
                    (RecordCategory::Medication, 5, 0),
                    (RecordCategory::Laboratory, 12, 0),
                ]),
            },
            Preview { who: Words::ja("さくら皮膚科クリニック"), counts: None },
        ],
        has_documents: true,
        risky: step == Step::Check,
        idempotency: "0".repeat(32),
        on_paper: false,
    }
}

/// One proxy, and the form.
fn mandates(faults: Vec<MandateFault>) -> MandatesView {
    MandatesView {
        done: faults.is_empty().then_some(MandateDone::Given),
        mandates: vec![MandateRow {
            name: Words::ja("山田 恵"),
            relation: Words::ja("娘"),
            categories: None,
            until: Some(date(2031, 9, 9)),
            end: "/me/mandates/a/end".into(),
            on_paper: Some(OnPaper {
                desk: Words::ja("みなと市"),
                taken: Name::plain("岡 市子"),
                confirmed: Some(Name::plain("高田 実")),
            }),
        }],
        form: Some(MandateForm {
            answers: vec![("until".into(), "2027-11-22".into())],
            faults,
            offices: Vec::new(),
            idempotency: "0".repeat(32),
            latest: Some(date(2031, 11, 22)),
        }),
        number: Some("haru".into()),
        wards: vec![Words::ja("山田 一郎")],
    }
}

/// Who may see the record: the list, the four steps, the proxies.
pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let her = citizen(lang);
    let long = tsumugi_portal::Frame { large: true, ..citizen(lang) };
    vec![
        ("sharing", page::sharing::page(&list(), &her)),
        ("sharing-empty", page::sharing::page(&SharingView::default(), &her)),
        ("sharing-long-large", page::sharing::page(&list(), &long)),
        ("restrict-what", page::restrict::page(&step(Step::What, None), &her)),
        ("restrict-what-fault", page::restrict::page(&step(Step::What, Some(RestrictFault::NoCategory)), &her)),
        ("restrict-whom", page::restrict::page(&step(Step::Whom, None), &her)),
        ("restrict-long", page::restrict::page(&step(Step::Long, None), &her)),
        ("restrict-check", page::restrict::page(&step(Step::Check, None), &her)),
        ("could", page::could::page(&could(could_rows(), false), &her)),
        ("could-fault", page::could::page(&could(could_rows(), true), &her)),
        ("could-no-rules", page::could::page(&could(CouldTold::NoRules, false), &her)),
        ("could-not-yet", page::could::page(&could(CouldTold::NotYet, false), &long)),
        ("mandates", page::mandates::page(&mandates(Vec::new()), &her)),
        ("mandates-fault", page::mandates::page(&mandates(vec![MandateFault::Nobody, MandateFault::Until]), &her)),
    ]
}
