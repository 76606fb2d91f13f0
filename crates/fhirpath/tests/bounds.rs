//! Expressions that explode: each ends, with a result or an error, within the default bounds and a small stack.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use bytes::Bytes;
use proptest::prelude::*;
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhirpath::{Context, EvalError, Expression, Item, MOST_BYTES, ParseFault};
use tsumugi_kernel::clock::Instant;

fn document(json: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(json.as_bytes()), &Limits::default()).unwrap()
}

fn count(document: &Document, text: &str) -> Result<usize, EvalError> {
    let defs = Definitions::r4();
    let expression = Expression::prepare(text, defs, None).unwrap();
    let context = Context::new(defs, document.root(), Instant(0));
    let focus = Item::resource(defs, document.root());
    expression.evaluate(&context, focus).map(|items| items.len())
}

fn patient() -> Document {
    document(include_str!("../src/mix/patient.json"))
}

fn nested(before: &str, inner: &str, after: &str, times: usize) -> String {
    format!("{}{inner}{}", before.repeat(times), after.repeat(times))
}

#[test]
fn explosions_end_in_an_error() {
    let text = nested("", "'aaaaaaaaaaaaaaaa'", ".replace('a', 'aaaaaaaaaaaaaaaa')", 30);
    assert_eq!(count(&patient(), &text), Err(EvalError::TooLarge));
    let many = format!("({})", (0..40).map(|n| n.to_string()).collect::<Vec<_>>().join("|"));
    let text = format!("{many}{}", format!(".select({many}.combine($this))").repeat(6));
    assert!(matches!(count(&patient(), &text), Err(EvalError::TooLarge | EvalError::TooManySteps)));
    let text = nested("%resource.descendants().select(", "1", ")", 20);
    assert!(matches!(count(&patient(), &text), Err(EvalError::TooLarge | EvalError::TooManySteps)));
    assert_eq!(count(&patient(), "1.repeat($this + 1)"), Err(EvalError::TooManySteps));
    assert_eq!(count(&patient(), "'a'.repeat($this & 'a')"), Err(EvalError::TooManySteps));
    let regex = format!("'{}'.matches('(a' & '*)*b')", "a".repeat(5000));
    assert_eq!(count(&patient(), &regex), Ok(1));
    assert_eq!(count(&patient(), "'x'.matches('(((a{100}){100}){100}' & '){100}')"), Err(EvalError::Regex));
}

#[test]
fn cycles_end() {
    assert_eq!(count(&patient(), "(1 | 2).repeat(1 | 2)"), Ok(2));
    assert_eq!(count(&patient(), "repeat($this)"), Ok(1));
    let cycle = document(
        r##"{"resourceType":"List","contained":[{"resourceType":"List","id":"a","entry":[{"item":{"reference":"#b"}}]},
        {"resourceType":"List","id":"b","entry":[{"item":{"reference":"#a"}}]}]}"##,
    );
    assert_eq!(count(&cycle, "contained.first().repeat(entry.item.resolve())"), Ok(2));
}

#[test]
fn long_chains_need_no_stack_and_deep_nesting_is_refused() {
    let long = |part: &str, first: &str| format!("{first}{}", part.repeat((MOST_BYTES - 8) / part.len()));
    for text in [long(".a", "a"), long(" or a", "a"), long("|1", "1"), long("+1", "1"), long("[0]", "a")] {
        assert!(count(&patient(), &text).is_ok());
    }
    for (before, after) in [("(", ")"), ("-", ""), ("iif(true,", ")"), ("a.where(", ")"), ("1+(", ")")] {
        let deep = nested(before, "1", after, 1500);
        let error = Expression::parse(&deep).unwrap_err();
        assert_eq!(error.fault, ParseFault::TooDeep);
        for times in [10, 30, 50, 62] {
            if let Ok(expression) = Expression::parse(&nested(before, "1", after, times)) {
                let document = patient();
                let context = Context::new(Definitions::r4(), document.root(), Instant(0));
                let focus = Item::resource(Definitions::r4(), document.root());
                let _ = expression.evaluate(&context, focus);
            }
        }
    }
    assert_eq!(Expression::parse(&" ".repeat(MOST_BYTES + 1)).unwrap_err().fault, ParseFault::TooLong);
}

/// A document as deep as the parser takes is compared, walked and hashed within a thread's usual stack.
#[test]
fn the_deepest_document_is_no_danger() {
    let deep = nested(r#"{"url":"a","extension":["#, r#"{"url":"b"}"#, "]}", 60);
    let json = format!(r#"{{"resourceType":"Patient","extension":[{deep},{deep}]}}"#);
    let document = document(&json);
    assert_eq!(count(&document, "extension[0] = extension[1]"), Ok(1));
    assert_eq!(count(&document, "extension[0] ~ extension[1]"), Ok(1));
    assert_eq!(count(&document, "descendants().ofType(Extension)"), Ok(122));
    assert_eq!(count(&document, "repeat(extension)"), Ok(61));
}

const WORDS: &str = "name;given;birthDate;value;$this;$index;1;2.5;'a';@2020-01;@T10:00;4 days;1 'mg';{};true;%resource;\
    Patient;telecom;contained;extension;-1";
const FUNCTIONS: &str = "where;select;all;exists;repeat;union;combine;skip;take;startsWith;indexOf;subsetOf;aggregate;\
    round;power;log;split;join;extension;memberOf;sort;trace;lowBoundary;toQuantity;contains;intersect;exclude;matches;\
    encode;comparable";
const BARE: &str = "count;first;last;tail;distinct;descendants;children;not;toString;toInteger;toDate;toDateTime;\
    toDecimal;convertsToQuantity;abs;sqrt;ln;exp;ceiling;length;upper;toChars;resolve;hasValue;type;isDistinct;single;\
    precision;highBoundary";
const OPERATORS: &str =
    "+;-;*;/;div;mod;&;|;=;!=;~;!~;<;<=;>;>=;in;contains;and;or;xor;implies;is Quantity or;as string |";

fn one_of(list: &'static str) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(list.split(';').collect::<Vec<_>>())
}

/// Pieces of the language, put together at random.
fn expression() -> impl Strategy<Value = String> {
    one_of(WORDS).prop_map(str::to_owned).prop_recursive(5, 40, 3, |inner| {
        let again = || inner.clone();
        prop_oneof![
            (again(), one_of(FUNCTIONS), again()).prop_map(|(a, f, b)| format!("({a}).{f}({b})")),
            (again(), one_of(BARE)).prop_map(|(a, f)| format!("({a}).{f}()")),
            (again(), one_of(OPERATORS), again()).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            (again(), again()).prop_map(|(a, b)| format!("({a})[{b}]")),
            (again(), again(), again()).prop_map(|(a, b, c)| format!("iif({a}, {b}, {c})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_parsed_or_refused(text in "\\PC{0,80}") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn any_signs_are_parsed_or_refused(text in "[a-c0-9'`@T:.%$(){}\\[\\]|&=!~<>+*/ \\\\-]{0,60}") {
        let _ = Expression::prepare(&text, Definitions::r4(), None);
    }

    /// Preparing changes nothing but the speed, and any evaluation ends.
    #[test]
    fn prepared_and_plain_agree(text in expression()) {
        let defs = Definitions::r4();
        let document = patient();
        let context = Context::new(defs, document.root(), Instant(0));
        let focus = || Item::resource(defs, document.root());
        let ty = defs.type_named("Patient");
        if let (Ok(plain), Ok(prepared)) = (Expression::parse(&text), Expression::prepare(&text, defs, ty)) {
            let show = |items: tsumugi_fhirpath::Collection<'_>| {
                items.iter().map(|item| (item.type_name(defs).to_owned(), item.to_text().map(|t| t.into_owned()))).collect::<Vec<_>>()
            };
            let plain = plain.evaluate(&context, focus()).map(show);
            let prepared = prepared.evaluate(&context, focus()).map(show);
            prop_assert_eq!(plain, prepared, "{}", text);
        }
    }
}
