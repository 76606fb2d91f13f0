//! Rules of JP-CLINS that its text defines and none of its published profiles states, as data: kind, FHIRPath, severity.
//!
//! Since a document that fits all published profiles may break them, none refuses a document. R2012 is written with the
//! systems that are in use; the text's own names one that does not exist.

use tsumugi_fhir::{Severity, bundle::Bundle, json::Node};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhirpath::{Context, Element, Expression, Item};

use super::table;
use crate::{
    Validator,
    ask::{Ask, Missing, Mode},
    walk::Walk,
};

/// One rule, prepared.
#[derive(Debug)]
pub(crate) struct Extra {
    rule: &'static str,
    kind: &'static str,
    severity: Severity,
    collection_only: bool,
    expression: Option<Expression>,
}

const RULES: &[(&str, &str, Severity, bool, &str)] = &[
    (
        "R1090",
        "Practitioner",
        Severity::Warning,
        false,
        "identifier.where(system.startsWith('urn:oid:1.2.392.100495.20.3.41.')).count() <= 1 and identifier.where(system.startsWith('urn:oid:1.2.392.100495.20.3.41.')).all(system.substring(31).matches('^1[0-4][0-9][1-3][0-9]{7}$'))",
    ),
    (
        "R2012",
        "AllergyIntolerance",
        Severity::Warning,
        false,
        "(category.where($this = 'medication').exists() and criticality.where($this = 'high').exists()) implies code.coding.where(system in ('http://capstandard.jp/iyaku.info/CodeSystem/YJ-code' | 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode' | 'urn:oid:1.2.392.100495.20.2.73' | 'urn:oid:1.2.392.100495.20.2.81' | 'urn:oid:1.2.392.100495.20.1.81')).exists()",
    ),
    (
        "R2013",
        "AllergyIntolerance",
        Severity::Warning,
        false,
        "(category.where($this = 'medication').exists() and criticality.where($this = 'high').exists()) or code.coding.where(system in ('http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS' | 'http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyNonFoodNonMedicationAllergen_CS' | 'http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyMedicationAllergen_CS')).exists()",
    ),
    (
        "R3011",
        "MedicationRequest",
        Severity::Information,
        false,
        "medication.ofType(CodeableConcept).coding.where(system = 'http://jpfhir.jp/fhir/eCS/CodeSystem/MedicationCodeNocoded_CS').empty()",
    ),
    ("R9017O", "Observation", Severity::Information, true, "performer.exists()"),
    ("R9018C", "Condition", Severity::Information, true, "abatement.ofType(dateTime).exists()"),
    ("R9019O", "Observation", Severity::Information, true, "contained.ofType(Practitioner).exists()"),
];

impl Extra {
    /// All of them.
    pub(crate) fn all(defs: &Definitions) -> Box<[Self]> {
        let one = |one: &(&'static str, &'static str, Severity, bool, &str)| Self {
            rule: one.0,
            kind: one.1,
            severity: one.2,
            collection_only: one.3,
            expression: Expression::prepare(one.4, defs, defs.type_named(one.1)).ok(),
        };
        RULES.iter().map(one).collect()
    }
}

pub(super) fn run<'v, 'd>(v: &'v Validator, root: Node<'d>, ask: &Ask<'d>, walk: &mut Walk<'v, 'd>) {
    let Ok(bundle) = Bundle::of(root) else { return };
    for resource in bundle.resources() {
        let Some(kind) = resource.get_str("resourceType") else { continue };
        let contained = resource.get("contained").into_iter().flat_map(Node::items);
        let inner = contained.filter_map(|node| Some((node.get_str("resourceType")?, node)));
        for (kind, node) in std::iter::once((kind, resource)).chain(inner) {
            check(v, root, ask, walk, resource, (&kind, node));
        }
    }
}

fn check<'v, 'd>(
    v: &'v Validator,
    root: Node<'d>,
    ask: &Ask<'d>,
    walk: &mut Walk<'v, 'd>,
    container: Node<'d>,
    (kind, node): (&str, Node<'d>),
) {
    for extra in v.extras().iter().filter(|extra| extra.kind == kind) {
        if extra.collection_only && ask.mode != Mode::Collection {
            continue;
        }
        let Some((expression, ty)) = extra.expression.as_ref().zip(v.defs().type_named(kind)) else {
            walk.note(Missing::Invariant, extra.rule);
            continue;
        };
        let context = Context { root_resource: container, ..Context::new(v.defs(), node, ask.now) };
        let focus = Item::Node(Element::new(v.defs(), node, ty, None));
        match expression.is_true(&context, focus) {
            Ok(Some(true)) => {}
            Ok(_) => {
                if let Some(known) = table::named(extra.rule) {
                    walk.take_rule(known.finding(extra.severity, format!("Bundle{}", root.path_to(node)), node));
                }
            }
            Err(_) => walk.note(Missing::Invariant, extra.rule),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_can_be_read_and_has_words() {
        for extra in &Extra::all(Definitions::r4()) {
            assert!(extra.expression.is_some(), "{} cannot be read", extra.rule);
            assert!(table::named(extra.rule).is_some(), "{} has no words", extra.rule);
        }
    }
}
