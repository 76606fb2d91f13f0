//! What is read and written again is the same, to the byte and in what it means: every form, every state of a cell, both
//! encodings, all line ends.
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests stop at the first surprise")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use tsumugi_formats::life::{
    Ask, Catalogue, Cell, Encoding, Findings, Form, Holdings, LineEnd, Plan, Reader, Session, Writer, check, copy,
    loss,
    sample::{self, Shape},
};

fn catalogue() -> Catalogue {
    Catalogue::embedded().expect("the embedded data are of their shape")
}

fn ask(catalogue: &Catalogue) -> Ask<'_> {
    Ask { catalogue, version: None, file_name: None }
}

fn made(form: &Form, shape: Shape) -> Vec<u8> {
    sample::write(form, shape, Vec::new()).expect("a made-up file can be written")
}

fn copied(catalogue: &Catalogue, plan: Plan, bytes: &[u8]) -> Vec<u8> {
    let mut output = Vec::new();
    let copied = copy(ask(catalogue), plan, &Session::default(), bytes, &mut output).expect("memory can be read");
    assert!(copied.whole, "{:?}", copied.findings.list());
    output
}

#[test]
fn nothing_of_any_form_is_lost() {
    let catalogue = catalogue();
    let measured = loss::measure(&catalogue, 60, 20_261_128).expect("memory");
    assert_eq!(measured.files, 22 * 2 * 3);
    assert!(measured.cells > 600_000, "{measured:?}");
    assert_eq!(measured.lost, 0);
}

/// Every cell's value, and whether it stands in quotes.
fn values(catalogue: &Catalogue, bytes: &[u8]) -> Vec<Vec<(Cell<'static>, bool)>> {
    let mut findings = Findings::default();
    let mut reader = Reader::open(catalogue, None, bytes, &mut findings).expect("memory").expect("a known form");
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row(&mut findings).expect("memory") {
        let cell = |at| match row.cell(at).expect("text") {
            Cell::Keep => Cell::Keep,
            Cell::Null => Cell::Null,
            Cell::Value(text) => Cell::Value(text.into_owned().into()),
        };
        rows.push((0..row.line.len()).map(|at| (cell(at), row.line.is_quoted(at))).collect());
    }
    rows
}

fn shapes() -> impl Strategy<Value = Shape> {
    let ends = prop_oneof![Just(LineEnd::CrLf), Just(LineEnd::Cr), Just(LineEnd::Lf)];
    let encodings = prop_oneof![Just(Encoding::Utf8), Just(Encoding::Ms932)];
    (1..12_u64, any::<u64>(), encodings, any::<bool>(), ends, any::<bool>())
        .prop_map(|(rows, seed, encoding, bom, end, varied)| Shape { rows, seed, encoding, bom, end, varied })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_form_is_the_same_to_the_byte(shape in shapes()) {
        let catalogue = catalogue();
        for form in catalogue.forms() {
            let bytes = made(form, shape);
            let report = check(ask(&catalogue), &mut Session::default(), bytes.as_slice()).expect("memory");
            prop_assert!(report.findings.is_sound(), "{}: {:?}", form.id, report.findings.list());
            prop_assert_eq!(report.rows, shape.rows);
            prop_assert!(copied(&catalogue, Plan::default(), &bytes) == bytes, "copied: {}", form.id);

            // From values alone, with the quotes as they were.
            let rows = values(&catalogue, &bytes);
            let bom = shape.bom;
            let mut writer = Writer::new(Vec::new(), shape.encoding, bom, shape.end).expect("memory");
            writer.head(&form.id, form.columns.iter().map(|column| column.id.as_str())).expect("a head");
            for row in &rows {
                writer.row(row.iter().cloned()).expect("what was read can be written");
            }
            let again = writer.finish().expect("memory");
            prop_assert!(again == bytes, "written from values: {}", form.id);
            prop_assert_eq!(values(&catalogue, &again), rows);
        }
    }

    #[test]
    fn the_other_encoding_and_back_loses_nothing(mut shape in shapes()) {
        // What only UTF-8 holds is another test's.
        shape.encoding = Encoding::Ms932;
        let catalogue = catalogue();
        for form in catalogue.forms() {
            let bytes = made(form, shape);
            let utf8 = copied(&catalogue, Plan { to: Some(Encoding::Utf8), strip: false }, &bytes);
            prop_assert!(std::str::from_utf8(&utf8).is_ok());
            let values_only = |bytes: &[u8]| values(&catalogue, bytes);
            prop_assert_eq!(values_only(&utf8), values_only(&bytes));
            let back = copied(&catalogue, Plan { to: Some(Encoding::Ms932), strip: false }, &utf8);
            prop_assert!(back == bytes, "back: {}", form.id);
        }
    }

    #[test]
    fn moving_to_another_vendor_loses_nothing(first in shapes(), second in shapes(), third in any::<u64>()) {
        let catalogue = catalogue();
        let mut office = Holdings::new(&catalogue, 1_000);
        // The naive model: by line of text, what each record last said of each column.
        let mut naive: BTreeMap<(String, String), BTreeMap<usize, String>> = BTreeMap::new();
        for form in catalogue.forms() {
            for shape in [first, second, Shape { seed: third, varied: true, ..first }] {
                let bytes = made(form, shape);
                let taken = office.take(bytes.as_slice()).expect("memory");
                prop_assert!(taken.refused == 0, "{:?}", taken.why);
                for row in values(&catalogue, &bytes) {
                    let key: Vec<String> = form.key.iter().map(|at| format!("{:?}", row[*at].0)).collect();
                    let record = naive.entry((form.id.clone(), key.join("|"))).or_default();
                    for (column, (cell, _)) in row.iter().enumerate() {
                        match cell {
                            Cell::Keep => {}
                            Cell::Null => { record.remove(&column); }
                            Cell::Value(text) => { record.insert(column, text.to_string()); }
                        }
                    }
                }
            }
        }
        let mut vendor = Holdings::new(&catalogue, 1_000);
        // The other vendor has older states of the same records; what comes replaces them.
        for form in catalogue.forms() {
            vendor.take(made(form, Shape { seed: first.seed ^ 1, ..first }).as_slice()).expect("memory");
        }
        for table in office.tables.values() {
            let whole = table.write(Vec::new(), Encoding::Utf8).expect("UTF-8 holds everything");
            let taken = vendor.take(whole.as_slice()).expect("memory");
            prop_assert_eq!(taken.refused, 0);
        }
        prop_assert_eq!(&vendor.tables, &office.tables);
        let cells: usize = naive.values().map(BTreeMap::len).sum();
        let mut kept = 0;
        for table in office.tables.values() {
            let whole = table.write(Vec::new(), Encoding::Utf8).expect("UTF-8 holds everything");
            for row in values(&catalogue, &whole) {
                let key: Vec<String> = table.form.key.iter().map(|at| format!("{:?}", row[*at].0)).collect();
                let record = &naive[&(table.form.id.clone(), key.join("|"))];
                for (column, (cell, _)) in row.iter().enumerate() {
                    match cell {
                        Cell::Value(text) => {
                            prop_assert_eq!(record.get(&column).map(String::as_str), Some(text.as_ref()));
                            kept += 1;
                        }
                        _ => prop_assert!(!record.contains_key(&column)),
                    }
                }
            }
        }
        prop_assert_eq!(kept, cells, "no value more and none less");
    }

    #[test]
    fn a_copy_without_people_has_none(shape in shapes()) {
        let catalogue = catalogue();
        for form in catalogue.forms() {
            let bytes = made(form, Shape { varied: false, ..shape });
            let mut session = Session::with_names();
            check(ask(&catalogue), &mut session, bytes.as_slice()).expect("memory");
            let mut output = Vec::new();
            let plan = Plan { to: None, strip: true };
            let copied = copy(ask(&catalogue), plan, &session, bytes.as_slice(), &mut output).expect("memory");
            prop_assert!(copied.whole, "{}: {:?}", form.id, copied.findings.list());
            for column in form.columns.iter().filter(|column| column.leaves.is_personal()) {
                let is_left_out = copied.left_out.contains(&column.id);
                prop_assert!(is_left_out || column.id == "birthday", "{} {}", form.id, column.id);
            }
            for row in 0..shape.rows {
                let insured = format!("9{row:09}");
                let found = output.windows(insured.len()).any(|window| window == insured.as_bytes());
                prop_assert!(!found, "{}: {insured}", form.id);
            }
        }
    }
}
