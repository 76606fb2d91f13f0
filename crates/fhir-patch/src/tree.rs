//! A document that can be changed: what is untouched stays a node of the text that came in.

use std::{borrow::Cow, collections::HashMap};

use tsumugi_fhir::{
    Node,
    json::{Type, write},
};

use crate::{Budget, DEPTH, Problem, numbers};

/// One value.
#[derive(Clone)]
pub enum Value<'a> {
    /// As it was written.
    Node(Node<'a>),
    /// `null`, where an array needs one to stay aligned.
    Null,
    /// An object that was opened, or is new.
    Object(Members<'a>),
    /// An array that was opened, or is new.
    Array(Vec<Value<'a>>),
}

/// An object's members in order.
pub type Members<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// A value that may be changed.
pub enum Opened<'t, 'a> {
    Object(&'t mut Members<'a>),
    Array(&'t mut Vec<Value<'a>>),
    /// Neither object nor array.
    Other,
}

impl<'a> Value<'a> {
    /// The value opened for change; takes work for each member or item.
    pub fn open(&mut self, budget: &mut Budget) -> Result<Opened<'_, 'a>, Problem> {
        if let Self::Node(node) = *self {
            if node.is_object() {
                *self = Self::Object(node.members().map(|(key, value)| (key, Self::Node(value))).collect());
            } else if node.is_array() {
                *self = Self::Array(node.items().map(Self::Node).collect());
            }
        }
        match self {
            Self::Object(members) => {
                budget.spend(members.len())?;
                Ok(Opened::Object(members))
            }
            Self::Array(items) => {
                budget.spend(items.len())?;
                Ok(Opened::Array(items))
            }
            Self::Node(_) | Self::Null => Ok(Opened::Other),
        }
    }

    /// The members of an object, opened for change; `None` for other values.
    pub fn members(&mut self, budget: &mut Budget) -> Result<Option<&mut Members<'a>>, Problem> {
        Ok(if let Opened::Object(members) = self.open(budget)? { Some(members) } else { None })
    }

    /// The items of an array, opened for change; `None` for other values.
    pub fn items(&mut self, budget: &mut Budget) -> Result<Option<&mut Vec<Self>>, Problem> {
        Ok(if let Opened::Array(items) = self.open(budget)? { Some(items) } else { None })
    }

    /// Appends the value as JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Node(node) => out.extend_from_slice(node.raw().as_bytes()),
            Self::Null => out.extend_from_slice(b"null"),
            Self::Object(members) => {
                out.push(b'{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    write::string(out, key);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
            Self::Array(items) => {
                out.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
        }
    }

    /// Bytes of the value as JSON, or a little more.
    pub fn size(&self) -> usize {
        match self {
            Self::Node(node) => node.raw().len(),
            Self::Null => 4,
            // A byte of a key takes six where it is a control character.
            Self::Object(members) => {
                2 + members.iter().map(|(key, value)| 4 + 6 * key.len() + value.size()).sum::<usize>()
            }
            Self::Array(items) => 2 + items.iter().map(|item| 1 + item.size()).sum::<usize>(),
        }
    }

    /// Levels of objects and arrays.
    fn depth(&self) -> usize {
        match self {
            Self::Node(node) => depth(*node),
            Self::Null => 0,
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            Self::Array(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
        }
    }

    /// Takes the size of a value that is added `below` levels down, which must not make the document too deep or large.
    pub fn admit(&self, below: usize, budget: &mut Budget) -> Result<(), Problem> {
        budget.grow(self.size())?;
        if below + self.depth() > DEPTH { Err(Problem::TooDeep) } else { Ok(()) }
    }
}

fn depth(node: Node<'_>) -> usize {
    let inner = node.members().map(|(_, value)| value).chain(node.items()).map(depth).max();
    usize::from(node.is_object() || node.is_array()) + inner.unwrap_or(0)
}

/// Whether two values are equal as RFC 6902 says: numbers by value, strings by character, objects in any order.
pub fn equal(one: Node<'_>, other: Node<'_>) -> bool {
    if one.kind() != other.kind() {
        return false;
    }
    match one.kind() {
        Type::Null => true,
        Type::Bool => one.as_bool() == other.as_bool(),
        Type::Number => numbers::equal(one.raw(), other.raw()),
        Type::String => one.as_str() == other.as_str(),
        Type::Array => {
            one.items().count() == other.items().count() && one.items().zip(other.items()).all(|(a, b)| equal(a, b))
        }
        Type::Object => {
            let others: HashMap<_, _> = other.members().collect();
            let mut count = 0;
            one.members().all(|(key, value)| {
                count += 1;
                others.get(&key).is_some_and(|twin| equal(value, *twin))
            }) && count == others.len()
        }
    }
}
