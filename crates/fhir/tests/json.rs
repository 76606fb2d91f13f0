//! The parser against `serde_json` as oracle, and against bad input.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what must not be, and says what it skips"
)]

mod support;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;
use tsumugi_fhir::json::{Document, Limits, Node, Place, SyntaxError, SyntaxFault, Type, write};

fn try_parse(bytes: &[u8]) -> Result<Document, SyntaxError> {
    Document::parse(Bytes::copy_from_slice(bytes), &Limits::default())
}

fn fault(bytes: &[u8]) -> SyntaxFault {
    match try_parse(bytes) {
        Ok(_) => panic!("{:?} was taken", String::from_utf8_lossy(bytes)),
        Err(error) => error.fault,
    }
}

/// The node as `serde_json` would hold it.
fn to_value(node: Node<'_>) -> Value {
    match node.kind() {
        Type::Null => Value::Null,
        Type::Bool => Value::Bool(node.as_bool().expect("a boolean")),
        Type::Number => {
            serde_json::from_str(node.number_text().expect("a number")).expect("a number for the oracle too")
        }
        Type::String => Value::String(node.as_str().expect("a string").into_owned()),
        Type::Array => node.items().map(to_value).collect(),
        Type::Object => node.members().map(|(key, value)| (key.into_owned(), to_value(value))).collect(),
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-z]{0,6}", "\\PC{0,12}", "[\"\\\\/\u{0}-\u{1f}\u{7f}\u{e9}\u{3042}\u{1F600}]{0,6}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| if number.is_finite() { Value::from(number) } else { Value::Null }),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// One change of a text: bytes put in, taken out or replaced.
fn mutate(bytes: &mut Vec<u8>, at: usize, how: u8, with: &[u8]) {
    let at = at % (bytes.len() + 1);
    match how % 4 {
        0 => drop(bytes.splice(at..at, with.iter().copied())),
        1 => drop(bytes.splice(at..(at + with.len()).min(bytes.len()), std::iter::empty())),
        2 => drop(bytes.splice(at..(at + with.len()).min(bytes.len()), with.iter().copied())),
        _ => bytes.truncate(at),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn what_is_json_is_read_as_the_oracle_reads_it(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.expect("written");
        // The oracle reads the text too: its doubles are not exact to the last digit.
        let oracle: Value = serde_json::from_str(&text).expect("read");
        let document = support::parse(&text);
        prop_assert_eq!(document.text(), text.as_str());
        prop_assert_eq!(document.root().raw(), text.as_str());
        prop_assert_eq!(to_value(document.root()), oracle.clone());
        // Our own compact writing is the oracle's: same order, same tokens.
        let mut compact = Vec::new();
        write::compact(&mut compact, document.root());
        let again = support::parse(std::str::from_utf8(&compact).expect("text"));
        prop_assert_eq!(to_value(again.root()), oracle);
        if !pretty {
            prop_assert_eq!(compact, text.into_bytes());
        }
    }

    #[test]
    fn what_the_oracle_refuses_is_refused_and_the_other_way_round(
        value in any_json(),
        changes in prop::collection::vec((any::<usize>(), any::<u8>(), prop_oneof![
            prop::collection::vec(any::<u8>(), 1..4),
            "[\\[\\]{}:,\"\\\\ud0-9eE+.tfn -]{1,4}".prop_map(String::into_bytes),
            Just(b"\\ud800".to_vec()), Just(b"\\udc00".to_vec()), Just(b"\\ud83d\\ude00".to_vec()),
        ]), 1..4),
    ) {
        let mut bytes = serde_json::to_vec(&value).expect("written");
        for (at, how, with) in &changes {
            mutate(&mut bytes, *at, *how, with);
        }
        let ours = try_parse(&bytes);
        match (serde_json::from_slice::<Value>(&bytes), ours) {
            (Ok(oracle), Ok(ours)) => prop_assert_eq!(to_value(ours.root()), oracle),
            (Ok(_), Err(error)) => prop_assert_eq!(error.fault, SyntaxFault::DuplicateKey, "{}", error),
            // Numbers beyond a double are refused by the oracle; here their text is kept.
            (Err(error), Ok(_)) => prop_assert!(error.to_string().contains("number out of range"), "{}", error),
            (Err(_), Err(error)) => prop_assert!(error.offset <= bytes.len()),
        }
    }

    #[test]
    fn strings_written_are_read_back(text in "\\PC{0,20}|[\u{0}-\u{20}\"\\\\]{0,9}") {
        let mut out = Vec::new();
        write::string(&mut out, &text);
        prop_assert_eq!(serde_json::from_slice::<String>(&out).expect("JSON"), text);
    }
}

#[test]
fn a_text_cut_at_any_byte_is_refused() {
    let text = r#"{"resourceType":"Observation","value":-1.50e+3,"note":[true,false,null,"髙\u9ad8\ud83d\ude00"],"a":{"b":[]}}"#;
    assert!(try_parse(text.as_bytes()).is_ok());
    for end in 0..text.len() {
        let fault = fault(&text.as_bytes()[..end]);
        let expected = match end {
            0 => &[SyntaxFault::Empty][..],
            _ if std::str::from_utf8(&text.as_bytes()[..end]).is_err() => &[SyntaxFault::NotUtf8],
            // A surrogate whose other half is cut off, or a number cut after its sign.
            _ => &[SyntaxFault::Truncated],
        };
        assert!(expected.contains(&fault), "cut at {end}: {fault:?}");
    }
}

#[test]
fn bad_texts_are_refused_by_name() {
    for (text, expected) in [
        (&b""[..], SyntaxFault::Empty),
        (b" \n\t ", SyntaxFault::Empty),
        (b"\xEF\xBB\xBF{}", SyntaxFault::ByteOrderMark),
        (b"\xFF\xFE{\0}\0", SyntaxFault::WideEncoding),
        (b"\xFE\xFF\0{\0}", SyntaxFault::WideEncoding),
        (b"{\0}\0", SyntaxFault::WideEncoding),
        (b"\0{\0}", SyntaxFault::WideEncoding),
        (b"\0", SyntaxFault::Unexpected),
        (b"{}\0", SyntaxFault::TrailingText),
        (b"\"a\0b\"", SyntaxFault::ControlCharacter),
        (b"\"a\nb\"", SyntaxFault::ControlCharacter),
        (b"{} {}", SyntaxFault::TrailingText),
        (b"[1,]", SyntaxFault::TrailingComma),
        (b"{\"a\":1,}", SyntaxFault::TrailingComma),
        (b"{a:1}", SyntaxFault::Unexpected),
        (b"{\"a\" 1}", SyntaxFault::Unexpected),
        (b"[1 2]", SyntaxFault::Unexpected),
        (b"'a'", SyntaxFault::Unexpected),
        (b"NaN", SyntaxFault::Unexpected),
        (b"-Infinity", SyntaxFault::BadNumber),
        (b"Infinity", SyntaxFault::Unexpected),
        (b"tru", SyntaxFault::Truncated),
        (b"nulL", SyntaxFault::Unexpected),
        (b"01", SyntaxFault::BadNumber),
        (b"-", SyntaxFault::Truncated),
        (b"1.", SyntaxFault::Truncated),
        (b"1.e5", SyntaxFault::BadNumber),
        (b"+1", SyntaxFault::Unexpected),
        (b".5", SyntaxFault::Unexpected),
        (b"\"\\ud800\"", SyntaxFault::LoneSurrogate),
        (b"\"\\udc00\"", SyntaxFault::LoneSurrogate),
        (b"\"\\ud800\\ud800\"", SyntaxFault::LoneSurrogate),
        (b"{\"\\udc00\":1}", SyntaxFault::LoneSurrogate),
        (b"\"\\x41\"", SyntaxFault::BadEscape),
        (b"\"\\u12g4\"", SyntaxFault::BadEscape),
        (b"\"\xFF\"", SyntaxFault::NotUtf8),
        (b"\"\xED\xA0\x80\"", SyntaxFault::NotUtf8),
        (b"\"\xC0\xAF\"", SyntaxFault::NotUtf8),
        (b"{\"a\":1,\"b\":2,\"a\":3}", SyntaxFault::DuplicateKey),
        (b"{\"a\":1,\"\\u0061\":3}", SyntaxFault::DuplicateKey),
        (b"[{\"x\":{\"a\":1,\"a\":1}}]", SyntaxFault::DuplicateKey),
    ] {
        assert_eq!(fault(text), expected, "{:?}", String::from_utf8_lossy(text));
        let finding = try_parse(text).expect_err("refused").finding();
        assert!(finding.rule.as_deref().is_some_and(|rule| rule.starts_with("json-")), "{finding:?}");
        assert!(finding.ja.contains("RFC 8259") && finding.en.contains("RFC 8259"), "{finding:?}");
        assert!(finding.place.is_some(), "{finding:?}");
    }
}

#[test]
fn an_error_has_its_place() {
    let text = "{\n  \"名前\": \"山田\",\n  \"a\": [1,\n 2 3]}";
    let error = try_parse(text.as_bytes()).expect_err("a comma is missing");
    assert_eq!((error.place, error.offset), (Place { line: 4, column: 4 }, text.find("3]").expect("there")));
    let duplicate = "{\"a\": 1,\n \"病\": 2, \"a\": 3}";
    let error = try_parse(duplicate.as_bytes()).expect_err("a is there twice");
    assert_eq!((error.fault, error.place), (SyntaxFault::DuplicateKey, Place { line: 2, column: 10 }));
    assert_eq!(error.finding().place, Some(error.place));
    let fine = support::parse("{\"a\": 1,\n \"病\": 2}");
    let node = fine.root().get("病").expect("there");
    assert_eq!(node.place(), Place { line: 2, column: 7 });
}

#[test]
fn many_keys_are_compared_too() {
    let keys: Vec<String> = (0..1_000).map(|key| format!("\"k{key}\":{key}")).collect();
    assert!(try_parse(format!("{{{}}}", keys.join(",")).as_bytes()).is_ok());
    let error = try_parse(format!("{{{},\"k7\":0}}", keys.join(",")).as_bytes()).expect_err("k7 is there twice");
    assert_eq!(error.fault, SyntaxFault::DuplicateKey);
    assert_eq!(error.offset, format!("{{{},", keys.join(",")).len());
    // The same name in different objects is fine.
    assert!(try_parse(br#"{"a":{"a":[{"a":1},{"a":2}]}}"#).is_ok());
}

#[test]
fn depth_size_and_number_of_values_are_bounded() {
    let limits = |depth, bytes| Limits { depth, bytes };
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let with = |text: &str, limits: Limits| {
        Document::parse(Bytes::copy_from_slice(text.as_bytes()), &limits).map_err(|error| error.fault)
    };
    assert!(with(&nested(128), limits(128, 1 << 20)).is_ok());
    assert_eq!(with(&nested(129), limits(128, 1 << 20)).err(), Some(SyntaxFault::TooDeep));
    for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000), nested(100_000)] {
        assert_eq!(with(&deep, Limits::default()).err(), Some(SyntaxFault::TooDeep));
    }
    // Even a limit that allows it never overflows the stack.
    let deep = with(&nested(100_000), limits(1_000_000, 1 << 20)).expect("deep but allowed");
    let mut out = Vec::new();
    write::compact(&mut out, deep.root());
    assert_eq!(out.len(), 200_000);
    assert_eq!(with("[1,2,3]", limits(128, 6)).err(), Some(SyntaxFault::TooLarge));
    assert!(with("[1,2,3]", limits(128, 7)).is_ok());
    let many = format!("[{}]", vec!["1"; 3_000].join(","));
    assert_eq!(with(&many, limits(128, 10_000)).err(), Some(SyntaxFault::TooMany));
    assert!(with(&many, limits(128, 20_000)).is_ok());
}

#[test]
fn numbers_keep_their_text() {
    let digits = "9".repeat(4_000);
    for text in ["1.50", "-0", "1E400", "0.10e-7", "123456789012345678901234567890.000", digits.as_str()] {
        assert_eq!(support::parse(text).root().number_text(), Some(text));
    }
    assert_eq!(fault("9".repeat(5_000).as_bytes()), SyntaxFault::BadNumber);
}

#[test]
fn paths_go_through_arrays() {
    let document = support::parse(
        r#"{"code":{"coding":[{"code":"a"},{"x":1},{"code":["b","c"]}],"text":"t"},"k\u0065y":1,"category":[[{"code":"d"}]]}"#,
    );
    let root = document.root();
    let at = |path: &str| root.find(path).filter_map(Node::as_str).map(|text| text.into_owned()).collect::<Vec<_>>();
    assert_eq!(at("code.coding.code"), ["a", "b", "c"]);
    assert_eq!(at("category.code"), ["d"]);
    assert_eq!(at("code.nothing.code"), Vec::<String>::new());
    assert_eq!(root.get("key").and_then(Node::number_text), Some("1"));
    assert!(root.get("k\\u0065y").is_none());
    let third = root.find("code.coding.code").nth(2).expect("c");
    assert_eq!(root.path_to(third), ".code.coding[2].code[1]");
    assert!(!format!("{document:?}").contains("coding"), "debug text shows no content");
}

#[test]
fn a_document_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let document = support::parse("[1]");
    shared(&document);
    let other = document.clone();
    let text = std::thread::spawn(move || other.root().raw().to_owned()).join().expect("joined");
    assert_eq!(text, "[1]");
}

#[test]
fn the_writer_sets_commas_and_escapes() {
    let mut out = write::Writer::new();
    out.object(|out| {
        out.field("a\"b", "c\n");
        out.key("list").array(|out| {
            out.number(-1).bool(true).raw("null").string("[");
            out.object(|_| {}).array(|_| {});
        });
        out.key("end").string("{");
        out.field("last", ":");
    });
    let text = String::from_utf8(out.finish()).expect("text");
    assert_eq!(text, r#"{"a\"b":"c\n","list":[-1,true,null,"[",{},[]],"end":"{","last":":"}"#);
}
