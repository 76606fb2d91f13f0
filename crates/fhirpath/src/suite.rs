//! HL7's FHIRPath test suite (`tests-fhir-r4.xml`): read, run, and compared.
//!
//! A case passes only if its result has the types and values that it names, in order; a case that must be refused passes
//! only if it is refused, at the stage that it names: `syntax` while parsing, the others while checking strictly or
//! while evaluating.

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_kernel::clock::Instant;

use crate::item::{Collection, Element, Item, UNTYPED};
use crate::{Conform, Context, EvalError, Expression};

/// Cases that do not come out as the suite says, and why not. The list may only shrink.
pub const EXCEPTIONS: [(&str, &str); 3] = [
    (
        "testPlus/testPlusDate19",
        "0.1 second is added as written: FHIRPath N1 ignores decimals above seconds only; the case ignores them here too",
    ),
    (
        "HighBoundary/HighBoundaryDateTimeMillisecond1",
        "the last moment of hour 8 is 08:59:59.999; the case reads hour 8 as minute 08:00 and expects 08:00:59.999",
    ),
    ("HighBoundary/HighBoundaryDateTimeMillisecond3", "the same expression as HighBoundaryDateTimeMillisecond1"),
];

/// What became of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// Group and name, with a number where the suite names two cases alike: `testEquality/testEquality1`.
    pub name: String,
    /// The expression.
    pub expression: String,
    /// `None` if it passed, else what came instead. The suite's data are nobody's, so that they may be said.
    pub failure: Option<String>,
}

/// One case as the suite writes it.
#[derive(Clone, Debug, Default)]
struct Case {
    name: String,
    input: Option<String>,
    expression: String,
    /// `syntax`, `semantic`, `execution`.
    invalid: Option<String>,
    /// Whether the truth of the result is asked for, not the result.
    predicate: bool,
    unordered: bool,
    outputs: Vec<(Option<String>, String)>,
}

/// A suite that cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SuiteError {
    /// Not the XML of a suite.
    #[error("the suite is not well-formed XML")]
    Xml,
}

/// Runs a suite.
///
/// `input` gives the JSON of a file that the suite names (it names XML files; whoever has only those converts them);
/// without it the case fails with that reason. `conform` answers `conformsTo()`.
///
/// # Errors
/// [`SuiteError`] if `xml` is no suite.
pub fn run(
    xml: &str,
    defs: &Definitions,
    conform: Option<&dyn Conform>,
    now: Instant,
    input: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<Vec<CaseResult>, SuiteError> {
    let cases = read(xml)?;
    let mut results = Vec::with_capacity(cases.len());
    for case in cases {
        let bytes = match &case.input {
            Some(name) => input(name),
            // Cases without input look at nothing; any resource will do.
            None => Some(br#"{"resourceType":"Basic"}"#.to_vec()),
        };
        let document = bytes.and_then(|bytes| Document::parse(Bytes::from(bytes), &Limits::default()).ok());
        let failure = match document {
            None => Some("the input is not there".to_owned()),
            Some(document) => check(&case, defs, conform, now, &document).err(),
        };
        results.push(CaseResult { name: case.name, expression: case.expression, failure });
    }
    Ok(results)
}

/// Whether the built-in rules are enough for `conformsTo()`: a resource conforms to the definition of its own type.
///
/// For suites that ask no more; profiles need the validator.
pub struct OwnType<'d>(pub &'d Definitions);

impl Conform for OwnType<'_> {
    fn conforms(&self, element: &Element<'_>, url: &str) -> Result<bool, EvalError> {
        let unknown = || EvalError::NotChecked(url.into());
        let structure = self.0.structure(url).filter(|structure| !structure.is_profile).ok_or_else(unknown)?;
        let ty = self.0.type_named(&structure.type_name).ok_or_else(unknown)?;
        Ok(element.ty != UNTYPED && self.0.is_a(element.ty, ty))
    }
}

fn check(
    case: &Case,
    defs: &Definitions,
    conform: Option<&dyn Conform>,
    now: Instant,
    document: &Document,
) -> Result<(), String> {
    let focus = Element::resource(defs, document.root(), UNTYPED);
    let ty = Some(focus.ty).filter(|ty| *ty != UNTYPED);
    let prepared = Expression::prepare(&case.expression, defs, ty);
    let stage = case.invalid.as_deref();
    let expression = match (prepared, stage) {
        (Err(_), Some(_)) => return Ok(()),
        (Err(error), None) => return Err(format!("not parsed: {error}")),
        (Ok(_), Some("syntax")) => return Err("parsed, and must not be".to_owned()),
        (Ok(_), Some("semantic")) if Expression::check(&case.expression, defs, ty).is_err() => return Ok(()),
        (Ok(expression), _) => expression,
    };
    let mut context = Context::new(defs, document.root(), now);
    context.single_as = true;
    context.conform = conform;
    let result = expression.evaluate(&context, Item::Node(focus));
    match (result, stage) {
        (Err(_), Some(_)) => Ok(()),
        (Err(error), None) => Err(format!("error: {error}")),
        (Ok(items), Some(_)) => Err(format!("must be refused, but gave {}", shown(&items, defs))),
        (Ok(items), None) => compare(case, &items, defs),
    }
}

fn compare(case: &Case, items: &Collection<'_>, defs: &Definitions) -> Result<(), String> {
    if case.predicate {
        let truth = match &items[..] {
            [Item::Boolean(yes)] => *yes,
            items => !items.is_empty(),
        };
        let wanted = case.outputs.iter().any(|(_, text)| text == "true");
        return if truth == wanted { Ok(()) } else { Err(format!("gave {truth}")) };
    }
    let fits = |item: &Item<'_>, output: &(Option<String>, String)| {
        output.0.as_deref().is_none_or(|ty| is_type(item, ty, defs)) && is_value(item, &output.1)
    };
    let same = if case.unordered {
        let mut left: Vec<_> = case.outputs.iter().collect();
        items.iter().all(|item| {
            let found = left.iter().position(|output| fits(item, output));
            found.map(|at| left.remove(at)).is_some()
        }) && left.is_empty()
    } else {
        items.len() == case.outputs.len() && items.iter().zip(&case.outputs).all(|(item, output)| fits(item, output))
    };
    if same { Ok(()) } else { Err(format!("gave {}", shown(items, defs))) }
}

/// The suite writes FHIR's names; FHIRPath's own types are their counterparts.
fn is_type(item: &Item<'_>, ty: &str, defs: &Definitions) -> bool {
    let name = item.type_name(defs);
    let id = ty == "id" && matches!(item, Item::Node(_)) && name == "String";
    name == ty || id || name.eq_ignore_ascii_case(ty) && !matches!(item, Item::Node(element) if element.is_fhir(defs))
}

/// Numbers are compared with their scale, everything else as it is written.
fn is_value(item: &Item<'_>, wanted: &str) -> bool {
    let plain = wanted.strip_prefix('@').map_or(wanted, |date| date.strip_prefix('T').unwrap_or(date));
    match item {
        Item::Decimal(number) => crate::value::number::parse(wanted)
            .is_some_and(|wanted| wanted == *number && (wanted.scale() == number.scale() || wanted.scale() == 0)),
        item => item.to_text().is_some_and(|text| text == plain),
    }
}

fn shown(items: &[Item<'_>], defs: &Definitions) -> String {
    let show = |item: &Item<'_>| format!("{}:{}", item.type_name(defs), item.to_text().unwrap_or_default());
    format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
}

fn read(xml: &str) -> Result<Vec<Case>, SuiteError> {
    let mut reader = Reader::from_str(xml);
    let (mut cases, mut group, mut case) = (Vec::<Case>::new(), String::new(), None::<Case>);
    let mut text = String::new();
    let mut output = None;
    loop {
        let (start, empty) = match reader.read_event().map_err(|_| SuiteError::Xml)? {
            Event::Eof => break,
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::Text(part) => {
                text.push_str(&part);
                continue;
            }
            Event::CData(part) => {
                text.push_str(&part);
                continue;
            }
            Event::GeneralRef(reference) => {
                text.push(character(&reference).ok_or(SuiteError::Xml)?);
                continue;
            }
            Event::End(end) => {
                match (end.name().as_ref(), &mut case) {
                    ("expression", Some(case)) => case.expression = std::mem::take(&mut text),
                    ("output", Some(case)) => case.outputs.push((output.take(), std::mem::take(&mut text))),
                    ("test", _) => cases.extend(case.take()),
                    _ => {}
                }
                continue;
            }
            _ => continue,
        };
        text.clear();
        match (start.name().as_ref(), &mut case) {
            ("group", _) => group = attribute(&start, "name").unwrap_or_default(),
            ("test", _) => case = Some(started(&start, &group, &cases)),
            ("expression", Some(case)) => case.invalid = attribute(&start, "invalid"),
            ("output", Some(case)) => {
                output = attribute(&start, "type");
                if empty {
                    case.outputs.push((output.take(), String::new()));
                }
            }
            _ => {}
        }
    }
    Ok(cases)
}

fn started(start: &BytesStart<'_>, group: &str, before: &[Case]) -> Case {
    let plain = format!("{group}/{}", attribute(start, "name").unwrap_or_default());
    let alike = before.iter().filter(|case| case.name == plain || case.name.starts_with(&format!("{plain}#"))).count();
    Case {
        name: if alike == 0 { plain } else { format!("{plain}#{}", alike + 1) },
        input: attribute(start, "inputfile"),
        predicate: attribute(start, "predicate").is_some_and(|value| value == "true"),
        unordered: attribute(start, "ordered").is_some_and(|value| value == "false"),
        ..Case::default()
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok()??;
    Some(attribute.value.into_owned())
}

/// The character that `&lt;` and its like stand for.
fn character(reference: &str) -> Option<char> {
    Some(match reference {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}
