//! The validator: definitions, and what was compiled of them so far.

use std::{collections::HashMap, sync::OnceLock};

use tsumugi_fhir::json::Node;
use tsumugi_fhir_definitions::{Definitions, Structure, TypeId};

use crate::{
    ask::{Ask, Mode, Report},
    clins,
    compile::compile,
    overlay::{Link, Program},
    shape::{CORE, Shape},
    walk::Walk,
};

/// Checks documents. Made once, used by many threads; types and profiles are compiled when first met.
pub struct Validator {
    defs: Definitions,
    shapes: Box<[OnceLock<Box<Shape>>]>,
    /// One for each structure, in the definitions' order.
    programs: Box<[OnceLock<Program>]>,
    /// Place of a structure among the programs, by its address in the definitions, which never move it.
    places: HashMap<usize, u32>,
    pub(crate) known: Known,
    /// Rules of JP-CLINS in FHIRPath.
    extras: OnceLock<Box<[clins::Extra]>>,
}

/// Types that the walk needs by name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) element: TypeId,
    pub(crate) extension: TypeId,
    pub(crate) reference: TypeId,
    pub(crate) concept: Option<TypeId>,
    pub(crate) coding: Option<TypeId>,
    pub(crate) quantity: Option<TypeId>,
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let compiled = self.programs.iter().filter(|one| one.get().is_some()).count();
        write!(f, "Validator({compiled} of {} structures compiled)", self.programs.len())
    }
}

impl Validator {
    /// A validator over definitions.
    #[must_use]
    pub fn new(definitions: Definitions) -> Self {
        let structures = definitions.structures().count();
        let places = (0..).zip(definitions.structures()).map(|(at, one)| (address(one), at)).collect();
        let types = definitions.types().count();
        let named = |name: &str| definitions.type_named(name);
        // INVARIANT: every set of definitions holds R4's own types.
        let must = |name: &str| named(name).unwrap_or(TypeId(0));
        Self {
            known: Known {
                element: must("Element"),
                extension: must("Extension"),
                reference: must("Reference"),
                concept: named("CodeableConcept"),
                coding: named("Coding"),
                quantity: named("Quantity"),
            },
            shapes: (0..types).map(|_| OnceLock::new()).collect(),
            programs: (0..structures).map(|_| OnceLock::new()).collect(),
            places,
            extras: OnceLock::new(),
            defs: definitions,
        }
    }

    /// The definitions that it checks against.
    #[must_use]
    pub fn defs(&self) -> &Definitions {
        &self.defs
    }

    /// Checks a document against R4, the profiles that it claims and those asked for, and the rules of its mode.
    #[must_use]
    pub fn validate(&self, root: Node<'_>, ask: &Ask<'_>) -> Report {
        let mut walk = Walk::new(self, root, ask);
        walk.run();
        if ask.mode != Mode::Resource {
            clins::run(self, root, ask, &mut walk);
        }
        walk.finish()
    }

    pub(crate) fn extras(&self) -> &[clins::Extra] {
        self.extras.get_or_init(|| clins::Extra::all(&self.defs))
    }

    pub(crate) fn shape(&self, ty: TypeId) -> &Shape {
        // INVARIANT: a TypeId comes from these definitions.
        self.shapes[usize::from(ty.0)].get_or_init(|| Box::new(Shape::of(&self.defs, ty)))
    }

    /// The profile with a canonical URL; `None` for R4's own types and what is not loaded.
    pub(crate) fn program(&self, canonical: &str) -> Option<&Program> {
        let structure = self.defs.structure(canonical)?;
        if !structure.is_profile || structure.elements.is_empty() {
            return None;
        }
        self.at(*self.places.get(&address(structure))?)
    }

    fn at(&self, place: u32) -> Option<&Program> {
        let slot = self.programs.get(place as usize)?;
        if slot.get().is_none() {
            let structure = self.defs.structures().nth(place as usize)?;
            slot.get_or_init(|| compile(self, structure, place));
        }
        slot.get()
    }

    /// The program behind a link.
    pub(crate) fn linked(&self, link: &Link) -> Option<&Program> {
        let number = *link.program.get_or_init(|| self.program(&link.canonical).map(|program| program.number));
        self.at(number?)
    }

    /// Whether a canonical names one of R4's own types (which every resource of that type fits).
    pub(crate) fn is_core(&self, canonical: &str) -> bool {
        let name = canonical.strip_prefix(CORE).map(|name| name.split('|').next().unwrap_or(name));
        name.is_some_and(|name| self.defs.type_named(name).is_some())
    }

    /// Whether the profile with URL `own` is `wanted` or derives from it.
    pub(crate) fn derives(&self, own: &Program, wanted: &Program) -> bool {
        let mut at = own.number;
        // Chains of profiles are short; the bound stops circles.
        for _ in 0..16 {
            if at == wanted.number {
                return true;
            }
            let base = self.at(at).and_then(|program| program.base.as_deref()).and_then(|base| self.program(base));
            match base {
                Some(base) => at = base.number,
                None => return false,
            }
        }
        false
    }
}

fn address(structure: &Structure) -> usize {
    std::ptr::from_ref(structure).addr()
}
