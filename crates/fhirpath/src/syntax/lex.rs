//! FHIRPath's tokens.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::error::{ParseError, ParseFault};
use crate::value::{Temporal, number};

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'t> {
    /// A name; `true` where it stood in backticks and so is no keyword.
    Name(Cow<'t, str>, bool),
    Text(String),
    Integer(i32),
    Decimal(Decimal),
    Date(Temporal),
    DateTime(Temporal),
    Time(Temporal),
    /// `%name`.
    Variable(Cow<'t, str>),
    /// `$this`, `$index`, `$total`: without the sign.
    Dollar(&'t str),
    /// Operators and brackets.
    Sign(&'static str),
    End,
}

/// Two characters first, so that the longest sign is taken.
const SIGNS: [&str; 23] = [
    "!=", "!~", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "&", "|", "<", ">", "=", "~",
    ";",
];

/// The lexer: one token at a time, with the byte at which it starts.
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token and the byte at which it starts.
    pub(crate) fn next(&mut self) -> Result<(Token<'t>, usize), ParseError> {
        self.skip_blank()?;
        let start = self.at;
        let rest = &self.text[start..];
        let token = match rest.bytes().next() {
            None => Token::End,
            Some(b'\'') => Token::Text(self.quoted(b'\'')?),
            Some(b'`') => Token::Name(Cow::Owned(self.quoted(b'`')?), true),
            Some(b'"') => Token::Name(Cow::Owned(self.quoted(b'"')?), true),
            Some(b'%') => self.variable()?,
            Some(b'$') => self.dollar()?,
            Some(b'@') => self.temporal()?,
            Some(b'0'..=b'9') => self.number()?,
            Some(b) if b.is_ascii_alphabetic() || b == b'_' => Token::Name(Cow::Borrowed(self.word()), false),
            Some(_) => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                let sign = sign.ok_or_else(|| ParseError::new(ParseFault::Character, start))?;
                self.at += sign.len();
                Token::Sign(sign)
            }
        };
        Ok((token, start))
    }

    fn skip_blank(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start().len();
            if blank > 0 {
                self.at += blank;
            } else if rest.starts_with("//") {
                self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let end = comment.find("*/").ok_or_else(|| ParseError::new(ParseFault::Unterminated, self.at))?;
                self.at += end + 4;
            } else {
                return Ok(());
            }
        }
    }

    fn word(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A text between two `quote`s, escapes resolved.
    fn quoted(&mut self, quote: u8) -> Result<String, ParseError> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.text[start + 1..].char_indices();
        while let Some((at, c)) = chars.next() {
            if c == char::from(quote) {
                self.at = start + 1 + at + 1;
                return Ok(text);
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            let fault = || ParseError::new(ParseFault::Escape, start + 1 + at);
            let escaped = chars.next().ok_or_else(fault)?.1;
            let meant = match escaped {
                'r' => '\r',
                'n' => '\n',
                't' => '\t',
                'f' => '\u{c}',
                '\\' | '/' | '\'' | '"' | '`' => escaped,
                'u' => unicode(&mut chars).ok_or_else(fault)?,
                // Older expressions escape what needs none (`\-`, `\.`) and mean the regular expression's escape.
                _ => {
                    text.push('\\');
                    escaped
                }
            };
            text.push(meant);
        }
        Err(ParseError::new(ParseFault::Unterminated, start))
    }

    fn variable(&mut self) -> Result<Token<'t>, ParseError> {
        self.at += 1;
        let name = match self.text.as_bytes().get(self.at) {
            Some(quote @ (b'`' | b'\'')) => Cow::Owned(self.quoted(*quote)?),
            _ => {
                // R4 writes `%vs-name` without quotes too.
                let rest = &self.text[self.at..];
                let word = self.word();
                let long = (word == "vs" || word == "ext") && rest[word.len()..].starts_with('-');
                if long {
                    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
                    let end = end.unwrap_or(rest.len());
                    self.at += end - word.len();
                    Cow::Borrowed(&rest[..end])
                } else {
                    Cow::Borrowed(word)
                }
            }
        };
        if name.is_empty() {
            return Err(ParseError::new(ParseFault::Unexpected, self.at));
        }
        Ok(Token::Variable(name))
    }

    fn dollar(&mut self) -> Result<Token<'t>, ParseError> {
        let start = self.at;
        self.at += 1;
        match self.word() {
            word @ ("this" | "index" | "total") => Ok(Token::Dollar(word)),
            _ => Err(ParseError::new(ParseFault::Character, start)),
        }
    }

    fn number(&mut self) -> Result<Token<'t>, ParseError> {
        let start = self.at;
        let rest = &self.text[start..];
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut length = digits(rest);
        let whole = length;
        if rest.as_bytes().get(length) == Some(&b'.') {
            let fraction = digits(&rest[length + 1..]);
            length += if fraction > 0 { fraction + 1 } else { 0 };
        }
        self.at += length;
        let fault = || ParseError::new(ParseFault::Number, start);
        if length == whole {
            return rest[..length].parse().map(Token::Integer).map_err(|_| fault());
        }
        number::parse(&rest[..length]).map(Token::Decimal).ok_or_else(fault)
    }

    fn temporal(&mut self) -> Result<Token<'t>, ParseError> {
        let start = self.at;
        let fault = || ParseError::new(ParseFault::Date, start);
        let rest = &self.text.as_bytes()[start + 1..];
        if rest.first() == Some(&b'T') {
            let (time, length) = Temporal::scan_time(&rest[1..]).ok_or_else(fault)?;
            self.at += 2 + length;
            return Ok(Token::Time(time));
        }
        let (date, length) = Temporal::scan_date(rest).ok_or_else(fault)?;
        let (all, more) = date.scan_rest(&rest[length..]).ok_or_else(fault)?;
        self.at += 1 + length + more;
        Ok(if more == 0 { Token::Date(date) } else { Token::DateTime(all) })
    }
}

/// Four hexadecimal digits, and the second half of a surrogate pair where the first asks for it.
fn unicode(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    let mut half = || (0..4).try_fold(0, |value, _| Some(value * 16 + chars.next()?.1.to_digit(16)?));
    let first = half()?;
    if !(0xD800..0xDC00).contains(&first) {
        return char::from_u32(first);
    }
    if chars.next()?.1 != '\\' || chars.next()?.1 != 'u' {
        return None;
    }
    let mut half = || (0..4).try_fold(0, |value, _| Some(value * 16 + chars.next()?.1.to_digit(16)?));
    let second = half().filter(|second| (0xDC00..0xE000).contains(second))?;
    char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
}
