//! A paper with the fonts of this machine. `bin/test` installs them; without them only the error is tested.

use std::path::PathBuf;

use tsumugi_print::{Faces, Paper, Part, PrintError, Row};

fn paper(rows: usize) -> Paper {
    let row = |n: usize| Row {
        text: format!("アピキサバン錠2.5mg 1日2回 朝夕食後 {n}"),
        note: Some("2026年11月22日(日)".into()),
    };
    Paper {
        lang: "ja".into(),
        title: "健康の記録のまとめ".into(),
        head: vec!["山田 ハルさん".into(), "1948年(昭和23年)3月5日生まれ".into()],
        sections: vec![Part { title: "薬".into(), lead: None, rows: (0..rows).map(row).collect() }],
        foot: vec!["髙橋\u{e0100} \u{1f9f5} 𠮷".into()],
        mark: "つむぎ".into(),
    }
}

#[test]
fn without_a_japanese_font_it_is_said_what_to_install() {
    let error = Faces::below(&[PathBuf::from("/nowhere")]).unwrap_err();
    assert!(matches!(error, PrintError::NoFont(_)));
    assert!(error.to_string().contains("fonts-noto-cjk") && error.to_string().contains("/nowhere"), "{error}");
}

#[test]
fn a_paper_is_tagged_has_its_letters_in_it_and_as_many_pages_as_it_needs() {
    let faces = Faces::installed().unwrap();
    let one = paper(3).to_pdf(&faces).unwrap();
    assert!(one.starts_with(b"%PDF-1.7"));
    let holds = |pdf: &[u8], mark: &str| pdf.windows(mark.len()).any(|window| window == mark.as_bytes());
    for mark in ["/StructTreeRoot", "/Lang", "/FontFile", "pdfuaid", "/Outlines", "/ToUnicode", "/Count 1"] {
        assert!(holds(&one, mark), "{mark}");
    }
    assert!(one.len() < 200_000, "the font is cut down: {} bytes", one.len());
    let many = paper(200).to_pdf(&faces).unwrap();
    assert!(
        !holds(&many, "/Type/Pages/Count 1/") && many.len() > one.len() && many.len() < 400_000,
        "{} bytes",
        many.len()
    );
}
