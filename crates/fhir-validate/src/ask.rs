//! What a validation is asked, and what it answers.

use tsumugi_fhir::{Finding, json::Node, outcome};
use tsumugi_fhirpath::Resolve;
use tsumugi_kernel::Instant;

/// What is to be validated against.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Canonical URLs of profiles that must hold besides those that the document claims.
    pub profiles: &'a [&'a str],
    /// Now, for invariants that ask for it.
    pub now: Instant,
    /// What the document is sent as.
    pub mode: Mode,
    /// Where references that lead out of the document are looked up; `None` leaves them alone.
    pub store: Option<&'a dyn Resolve>,
}

impl Ask<'_> {
    /// A resource as it is, with the profiles that it claims.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self { profiles: &[], now, mode: Mode::Resource, store: None }
    }
}

/// What a document is sent as: more rules hold for what goes to the sharing service of JP-CLINS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Any resource.
    #[default]
    Resource,
    /// One of the three documents, or a patient summary: `Bundle.type` is `document`.
    Document,
    /// The five kinds of information: `Bundle.type` is `collection`.
    Collection,
}

/// What the profiles of the sharing service's bundles begin with.
const SHARED: &str = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_";
/// LOINC types of documents that are the sharing service's also where they do not say so: referral letter, discharge
/// summary. Checkup reports and prescriptions have other channels besides, with rules of their own.
const LETTERS: [&str; 2] = ["57133-1", "18842-5"];

impl Mode {
    /// What a resource says of itself: the rules of the sharing service hold for bundles that claim one of its profiles and
    /// for its letters; documents of another kind (an international patient summary, a prescription) have only their own.
    #[must_use]
    pub fn of(root: Node<'_>) -> Self {
        let claims = || {
            let mut claims = root.find("meta.profile").filter_map(Node::as_str);
            claims.any(|url| url.starts_with(SHARED))
        };
        let letter = || {
            let first = root.get("entry").and_then(|entries| entries.items().next());
            let mut codes = first.into_iter().flat_map(|first| first.find("resource.type.coding.code"));
            codes.any(|code| code.as_str().is_some_and(|code| LETTERS.contains(&code.as_ref())))
        };
        match root.get_str("type").as_deref() {
            _ if root.get_str("resourceType").as_deref() != Some("Bundle") => Self::Resource,
            Some("document") if claims() || letter() => Self::Document,
            Some("collection") if claims() => Self::Collection,
            _ => Self::Resource,
        }
    }
}

/// The answer of a validation.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was found, errors first where there were too many to list, else in the order of the walk; with one finding
    /// for each thing that was not checked.
    pub findings: Vec<Finding>,
    /// What could not be checked, each once.
    pub not_checked: Vec<Unchecked>,
}

impl Report {
    /// Whether the document is refused.
    #[must_use]
    pub fn refused(&self) -> bool {
        outcome::refused(&self.findings)
    }
}

/// One thing that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unchecked {
    /// What sort of thing.
    pub what: Missing,
    /// Its canonical URL; of an invariant its key, of a slicing the element's id.
    pub name: Box<str>,
}

/// What sort of thing could not be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Missing {
    /// A profile that is not loaded.
    Profile,
    /// The definition of an extension that is not loaded.
    Extension,
    /// A value set that is not loaded or cannot be worked out.
    ValueSet,
    /// A code system that is not loaded, or only in part.
    CodeSystem,
    /// An invariant that is stated in words only, or in FHIRPath that cannot be answered.
    Invariant,
    /// Slices that cannot be told apart by what is known.
    Slicing,
    /// Part of a profile that could not be understood.
    Element,
}

impl Missing {
    /// A word for it, for machines: the rule of its finding is `not-checked-` and this.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Extension => "extension",
            Self::ValueSet => "value-set",
            Self::CodeSystem => "code-system",
            Self::Invariant => "invariant",
            Self::Slicing => "slicing",
            Self::Element => "element",
        }
    }
}
