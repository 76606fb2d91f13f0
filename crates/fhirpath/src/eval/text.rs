//! Functions of text.
//!
//! What must hold: a text is counted before it is made, and a regular expression is bounded in size and runs in time
//! linear to the text.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use regex::{Captures, Regex, RegexBuilder};

use super::{Answer, Machine, Scope, one, single, some};
use crate::error::EvalError;
use crate::item::{Collection, Item};
use crate::syntax::ast::Call;
use crate::syntax::functions::Text;

/// Largest compiled regular expression, in bytes.
const REGEX_BYTES: usize = 1 << 20;
/// Longest pattern, in bytes.
const PATTERN_BYTES: usize = 4096;
/// Work that compiling a pattern counts for.
const REGEX_STEPS: usize = 2000;

/// Compiles a pattern: `.` takes line ends as well (FHIRPath's single-line mode), and `whole` asks for the whole text.
pub(crate) fn regex_of(pattern: &str, whole: bool) -> Result<Regex, EvalError> {
    if pattern.len() > PATTERN_BYTES {
        return Err(EvalError::Regex);
    }
    let anchored = if whole { Cow::Owned(format!("\\A(?:{pattern})\\z")) } else { Cow::Borrowed(pattern) };
    RegexBuilder::new(&anchored)
        .dot_matches_new_line(true)
        .size_limit(REGEX_BYTES)
        .dfa_size_limit(REGEX_BYTES)
        .nest_limit(64)
        .build()
        .map_err(|_| EvalError::Regex)
}

fn owned<'a>(text: String) -> Collection<'a> {
    one(Item::String(Cow::Owned(text)))
}

fn whole<'a>(number: usize) -> Collection<'a> {
    one(Item::Integer(i32::try_from(number).unwrap_or(i32::MAX)))
}

/// The one text of a collection, if it has any.
fn text_in<'i>(items: &'i [Item<'_>], what: &'static str) -> Result<Option<Cow<'i, str>>, EvalError> {
    match single(items, what)? {
        None => Ok(None),
        Some(Item::Node(element)) if element.node.is_none() => Ok(None),
        Some(item) => item.as_text().map(Some).ok_or(EvalError::Type(what)),
    }
}

impl<'a> Machine<'_, 'a> {
    pub(super) fn text(&mut self, text: Text, call: &'a Call, input: &[Item<'a>], scope: Scope<'_, 'a>) -> Answer<'a> {
        if text == Text::Join {
            return self.join(call, input, scope);
        }
        let what = "text function";
        let Some(subject) = text_in(input, what)? else { return Ok(Collection::new()) };
        self.charge(subject.len() / 64)?;
        match text {
            Text::Upper | Text::Lower | Text::Length | Text::ToChars | Text::Trim => self.plain(text, &subject),
            Text::Substring => self.substring(call, &subject, scope),
            Text::Matches | Text::MatchesFull | Text::ReplaceMatches => self.regular(text, call, &subject, scope),
            _ => {
                let argument = self.argument(call, 0, scope)?;
                let Some(other) = text_in(&argument, what)? else { return Ok(Collection::new()) };
                self.charge(other.len() / 64)?;
                if text == Text::Replace {
                    let with = self.argument(call, 1, scope)?;
                    let Some(with) = text_in(&with, what)? else { return Ok(Collection::new()) };
                    return self.replace(&subject, &other, &with);
                }
                self.with_other_text(text, &subject, &other)
            }
        }
    }

    fn plain(&mut self, text: Text, subject: &str) -> Answer<'a> {
        Ok(match text {
            Text::Upper => owned(subject.to_uppercase()),
            Text::Lower => owned(subject.to_lowercase()),
            Text::Length => whole(subject.chars().count()),
            Text::Trim => owned(subject.trim().to_owned()),
            _ => {
                let count = subject.chars().count();
                self.charge(count)?;
                self.bound(count)?;
                subject.chars().map(|c| Item::String(Cow::Owned(c.to_string()))).collect()
            }
        })
    }

    fn with_other_text(&mut self, text: Text, subject: &str, other: &str) -> Answer<'a> {
        let at = |found: Option<usize>| match found {
            Some(bytes) => whole(subject[..bytes].chars().count()),
            None => one(Item::Integer(-1)),
        };
        Ok(match text {
            Text::IndexOf => at(subject.find(other)),
            Text::LastIndexOf => at(subject.rfind(other)),
            Text::StartsWith => one(Item::Boolean(subject.starts_with(other))),
            Text::EndsWith => one(Item::Boolean(subject.ends_with(other))),
            Text::Contains => one(Item::Boolean(subject.contains(other))),
            Text::Split => {
                let mut out = Collection::new();
                for part in subject.split(other) {
                    self.charge(1)?;
                    out.push(Item::String(Cow::Owned(part.to_owned())));
                }
                self.bound(out.len())?;
                out
            }
            Text::Encode => some(encode(subject, other)?.map(|text| Item::String(Cow::Owned(text)))),
            Text::Decode => some(decode(subject, other)?.map(|text| Item::String(Cow::Owned(text)))),
            Text::Escape => {
                self.bound_text(subject.len() * 6)?;
                owned(escape(subject, other)?)
            }
            _ => owned(unescape(subject, other)?),
        })
    }

    fn substring(&mut self, call: &'a Call, subject: &str, scope: Scope<'_, 'a>) -> Answer<'a> {
        let start = self.argument(call, 0, scope)?;
        let Some(start) = self.integer(&start, "substring()")? else { return Ok(Collection::new()) };
        let length = self.argument(call, 1, scope)?;
        let length = self.integer(&length, "substring()")?;
        let Ok(start) = usize::try_from(start) else { return Ok(Collection::new()) };
        let Some((from, _)) = subject.char_indices().nth(start) else { return Ok(Collection::new()) };
        let rest = &subject[from..];
        let length = length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(0));
        let end = rest.char_indices().nth(length).map_or(rest.len(), |(end, _)| end);
        Ok(owned(rest[..end].to_owned()))
    }

    fn replace(&mut self, subject: &str, pattern: &str, with: &str) -> Answer<'a> {
        let times = if pattern.is_empty() { subject.chars().count() + 1 } else { subject.matches(pattern).count() };
        self.charge(times)?;
        self.bound_text((subject.len()).saturating_add(times.saturating_mul(with.len())))?;
        Ok(owned(subject.replace(pattern, with)))
    }

    fn regular(&mut self, text: Text, call: &'a Call, subject: &str, scope: Scope<'_, 'a>) -> Answer<'a> {
        let with = match text {
            Text::ReplaceMatches => {
                let with = self.argument(call, 1, scope)?;
                let Some(with) = text_in(&with, "replaceMatches()")? else { return Ok(Collection::new()) };
                Some(with.into_owned())
            }
            _ => None,
        };
        let made;
        let regex = match &call.regex {
            Some(regex) => &**regex,
            None => {
                let pattern = self.argument(call, 0, scope)?;
                let Some(pattern) = text_in(&pattern, "matches()")? else { return Ok(Collection::new()) };
                self.charge(REGEX_STEPS + pattern.len() * 8)?;
                made = regex_of(&pattern, text == Text::MatchesFull)?;
                &made
            }
        };
        self.charge(subject.len() / 16)?;
        match with {
            None => Ok(one(Item::Boolean(regex.is_match(subject)))),
            // A pattern without a character replaces nothing, as HL7's tests ask.
            Some(_) if regex.as_str().is_empty() => Ok(owned(subject.to_owned())),
            Some(with) => self.replace_matches(subject, regex, &with),
        }
    }

    fn replace_matches(&mut self, subject: &str, regex: &Regex, with: &str) -> Answer<'a> {
        let mut out = String::new();
        let mut last = 0;
        for found in regex.captures_iter(subject) {
            let Some(all) = found.get(0) else { continue };
            out.push_str(&subject[last..all.start()]);
            expand(with, &found, &mut out);
            last = all.end();
            self.charge(1)?;
            self.bound_text(out.len())?;
        }
        out.push_str(&subject[last..]);
        self.bound_text(out.len())?;
        Ok(owned(out))
    }

    fn join(&mut self, call: &'a Call, input: &[Item<'a>], scope: Scope<'_, 'a>) -> Answer<'a> {
        let separator = self.argument(call, 0, scope)?;
        let separator = text_in(&separator, "join()")?.unwrap_or_default();
        let mut out = String::new();
        let mut first = true;
        for item in input {
            if matches!(item, Item::Node(element) if element.node.is_none()) {
                continue;
            }
            let part = item.as_text().ok_or(EvalError::Type("join()"))?;
            if !std::mem::take(&mut first) {
                out.push_str(&separator);
            }
            out.push_str(&part);
            self.charge(1)?;
            self.bound_text(out.len())?;
        }
        if input.is_empty() { Ok(Collection::new()) } else { Ok(owned(out)) }
    }
}

/// Writes a replacement: `$1` and `${name}` stand for groups, `$$` and `\$` for a dollar sign.
fn expand(with: &str, found: &Captures<'_>, out: &mut String) {
    let mut rest = with;
    while let Some(at) = rest.find(['$', '\\']) {
        out.push_str(&rest[..at]);
        let mark = &rest[at..];
        let after = &mark[1..];
        if mark.starts_with('\\') {
            let taken = after.chars().next().map_or(0, char::len_utf8);
            out.push_str(&after[..taken]);
            rest = &after[taken..];
        } else if let Some(named) = after.strip_prefix('{').and_then(|named| named.split_once('}')) {
            let group = named.0.parse().map_or_else(|_| found.name(named.0), |number: usize| found.get(number));
            out.push_str(group.map_or("", |group| group.as_str()));
            rest = named.1;
        } else if let Some(dollar) = after.strip_prefix('$') {
            out.push('$');
            rest = dollar;
        } else {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count().min(2);
            match after[..digits].parse().ok().and_then(|number: usize| found.get(number)) {
                Some(group) => out.push_str(group.as_str()),
                None if digits == 0 => out.push('$'),
                None => {}
            }
            rest = &after[digits..];
        }
    }
    out.push_str(rest);
}

fn encode(text: &str, format: &str) -> Result<Option<String>, EvalError> {
    Ok(Some(match format {
        "base64" => STANDARD.encode(text),
        "urlbase64" => URL_SAFE.encode(text),
        "hex" => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        _ => return Err(EvalError::Argument("encode()")),
    }))
}

/// Text that is not what the format says, or not UTF-8 inside, decodes to nothing.
fn decode(text: &str, format: &str) -> Result<Option<String>, EvalError> {
    let bytes = match format {
        "base64" => STANDARD.decode(text).ok(),
        "urlbase64" => URL_SAFE.decode(text).ok(),
        "hex" if text.is_ascii() && text.len().is_multiple_of(2) => {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
        }
        "hex" => None,
        _ => return Err(EvalError::Argument("decode()")),
    };
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

const HTML: [(char, &str); 5] = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
const JSON: [(char, &str); 7] =
    [('"', "\\\""), ('\\', "\\\\"), ('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t"), ('\u{8}', "\\b"), ('\u{c}', "\\f")];

fn table(format: &str, what: &'static str) -> Result<&'static [(char, &'static str)], EvalError> {
    match format {
        "html" => Ok(&HTML),
        "json" => Ok(&JSON),
        _ => Err(EvalError::Argument(what)),
    }
}

fn escape(text: &str, format: &str) -> Result<String, EvalError> {
    let table = table(format, "escape()")?;
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match table.iter().find(|(plain, _)| *plain == c) {
            Some((_, escaped)) => out.push_str(escaped),
            None => out.push(c),
        }
    }
    Ok(out)
}

fn unescape(text: &str, format: &str) -> Result<String, EvalError> {
    let table = table(format, "unescape()")?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match table.iter().find(|(_, escaped)| rest.starts_with(escaped)) {
            Some((plain, escaped)) => {
                out.push(*plain);
                rest = &rest[escaped.len()..];
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    Ok(out)
}
