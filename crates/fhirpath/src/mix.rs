//! The mix by which speed is measured: twenty usual expressions over two documents of usual size.
//!
//! One round evaluates each expression once, prepared, on a parsed document; documents and results are nobody's.

use bytes::Bytes;
use tsumugi_fhir::json::{Document, Limits, SyntaxError};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_kernel::clock::Instant;

use crate::{Context, Element, EvalError, Expression, Item, ParseError, UNTYPED};

/// The expressions, with the document that each is evaluated on: 0 for the patient, 1 for the observation.
pub const EXPRESSIONS: [(usize, &str); 20] = [
    (0, "Patient.name.where(use = 'official').given.first()"),
    (0, "Patient.identifier.where(system = 'http://jpfhir.jp/fhir/core/mhlw/IdSystem/insurance').value"),
    (0, "name.exists() or identifier.exists()"),
    (0, "telecom.where(system = 'phone' and use = 'mobile').value"),
    (0, "birthDate < @2000-01-01"),
    (0, "Patient.extension('http://example.org/fhir/StructureDefinition/ward').value"),
    (0, "name.extension('http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation').value as code"),
    (0, "address.all(city.exists() and postalCode.matches('^[0-9]{3}-?[0-9]{4}$'))"),
    (0, "contact.all(name.exists() or telecom.exists() or address.exists() or organization.exists())"),
    (0, "contained.where(id = 'gp').name.family"),
    (0, "generalPractitioner.resolve().name.text"),
    (0, "telecom.count() + name.count()"),
    (1, "(Observation.value as Quantity).value"),
    (1, "Observation.component.where(code.coding.exists(system = 'http://loinc.org' and code = '8480-6')).value.value"),
    (1, "dataAbsentReason.empty() or value.empty()"),
    (1, "Observation.code.coding.where(system = 'http://loinc.org').code"),
    (1, "effective.ofType(dateTime) >= @2020-01-01T00:00:00+09:00"),
    (1, "component.value.ofType(Quantity).where(value > 100).exists()"),
    (1, "(component.empty() and hasMember.empty()) implies (dataAbsentReason.exists() or value.exists())"),
    (1, "category.coding.code contains 'vital-signs'"),
];

const PATIENT: &str = include_str!("mix/patient.json");
const OBSERVATION: &str = include_str!("mix/observation.json");

/// The mix, prepared.
pub struct Mix {
    documents: [Document; 2],
    expressions: Vec<(usize, Expression)>,
}

/// A mix that could not be made or run; never so in a released binary, which the tests see to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum MixError {
    #[error(transparent)]
    Document(#[from] SyntaxError),
    #[error(transparent)]
    Parse(#[from] ParseError),
    #[error(transparent)]
    Evaluate(#[from] EvalError),
}

impl Mix {
    /// Parses the documents and prepares the expressions.
    ///
    /// # Errors
    /// [`MixError`] if the mix itself is broken.
    pub fn new(defs: &Definitions) -> Result<Self, MixError> {
        let parse = |text: &'static str| Document::parse(Bytes::from_static(text.as_bytes()), &Limits::default());
        let documents = [parse(PATIENT)?, parse(OBSERVATION)?];
        let mut expressions = Vec::with_capacity(EXPRESSIONS.len());
        for (on, text) in EXPRESSIONS {
            let ty = Element::resource(defs, documents[on].root(), UNTYPED).ty;
            expressions.push((on, Expression::prepare(text, defs, Some(ty))?));
        }
        Ok(Self { documents, expressions })
    }

    /// Evaluates every expression once; the number of items that came out.
    ///
    /// # Errors
    /// [`MixError`] if the mix itself is broken.
    pub fn round(&self, defs: &Definitions, now: Instant) -> Result<usize, MixError> {
        let contexts = [0, 1].map(|on: usize| {
            let root = self.documents[on].root();
            (Context::new(defs, root, now), Item::Node(Element::resource(defs, root, UNTYPED)))
        });
        let mut items = 0;
        for (on, expression) in &self.expressions {
            let (context, focus) = &contexts[*on];
            items += expression.evaluate(context, focus.clone())?.len();
        }
        Ok(items)
    }

    /// Evaluates one expression of the mix once; the number of items that came out.
    ///
    /// # Errors
    /// [`MixError`] if the mix itself is broken.
    pub fn one(&self, defs: &Definitions, now: Instant, at: usize) -> Result<usize, MixError> {
        let Some((on, expression)) = self.expressions.get(at) else { return Ok(0) };
        let root = self.documents[*on].root();
        let focus = Item::Node(Element::resource(defs, root, UNTYPED));
        Ok(expression.evaluate(&Context::new(defs, root, now), focus)?.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_of_the_mix_finds_something() {
        let defs = Definitions::r4();
        let mix = Mix::new(defs).unwrap();
        for (at, (_, text)) in EXPRESSIONS.iter().enumerate() {
            assert_eq!(mix.one(defs, Instant(0), at), Ok(1), "{text}");
        }
        assert_eq!(mix.round(defs, Instant(0)), Ok(20));
    }
}
