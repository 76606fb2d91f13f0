//! What an evaluation is given: definitions, documents, the clock, hooks and bounds.

use tsumugi_fhir::json::Node;
use tsumugi_fhir_definitions::Definitions;
use tsumugi_kernel::clock::Instant;

use crate::error::EvalError;
use crate::item::{Element, Item};

/// Bounds of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most steps: one per operator, function, item looked at, and 64 bytes of text worked on.
    pub steps: u64,
    /// Most items of one collection.
    pub items: usize,
    /// Most bytes of one text.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 4_000_000, items: 200_000, text_bytes: 1 << 20 }
    }
}

/// Finds what a reference points to, beyond contained resources and the bundle around, which are looked through first.
pub trait Resolve {
    /// The resource that `reference` names, as seen from the resource `from`.
    fn resolve<'a>(&'a self, reference: &str, from: Node<'a>) -> Option<Node<'a>>;
}

/// Checks a resource against a profile.
pub trait Conform {
    /// Whether the element conforms to the structure with this canonical URL.
    ///
    /// # Errors
    /// [`EvalError::NotChecked`] for a structure that is not known.
    fn conforms(&self, element: &Element<'_>, url: &str) -> Result<bool, EvalError>;
}

/// What an evaluation is given.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Types, value sets and code systems.
    pub defs: &'a Definitions,
    /// `%resource`: the resource that holds the focus.
    pub resource: Node<'a>,
    /// `%rootResource`: the container of a contained resource, else the resource itself.
    pub root_resource: Node<'a>,
    /// `now()`.
    pub now: Instant,
    /// Minutes east of UTC in which `now()`, `today()` and `timeOfDay()` are said.
    pub offset_minutes: i16,
    /// Finds what references point to elsewhere.
    pub resolver: Option<&'a dyn Resolve>,
    /// Checks profiles for `conformsTo()`.
    pub conform: Option<&'a dyn Conform>,
    /// Whether `resolve()` of a reference that nobody finds gives an item that has only the type that the reference
    /// names. Search parameters need it: `subject.where(resolve() is Patient)`.
    pub typed_references: bool,
    /// Whether `as` and `as()` refuse more than one item, as FHIRPath says. R4's own invariants and search parameters
    /// give them many (`dom-3`, `Observation.component.value as Quantity`), so that it is off unless asked for.
    pub single_as: bool,
    /// Variables of the caller: name without `%`, and value.
    pub variables: &'a [(&'a str, &'a [Item<'a>])],
    /// Bounds.
    pub limits: Limits,
}

/// Japan's time, the default.
const JAPAN_MINUTES: i16 = 9 * 60;

impl<'a> Context<'a> {
    /// The context of one resource, which is its own container.
    #[must_use]
    pub fn new(defs: &'a Definitions, resource: Node<'a>, now: Instant) -> Self {
        Self {
            defs,
            resource,
            root_resource: resource,
            now,
            offset_minutes: JAPAN_MINUTES,
            resolver: None,
            conform: None,
            typed_references: false,
            single_as: false,
            variables: &[],
            limits: Limits::default(),
        }
    }
}
