//! The operations of a FHIRPath Patch, as its `Parameters` say them.

use std::borrow::Cow;

use tsumugi_fhir::Node;

use crate::Problem;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Add,
    Insert,
    Delete,
    Replace,
    Move,
}

/// One operation.
pub struct Operation<'a> {
    pub kind: Kind,
    /// FHIRPath, from the resource.
    pub path: Cow<'a, str>,
    pub name: Option<Cow<'a, str>>,
    /// The part named `value`.
    pub value: Option<Node<'a>>,
    pub index: Option<usize>,
    pub source: Option<usize>,
    pub destination: Option<usize>,
}

impl<'a> Operation<'a> {
    /// Reads one `Parameters.parameter`. Parts of other names are refused: they would not be done.
    pub fn read(parameter: Node<'a>) -> Result<Self, Problem> {
        let wrong = Problem::NotAnOperation;
        if parameter.get_str("name").as_deref() != Some("operation") {
            return Err(wrong);
        }
        let (mut kind, mut path) = (None, None);
        let mut operation = Self {
            kind: Kind::Add,
            path: Cow::Borrowed(""),
            name: None,
            value: None,
            index: None,
            source: None,
            destination: None,
        };
        for part in parameter.get("part").into_iter().flat_map(Node::items) {
            let text = || part.get_str("valueString").or_else(|| part.get_str("valueCode")).ok_or(wrong);
            let number = || {
                let number = part.get("valueInteger").and_then(Node::number_text);
                number.and_then(|number| number.parse().ok()).ok_or(Problem::Index)
            };
            let again = match &*part.get_str("name").ok_or(wrong)? {
                "type" => kind.replace(Kind::named(&text()?)?).is_some(),
                "path" => path.replace(text()?).is_some(),
                "name" => operation.name.replace(text()?).is_some(),
                "value" => operation.value.replace(part).is_some(),
                "index" => operation.index.replace(number()?).is_some(),
                "source" => operation.source.replace(number()?).is_some(),
                "destination" => operation.destination.replace(number()?).is_some(),
                _ => true,
            };
            if again {
                return Err(wrong);
            }
        }
        operation.kind = kind.ok_or(wrong)?;
        operation.path = path.ok_or(wrong)?;
        Ok(operation)
    }
}

impl Kind {
    fn named(name: &str) -> Result<Self, Problem> {
        Ok(match name {
            "add" => Self::Add,
            "insert" => Self::Insert,
            "delete" => Self::Delete,
            "replace" => Self::Replace,
            "move" => Self::Move,
            _ => return Err(Problem::NotAnOperation),
        })
    }
}
