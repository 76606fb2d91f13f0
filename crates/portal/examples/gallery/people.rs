//! The fictional people of the gallery, and the frames they see pages in.

use jiff::civil::date;
use tsumugi_kernel::{Instant, Kind, Purpose, Role};
use tsumugi_portal::Lang;
use tsumugi_portal::frame::{Frame, Section, SignedIn, Subject};
use tsumugi_portal::view::*;

/// 2026-11-22 09:00 in Japan.
pub const NOW: Instant = Instant(1_795_305_600_000);
pub const HOUR: i64 = 3_600_000;
pub const LONGEST: &str = "勘解由小路 龍之介マクシミリアン左衛門尉";

pub fn ago(hours: i64) -> Instant {
    NOW.plus_millis(-hours * HOUR)
}

pub fn kind(name: &str) -> Kind {
    Kind::from_name(name).unwrap_or(Kind::PATIENT)
}

pub fn haru() -> Name {
    Name::read("山田 ハル", "やまだ はる")
}

pub fn subject(name: Name, base: &str, role: Role) -> Subject {
    Subject {
        name,
        birth: Some(date(1948, 3, 5)),
        sex: Some(Sex::Female),
        base: base.into(),
        sections: Section::of(role).to_vec(),
        ignored: Vec::new(),
    }
}

pub fn citizen(lang: Lang) -> Frame {
    Frame {
        lang,
        large: false,
        print: false,
        signed_in: Some(SignedIn {
            name: haru(),
            role: Role::Citizen,
            qualification: None,
            organization: None,
            purpose: Purpose::PatientRequest,
        }),
        subject: Some(subject(haru(), "/me", Role::Citizen)),
        ways: false,
        csrf: "c5r0f".into(),
        path: "/me".into(),
        now: NOW,
    }
}

pub fn daughter(lang: Lang) -> Frame {
    Frame {
        signed_in: Some(SignedIn {
            name: Name::read("山田 恵", "やまだ めぐみ"),
            role: Role::Proxy,
            qualification: None,
            organization: None,
            purpose: Purpose::FamilyRequest,
        }),
        subject: Some(subject(haru(), "/people/a7", Role::Proxy)),
        ..citizen(lang)
    }
}

pub fn staff(
    lang: Lang,
    name: Name,
    role: Role,
    organization: &str,
    purpose: Purpose,
    qualification: Option<&str>,
) -> Frame {
    Frame {
        signed_in: Some(SignedIn {
            name,
            role,
            qualification: qualification.map(Words::ja),
            organization: Some(Words::ja(organization)),
            purpose,
        }),
        subject: Some(subject(haru(), "/people/a7", role)),
        ..citizen(lang)
    }
}

pub fn nurse(lang: Lang) -> Frame {
    staff(lang, Name::read("森 由美", "もり ゆみ"), Role::Nurse, "みなと総合病院 4階東", Purpose::Treat, Some("看護師"))
}

pub fn carer(lang: Lang) -> Frame {
    staff(
        lang,
        Name::plain("グエン ティ リン"),
        Role::CareWorker,
        "ひだまりデイサービス",
        Purpose::CareManagement,
        Some("介護福祉士"),
    )
}

pub fn who(name: Name, role: Role, qualification: Option<&str>, organization: &str) -> Who {
    Who { name, role, qualification: qualification.map(Words::ja), organization: Some(Words::ja(organization)) }
}

pub fn row(number: u64, when: Instant, who: Who, purpose: Purpose, shown: &[(&str, u64)]) -> LookRow {
    LookRow {
        number,
        when,
        who,
        on_behalf: None,
        purpose,
        shown: shown.iter().map(|(name, count)| ShownKind { kind: kind(name), count: *count }).collect(),
        times: 1,
        first: false,
        by: LookBy::Person,
        taken: false,
        decision: Decision::Shown,
    }
}

pub fn takahashi() -> Who {
    who(Name::read("髙橋 久美", "たかはし くみ"), Role::CareManager, Some("介護支援専門員"), "ひだまり介護支援センター")
}

pub fn sasaki() -> Who {
    who(Name::read("佐々木 健", "ささき けん"), Role::Crew, Some("救急救命士"), "みなと消防署")
}
