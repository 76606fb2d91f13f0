//! The type model, made of the base's own structures.

use std::collections::HashMap;

use super::{Partial, RawStructure};
use crate::model::{Field, FieldType, StructureKind, TypeDef, TypeId, TypeKind};

/// FHIRPath's own types, in the order of their numbers.
const SYSTEM: [&str; 9] = [
    "System.Any",
    "System.Boolean",
    "System.String",
    "System.Integer",
    "System.Decimal",
    "System.Date",
    "System.DateTime",
    "System.Time",
    "System.Quantity",
];

/// A name that a structure uses and no structure defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// Path of the element.
    pub path: Box<str>,
    /// The name.
    pub name: Box<str>,
}

/// Makes the types of all structures that define one (profiles and logical models are passed over).
///
/// # Errors
/// [`Unresolved`] where a type, a base or a content reference is not there.
pub fn type_model(structures: &[RawStructure]) -> Result<Vec<TypeDef>, Unresolved> {
    let defining = |raw: &&RawStructure| !raw.structure.is_profile && raw.structure.kind != StructureKind::Logical;
    let defining: Vec<&RawStructure> = structures.iter().filter(defining).collect();
    let mut names: Vec<Box<str>> = SYSTEM.iter().map(|name| (*name).into()).collect();
    names.extend(defining.iter().map(|raw| raw.structure.type_name.clone()));
    for raw in &defining {
        names.extend(
            raw.snapshot.iter().skip(1).filter(|element| is_backbone(raw, element)).map(|element| element.path.clone()),
        );
    }
    let unnumbered = |name: &str| Unresolved { path: name.into(), name: name.into() };
    let mut ids: HashMap<Box<str>, TypeId> = HashMap::new();
    for (number, name) in names.iter().enumerate() {
        ids.insert(name.clone(), TypeId(u16::try_from(number).map_err(|_| unnumbered(name))?));
    }
    let maker = Maker { ids };
    let mut types: Vec<TypeDef> = SYSTEM.iter().map(|name| maker.system(name)).collect();
    for raw in &defining {
        types.push(maker.structure(raw)?);
    }
    for raw in &defining {
        for element in raw.snapshot.iter().skip(1).filter(|element| is_backbone(raw, element)) {
            types.push(maker.backbone(raw, element)?);
        }
    }
    Ok(types)
}

/// Whether an element has elements of its own.
fn is_backbone(raw: &RawStructure, element: &Partial) -> bool {
    children(raw, &element.path).next().is_some()
}

/// The elements directly under a path.
fn children<'a>(raw: &'a RawStructure, path: &'a str) -> impl Iterator<Item = &'a Partial> {
    raw.snapshot.iter().filter(move |element| {
        let rest = element.path.strip_prefix(path).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|rest| !rest.contains('.'))
    })
}

struct Maker {
    ids: HashMap<Box<str>, TypeId>,
}

impl Maker {
    fn id(&self, path: &str, name: &str) -> Result<TypeId, Unresolved> {
        let name = name.strip_prefix("http://hl7.org/fhirpath/").unwrap_or(name);
        self.ids.get(name).copied().ok_or_else(|| Unresolved { path: path.into(), name: name.into() })
    }

    fn system(&self, name: &str) -> TypeDef {
        let base = if name == SYSTEM[0] { None } else { self.ids.get(SYSTEM[0]).copied() };
        let is_abstract = base.is_none();
        TypeDef { name: name.into(), kind: TypeKind::System, is_abstract, base, pattern: None, fields: Vec::new() }
    }

    fn structure(&self, raw: &RawStructure) -> Result<TypeDef, Unresolved> {
        let name = raw.structure.type_name.clone();
        let kind = match raw.structure.kind {
            StructureKind::Primitive => TypeKind::Primitive,
            StructureKind::Resource => TypeKind::Resource,
            StructureKind::Complex | StructureKind::Logical => TypeKind::Complex,
        };
        let base = raw.structure.base.as_deref().and_then(|url| url.rsplit('/').next());
        let base = base.map(|base| self.id(&name, base)).transpose()?;
        let value =
            children(raw, &name).find(|element| kind == TypeKind::Primitive && element.path.ends_with(".value"));
        let pattern = value.and_then(|value| value.regex.clone());
        let fields = self.fields(raw, &name)?;
        Ok(TypeDef { name, kind, is_abstract: raw.structure.is_abstract, base, pattern, fields })
    }

    fn backbone(&self, raw: &RawStructure, element: &Partial) -> Result<TypeDef, Unresolved> {
        let base = element.types.first().map_or("BackboneElement", |ty| &ty.code);
        Ok(TypeDef {
            name: element.path.clone(),
            kind: TypeKind::Backbone,
            is_abstract: false,
            base: Some(self.id(&element.path, base)?),
            pattern: None,
            fields: self.fields(raw, &element.path)?,
        })
    }

    fn fields(&self, raw: &RawStructure, path: &str) -> Result<Vec<Field>, Unresolved> {
        children(raw, path).map(|element| self.field(raw, element)).collect()
    }

    fn field(&self, raw: &RawStructure, element: &Partial) -> Result<Field, Unresolved> {
        let last = element.path.rsplit('.').next().unwrap_or(&element.path);
        let choice = last.ends_with("[x]");
        let name = last.trim_end_matches("[x]");
        let single = |ty| vec![FieldType { ty, key: name.into() }];
        let types = if let Some(reference) = &element.content_reference {
            single(self.id(&element.path, reference)?)
        } else if is_backbone(raw, element) {
            single(self.id(&element.path, &element.path)?)
        } else {
            let one = |code: &str| -> Result<FieldType, Unresolved> {
                let key = if choice { choice_key(name, code) } else { name.into() };
                Ok(FieldType { ty: self.id(&element.path, code)?, key })
            };
            element.types.iter().map(|ty| one(&ty.code)).collect::<Result<_, _>>()?
        };
        let base_max = element.base_max.or(element.max).unwrap_or(Some(1));
        Ok(Field {
            name: name.into(),
            types,
            min: element.min.unwrap_or(0),
            array: base_max.is_none_or(|most| most > 1),
            choice,
            summary: element.summary.unwrap_or(false),
            modifier: element.modifier.unwrap_or(false),
            attribute: element.attribute,
        })
    }
}

/// `value` and `dateTime` make `valueDateTime`.
fn choice_key(name: &str, code: &str) -> Box<str> {
    let mut key = String::with_capacity(name.len() + code.len());
    key.push_str(name);
    let mut letters = code.chars();
    key.extend(letters.next().map(|first| first.to_ascii_uppercase()));
    key.push_str(letters.as_str());
    key.into_boxed_str()
}
