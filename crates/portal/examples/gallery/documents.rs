//! A document, and an entry that was to be corrected, for the gallery.

use jiff::civil::date;
use maud::Markup;
use tsumugi_portal::view::*;
use tsumugi_portal::{Frame, Lang, page};

use crate::people::nurse;

/// A discharge summary with a section without text, one inside another, and a long paragraph.
pub fn discharge_summary() -> DocumentView {
    let section = |title: &str, level, lines: &[&str]| DocumentSection {
        title: Some(Words::ja(title)),
        level,
        lines: lines.iter().map(|line| Words::ja(*line)).collect(),
    };
    DocumentView {
        who: Some("/me/sharing/who?fact=Composition/x".into()),
        notes: Vec::new(),
        code: Some("7k2m-9q4x".into()),
        entry: false,
        correction: Some(CorrectionForm {
            path: "/me/documents/x/correction".into(),
            written: String::new(),
            fault: None,
        }),
        title: Words::ja("退院時サマリー"),
        day: Some(date(2026, 11, 20)),
        by: Some(Words::ja("みなと総合病院 岡田 千尋")),
        sections: vec![
            section("入院時詳細", 0, &["2026-11-03 入院"]),
            section("現病歴", 0, &["朝、台所で倒れているところを娘が見つけた。".repeat(6).as_str()]),
            section("検査", 0, &[]),
            section("血液", 1, &["CRP / 0.22 mg/dL", "HbA1c / 7.1 %"]),
            section("退院時方針指示", 0, &["・とろみは中間", "・アピキサバンを朝夕"]),
        ],
    }
}

/// What every reader is told of a fact whose author has not corrected it.
pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let mut reader: Frame = nurse(lang);
    if let Some(subject) = &mut reader.subject {
        subject.ignored = vec!["entries/x".into()];
    }
    let note = CaseNote { said: Vec::new(), version: None, ignored: true };
    let entry = DocumentView { entry: true, correction: None, code: None, notes: vec![note], ..discharge_summary() };
    vec![("entry-ignored", page::document::page(&entry, &reader))]
}
