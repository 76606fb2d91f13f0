//! What expressions answer, on two documents: a table of expressions and their results as text.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use bytes::Bytes;
use tsumugi_fhir::json::{Document, Limits, Node};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhirpath::{Context, EvalError, Expression, Item, ParseFault, Resolve};
use tsumugi_kernel::clock::Instant;

const PATIENT: &str = include_str!("../src/mix/patient.json");
const OBSERVATION: &str = include_str!("../src/mix/observation.json");

fn document(json: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(json.as_bytes()), &Limits::default()).unwrap()
}

fn shown(items: &[Item<'_>]) -> String {
    let show = |item: &Item<'_>| item.to_text().map_or_else(|| "{…}".to_owned(), |text| text.into_owned());
    items.iter().map(show).collect::<Vec<_>>().join(" | ")
}

/// The result as text, prepared and unprepared alike: preparing only makes it faster.
fn answer(json: &str, text: &str) -> Result<String, EvalError> {
    let defs = Definitions::r4();
    let document = document(json);
    let context = Context::new(defs, document.root(), Instant(1_795_000_000_123));
    let focus = || Item::resource(defs, document.root());
    let Item::Node(element) = focus() else { unreachable!() };
    let plain = Expression::parse(text).unwrap();
    let prepared = Expression::prepare(text, defs, Some(element.ty)).unwrap();
    let plain = plain.evaluate(&context, focus()).map(|items| shown(&items));
    let prepared = prepared.evaluate(&context, focus()).map(|items| shown(&items));
    assert_eq!(plain, prepared, "{text}: prepared and not prepared");
    prepared
}

fn found<'a>(expression: &'a Expression, context: &Context<'a>) -> Result<String, EvalError> {
    expression.evaluate(context, Item::resource(context.defs, context.resource)).map(|items| shown(&items))
}

fn check(json: &str, table: &[(&str, &str)]) {
    for (text, wanted) in table {
        assert_eq!(answer(json, text).as_deref(), Ok(*wanted), "{text}");
    }
}

#[test]
fn names_lead_down_a_document() {
    check(
        PATIENT,
        &[
            ("Patient.name.given", "ハル | ハル"),
            ("Resource.id", "haru"),
            ("Observation.id", ""),
            ("name.where(use = 'official').family", "山田"),
            ("name[1].text", "ヤマダ ハル"),
            ("name[7]", ""),
            ("contained.where($this is Practitioner).name.family", "髙橋"),
            ("contained.ofType(Organization).name", "つむぎ病院"),
            ("generalPractitioner.resolve().name.text", "髙橋 久美"),
            ("managingOrganization.resolve() is Organization", "true"),
            ("extension('http://example.org/fhir/StructureDefinition/ward').value.text", "3東"),
            ("name.select(use & '=' & family)", "official=山田 | usual=ヤマダ"),
            ("telecom.select($index)", "0 | 1 | 2"),
            ("contact.telecom.value.substring(4, 4)", "1111"),
            ("text.div.htmlChecks()", "true"),
        ],
    );
}

#[test]
fn choices_are_found_by_their_definition() {
    check(
        OBSERVATION,
        &[
            ("value.unit", "mmHg"),
            ("valueQuantity", ""),
            ("value is Quantity", "true"),
            ("value is System.Quantity", "false"),
            ("value = 93.30 'mm[Hg]'", "true"),
            ("value > 12 'kPa'", "true"),
            ("value ~ 93.3 'mm[Hg]'", "true"),
            ("(value as string).empty()", "true"),
            ("component.value.ofType(Quantity).value", "128 | 76"),
            ("component.value.value.aggregate($this + $total, 0)", "204"),
            ("effective is dateTime", "true"),
            ("effective > @2026-01-08", "true"),
            ("effective > @2026-01-10", ""),
            ("value.value.toString()", "93.3"),
        ],
    );
}

#[test]
fn primitives_keep_their_extensions() {
    let json = r#"{"resourceType":"Patient","birthDate":"1970-03","_birthDate":{"extension":[{"url":"u","valueString":"x"}]},
        "_gender":{"extension":[{"url":"g","valueCode":"y"}]},
        "name":[{"given":["A",null,"C"],"_given":[null,{"id":"i","extension":[{"url":"n","valueBoolean":true}]},null]}]}"#;
    check(
        json,
        &[
            ("birthDate.extension('u').value", "x"),
            ("gender.extension('g').value", "y"),
            ("gender.hasValue()", "false"),
            ("gender.exists()", "true"),
            ("gender.getValue()", ""),
            ("name.given.count()", "3"),
            ("name.given.where(hasValue())", "A | C"),
            ("name.given.extension.value", "true"),
            ("name.given[1].id", "i"),
            ("name.given.join('-')", "A-C"),
            ("birthDate < @1970-04", "true"),
            ("birthDate = @1970-03-01", ""),
            ("birthDate.children().count()", "1"),
        ],
    );
}

#[test]
fn descendants_are_elements_and_resource_type_is_none() {
    let json = r#"{"resourceType":"Patient","id":"1","active":true,"_active":{"id":"a"},"name":[{"family":"F","given":["G","H"]}],
        "contained":[{"resourceType":"Basic","id":"b"}]}"#;
    check(
        json,
        &[
            ("children().count()", "4"),
            ("descendants().count()", "9"),
            ("descendants().ofType(string)", "a | F | G | H"),
            ("descendants().where($this is Basic).id", "b"),
            ("repeat(children()).count()", "9"),
        ],
    );
}

#[test]
fn values_follow_the_specification() {
    check(
        PATIENT,
        &[
            ("2147483647 + 1", ""),
            ("(-2147483647 - 1) div -1", ""),
            ("1.0 / 3.0", "0.3333333333333333333333333333"),
            ("7 mod 0", ""),
            ("1.50 + 1.50", "3.00"),
            ("99999999999999999999999999.0 * 99999.0", ""),
            ("'a' + {}", ""),
            ("'a' & {}", "a"),
            ("@2024-01-31 + 1 month", "2024-02-29"),
            ("@2024-02-29 - 1 year", "2023-02-28"),
            ("@T23:30 + 45 minutes", "00:15"),
            ("today()", "2026-11-18"),
            ("now()", "2026-11-18T20:06:40.123+09:00"),
            ("timeOfDay()", "20:06:40.123"),
            ("1 'kg' + 1 'g'", "1.001 'kg'"),
            ("1 year = 365 days", ""),
            ("1000 'mg'.toQuantity('g')", "1 'g'"),
            ("('a' | 'b').exists($this = 'b')", "true"),
            ("(1 | 2 | 3).where($this > 1).select($this * 2)", "4 | 6"),
            ("(1.0 | 1 | 2).count()", "2"),
            ("(@2012 | @2012-01).count()", "2"),
            ("'ABC' ~ 'abc'", "true"),
            ("('b' | 'a') ~ ('a' | 'b')", "true"),
            ("{} and false", "false"),
            ("{} xor true", ""),
            ("(3 | 1 | 2).sort(-$this)", "3 | 2 | 1"),
            ("'2021-13-01'.toDate()", ""),
            ("'a1b22'.replaceMatches('([a-z])([0-9]+)', '$2$1')", "1a22b"),
            ("'%u3042'.length()", "6"),
            ("'\\u3042'", "あ"),
            ("1.type().name", "Integer"),
            ("name.first().type().name", "HumanName"),
            ("%resource.id | %context.id", "haru"),
            ("%`vs-observation-status`", "http://hl7.org/fhir/ValueSet/observation-status"),
            ("gender.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')", "true"),
        ],
    );
}

#[test]
fn what_does_not_fit_is_an_error() {
    let errors = [
        ("name.family + 'x'", EvalError::NotSingle("+")),
        ("1 + 'x'", EvalError::Type("+")),
        ("name.first().floor()", EvalError::Type("math function")),
        ("name.first() * 2", EvalError::Type("*")),
        ("-name.first()", EvalError::Type("-")),
        ("name.single()", EvalError::NotSingle("single()")),
        ("birthDate < 'x'", EvalError::Type("<")),
        ("name.first() > 1", EvalError::Type(">")),
        ("%nobody", EvalError::UnknownVariable("nobody".into())),
        ("'x'.matches('(' + '?=x)')", EvalError::Regex),
        ("conformsTo('x')", EvalError::NotSupported("conformsTo()")),
        ("gender.memberOf('http://example.org/none')", EvalError::NotChecked("http://example.org/none".into())),
        ("('a' | 'b').allTrue()", EvalError::Type("allTrue()")),
    ];
    for (text, wanted) in errors {
        assert_eq!(answer(PATIENT, text), Err(wanted), "{text}");
    }
}

#[test]
fn what_is_no_expression_is_refused_with_its_place() {
    let faults = [
        ("1 +", ParseFault::Unexpected, 3),
        ("'abc", ParseFault::Unterminated, 0),
        ("name.frist()", ParseFault::UnknownFunction("frist".into()), 5),
        ("name.first(1)", ParseFault::Arguments("first".into()), 5),
        ("name is Nothing", ParseFault::UnknownType("Nothing".into()), 8),
        ("@2021-02-30", ParseFault::Date, 0),
        ("99999999999", ParseFault::Number, 0),
        ("name.matches('(?=x)')", ParseFault::Regex, 5),
        ("a # b", ParseFault::Character, 2),
        ("'\\uD800'", ParseFault::Escape, 1),
        ("", ParseFault::Unexpected, 0),
    ];
    for (text, fault, offset) in faults {
        let error = Expression::prepare(text, Definitions::r4(), None).unwrap_err();
        assert_eq!((&error.fault, error.offset), (&fault, offset), "{text}");
        assert!(!error.ja().is_empty() && error.en().contains(&(offset + 1).to_string()));
    }
}

#[test]
fn checking_strictly_sees_wrong_names_without_data() {
    let defs = Definitions::r4();
    let patient = defs.type_named("Patient");
    assert!(Expression::check("name.where(use = 'official').given", defs, patient).is_ok());
    let error = Expression::check("name.giving", defs, patient).unwrap_err();
    assert_eq!(error.fault, ParseFault::UnknownElement("giving".into()));
    assert!(Expression::prepare("name.giving", defs, patient).is_ok());
}

#[test]
fn references_are_found_where_they_may_be() {
    let bundle = r#"{"resourceType":"Bundle","entry":[
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p","gender":"male"}},
        {"fullUrl":"http://e.org/fhir/Observation/o","resource":{"resourceType":"Observation","id":"o",
            "subject":{"reference":"urn:uuid:1"},"performer":[{"reference":"Patient/p"},{"reference":"Practitioner/9"}]}}]}"#;
    check(
        bundle,
        &[
            ("entry.resource.ofType(Observation).subject.resolve().gender", "male"),
            ("entry.resource.ofType(Observation).performer.resolve().id", "p"),
        ],
    );
    let defs = Definitions::r4();
    let text = "entry.resource.ofType(Observation).performer.where(resolve() is Practitioner).reference";
    let expression = Expression::prepare(text, defs, None).unwrap();
    struct Store(Document);
    impl Resolve for Store {
        fn resolve<'a>(&'a self, reference: &str, _: Node<'a>) -> Option<Node<'a>> {
            (reference == "Practitioner/9").then(|| self.0.root())
        }
    }
    let store = Store(document(r#"{"resourceType":"Practitioner","id":"9","active":true}"#));
    let document = document(bundle);
    let mut context = Context::new(defs, document.root(), Instant(0));
    assert_eq!(found(&expression, &context).as_deref(), Ok(""));
    context.typed_references = true;
    assert_eq!(found(&expression, &context).as_deref(), Ok("Practitioner/9"));

    context.typed_references = false;
    context.resolver = Some(&store);
    assert_eq!(found(&expression, &context).as_deref(), Ok("Practitioner/9"));
}

#[test]
fn variables_and_singleton_truth() {
    let defs = Definitions::r4();
    let document = document(PATIENT);
    let limit = [Item::Integer(2)];
    let given: [(&str, &[Item<'_>]); 1] = [("limit", &limit)];
    let mut context = Context::new(defs, document.root(), Instant(0));
    context.variables = &given;
    let truth = |text: &str| {
        let expression = Expression::parse(text).unwrap();
        let focus = Item::resource(defs, document.root());
        expression.is_true(&context, focus)
    };
    assert_eq!(truth("name.count() <= %limit"), Ok(Some(true)));
    assert_eq!(truth("name.count() < %limit"), Ok(Some(false)));
    assert_eq!(truth("photo"), Ok(None));
    assert_eq!(truth("gender"), Ok(Some(true)));
    assert_eq!(truth("active"), Ok(Some(true)));
    assert_eq!(truth("name"), Err(EvalError::NotSingle("is_true")));
}
