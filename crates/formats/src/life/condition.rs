//! Conditions between columns of one row. What a row leaves alone is not known, and nothing is concluded from it.

use serde::Deserialize;

/// When a column must have a value.
#[derive(Debug, PartialEq, Eq)]
pub struct Condition {
    /// Whether one term suffices.
    any: bool,
    terms: Vec<Term>,
    /// What no file can tell, in the interface's word.
    outside: Option<Box<str>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Term {
    Is(usize, Vec<Box<str>>),
    Present(usize),
}

/// Other columns that make a column a certain code.
#[derive(Debug, PartialEq, Eq)]
pub struct Implied {
    /// The columns of which one with this code is enough.
    pub by: Vec<usize>,
    /// The code.
    pub code: Box<str>,
}

/// Codes that hold only beside a value of another column.
#[derive(Debug, PartialEq, Eq)]
pub struct Only {
    /// The other column.
    pub column: usize,
    /// Its values, each with the codes that may stand beside it.
    pub codes: Vec<(Box<str>, Vec<Box<str>>)>,
}

impl Only {
    /// Whether `code` may stand beside `value`.
    #[must_use]
    pub fn allows(&self, value: &str, code: &str) -> bool {
        let codes = self.codes.iter().find(|(known, _)| known.as_ref() == value);
        codes.is_none_or(|(_, codes)| codes.iter().any(|known| known.as_ref() == code))
    }
}

/// What a row says of one column, for conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known<'r> {
    /// A value.
    Value(&'r str),
    /// None, for certain.
    Nothing,
    /// It is left alone, or cannot be read.
    Unknown,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The row does not tell.
    Unknown,
}

impl Condition {
    /// Whether it holds for a row, whose columns `known` tells.
    pub fn holds<'r>(&self, mut known: impl FnMut(usize) -> Known<'r>) -> Holds {
        let mut unknown = self.outside.is_some();
        for term in &self.terms {
            let yes = match term {
                Term::Is(column, codes) => match known(*column) {
                    Known::Value(value) => Some(codes.iter().any(|code| code.as_ref() == value)),
                    Known::Nothing => Some(false),
                    Known::Unknown => None,
                },
                Term::Present(column) => match known(*column) {
                    Known::Value(_) => Some(true),
                    Known::Nothing => Some(false),
                    Known::Unknown => None,
                },
            };
            match yes {
                Some(yes) if yes == self.any => return if yes { Holds::Yes } else { Holds::No },
                Some(_) => {}
                None => unknown = true,
            }
        }
        match (unknown, self.any) {
            (true, _) => Holds::Unknown,
            (false, true) => Holds::No,
            (false, false) => Holds::Yes,
        }
    }

    /// The columns that it looks at.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.terms.iter().map(|term| match term {
            Term::Is(column, _) | Term::Present(column) => *column,
        })
    }
}

/// A condition as data.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Raw {
    All { all: Vec<RawTerm> },
    Any { any: Vec<RawTerm> },
    Outside { outside: String },
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum RawTerm {
    Is { column: String, is: Vec<String> },
    Present { column: String, present: bool },
    Outside { outside: String },
}

impl Raw {
    /// The condition over a form's columns.
    pub(super) fn condition(self, find: &impl Fn(&str) -> Result<usize, String>) -> Result<Condition, String> {
        let (any, raw) = match self {
            Self::All { all } => (false, all),
            Self::Any { any } => (true, any),
            Self::Outside { outside } => {
                return Ok(Condition { any: false, terms: Vec::new(), outside: Some(outside.into()) });
            }
        };
        let (mut terms, mut outside_word) = (Vec::new(), None);
        for term in raw {
            match term {
                RawTerm::Is { column, is } => {
                    terms.push(Term::Is(find(&column)?, is.into_iter().map(String::into_boxed_str).collect()));
                }
                RawTerm::Present { column, present: true } => terms.push(Term::Present(find(&column)?)),
                RawTerm::Present { column, present: false } => {
                    return Err(format!("a condition asks that {column} is absent, which is not known here"));
                }
                RawTerm::Outside { outside } => outside_word = Some(outside.into()),
            }
        }
        Ok(Condition { any, terms, outside: outside_word })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(text: &str) -> Condition {
        let raw: Raw = serde_json::from_str(text).unwrap();
        raw.condition(&|id| id.parse::<usize>().map_err(|error| error.to_string())).unwrap()
    }

    #[test]
    fn what_is_left_alone_decides_nothing() {
        use Known::{Nothing, Unknown, Value};
        let all = condition(r#"{"all":[{"column":"0","is":["1"]},{"column":"1","present":true}]}"#);
        let any = condition(r#"{"any":[{"column":"0","is":["1"]},{"column":"1","present":true}]}"#);
        for (cells, of_all, of_any) in [
            ([Value("1"), Value("x")], Holds::Yes, Holds::Yes),
            ([Value("2"), Unknown], Holds::No, Holds::Unknown),
            ([Unknown, Value("x")], Holds::Unknown, Holds::Yes),
            ([Nothing, Nothing], Holds::No, Holds::No),
            ([Unknown, Unknown], Holds::Unknown, Holds::Unknown),
        ] {
            assert_eq!(all.holds(|at| cells[at]), of_all, "all of {cells:?}");
            assert_eq!(any.holds(|at| cells[at]), of_any, "any of {cells:?}");
        }
        let outside = condition(r#"{"all":[{"column":"0","is":["1"]},{"outside":"加算"}]}"#);
        assert_eq!(outside.holds(|_| Value("1")), Holds::Unknown);
        assert_eq!(outside.holds(|_| Value("2")), Holds::No);
    }
}
