//! JSON as this crate writes it: members in the order given, numbers as the text given (`7.10` stays `7.10`).
//!
//! `serde_json::Value` sorts members or keeps their order depending on a feature that any other crate may switch on;
//! the town's bytes must not depend on that, so the few lines below write them.

use std::fmt::Write;

/// A JSON value.
#[derive(Clone, Debug)]
pub enum Json {
    /// Nothing: the member or item that holds it is left out.
    Absent,
    /// `true` or `false`.
    Bool(bool),
    /// A number, by its text.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    /// A number by its text, for example `"7.10"`.
    #[must_use]
    pub fn number(text: impl Into<String>) -> Self {
        Self::Number(text.into())
    }

    /// An array of what the iterator gives.
    #[must_use]
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// The object with one more member at its end. Anything else stays as it is.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Self>) -> Self {
        if let Self::Object(members) = &mut self {
            members.push((name, value.into()));
        }
        self
    }

    /// The text of a member, if this is an object and the member a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let Self::Object(members) = self else { return None };
        members.iter().find_map(|(member, value)| match value {
            Self::Text(text) if *member == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// The value without the members of these names, at any depth.
    #[must_use]
    pub fn without(self, names: &[&str]) -> Self {
        match self {
            Self::Object(members) => Self::Object(
                members
                    .into_iter()
                    .filter(|(name, _)| !names.contains(name))
                    .map(|(name, value)| (name, value.without(names)))
                    .collect(),
            ),
            Self::List(items) => Self::List(items.into_iter().map(|item| item.without(names)).collect()),
            other => other,
        }
    }

    /// The text of the value, without white space.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = String::with_capacity(4096);
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        match self {
            Self::Absent => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push('[');
                let mut first = true;
                for item in items.iter().filter(|item| !matches!(item, Self::Absent)) {
                    if !std::mem::take(&mut first) {
                        out.push(',');
                    }
                    item.write_to(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                let mut first = true;
                for (name, value) in members.iter().filter(|(_, value)| !matches!(value, Self::Absent)) {
                    if !std::mem::take(&mut first) {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write_to(out);
                }
                out.push('}');
            }
        }
    }
}

/// Writes `text` as a JSON string: only what must be escaped is (RFC 8259 section 7).
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                // Writing to a `String` cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&String> for Json {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}
impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<u32> for Json {
    fn from(value: u32) -> Self {
        Self::Number(value.to_string())
    }
}
impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::List(items)
    }
}
impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

/// An object: `obj! {"name" => value, …}`.
macro_rules! obj {
    ($($name:literal => $value:expr),* $(,)?) => { $crate::json::Json::Object(vec![$(($name, $crate::json::Json::from($value))),*]) };
}
/// An array: `arr! [value, …]`.
macro_rules! arr {
    ($($value:expr),* $(,)?) => { $crate::json::Json::List(vec![$($crate::json::Json::from($value)),*]) };
}
pub(crate) use {arr, obj};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_number_text_stay_and_absent_members_go() {
        let value = obj! {"z" => "髙\"\n\u{1}", "a" => Json::number("7.10"), "gone" => Option::<&str>::None, "l" => arr![true, 3]};
        assert_eq!(value.write(), "{\"z\":\"髙\\\"\\n\\u0001\",\"a\":7.10,\"l\":[true,3]}");
        assert_eq!(obj! {"a" => arr![obj! {"b" => true, "c" => 1}]}.without(&["b"]).write(), "{\"a\":[{\"c\":1}]}");
        let back: serde_json::Value = serde_json::from_str(&value.write()).unwrap();
        assert_eq!(back["z"], "髙\"\n\u{1}");
    }
}
