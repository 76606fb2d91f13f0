//! Files that are wrong in the ways in which files of care offices are wrong: each has its finding, and none repeats what
//! a cell says of a person.
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests stop at the first surprise")]

use tsumugi_formats::life::{Ask, Catalogue, Encoding, Findings, Plan, Report, Rule, Session, Severity, check, copy};

fn catalogue() -> Catalogue {
    Catalogue::embedded().expect("the embedded data are of their shape")
}

fn named(bytes: &[u8], name: Option<&str>, session: &mut Session) -> Report {
    let catalogue = catalogue();
    check(Ask { catalogue: &catalogue, version: None, file_name: name }, session, bytes).expect("memory")
}

fn checked(text: impl AsRef<[u8]>) -> Report {
    named(text.as_ref(), None, &mut Session::default())
}

fn rules(findings: &Findings) -> Vec<Rule> {
    findings.list().iter().map(|finding| finding.rule).collect()
}

/// People: office, service, number, insurer, insured, names, sex, birthday, level of care.
const PEOPLE: &str = "SERVICE_USER_INFO\r\ncare_facility_id,service_code,external_system_management_number,insurer_no,insured_no,last_name,first_name,gender,birthday,care_level\r\n";
const HARU: &str = "1370000001,15,U1,131016,1000000001,髙橋,ハル,2,19360514,22\r\n";
const ADL: &str = "FORM_0900_2021\r\ncare_facility_id,service_code,insurer_no,insured_no,external_system_management_number,adl_evaluate,barthel_index_meal,barthel_index_bathing\r\n";

fn people(rows: &str) -> String {
    format!("{PEOPLE}{rows}")
}

#[test]
fn a_good_file_has_no_errors_and_says_its_encoding() {
    let report = checked(people(HARU));
    assert!(report.findings.list().is_empty(), "{:?}", report.findings.list());
    assert_eq!((report.rows, report.encoding), (1, Some((Encoding::Utf8, true))));
    assert_eq!(report.form.map(|form| form.version).as_deref(), Some("2021"));
    let mut ms932 = Vec::new();
    Encoding::Ms932.encode(&people(HARU), &mut ms932).expect("髙 is in MS932");
    assert_eq!(checked(ms932).encoding, Some((Encoding::Ms932, true)));
    // One broken byte is one row's fault, not another encoding.
    let broken = [people(HARU).as_bytes(), HARU.replace("髙橋", "X").as_bytes()].concat();
    let broken: Vec<u8> = broken.iter().map(|byte| if *byte == b'X' { 0xff } else { *byte }).collect();
    let report = checked(broken);
    assert_eq!((report.encoding, report.findings.times(Rule::BrokenCharacter)), (Some((Encoding::Utf8, true)), 1));
    let bom = [b"\xef\xbb\xbf", people(HARU).as_bytes()].concat();
    let report = checked(bom);
    assert!(report.bom && report.findings.is_sound());
}

#[test]
fn files_half_sent_are_told_by_where_they_break() {
    let whole = people(HARU);
    for (text, rule) in [
        (String::new(), Rule::EmptyFile),
        ("SERVICE_USER_INFO".to_owned(), Rule::NoHeader),
        (PEOPLE.to_owned(), Rule::NoRows),
        (whole.trim_end().to_owned(), Rule::NoLastLineEnd),
        (whole.trim_end().trim_end_matches("22").trim_end_matches(',').to_owned(), Rule::FewCells),
        (whole.replace("髙橋", "\"髙橋"), Rule::UnclosedQuote),
        (whole.replace("髙橋", "髙\"橋"), Rule::QuoteInside),
        (whole.replace("髙橋", "\"髙\"橋"), Rule::AfterQuote),
        (whole.replace("髙橋", "髙,橋"), Rule::ManyCells),
        (whole.replace("髙橋", "\"髙\r\n橋\""), Rule::LineBreakInCell),
        (format!("{whole}\r\n"), Rule::BlankLine),
        (whole.replace("\r\n", "\n"), Rule::LineEndLf),
        (whole.replacen("\r\n", "\r", 1), Rule::LineEndsMixed),
        (whole.replace("INFO", "INFO,,,"), Rule::FirstLineExtra),
        (whole.replace("last_name", "lastname"), Rule::UnknownColumn),
        (whole.replace("last_name", "lastname"), Rule::MissingRequired),
        (whole.replace("first_name", "last_name"), Rule::DuplicateColumn),
        (whole.replace("insurer_no,", "x_no,").replace("insured_no", "y_no"), Rule::MissingRequired),
        (whole.replace("external_system_management_number", "number_of"), Rule::MissingKey),
        (format!("SERVICE_USER_INFO\r\n{HARU}"), Rule::NoHeader),
        ("UP1KYO\r\na,b\r\n".to_owned(), Rule::UnknownForm),
        (ADL.replace("2021", "2024"), Rule::OtherVersion),
        (whole.replace("髙橋", &"長".repeat(70_000)), Rule::LineTooLong),
    ] {
        let report = checked(&text);
        let shown: String = text.chars().take(300).collect();
        assert!(rules(&report.findings).contains(&rule), "{rule:?} in {shown}: {:?}", report.findings.list());
    }
}

#[test]
fn a_file_with_another_form_than_its_name_is_read_by_what_it_says() {
    let report = named(people(HARU).as_bytes(), Some("FORM_0000_2021_1_20210810.csv"), &mut Session::default());
    assert_eq!(rules(&report.findings), [Rule::NameOtherForm]);
    let report = named(people(HARU).as_bytes(), Some("SERVICE_USER_INFO_1_20210810.csv"), &mut Session::default());
    assert!(report.findings.list().is_empty());
    assert!(named(people(HARU).as_bytes(), Some("利用者.csv"), &mut Session::default()).findings.list().is_empty());
}

#[test]
fn nothing_blank_and_blanks_are_three_things() {
    for (cell, rule) in [
        ("", Some(Rule::RequiredEmpty)),
        (" ", Some(Rule::RequiredNull)),
        ("  ", Some(Rule::BlankIsData)),
        ("\u{3000}", Some(Rule::BlankIsData)),
        ("\"\"", Some(Rule::QuotedEmpty)),
        ("髙", None),
    ] {
        let report = checked(people(&HARU.replace("髙橋", cell)));
        let found = rules(&report.findings);
        match rule {
            Some(rule) => assert!(found.contains(&rule), "{cell:?}: {found:?}"),
            None => assert!(found.is_empty(), "{cell:?}: {found:?}"),
        }
    }
}

#[test]
fn conditions_hold_only_on_what_the_row_says() {
    let head = "FORM_0000_2021\r\ncare_facility_id,service_code,insurer_no,insured_no,external_system_management_number,facility_outpatient_category,evaluate_date,remote_working,departure_date,food_form_ingestion,is_need_swallowing_adjusted_food,meal_form,family_01,family_02\r\n";
    let key = "1370000001,51,131016,1000000001,R1";
    let found = |rest: &str, rule: Rule| checked(format!("{head}{key},{rest}\r\n")).findings.times(rule);
    // Stopped, and no date.
    assert_eq!(found("2,20210401,2,,,,,,", Rule::ConditionalEmpty), 1);
    assert_eq!(found("2,20210401,2,20210401,,,,,", Rule::ConditionalEmpty), 0);
    assert_eq!(found("2,20210401,,,,,,,", Rule::ConditionalEmpty), 0, "nothing is said");
    // In a facility with food by mouth: whether it is adjusted, and its form.
    assert_eq!(found("1,20210401,1,,2,,,,", Rule::ConditionalEmpty), 2);
    // Ordinary food beside adjusted food; yes among the family beside no family.
    assert_eq!(found("1,20210401,1,,2,1,50,,", Rule::OnlyBeside), 1);
    assert_eq!(found("1,20210401,1,,2,0,50,,", Rule::OnlyBeside), 0);
    assert_eq!(found("1,20210401,1,,2,0,50,0,1", Rule::Implied), 1);
}

#[test]
fn points_and_codes_are_told_apart() {
    let row = |meal: &str, bath: &str| format!("{ADL}1370000001,15,131016,1000000001,R1,20210401,{meal},{bath}\r\n");
    let report = checked(row("10", "0"));
    assert_eq!(report.findings.times(Rule::PointsForCode), 1);
    let notes: Vec<_> = report.findings.list().into_iter().filter(|f| f.rule == Rule::TwoCodesOnePoint).collect();
    assert_eq!(notes.len(), 1, "bathing has two codes for 0 points, eating has not");
    assert_eq!((notes[0].at.id.as_str(), notes[0].severity()), ("barthel_index_bathing", Severity::Note));
    assert_eq!(checked(row("2", "1")).findings.times(Rule::PointsForCode), 0);
}

#[test]
fn numbers_are_of_a_person_or_of_a_record() {
    let kiku = HARU.replace("U1", "U2").replace("1000000001", "1000000002");
    let twice = people(&format!("{HARU}{}", HARU.replace("U1", "U9")));
    assert_eq!(rules(&checked(twice).findings), [Rule::TwoNumbersOnePerson]);
    let same = people(&format!("{HARU}{}", kiku.replace("U2", "U1")));
    assert_eq!(rules(&checked(same).findings), [Rule::DuplicateKey, Rule::TwoPeopleOneNumber]);

    let row = |insured: &str, number: &str| format!("1370000001,15,131016,{insured},{number},20210401,1,1\r\n");
    let adl = |rows: &[String]| format!("{ADL}{}", rows.concat());
    let twice = checked(adl(&[row("1000000001", "R1"), row("1000000001", "R1")]));
    let found = twice.findings.list().into_iter().find(|finding| finding.rule == Rule::DuplicateKey).expect("found");
    assert_eq!((found.lines.as_slice(), found.ja().contains("3行目")), (&[4][..], true));
    let two = checked(adl(&[row("1000000001", "R1"), row("1000000002", "R1")]));
    assert_eq!((two.findings.times(Rule::TwoPeopleOneNumber), two.findings.times(Rule::DuplicateKey)), (1, 0));

    // Across files: the people first.
    let mut session = Session::default();
    named(people(&format!("{HARU}{kiku}")).as_bytes(), None, &mut session);
    let users = named(adl(&[row("1000000001", "U1"), row("1000000002", "U2")]).as_bytes(), None, &mut session);
    assert_eq!(users.findings.times(Rule::UserNumberForRecord), 2);
    let records = named(adl(&[row("1000000001", "R1"), row("1000000003", "R2")]).as_bytes(), None, &mut session);
    assert_eq!(records.findings.times(Rule::UserNumberForRecord), 0);
    assert_eq!(records.findings.times(Rule::NoPerson), 1);
}

#[test]
fn details_repeat_their_parents_number() {
    let parent = "FORM_0800_2021\r\ncare_facility_id,service_code,insurer_no,insured_no,external_system_management_number,create_date,external_system_management_detail_number\r\n1370000001,51,131016,1000000001,P1,20210401,1\r\n";
    let child = "FORM_0801_2021\r\ncare_facility_id,service_code,insurer_no,insured_no,external_system_management_number,external_system_management_detail_number\r\n1370000001,51,131016,1000000001,P1,1\r\n1370000001,51,131016,1000000001,P1,2\r\n1370000001,51,131016,1000000001,P2,1\r\n";
    let mut session = Session::default();
    assert!(named(parent.as_bytes(), None, &mut session).findings.is_sound());
    let report = named(child.as_bytes(), None, &mut session);
    assert_eq!((report.findings.times(Rule::NoParent), report.findings.times(Rule::DuplicateKey)), (1, 0));
    assert_eq!(checked(child).findings.times(Rule::NoParent), 0, "without the parent's file nothing is said");
}

#[test]
fn characters_that_ms932_lacks_are_named_and_nothing_takes_their_place() {
    let catalogue = catalogue();
    let ask = Ask { catalogue: &catalogue, version: None, file_name: None };
    let to = |text: &str, encoding| {
        let mut output = Vec::new();
        let plan = Plan { to: Some(encoding), strip: false };
        let copied = copy(ask, plan, &Session::default(), text.as_bytes(), &mut output).expect("memory");
        (copied, output)
    };
    for (name, character) in [("𠮷田", '𠮷'), ("〜", '〜'), ("A−B", '−'), ("¥1", '¥')] {
        let (copied, output) = to(&people(&HARU.replace("髙橋", name)), Encoding::Ms932);
        assert!(!copied.whole);
        let found = copied.findings.list();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].rule, found[0].lines.as_slice(), found[0].at.position), (Rule::CannotWrite, &[3][..], 6));
        assert!(found[0].ja().contains(character), "{}", found[0].ja());
        assert!(!output.contains(&b'?'));
    }
    for name in ["①髙﨑㈱", "～－∥￠￡￢", "ﾊﾙ", "Ⅳ№"] {
        let text = people(&HARU.replace("髙橋", name));
        let (copied, ms932) = to(&text, Encoding::Ms932);
        assert!(copied.whole, "{name}");
        let mut back = Vec::new();
        let plan = Plan { to: Some(Encoding::Utf8), strip: false };
        copy(ask, plan, &Session::default(), ms932.as_slice(), &mut back).expect("memory");
        assert_eq!(back, text.as_bytes());
    }
}

#[test]
fn other_bytes_for_the_same_character_are_kept() {
    // NEC's code for 髙 (0xEEE0); the usual one is IBM's (0xFBFC). And a character of somebody's own.
    let mut bytes = Vec::new();
    Encoding::Ms932.encode(&people(&HARU.replace("髙橋", "NAME")), &mut bytes).expect("all in MS932");
    let at = bytes.windows(4).position(|window| window == b"NAME").expect("it is there");
    bytes.splice(at..at + 4, *b"\xee\xe0\xf0\x40");
    let report = checked(&bytes);
    assert_eq!(report.findings.times(Rule::OtherBytes), 1);
    assert_eq!(report.findings.times(Rule::PrivateCharacter), 1);
    let catalogue = catalogue();
    let ask = Ask { catalogue: &catalogue, version: None, file_name: None };
    let mut output = Vec::new();
    copy(ask, Plan::default(), &Session::default(), bytes.as_slice(), &mut output).expect("memory");
    assert!(output == bytes, "to the byte");
    // Bytes that are no character.
    bytes.splice(at..at + 4, *b"\x81\x20xx");
    assert_eq!(checked(&bytes).findings.times(Rule::BrokenCharacter), 1);
}

#[test]
fn no_personal_content_leaves_and_none_is_repeated() {
    let catalogue = catalogue();
    let ask = Ask { catalogue: &catalogue, version: None, file_name: None };
    let strip = Plan { to: None, strip: true };
    let stripped = |text: &str, session: &Session| {
        let mut output = Vec::new();
        let copied = copy(ask, strip, session, text.as_bytes(), &mut output).expect("memory");
        (copied, String::from_utf8(output).expect("UTF-8"))
    };
    let mut session = Session::with_names();
    check(ask, &mut session, people(HARU).as_bytes()).expect("memory");
    let (copied, output) = stripped(&people(HARU), &session);
    assert!(copied.whole);
    assert_eq!(
        output,
        "SERVICE_USER_INFO\r\ncare_facility_id,service_code,external_system_management_number,insurer_no,gender,birthday,care_level\r\n1370000001,15,U1,131016,2,19360515,22\r\n"
    );
    assert_eq!(copied.left_out, ["insured_no", "last_name", "first_name"]);
    // The insured number, the name or the day of birth as the external number.
    for number in ["1000000001", "髙橋-1", "19360514-1"] {
        let (copied, output) = stripped(&people(&HARU.replace("U1", number)), &session);
        assert!(!copied.whole && !output.contains(number));
        assert_eq!(copied.findings.times(Rule::PersonalLeft), 1);
    }
    // The person's name in a form's own words, by the file of people.
    let form = "FORM_0450_2021\r\ncare_facility_id,service_code,insurer_no,insured_no,external_system_management_number,self_target\r\n1370000001,15,131016,1000000001,R1,";
    assert!(!stripped(&format!("{form}髙橋さんと散歩\r\n"), &session).0.whole);
    let elsewhere = form.replace(",15,", ",78,");
    assert!(!stripped(&format!("{elsewhere}髙橋さんと散歩\r\n"), &session).0.whole, "under another service, too");
    assert!(stripped(&format!("{form}近所を散歩\r\n"), &session).0.whole);
    // What is wrong with a cell is said without the cell.
    let wrong = people(&HARU.replace("19360514", "昭和11年5月14日").replace("ハル", &"ハル".repeat(20)));
    for finding in checked(&wrong).findings.list() {
        for text in [finding.ja(), finding.en(), format!("{finding:?}")] {
            assert!(!text.contains("髙橋") && !text.contains("ハル") && !text.contains("5月14日"), "{text}");
        }
    }
    // Without a head the first person stands where names of columns should.
    let no_head = checked(format!("SERVICE_USER_INFO\r\n{HARU}{HARU}"));
    assert!(no_head.findings.list().iter().all(|finding| !format!("{finding:?}").contains("1000000001")));
}
