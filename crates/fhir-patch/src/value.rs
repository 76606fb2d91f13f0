//! Values as a FHIRPath Patch sends them: a `value[x]`, a resource, or nested parts for what has no type of its own.

use std::borrow::Cow;

use tsumugi_fhir::Node;
use tsumugi_fhir_definitions::{Definitions, Field, TypeId, TypeKind};

use crate::{
    Problem,
    place::Pair,
    tree::{Members, Value},
};

/// A value, and the JSON key that it stands under.
pub struct New<'a> {
    pub key: String,
    pub pair: Pair<'a>,
}

/// The element of a type with this name: its own (`value`), or one of a choice's keys (`valueQuantity`), which then is the
/// only one that may be given.
pub fn field<'d>(defs: &'d Definitions, ty: TypeId, name: &str) -> Option<(&'d Field, Option<&'d str>)> {
    if let Some(field) = defs.field_named(ty, name) {
        return Some((field, None));
    }
    let (field, _) = defs.field(ty, name)?;
    Some((field, field.types.iter().map(|one| &*one.key).find(|key| *key == name)))
}

/// The value of a part, for an element.
pub fn build<'a>(defs: &Definitions, part: Node<'a>, field: &Field, asked: Option<&str>) -> Result<New<'a>, Problem> {
    let mut given = None;
    let (mut value, mut extra) = (None, None);
    for (key, member) in part.members() {
        let (name, beside) = key.strip_prefix('_').map_or((&*key, false), |name| (name, true));
        let seen = match name {
            "name" | "id" | "extension" | "modifierExtension" => continue,
            name => name.to_owned(),
        };
        // `valueCode` and `_valueCode` are one value; anything else is a second one.
        if given.as_ref().is_some_and(|known| *known != seen) {
            return Err(Problem::NotAnOperation);
        }
        given = Some(seen);
        *(if beside { &mut extra } else { &mut value }) = Some(member);
    }
    let pair = Pair { value: value.map(Value::Node), extra: extra.map(Value::Node) };
    let candidates = || field.types.iter().filter(|one| asked.is_none_or(|asked| *one.key == *asked));
    let only = || {
        let mut all = candidates();
        all.next().filter(|_| all.next().is_none())
    };
    match (given.as_deref(), value) {
        (Some("part"), Some(parts)) => {
            let one = only().filter(|one| is_made_of_elements(defs, one.ty)).ok_or(Problem::Type)?;
            let object = Value::Object(nested(defs, parts, one.ty)?);
            Ok(New { key: one.key.to_string(), pair: Pair { value: Some(object), extra: None } })
        }
        (Some("resource"), Some(_)) => {
            let one = only().filter(|one| defs.ty(one.ty).kind == TypeKind::Resource).ok_or(Problem::Type)?;
            Ok(New { key: one.key.to_string(), pair })
        }
        (Some(key), _) => {
            let parameter = defs.type_named("Parameters.parameter").ok_or(Problem::Internal)?;
            let (_, ty) = defs.field(parameter, key).ok_or(Problem::NotAnOperation)?;
            let same = candidates().find(|one| one.ty == ty).or_else(|| candidates().find(|one| defs.is_a(ty, one.ty)));
            let fits = same.or_else(|| only().filter(|one| written_alike(defs, one.ty, ty))).ok_or(Problem::Type)?;
            // What XML writes as an attribute (`id`, `url`) has nothing beside it.
            if field.attribute && pair.extra.is_some() {
                return Err(Problem::Type);
            }
            Ok(New { key: fits.key.to_string(), pair })
        }
        (None, _) => Err(Problem::NotAnOperation),
    }
}

/// An object of nested parts, each one of its elements.
fn nested<'a>(defs: &Definitions, parts: Node<'a>, ty: TypeId) -> Result<Members<'a>, Problem> {
    let mut members: Members<'a> = Members::new();
    for part in parts.items() {
        let name = part.get_str("name").ok_or(Problem::NotAnOperation)?;
        let (field, asked) = field(defs, ty, &name).ok_or(Problem::UnknownElement)?;
        let New { key, pair } = build(defs, part, field, asked)?;
        let beside = format!("_{key}");
        let at = |members: &Members<'a>, key: &str| members.iter().position(|(known, _)| known == key);
        if !field.array {
            if field.types.iter().any(|one| crate::place::has(&members, &one.key)) {
                return Err(Problem::Exists);
            }
            crate::place::put_pair(&mut members, &key, pair);
            continue;
        }
        // Both arrays grow together while they are built; one of nulls only is dropped at the end.
        for (key, value) in [(key, pair.value), (beside, pair.extra)] {
            let value = value.unwrap_or(Value::Null);
            match at(&members, &key).and_then(|at| members.get_mut(at)) {
                Some((_, Value::Array(items))) => items.push(value),
                _ => members.push((Cow::Owned(key), Value::Array(vec![value]))),
            }
        }
    }
    let only_nulls = |value: &Value<'_>| match value {
        Value::Array(items) => items.iter().all(|item| matches!(item, Value::Null)),
        _ => false,
    };
    members.retain(|(_, value)| !only_nulls(value));
    Ok(members)
}

fn is_made_of_elements(defs: &Definitions, ty: TypeId) -> bool {
    matches!(defs.ty(ty).kind, TypeKind::Complex | TypeKind::Backbone)
}

/// Whether two types are primitives that JSON writes alike: as a string, a number or a boolean.
fn written_alike(defs: &Definitions, one: TypeId, other: TypeId) -> bool {
    let written = |ty| {
        let def = defs.ty(ty);
        match (def.kind, &*def.name) {
            (TypeKind::Complex | TypeKind::Backbone | TypeKind::Resource, _) => None,
            (_, "boolean") => Some("boolean"),
            (_, "integer" | "positiveInt" | "unsignedInt" | "decimal") => Some("number"),
            _ => Some("string"),
        }
    };
    written(one).is_some() && written(one) == written(other)
}
