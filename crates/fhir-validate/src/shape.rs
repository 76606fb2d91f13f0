//! What R4 itself says about each type, in the form that the walk reads: fields by JSON key, cardinalities, bindings,
//! invariants.
//!
//! What must hold: a shape is made once and never changes; nothing in it comes from a document.

use tsumugi_fhir_definitions::{Constraint, Definitions, Element, Field, FieldType, TypeId, TypeKind};

use crate::{
    binding::Bound,
    compile::link,
    overlay::Link,
    primitive::Prim,
    rule::{Rule, Rules},
};

/// Where R4's own structures stand.
pub(crate) const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";
/// Most fields of one type; R4's largest type has less than half of them.
const SLOTS: usize = 128;

/// One type.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) ty: TypeId,
    pub(crate) name: Box<str>,
    pub(crate) kind: TypeKind,
    pub(crate) what: Special,
    pub(crate) slots: Box<[Slot]>,
    /// Slots that must be there, one bit each.
    pub(crate) required: u128,
    /// Invariants of the type.
    pub(crate) rules: Rules,
    keys: Keys,
}

/// Types that the walk knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    Extension,
    Reference,
    Bundle,
}

/// One field.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Name without `[x]`.
    pub(crate) name: Box<str>,
    /// The element's id in R4's structure: `Patient.contact.name`.
    pub(crate) id: Box<str>,
    pub(crate) array: bool,
    pub(crate) max: Option<u32>,
    pub(crate) alts: Box<[Alt]>,
    pub(crate) binding: Option<Bound>,
    /// Invariants of the element beyond those of its type.
    pub(crate) rules: Rules,
    /// Kinds that a reference may point to; empty for any.
    pub(crate) targets: Box<[Box<str>]>,
    pub(crate) role: Role,
}

/// Fields that the walk treats apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    None,
    /// An element's or a resource's id.
    Id,
    Extension,
    ModifierExtension,
    Contained,
    /// A Bundle's entries.
    Entry,
}

/// One type that a field may have.
#[derive(Debug)]
pub(crate) struct Alt {
    pub(crate) ty: TypeId,
    pub(crate) key: Box<str>,
    /// `None` for what is an object in JSON.
    pub(crate) prim: Option<Prim>,
    /// Whether a resource stands here.
    pub(crate) resource: bool,
    /// Whether id and extensions may stand beside the value, under `_key`.
    pub(crate) beside: bool,
    /// Profiles of R4 itself of which one must hold, such as `SimpleQuantity`.
    pub(crate) links: Box<[Link]>,
}

impl Shape {
    /// The shape of a type.
    pub(crate) fn of(defs: &Definitions, ty: TypeId) -> Self {
        let def = defs.ty(ty);
        let root = def.name.split('.').next().unwrap_or(&def.name);
        let elements = defs.structure(&format!("{CORE}{root}")).map_or(&[][..], |own| &own.elements[..]);
        let own = elements.iter().find(|element| *element.path == *def.name);
        let slots: Box<[Slot]> =
            def.fields.iter().take(SLOTS).map(|field| Slot::of(defs, &def.name, def.kind, field, elements)).collect();
        let mut required = 0_u128;
        for (at, field) in def.fields.iter().take(SLOTS).enumerate() {
            required |= u128::from(field.min > 0) << at;
        }
        let keys = Keys::new(&slots);
        Self {
            ty,
            what: match &*def.name {
                "Extension" => Special::Extension,
                "Reference" => Special::Reference,
                "Bundle" => Special::Bundle,
                _ => Special::None,
            },
            kind: def.kind,
            rules: rules(defs, ty, own),
            name: def.name.clone(),
            slots,
            required,
            keys,
        }
    }

    /// The field and its type under a JSON key.
    pub(crate) fn find(&self, key: &str) -> Option<(usize, &Slot, &Alt)> {
        let (slot, alt) = self.keys.find(key, &self.slots)?;
        let own = &self.slots[slot];
        Some((slot, own, &own.alts[alt]))
    }

    /// The field with this FHIRPath name.
    pub(crate) fn named(&self, name: &str) -> Option<(usize, &Slot)> {
        self.slots.iter().enumerate().find(|(_, slot)| *slot.name == *name)
    }
}

/// Invariants of an element: those that every element has are part of the walk itself.
fn rules(defs: &Definitions, ty: TypeId, element: Option<&Element>) -> Rules {
    let stated = element.map_or(&[][..], |element| &element.constraints[..]);
    stated.iter().filter(|one| !is_everywhere(one)).map(|one| Rule::of_base(defs, ty, one)).collect()
}

/// Constraints that the walk itself checks at every element.
pub(crate) fn is_everywhere(constraint: &Constraint) -> bool {
    matches!(&*constraint.key, "ele-1" | "ext-1")
}

impl Slot {
    fn of(defs: &Definitions, owner: &str, kind: TypeKind, field: &Field, elements: &[Element]) -> Self {
        let path = if field.choice { format!("{owner}.{}[x]", field.name) } else { format!("{owner}.{}", field.name) };
        let element = elements.iter().find(|element| *element.path == *path);
        let alts: Box<[Alt]> = field.types.iter().map(|one| Alt::of(defs, kind, &field.name, one, element)).collect();
        let backbone = field.types.first().is_some_and(|one| defs.ty(one.ty).kind == TypeKind::Backbone);
        let targets = element.map_or(&[][..], |element| &element.types[..]);
        let ty = field.types.first().map(|one| one.ty).filter(|_| field.types.len() == 1);
        Self {
            role: match (&*field.name, owner) {
                ("id", _) => Role::Id,
                ("extension", _) => Role::Extension,
                ("modifierExtension", _) => Role::ModifierExtension,
                ("contained", _) => Role::Contained,
                ("entry", "Bundle") => Role::Entry,
                _ => Role::None,
            },
            id: element.map_or(path.as_str(), |element| &element.id).into(),
            name: field.name.clone(),
            array: field.array,
            max: element.map_or(if field.array { None } else { Some(1) }, |element| element.max),
            alts,
            binding: element.and_then(|element| element.binding.as_ref()).and_then(Bound::of),
            // A backbone's constraints are its type's, so that elements that refer to its content have them as well.
            rules: match ty {
                _ if backbone => Rules::default(),
                ty => element.map_or_else(Rules::default, |element| {
                    let own = element.constraints.iter().filter(|one| !is_everywhere(one));
                    own.map(|one| Rule::of_element(defs, ty, one)).collect()
                }),
            },
            targets: targets
                .iter()
                .flat_map(|one| &one.target_profiles)
                .filter_map(|target| target.strip_prefix(CORE).filter(|name| *name != "Resource"))
                .map(Into::into)
                .collect(),
        }
    }

    /// The JSON key for messages: of a choice its name with `[x]`.
    pub(crate) fn label(&self) -> String {
        match &*self.alts {
            [one] => one.key.to_string(),
            _ => format!("{}[x]", self.name),
        }
    }
}

impl Alt {
    fn of(defs: &Definitions, owner: TypeKind, name: &str, one: &FieldType, element: Option<&Element>) -> Self {
        let (ty, key) = (one.ty, &*one.key);
        let def = defs.ty(ty);
        let stated = element.and_then(|element| element.types.iter().find(|own| own.code == def.name));
        let prim = match (name, owner) {
            ("id", TypeKind::Resource) => Some(Prim::Id),
            ("url", _) if def.kind == TypeKind::System => Some(Prim::Uri),
            _ if matches!(def.kind, TypeKind::Primitive | TypeKind::System) => {
                Prim::of(&def.name).or(Some(Prim::String))
            }
            _ => None,
        };
        Self {
            ty,
            key: key.into(),
            prim,
            resource: def.kind == TypeKind::Resource,
            beside: def.kind == TypeKind::Primitive,
            links: stated.map_or(&[][..], |own| &own.profiles).iter().map(|own| link(own)).collect(),
        }
    }
}

/// A table from JSON keys to slots: open addressing, at most half full.
#[derive(Debug)]
struct Keys {
    table: Box<[Option<(u16, u16)>]>,
}

impl Keys {
    fn new(slots: &[Slot]) -> Self {
        let count: usize = slots.iter().map(|slot| slot.alts.len()).sum();
        let mut table = vec![None; (count * 2 + 2).next_power_of_two()];
        for (at, slot) in (0_u16..).zip(slots) {
            for (which, alt) in (0_u16..).zip(&slot.alts) {
                let mut place = start(&alt.key, table.len());
                while table[place].is_some() {
                    place = (place + 1) & (table.len() - 1);
                }
                table[place] = Some((at, which));
            }
        }
        Self { table: table.into() }
    }

    fn find(&self, key: &str, slots: &[Slot]) -> Option<(usize, usize)> {
        let mut place = start(key, self.table.len());
        // INVARIANT: at least half of the table is free, so the walk ends.
        while let Some((slot, alt)) = self.table[place] {
            let (slot, alt) = (usize::from(slot), usize::from(alt));
            if *slots[slot].alts[alt].key == *key {
                return Some((slot, alt));
            }
            place = (place + 1) & (self.table.len() - 1);
        }
        None
    }
}

fn start(key: &str, length: usize) -> usize {
    let mut hash = key.len() as u64;
    for chunk in key.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(25) ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    (hash >> 32) as usize & (length - 1)
}
