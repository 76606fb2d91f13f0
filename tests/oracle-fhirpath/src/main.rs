//! Random expressions, evaluated by `tsumugi-fhirpath` and by `rh-fhirpath`, and compared.
//!
//! Usage: `bin/oracle [SEED] [COUNT]`. Expressions come from a small grammar of our own over two documents and are small,
//! so that what is outermost is mostly what differs. Prints how many agree, and the rest by outermost function or
//! operator with an example each. Neither side is right by itself: the specification decides, and the causes found stand
//! in `docs/conformance.md`.

use std::collections::BTreeMap;

use bytes::Bytes;
use rh_fhirpath::{EvaluationContext, FhirPathEvaluator, FhirPathParser, FhirPathValue};
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhirpath::{Context, Expression, Item};
use tsumugi_kernel::clock::Instant;

const DOCUMENTS: [&str; 2] = [
    include_str!("../../../crates/fhirpath/src/mix/patient.json"),
    include_str!("../../../crates/fhirpath/src/mix/observation.json"),
];

const STARTS: [&[&str]; 2] = [
    &[
        "name",
        "name.given",
        "name.first().family",
        "telecom.value",
        "birthDate",
        "identifier",
        "active",
        "gender",
        "contained.id",
        "extension.value",
        "contact.telecom.system",
        "address.postalCode",
        "photo",
        "name.use",
    ],
    &[
        "value",
        "value.value",
        "component.value",
        "component.value.value",
        "effective",
        "code.coding.code",
        "status",
        "category.coding",
        "issued",
        "component.code.coding.display",
        "dataAbsentReason",
        "performer.reference",
    ],
];
const CONSTANTS: [&str; 20] = [
    "1",
    "2",
    "0",
    "10",
    "2.5",
    "1.50",
    "'a'",
    "'phone'",
    "'1'",
    "''",
    "true",
    "false",
    "{}",
    "@2020-01-01",
    "@2020-01",
    "@2020-01-01T10:00:00Z",
    "@T10:30",
    "4 days",
    "100 'mm[Hg]'",
    "1.5 'g'",
];
const BARE: [&str; 40] = [
    "count",
    "first",
    "last",
    "tail",
    "distinct",
    "not",
    "toString",
    "toInteger",
    "toDecimal",
    "toBoolean",
    "abs",
    "ceiling",
    "floor",
    "truncate",
    "round",
    "sqrt",
    "length",
    "upper",
    "lower",
    "toChars",
    "hasValue",
    "isDistinct",
    "empty",
    "exists",
    "single",
    "children().count",
    "descendants().count",
    "convertsToInteger",
    "convertsToDecimal",
    "convertsToDate",
    "convertsToDateTime",
    "convertsToQuantity",
    "convertsToString",
    "convertsToBoolean",
    "allTrue",
    "anyTrue",
    "trim",
    "toDate",
    "toDateTime",
    "toQuantity",
];
const WITH: [&str; 20] = [
    "where",
    "select",
    "all",
    "exists",
    "union",
    "combine",
    "skip",
    "take",
    "startsWith",
    "endsWith",
    "contains",
    "indexOf",
    "subsetOf",
    "supersetOf",
    "intersect",
    "exclude",
    "power",
    "split",
    "join",
    "substring",
];
const OPERATORS: [&str; 22] = [
    "+", "-", "*", "/", "div", "mod", "&", "|", "=", "!=", "~", "!~", "<", "<=", ">", ">=", "in", "contains", "and",
    "or", "xor", "implies",
];
const TYPES: [&str; 8] = ["string", "Quantity", "boolean", "dateTime", "code", "HumanName", "System.String", "date"];

/// A generator of pseudo-random numbers (xorshift), so that a seed says everything.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap_or(0)
    }

    fn of<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.below(list.len())]
    }

    /// An expression, and what is outermost in it.
    fn expression(&mut self, on: usize, depth: usize) -> (String, String) {
        let kind = if depth == 0 { self.below(2) } else { 2 + self.below(5) };
        match kind {
            0 => (self.of(STARTS[on]).to_owned(), "path".into()),
            1 => (self.of(&CONSTANTS).to_owned(), "constant".into()),
            2 | 3 => {
                let (inner, name) = (self.expression(on, depth - 1).0, self.of(&BARE));
                (format!("({inner}).{name}()"), format!("{name}()"))
            }
            4 => {
                let (inner, argument) = (self.expression(on, depth - 1).0, self.expression(on, 0).0);
                let name = self.of(&WITH);
                (format!("({inner}).{name}({argument})"), format!("{name}()"))
            }
            5 => {
                let (left, right) = (self.expression(on, depth - 1).0, self.expression(on, 0).0);
                let operator = self.of(&OPERATORS);
                (format!("({left}) {operator} ({right})"), operator.to_owned())
            }
            _ => {
                let (inner, ty) = (self.expression(on, depth - 1).0, self.of(&TYPES));
                let name = self.of(&["is", "as", "ofType"]);
                (format!("({inner}).{name}({ty})"), format!("{name}()"))
            }
        }
    }
}

/// A result as a list of texts; `None` for an error.
type Answer = Option<Vec<String>>;

/// Numbers without trailing zeros, so that only values are compared.
fn number(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    }
}

fn ours(text: &str, document: &Document, defs: &Definitions) -> Answer {
    let expression = Expression::prepare(text, defs, None).ok()?;
    let mut context = Context::new(defs, document.root(), Instant(0));
    context.single_as = true;
    let items = expression.evaluate(&context, Item::resource(defs, document.root())).ok()?;
    let show = |item: &Item<'_>| match item {
        Item::Decimal(value) => number(&value.to_string()),
        Item::Quantity(quantity) => format!("{} {}", number(&quantity.value.to_string()), quantity.unit.text()),
        Item::Node(element) if element.value().is_some_and(|value| matches!(value, Item::Quantity(_))) => "{}".into(),
        Item::Node(element) if element.node.is_some_and(|node| node.number_text().is_some()) => {
            number(&item.to_text().unwrap_or_default())
        }
        item => item.to_text().map_or_else(|| "{}".into(), |text| text.into_owned()),
    };
    Some(items.iter().map(show).collect())
}

/// What the oracle answers; it panics on some Japanese text, which is said as an answer of its own.
fn theirs(text: &str, json: &serde_json::Value) -> Answer {
    std::panic::catch_unwind(|| answer(text, json)).unwrap_or_else(|_| Some(vec!["(panic)".into()]))
}

fn answer(text: &str, json: &serde_json::Value) -> Answer {
    let expression = FhirPathParser::new().parse(text).ok()?;
    let context = EvaluationContext::new(json.clone());
    let value = FhirPathEvaluator::new().evaluate(&expression, &context).ok()?;
    let mut out = Vec::new();
    flatten(value, &mut out);
    Some(out)
}

fn flatten(value: FhirPathValue, out: &mut Vec<String>) {
    let plain = |date: String| date.trim_start_matches('@').trim_start_matches('T').to_owned();
    match value {
        FhirPathValue::Empty => {}
        FhirPathValue::Collection(items) | FhirPathValue::UnorderedCollection(items) => {
            items.into_iter().for_each(|item| flatten(item, out));
        }
        FhirPathValue::FhirPrimitive { inner, .. } => flatten(*inner, out),
        FhirPathValue::Boolean(value) | FhirPathValue::TypedBoolean { value, .. } => out.push(value.to_string()),
        FhirPathValue::String(value) | FhirPathValue::TypedString { value, .. } => out.push(value),
        FhirPathValue::Number(value) => out.push(number(&value.to_string())),
        FhirPathValue::Integer(value) | FhirPathValue::Long(value) => out.push(value.to_string()),
        FhirPathValue::Date(value) | FhirPathValue::DateTime(value) | FhirPathValue::Time(value) => {
            out.push(plain(value))
        }
        FhirPathValue::TypedDateTime { value, .. } => out.push(plain(value)),
        FhirPathValue::Quantity { value, unit } => {
            out.push(format!("{} {}", number(&value.to_string()), unit.unwrap_or_else(|| "1".into())));
        }
        _ => out.push("{}".into()),
    }
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().ok());
    let seed = arguments.next().flatten().unwrap_or(20_261_122);
    let count = arguments.next().flatten().unwrap_or(20_000);
    let defs = Definitions::r4();
    let parse = |text: &'static str| Document::parse(Bytes::from_static(text.as_bytes()), &Limits::default());
    let documents = DOCUMENTS.map(|text| parse(text).expect("the documents are JSON"));
    let values = DOCUMENTS.map(|text| serde_json::from_str(text).expect("the documents are JSON"));
    let mut random = Random(seed | 1);
    let mut agreed = 0;
    let mut differ: BTreeMap<(&str, String), (u32, String)> = BTreeMap::new();
    for _ in 0..count {
        let on = random.below(2);
        let depth = 1 + random.below(2);
        let (text, outermost) = random.expression(on, depth);
        let (a, b) = (ours(&text, &documents[on], defs), theirs(&text, &values[on]));
        if a == b {
            agreed += 1;
            continue;
        }
        let kind = match (&a, &b) {
            (None, _) => "we refuse",
            (_, None) => "they refuse",
            (_, Some(b)) if b.first().is_some_and(|text| text == "(panic)") => "they panic",
            (Some(a), Some(b)) if a.is_empty() || b.is_empty() => "one is empty",
            _ => "values differ",
        };
        let row = differ
            .entry((kind, outermost))
            .or_insert_with(|| (0, format!("{text}\n      ours {a:?}\n      theirs {b:?}")));
        row.0 += 1;
    }
    println!("seed {seed}: {count} expressions, {agreed} agree, {} differ", count - agreed);
    for ((kind, outermost), (times, example)) in differ {
        println!("{times:>5}  {kind}: {outermost}\n      {example}");
    }
}
