//! How a type of the definitions stands in JSON and XML.

use tsumugi_fhir_definitions::{Definitions, Field, TypeId, TypeKind};

/// How values of a type stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An object; in XML an element with elements.
    Complex,
    /// A resource; in XML an element inside the field's.
    Resource,
    /// `true` or `false`.
    Boolean,
    /// A bare number in JSON.
    Number,
    /// A string.
    Text,
    /// The narrative: a string in JSON, an element of another namespace in XML.
    Xhtml,
}

impl Form {
    /// The form of a type.
    pub fn of(defs: &Definitions, ty: TypeId) -> Self {
        let def = defs.ty(ty);
        match (def.kind, &*def.name) {
            (TypeKind::Resource, _) => Self::Resource,
            (TypeKind::Complex | TypeKind::Backbone, _) => Self::Complex,
            (_, "boolean" | "System.Boolean") => Self::Boolean,
            (_, "integer" | "unsignedInt" | "positiveInt" | "decimal" | "System.Integer" | "System.Decimal") => {
                Self::Number
            }
            (_, "xhtml") => Self::Xhtml,
            _ => Self::Text,
        }
    }
}

/// A field found by its key, with its place among the fields of its type.
#[derive(Clone, Copy)]
pub struct Found<'d> {
    /// Place in the definition's order.
    pub index: usize,
    /// The field.
    pub field: &'d Field,
    /// The key as the definitions keep it.
    pub key: &'d str,
    /// The type that the key stands for.
    pub ty: TypeId,
}

/// The field of `ty` with the JSON key `key`, which is its name in XML as well.
pub fn find<'d>(defs: &'d Definitions, ty: TypeId, key: &str) -> Option<Found<'d>> {
    let (field, field_type) = defs.field(ty, key)?;
    let index = defs.ty(ty).fields.iter().position(|known| std::ptr::eq(known, field))?;
    let key = field.types.iter().find(|known| &*known.key == key).map_or(&*field.name, |known| &*known.key);
    Some(Found { index, field, key, ty: field_type })
}

/// The kind of resource with this name, if documents may be of it.
pub fn resource(defs: &Definitions, name: &str) -> Option<TypeId> {
    let ty = defs.type_named(name)?;
    let def = defs.ty(ty);
    (def.kind == TypeKind::Resource && !def.is_abstract && &*def.name == name).then_some(ty)
}
