//! JSON Patch (RFC 6902).

use std::borrow::Cow;

use bytes::Bytes;
use tsumugi_fhir::{Document, Node, json::Limits};

use crate::{
    BYTES, Budget, OPERATIONS, PatchFault, Problem, pointer, same_identity,
    tree::{Opened, Value, equal},
};

/// The document after the operations of a JSON Patch.
///
/// `document` is an object, `patch` an array of at most [`OPERATIONS`] operations. Members that the RFC does not know are
/// ignored, as it says.
///
/// # Errors
/// [`PatchFault`] names the operation and what is wrong; then no operation counts.
pub fn json_patch(document: Node<'_>, patch: Node<'_>) -> Result<Vec<u8>, PatchFault> {
    if !patch.is_array() {
        return Err(PatchFault::whole(Problem::NotAPatch));
    }
    let mut patching = Patching { root: Value::Node(document), budget: Budget::new() };
    for (at, operation) in patch.items().enumerate() {
        if at >= OPERATIONS {
            return Err(PatchFault::whole(Problem::TooMany));
        }
        patching.apply(operation).map_err(|problem| PatchFault::of(problem, at, operation))?;
    }
    let mut out = Vec::with_capacity(document.raw().len() + 256);
    patching.root.write(&mut out);
    if out.len() > BYTES {
        return Err(PatchFault::whole(Problem::TooLarge));
    }
    let after = Document::parse(Bytes::from(out.clone()), &Limits::default())
        .map_err(|_| PatchFault::whole(Problem::Internal))?;
    if !after.root().is_object() {
        return Err(PatchFault::whole(Problem::NotObject));
    }
    if !same_identity(document, after.root()) {
        return Err(PatchFault::whole(Problem::Identity));
    }
    Ok(out)
}

struct Patching<'a> {
    root: Value<'a>,
    budget: Budget,
}

impl<'a> Patching<'a> {
    fn apply(&mut self, operation: Node<'a>) -> Result<(), Problem> {
        let text = |key| operation.get_str(key).ok_or(Problem::NotAnOperation);
        let value = || operation.get("value").map(Value::Node).ok_or(Problem::NotAnOperation);
        let kind = text("op")?;
        let path = pointer::parse(&text("path")?)?;
        match &*kind {
            "add" => self.add(&path, value()?),
            "remove" => self.remove(&path).map(drop),
            "replace" => {
                let value = value()?;
                value.admit(path.len(), &mut self.budget)?;
                *self.find(&path)? = value;
                Ok(())
            }
            "move" => {
                let from = pointer::parse(&text("from")?)?;
                if path.len() > from.len() && path.starts_with(&from) {
                    return Err(Problem::IntoItself);
                }
                let value = self.remove(&from)?;
                self.add(&path, value)
            }
            "copy" => {
                let from = pointer::parse(&text("from")?)?;
                let found = self.find(&from)?;
                let (size, copy) = (found.size(), found.clone());
                self.budget.spend(size)?;
                self.add(&path, copy)
            }
            "test" => self.test(&path, operation.get("value").ok_or(Problem::NotAnOperation)?),
            _ => Err(Problem::NotAnOperation),
        }
    }

    /// The value at a path.
    fn find(&mut self, path: &[String]) -> Result<&mut Value<'a>, Problem> {
        let mut value = &mut self.root;
        for token in path {
            value = step(value, token, &mut self.budget)?;
        }
        Ok(value)
    }

    /// The object or array that holds what the path points to, and the last name.
    fn parent<'t>(&'t mut self, path: &'t [String]) -> Result<(Opened<'t, 'a>, &'t str), Problem> {
        let (last, above) = path.split_last().ok_or(Problem::Root)?;
        let mut value = &mut self.root;
        for token in above {
            value = step(value, token, &mut self.budget)?;
        }
        Ok((value.open(&mut self.budget)?, last))
    }

    fn add(&mut self, path: &[String], value: Value<'a>) -> Result<(), Problem> {
        value.admit(path.len(), &mut self.budget)?;
        if path.is_empty() {
            self.root = value;
            return Ok(());
        }
        self.budget.grow(path.last().map_or(0, |name| 6 * name.len() + 4))?;
        match self.parent(path)? {
            (Opened::Object(members), name) => match members.iter_mut().find(|(key, _)| key == name) {
                Some((_, old)) => *old = value,
                None => members.push((Cow::Owned(name.to_owned()), value)),
            },
            (Opened::Array(items), "-") => items.push(value),
            (Opened::Array(items), token) => {
                let index = pointer::index(token)?;
                if index > items.len() {
                    return Err(Problem::Index);
                }
                items.insert(index, value);
            }
            (Opened::Other, _) => return Err(Problem::NoTarget),
        }
        Ok(())
    }

    fn remove(&mut self, path: &[String]) -> Result<Value<'a>, Problem> {
        match self.parent(path)? {
            (Opened::Object(members), name) => {
                let at = members.iter().position(|(key, _)| key == name).ok_or(Problem::NoTarget)?;
                Ok(members.remove(at).1)
            }
            (Opened::Array(items), token) => {
                let index = pointer::index(token)?;
                if index < items.len() { Ok(items.remove(index)) } else { Err(Problem::Index) }
            }
            (Opened::Other, _) => Err(Problem::NoTarget),
        }
    }

    fn test(&mut self, path: &[String], want: Node<'a>) -> Result<(), Problem> {
        let found = self.find(path)?;
        let size = found.size();
        let same = match found {
            Value::Node(node) => equal(*node, want),
            opened => {
                let mut json = Vec::with_capacity(size);
                opened.write(&mut json);
                let read = Document::parse(Bytes::from(json), &Limits { depth: crate::DEPTH, bytes: usize::MAX });
                equal(read.map_err(|_| Problem::Internal)?.root(), want)
            }
        };
        self.budget.spend(size.saturating_add(want.raw().len()))?;
        if same { Ok(()) } else { Err(Problem::Test) }
    }
}

/// One step down.
fn step<'t, 'a>(value: &'t mut Value<'a>, token: &str, budget: &mut Budget) -> Result<&'t mut Value<'a>, Problem> {
    match value.open(budget)? {
        Opened::Object(members) => {
            members.iter_mut().find(|(key, _)| key == token).map(|(_, value)| value).ok_or(Problem::NoTarget)
        }
        Opened::Array(items) => items.get_mut(pointer::index(token)?).ok_or(Problem::Index),
        Opened::Other => Err(Problem::NoTarget),
    }
}
