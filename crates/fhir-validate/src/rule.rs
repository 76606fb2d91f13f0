//! Invariants: FHIRPath prepared once, or a native form of it where R4's own definitions state it at every turn.

use tsumugi_fhir_definitions::{Constraint, Definitions, TypeId};
use tsumugi_fhirpath::Expression;

use crate::native::Native;

/// The invariants of one element.
pub(crate) type Rules = Box<[Rule]>;

/// One invariant.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) key: Box<str>,
    /// Whether a document that breaks it is refused.
    pub(crate) error: bool,
    /// Advice that FHIR marks as best practice.
    pub(crate) advice: bool,
    /// Whether an empty answer leaves it undecided. Else it is broken by one, as in HL7's own validator.
    pub(crate) may_be_silent: bool,
    /// The expression as stated.
    pub(crate) text: Option<Box<str>>,
    pub(crate) how: How,
    /// The profile that states it; `None` for R4 itself.
    pub(crate) profile: Option<Box<str>>,
}

/// How an invariant is checked.
#[derive(Debug)]
pub(crate) enum How {
    Native(Native),
    Path(Box<Expression>),
    /// In words only, or in FHIRPath that cannot be read: not checked.
    Words,
}

impl Rule {
    /// An invariant of R4 on a type.
    pub(crate) fn of_base(defs: &Definitions, ty: TypeId, stated: &Constraint) -> Self {
        let native = stated.expression.as_deref().and_then(|text| Native::of(&stated.key, text));
        Self::new(defs, Some(ty), stated, native)
    }

    /// An invariant of R4 on an element, beyond those of its type.
    pub(crate) fn of_element(defs: &Definitions, ty: Option<TypeId>, stated: &Constraint) -> Self {
        let native = stated.expression.as_deref().and_then(|text| Native::of(&stated.key, text));
        Self::new(defs, ty, stated, native)
    }

    /// An invariant of a profile.
    pub(crate) fn of_profile(defs: &Definitions, ty: Option<TypeId>, stated: &Constraint, profile: &str) -> Self {
        let native = stated.expression.as_deref().and_then(|text| Native::of_profile(&stated.key, text));
        let mut rule = Self::new(defs, ty, stated, native);
        rule.profile = Some(profile.into());
        // Comparisons of less precise dates and of units that are not UCUM's have no answer; and HL7's validator answers
        // `false` for text functions on nothing, whose `not()` then holds. R4's own rules rely on that throughout.
        let text = stated.expression.as_deref().unwrap_or_default();
        rule.may_be_silent = text.contains(['<', '>']) || text.contains(".not()");
        rule
    }

    fn new(defs: &Definitions, ty: Option<TypeId>, stated: &Constraint, native: Option<Native>) -> Self {
        let path = || {
            let text = stated.expression.as_deref()?;
            Some(How::Path(Box::new(Expression::prepare(text, defs, ty).ok()?)))
        };
        Self {
            key: stated.key.clone(),
            error: stated.is_error,
            advice: &*stated.key == "dom-6",
            may_be_silent: true,
            text: stated.expression.clone(),
            how: native.map(How::Native).or_else(path).unwrap_or(How::Words),
            profile: None,
        }
    }
}
