//! Members' files: encodings, calendars, faults line by line, and noise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking, too")]

use jiff::civil::date;
use proptest::prelude::*;
use tsumugi_people::{
    Sex, Validity,
    bulk::{Column, Event, FileFault, Finding, Lines, Row, Rule},
    insurance::{Act, Kind, Loss, Relation},
};

const HEADER: &str = "区分,種別,保険者番号,記号,番号,枝番,本人家族,氏名,カナ氏名,生年月日,性別,郵便番号,住所,不開示,資格取得日,資格喪失日,喪失事由,券の登録,担当事業所";
const GOOD: &str = "登録,医療保険,12345,あ,１８７,05,本人,髙橋 花子,ﾀｶﾊｼ ﾊﾅｺ,昭和23年5月1日,女,100-0001,紬市みどり町1-2-3,0,R8.4.1,,,,";

fn read(lines: &[&str]) -> Vec<(u64, Result<Row, Vec<Finding>>)> {
    let text = format!("{HEADER}\r\n{}\r\n", lines.join("\r\n"));
    Lines::open(text.as_bytes()).unwrap().each().collect()
}

#[test]
fn a_line_is_understood_in_every_encoding() {
    let text = format!("{HEADER}\n{GOOD}\n");
    let (cp932, _, lost) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!lost);
    let with_mark = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    for bytes in [text.as_bytes(), &with_mark, &cp932] {
        let rows: Vec<_> = Lines::open(bytes).unwrap().each().collect();
        let [(2, Ok(row))] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(row.member.identifier().value, "00012345:あ:１８７:05", "zeros on the left, full width as it is");
        assert_eq!(row.person.name.as_deref(), Some("髙橋 花子"));
        assert_eq!((row.person.birth_date.as_deref(), row.person.sex), (Some("1948-05-01"), Some(Sex::Female)));
        let Event::Cover(cover) = &row.event else { panic!("{row:?}") };
        assert_eq!((cover.act, cover.registers, cover.relation), (Act::State, true, Some(Relation::Insured)));
        assert_eq!(cover.validity, Validity::since(date(2026, 4, 1)));
        assert_eq!(cover.address.as_ref().unwrap().postal_code.as_deref(), Some("1000001"));
        assert_eq!(cover.protected, Some(false));
    }
}

#[test]
fn every_event_and_kind_is_read() {
    let rows = read(&[
        "change,medical,39490014,,00420078,,,,,,,,,1,2026-04-01,,,,",
        "end,medical,06123456,7,8,01,,,,,,,,,,2026-10-01,03,,",
        "取消,医療保険,06123456,7,8,01,,,,,,,,,20260401,,,,",
        "register,public-assistance,12131234,,1234567,,,甲,,1950-01-01,1,,,,2026-04-01,,,0,",
        "担当開始,介護保険,131234,,0001234567,,,,,,,,,,2026-04-01,,,,4911000017",
        "care-end,care,131234,,H000123456,,,,,,,,,,,2026-10-01,,,4911000017",
    ]);
    let rows: Vec<Row> = rows.into_iter().map(|(line, row)| row.unwrap_or_else(|f| panic!("{line}: {f:?}"))).collect();
    let covers: Vec<_> = rows
        .iter()
        .filter_map(|row| match &row.event {
            Event::Cover(cover) => Some((cover.act, cover.loss, cover.unregistered, cover.protected)),
            Event::Care(_) => None,
        })
        .collect();
    assert_eq!(
        covers,
        [
            (Act::State, None, false, Some(true)),
            (Act::End, Some(Loss::OtherInsurance), false, None),
            (Act::Withdraw, None, false, None),
            (Act::State, None, true, None),
        ]
    );
    let charges: Vec<_> = rows
        .iter()
        .filter_map(|row| match &row.event {
            Event::Care(care) => Some((care.begins, care.day, care.office.as_str())),
            Event::Cover(_) => None,
        })
        .collect();
    assert_eq!(charges, [(true, date(2026, 4, 1), "4911000017"), (false, date(2026, 10, 1), "4911000017")]);
    assert_eq!(rows[4].member.kind, Kind::Care);
}

#[test]
fn each_fault_names_its_column_and_stops_no_other_line() {
    use Column as C;
    use Rule as R;
    let cell = |column: Column, text: &str| {
        let mut cells: Vec<String> = GOOD.split(',').map(str::to_owned).collect();
        cells[C::ALL.iter().position(|known| *known == column).unwrap()] = text.to_owned();
        cells.join(",")
    };
    let long = "あ".repeat(257);
    let cases: Vec<(String, Finding)> = vec![
        (cell(C::Event, ""), Finding::at(C::Event, R::Needed)),
        (cell(C::Event, "とうろく"), Finding::at(C::Event, R::Code)),
        (cell(C::Kind, "生命保険"), Finding::at(C::Kind, R::Code)),
        (cell(C::Insurer, ""), Finding::at(C::Insurer, R::Needed)),
        (cell(C::Insurer, "123456789"), Finding::at(C::Insurer, R::Form)),
        (cell(C::Insurer, "１２３４５"), Finding::at(C::Insurer, R::Form)),
        (cell(C::Symbol, "あ:い"), Finding::at(C::Symbol, R::Form)),
        (cell(C::Symbol, "あ い"), Finding::at(C::Symbol, R::Form)),
        (cell(C::Number, ""), Finding::at(C::Number, R::Needed)),
        (cell(C::Number, "1:2"), Finding::at(C::Number, R::Form)),
        (cell(C::Branch, "5"), Finding::at(C::Branch, R::Form)),
        (cell(C::Branch, ""), Finding::at(C::Branch, R::Needed)),
        (cell(C::Relation, "本"), Finding::at(C::Relation, R::Code)),
        (cell(C::Name, ""), Finding::at(C::Name, R::Needed)),
        (cell(C::Name, &long), Finding::at(C::Name, R::Length)),
        (cell(C::Name, "\u{fffd}"), Finding::at(C::Name, R::Character)),
        (cell(C::Name, "123456789018"), Finding::at(C::Name, R::MyNumber)),
        (cell(C::Address, "１２３４ ５６７８ ９０１８"), Finding::at(C::Address, R::MyNumber)),
        (cell(C::BirthDate, "昭和64年1月8日"), Finding::at(C::BirthDate, R::Date)),
        (cell(C::BirthDate, ""), Finding::at(C::BirthDate, R::Needed)),
        (cell(C::Sex, "3"), Finding::at(C::Sex, R::Code)),
        (cell(C::PostalCode, "12345"), Finding::at(C::PostalCode, R::Form)),
        (cell(C::Protected, "2"), Finding::at(C::Protected, R::Code)),
        (cell(C::From, ""), Finding::at(C::From, R::Needed)),
        (cell(C::Until, "R8.4.1"), Finding::at(C::Until, R::Period)),
        (cell(C::Loss, "04"), Finding::at(C::Loss, R::Code)),
        (format!("{GOOD},x"), Finding::line(R::Csv)),
        ("登録".to_owned(), Finding::line(R::Csv)),
    ];
    for (line, finding) in &cases {
        let rows = read(&[line, GOOD]);
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3], "{line}");
        assert_eq!(rows[0].1.as_ref().unwrap_err(), &[*finding], "{line}");
        assert!(rows[1].1.is_ok(), "the next line goes in");
    }
    let all = read(&["とうろく,医療保険,12345,あ,１８７,5,本人,,ｶﾅ,1948-13-01,女,,,0,R8.4.1,,,,"]);
    assert_eq!(all[0].1.as_ref().unwrap_err().len(), 3, "one correction suffices: event, branch, birth date");
    let quoted = GOOD.replace("紬市みどり町1-2-3", "\"紬市\r\nみどり町\"");
    let numbers: Vec<u64> = read(&[&quoted, "", GOOD, GOOD]).iter().map(|(line, _)| *line).collect();
    assert_eq!(numbers, [2, 5, 6], "a cell of two lines and an empty line are counted");
    let office = read(&["担当開始,介護保険,131234,,0001234567,,,,,,,,,,2026-04-01,,,,4911000018"]);
    assert_eq!(office[0].1.as_ref().unwrap_err(), &[Finding::at(C::Office, R::Institution)]);
}

#[test]
fn a_file_without_its_columns_is_not_read() {
    let open = |text: &str| Lines::open(text.as_bytes()).err();
    assert_eq!(open(""), Some(FileFault::Header("区分")));
    assert_eq!(open("event,kind,insurer\n"), Some(FileFault::Header("番号")));
    assert_eq!(open("event,kind,insurer,number,区分\n"), Some(FileFault::Twice("区分")));
    assert_eq!(open("event,kind,insurer,number,ours\n"), None, "columns of the sender's own are passed over");
    let many = format!("event,kind,insurer,number\n{}", "\n".repeat(100_001));
    assert_eq!(open(&many), Some(FileFault::Lines));
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = [HEADER.as_bytes(), b"\n", &bytes].concat();
        for (line, read) in Lines::open(&text).unwrap().each() {
            prop_assert!(line >= 2);
            prop_assert!(read.map_or_else(|findings| !findings.is_empty(), |_| true));
        }
        let _any = Lines::open(&bytes).map(|lines| lines.each().count());
    }
}
