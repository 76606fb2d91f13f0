//! Looking up types and fields: the hot path of FHIRPath and validation.

use std::hash::Hasher;

use crate::{
    hash::{Map, Short},
    model::{Field, TypeDef, TypeId},
};

/// All types, with a table from a type and a JSON key or a name to the field.
#[derive(Debug, Default)]
pub(crate) struct Types {
    list: Vec<TypeDef>,
    names: Map<Box<str>, TypeId>,
    keys: Table,
    fields: Table,
}

impl Types {
    pub(crate) fn new(list: Vec<TypeDef>) -> Self {
        let numbered = || (0..=u16::MAX).map(TypeId).zip(&list);
        let names = numbered().map(|(id, ty)| (ty.name.clone(), id)).collect();
        let (mut keys, mut fields) = (Vec::new(), Vec::new());
        for (id, ty) in numbered() {
            for (at, field) in (0..=u16::MAX).zip(&ty.fields) {
                fields.push((hash(id, &field.name), Entry { ty: id.0, field: at, which: 0 }));
                for (which, one) in (0..=u16::MAX).zip(&field.types) {
                    keys.push((hash(id, &one.key), Entry { ty: id.0, field: at, which }));
                }
            }
        }
        Self { keys: Table::new(&keys), fields: Table::new(&fields), names, list }
    }

    pub(crate) fn named(&self, name: &str) -> Option<TypeId> {
        self.names.get(name).copied()
    }

    pub(crate) fn get(&self, id: TypeId) -> &TypeDef {
        // INVARIANT: a TypeId comes from this table, whose first entry is `System.Any`.
        self.list.get(usize::from(id.0)).unwrap_or(&self.list[0])
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (TypeId, &TypeDef)> {
        (0..=u16::MAX).map(TypeId).zip(&self.list)
    }

    pub(crate) fn is_a(&self, mut ty: TypeId, ancestor: TypeId) -> bool {
        // A type's bases are at most a handful; the bound stops a circle in a pack that is wrong.
        for _ in 0..16 {
            if ty == ancestor {
                return true;
            }
            match self.get(ty).base {
                Some(base) => ty = base,
                None => return false,
            }
        }
        false
    }

    pub(crate) fn field(&self, ty: TypeId, key: &str) -> Option<(&Field, TypeId)> {
        self.keys.find(hash(ty, key), |entry| {
            let field = self.list.get(usize::from(entry.ty))?.fields.get(usize::from(entry.field))?;
            let one = field.types.get(usize::from(entry.which))?;
            (entry.ty == ty.0 && *one.key == *key).then_some((field, one.ty))
        })
    }

    pub(crate) fn field_named(&self, ty: TypeId, name: &str) -> Option<&Field> {
        self.fields.find(hash(ty, name), |entry| {
            let field = self.list.get(usize::from(entry.ty))?.fields.get(usize::from(entry.field))?;
            (entry.ty == ty.0 && *field.name == *name).then_some(field)
        })
    }
}

fn hash(ty: TypeId, key: &str) -> u64 {
    let mut hasher = Short::default();
    hasher.write_u16(ty.0);
    hasher.write(key.as_bytes());
    hasher.finish()
}

/// Where a field stands: the type, its field, and which of the field's types.
#[derive(Clone, Copy, Debug)]
struct Entry {
    ty: u16,
    field: u16,
    which: u16,
}

/// Open addressing with at least as many free slots as taken ones; the entries are compared by the caller, so that the
/// table holds no text.
#[derive(Debug, Default)]
struct Table {
    slots: Vec<Option<(u16, Entry)>>,
}

impl Table {
    fn new(entries: &[(u64, Entry)]) -> Self {
        let mut table = Self { slots: vec![None; (entries.len() * 2 + 1).next_power_of_two()] };
        for &(hash, entry) in entries {
            let mut at = table.start(hash);
            while table.slots[at].is_some() {
                at = (at + 1) & (table.slots.len() - 1);
            }
            table.slots[at] = Some((tag(hash), entry));
        }
        table
    }

    #[expect(clippy::cast_possible_truncation, reason = "the mask keeps only low bits")]
    fn start(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn find<T>(&self, hash: u64, fits: impl Fn(Entry) -> Option<T>) -> Option<T> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.start(hash);
        // INVARIANT: at least half of the slots are free, so the walk ends.
        while let Some((its, entry)) = self.slots[at] {
            if its == tag(hash)
                && let Some(found) = fits(entry)
            {
                return Some(found);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }
}

fn tag(hash: u64) -> u16 {
    let [.., high, low] = hash.to_le_bytes();
    u16::from_le_bytes([high, low])
}
