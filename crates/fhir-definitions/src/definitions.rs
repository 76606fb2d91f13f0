//! What the rest of the platform asks: one value with everything that is loaded.

use std::sync::{Arc, OnceLock};

use tsumugi_fhir::Finding;

use crate::{
    Package,
    hash::Map,
    load,
    model::{
        CodeSystem, Coded, Compartment, Field, Membership, NotChecked, SearchParam, Structure, TypeDef, TypeId,
        ValueSet,
    },
    pack::{Core, Pack, PackError},
    search::SearchParams,
    structures::Structures,
    terminology::Terminology,
    types::Types,
};

/// The base as `cargo xtask definitions` made it.
pub(crate) static EMBEDDED: &[u8] = include_bytes!("../assets/r4.pack");

/// Everything that is loaded: base R4, and packages if there are any. Cheap to clone; the clones share it.
///
/// Look-ups by canonical URL take `url` or `url|version`. Where two packages define one URL, an unversioned look-up
/// finds the highest version; a versioned one finds exactly that version or nothing.
#[derive(Clone, Debug)]
pub struct Definitions(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) types: Arc<Types>,
    pub(crate) search: SearchParams,
    pub(crate) compartments: Arc<Map<Box<str>, Compartment>>,
    /// Filled at first use for the embedded base, at once with packages.
    pub(crate) structures: OnceLock<Structures>,
    pub(crate) terminology: OnceLock<Terminology>,
    pub(crate) findings: Vec<Finding>,
}

impl Definitions {
    /// Base R4 4.0.1, decoded once. Structures and codes are decoded when first asked for.
    ///
    /// # Panics
    /// If the pack that the binary was built with is damaged, which the tests exclude.
    #[must_use]
    pub fn r4() -> &'static Self {
        static R4: OnceLock<Definitions> = OnceLock::new();
        R4.get_or_init(|| intact(pack().and_then(|pack| pack.core()).map(Self::of_core)))
    }

    /// Base R4 with packages. What they lack or contradict stands in [`Self::findings`].
    #[must_use]
    pub fn with_packages(packages: &[Package]) -> Self {
        Self(Arc::new(load::load(&Self::r4().0, packages)))
    }

    fn of_core(core: Core) -> Self {
        let types = Arc::new(Types::new(core.types));
        let search = SearchParams::new(core.search_params.into_iter().map(Arc::new).collect(), &types);
        let compartments = core.compartments.into_iter().map(|it| (it.code.clone(), it)).collect();
        Self(Arc::new(Inner {
            types,
            search,
            compartments: Arc::new(compartments),
            structures: OnceLock::new(),
            terminology: OnceLock::new(),
            findings: Vec::new(),
        }))
    }

    /// What was found while packages were put together: duplicates, redefinitions of the base, snapshots that could not
    /// be generated.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.0.findings
    }

    /// The type with a name: `Patient`, `string`, `Patient.contact`, `System.String`.
    #[must_use]
    pub fn type_named(&self, name: &str) -> Option<TypeId> {
        self.0.types.named(name)
    }

    /// A type.
    #[must_use]
    pub fn ty(&self, id: TypeId) -> &TypeDef {
        self.0.types.get(id)
    }

    /// Every type.
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &TypeDef)> {
        self.0.types.all()
    }

    /// Whether `ty` is `ancestor` or specialises it.
    #[must_use]
    pub fn is_a(&self, ty: TypeId, ancestor: TypeId) -> bool {
        self.0.types.is_a(ty, ancestor)
    }

    /// The field of a type that JSON writes as `key`, and the type that the key says: `valueQuantity` is the field
    /// `value` with type `Quantity`. Keys with `_` (ids and extensions of primitives) are asked for without it.
    #[must_use]
    pub fn field(&self, ty: TypeId, key: &str) -> Option<(&Field, TypeId)> {
        self.0.types.field(ty, key)
    }

    /// The field of a type by its name in FHIRPath: `value`.
    #[must_use]
    pub fn field_named(&self, ty: TypeId, name: &str) -> Option<&Field> {
        self.0.types.field_named(ty, name)
    }

    /// A structure with its snapshot.
    #[must_use]
    pub fn structure(&self, canonical: &str) -> Option<&Structure> {
        self.0.structures().get(canonical).map(|structure| &**structure)
    }

    /// Every structure.
    pub fn structures(&self) -> impl Iterator<Item = &Structure> {
        self.0.structures().all().map(|structure| &**structure)
    }

    /// Whether a value set holds a code; of any of its systems where none is named (elements of type `code`).
    #[must_use]
    pub fn contains(&self, value_set: &str, system: Option<&str>, code: &str) -> Membership {
        self.0.terminology().contains(value_set, system, code)
    }

    /// Whether a code system has a code.
    #[must_use]
    pub fn has_code(&self, system: &str, code: &str) -> Membership {
        self.0.terminology().has_code(system, code)
    }

    /// The codes of a value set with their systems, sorted; at most 100,000.
    ///
    /// # Errors
    /// [`NotChecked`] names what is not loaded, not understood, or too much.
    pub fn expand(&self, value_set: &str) -> Result<Vec<Coded>, NotChecked> {
        self.0.terminology().expand(value_set)
    }

    /// A value set.
    #[must_use]
    pub fn value_set(&self, canonical: &str) -> Option<&ValueSet> {
        self.0.terminology().value_set(canonical).map(|set| &**set)
    }

    /// Every value set.
    pub fn value_sets(&self) -> impl Iterator<Item = &ValueSet> {
        self.0.terminology().value_sets()
    }

    /// A code system.
    #[must_use]
    pub fn code_system(&self, url: &str) -> Option<&CodeSystem> {
        self.0.terminology().code_system(url).map(|system| &**system)
    }

    /// Whether `ancestor` is `code` or stands above it.
    #[must_use]
    pub fn subsumes(&self, system: &str, ancestor: &str, code: &str) -> Membership {
        self.0.terminology().subsumes(system, ancestor, code)
    }

    /// The search parameters of a kind: its own, `DomainResource`'s and `Resource`'s.
    #[must_use]
    pub fn search_params(&self, kind: &str) -> &[Arc<SearchParam>] {
        self.0.search.of_kind(kind)
    }

    /// The search parameter that a URL for `kind` calls `code`.
    #[must_use]
    pub fn search_param(&self, kind: &str, code: &str) -> Option<&SearchParam> {
        self.0.search.find(kind, code)
    }

    /// A search parameter.
    #[must_use]
    pub fn search_param_by_url(&self, url: &str) -> Option<&SearchParam> {
        self.0.search.by_url(url)
    }

    /// A compartment: `Patient`, `Encounter`, `Device`, `Practitioner`, `RelatedPerson`.
    #[must_use]
    pub fn compartment(&self, code: &str) -> Option<&Compartment> {
        self.0.compartments.get(code)
    }
}

impl Inner {
    pub(crate) fn structures(&self) -> &Structures {
        self.structures.get_or_init(|| {
            let mut structures = Structures::default();
            for structure in intact(pack().and_then(|pack| pack.structures())) {
                structures.add(Arc::new(structure));
            }
            structures
        })
    }

    pub(crate) fn terminology(&self) -> &Terminology {
        self.terminology.get_or_init(|| {
            let terms = intact(pack().and_then(|pack| pack.terms()));
            let mut terminology = Terminology::default();
            for system in terms.code_systems {
                terminology.add_system(Arc::new(system));
            }
            for set in terms.value_sets {
                terminology.add_set(Arc::new(set));
            }
            terminology
        })
    }
}

fn pack() -> Result<Pack<'static>, PackError> {
    Pack::open(EMBEDDED)
}

/// What the binary itself holds.
#[expect(clippy::panic, reason = "the pack is part of the binary; one that is damaged was never released")]
fn intact<T>(part: Result<T, PackError>) -> T {
    match part {
        Ok(part) => part,
        Err(error) => panic!("the embedded definitions: {error}"),
    }
}
