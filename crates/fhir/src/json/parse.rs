//! From bytes to tape, with jiter as the pull parser.
//!
//! Why a loop with its own stack: depth is bounded by the limit, never by the thread's stack.

use std::borrow::Cow;

use bytes::Bytes;
use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, Peek};

use super::{Limits, Place, Slot, What, node::unescape};
use crate::outcome::{Finding, IssueType, Severity};

/// Why a text is no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxFault {
    /// No bytes, or only white space.
    Empty,
    /// More bytes than the limit.
    TooLarge,
    /// More levels than the limit.
    TooDeep,
    /// More values than the limit.
    TooMany,
    /// Starts with a byte order mark.
    ByteOrderMark,
    /// Looks like UTF-16 or UTF-32.
    WideEncoding,
    /// Not UTF-8.
    NotUtf8,
    /// Ends in the middle of a value.
    Truncated,
    /// A member's name is there twice.
    DuplicateKey,
    /// Half a surrogate pair in a `\u` escape.
    LoneSurrogate,
    /// An escape that JSON does not have.
    BadEscape,
    /// A control character inside a string.
    ControlCharacter,
    /// A number that is none by JSON, or with thousands of digits.
    BadNumber,
    /// Text after the value.
    TrailingText,
    /// A comma before `]` or `}`.
    TrailingComma,
    /// Something else stands where JSON has a value, a name, a colon or a comma.
    Unexpected,
}

/// What is wrong with a text, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub fault: SyntaxFault,
    /// Line and column.
    pub place: Place,
    /// Byte, from 0.
    pub offset: usize,
}

impl SyntaxError {
    fn new(fault: SyntaxFault, text: &[u8], offset: usize) -> Self {
        let offset = offset.min(text.len());
        Self { fault, place: Place::of(text, offset), offset }
    }

    /// What is wrong and what to do, in Japanese.
    #[must_use]
    pub const fn ja(&self) -> &'static str {
        match self.fault {
            SyntaxFault::Empty => "本文が空です。FHIRリソースをJSONで送ってください。",
            SyntaxFault::TooLarge => "本文が大きすぎます。分けて送ってください。",
            SyntaxFault::TooDeep => "入れ子が深すぎます。入れ子を減らしてください。",
            SyntaxFault::TooMany => "値の数が多すぎます。分けて送ってください。",
            SyntaxFault::ByteOrderMark => "先頭にBOMがあります。BOMなしのUTF-8で送ってください。",
            SyntaxFault::WideEncoding => "UTF-16またはUTF-32のようです。UTF-8で送ってください。",
            SyntaxFault::NotUtf8 => "UTF-8として読めないバイトがあります。UTF-8で送ってください。",
            SyntaxFault::Truncated => "JSONが途中で終わっています。最後まで送られたかを確かめてください。",
            SyntaxFault::DuplicateKey => "同じ名前の要素が一つのオブジェクトに二度あります。一つにしてください。",
            SyntaxFault::LoneSurrogate => {
                "\\u の片割れのサロゲートがあります。対にするか、文字をそのまま書いてください。"
            }
            SyntaxFault::BadEscape => "JSONにないエスケープがあります。RFC 8259の書き方に直してください。",
            SyntaxFault::ControlCharacter => "文字列に制御文字がそのまま入っています。エスケープしてください。",
            SyntaxFault::BadNumber => "JSONの数ではありません。RFC 8259の書き方に直してください。",
            SyntaxFault::TrailingText => "JSONの後に余分な文字があります。取り除いてください。",
            SyntaxFault::TrailingComma => "閉じる括弧の前に余分なコンマがあります。取り除いてください。",
            SyntaxFault::Unexpected => "JSONとして読めない文字があります。この場所の前後を確かめてください。",
        }
    }

    /// What is wrong and what to do, in English.
    #[must_use]
    pub const fn en(&self) -> &'static str {
        match self.fault {
            SyntaxFault::Empty => "The body is empty. Send a FHIR resource as JSON.",
            SyntaxFault::TooLarge => "The body is too large. Send it in parts.",
            SyntaxFault::TooDeep => "The nesting is too deep. Nest less.",
            SyntaxFault::TooMany => "There are too many values. Send the body in parts.",
            SyntaxFault::ByteOrderMark => "The body starts with a byte order mark. Send UTF-8 without it.",
            SyntaxFault::WideEncoding => "The body looks like UTF-16 or UTF-32. Send UTF-8.",
            SyntaxFault::NotUtf8 => "A byte is not UTF-8. Send UTF-8.",
            SyntaxFault::Truncated => "The JSON ends in the middle. Check that all of it was sent.",
            SyntaxFault::DuplicateKey => "An object has the same member twice. Keep one of them.",
            SyntaxFault::LoneSurrogate => {
                "A \\u escape is half a surrogate pair. Write the pair, or the character itself."
            }
            SyntaxFault::BadEscape => "JSON has no such escape. Write it as RFC 8259 does.",
            SyntaxFault::ControlCharacter => "A string holds a bare control character. Escape it.",
            SyntaxFault::BadNumber => "This is no JSON number. Write it as RFC 8259 does.",
            SyntaxFault::TrailingText => "There is text after the JSON value. Remove it.",
            SyntaxFault::TrailingComma => "There is a comma before the closing bracket. Remove it.",
            SyntaxFault::Unexpected => "JSON does not allow this character here. Check the text around this place.",
        }
    }

    /// The error as a finding.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let code = match self.fault {
            SyntaxFault::TooLarge => IssueType::TooLong,
            SyntaxFault::TooDeep | SyntaxFault::TooMany => IssueType::TooCostly,
            _ => IssueType::Structure,
        };
        Finding {
            severity: Severity::Fatal,
            code,
            rule: None,
            path: String::new(),
            place: Some(self.place),
            ja: self.ja().to_owned(),
            en: self.en().to_owned(),
        }
    }
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (line {}, column {}, byte {})", self.en(), self.place.line, self.place.column, self.offset)
    }
}

impl std::error::Error for SyntaxError {}

/// An object or array whose end is not yet seen.
struct Open {
    slot: usize,
    object: bool,
    /// Where this object's keys start in the stack of keys.
    keys: usize,
}

struct Builder<'j> {
    text: &'j [u8],
    tape: Vec<Slot>,
    open: Vec<Open>,
    /// Slots of the keys of all open objects, innermost last.
    keys: Vec<u32>,
    depth: usize,
    most: usize,
}

/// Checks bounds and encoding, then builds the tape.
pub(super) fn parse(bytes: Bytes, limits: &Limits) -> Result<(String, Vec<Slot>), SyntaxError> {
    if bytes.len() > limits.bytes || u32::try_from(bytes.len()).is_err() {
        return Err(SyntaxError { fault: SyntaxFault::TooLarge, place: Place { line: 1, column: 1 }, offset: 0 });
    }
    if let Some(fault) = encoding_fault(&bytes) {
        return Err(SyntaxError::new(fault, &bytes, 0));
    }
    let text = match String::from_utf8(Vec::from(bytes)) {
        Ok(text) => text,
        Err(error) => {
            let (at, bytes) = (error.utf8_error().valid_up_to(), error.into_bytes());
            return Err(SyntaxError::new(SyntaxFault::NotUtf8, &bytes, at));
        }
    };
    let mut builder = Builder {
        text: text.as_bytes(),
        tape: Vec::with_capacity(text.len() / 12 + 16),
        open: Vec::with_capacity(16),
        keys: Vec::with_capacity(64),
        depth: limits.depth,
        most: limits.bytes / 4 + 64,
    };
    builder.run()?;
    let tape = builder.tape;
    Ok((text, tape))
}

/// Encodings that would otherwise only be told as "unexpected character".
fn encoding_fault(bytes: &[u8]) -> Option<SyntaxFault> {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some(SyntaxFault::ByteOrderMark),
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => Some(SyntaxFault::WideEncoding),
        [0, second, ..] if *second != 0 => Some(SyntaxFault::WideEncoding),
        [0, 0, 0, fourth, ..] if *fourth != 0 => Some(SyntaxFault::WideEncoding),
        [first, 0, ..] if *first != 0 => Some(SyntaxFault::WideEncoding),
        _ => None,
    }
}

impl<'j> Builder<'j> {
    fn run(&mut self) -> Result<(), SyntaxError> {
        let text = self.text;
        let mut jiter = Jiter::new(text);
        let mut peek = Some(jiter.peek().map_err(|e| self.fault(&e))?);
        loop {
            if let Some(first) = peek {
                self.value(&mut jiter, first)?;
            }
            // Close what ends here, then find the next value of the innermost open object or array.
            peek = loop {
                let Some(open) = self.open.last() else {
                    return jiter.finish().map_err(|e| self.fault(&e));
                };
                let empty = self.tape.len() == open.slot + 1;
                let found = match (open.object, empty) {
                    (false, true) => jiter.next_array(),
                    (false, false) => jiter.array_step(),
                    (true, _) => match self.key(&mut jiter, empty)? {
                        true => jiter.peek().map(Some),
                        false => Ok(None),
                    },
                };
                match found.map_err(|e| self.fault(&e))? {
                    Some(next) => break Some(next),
                    None => self.close(jiter.current_index())?,
                }
            };
        }
    }

    /// Takes one scalar, or the opening of an object or array (which stays before its bracket).
    fn value(&mut self, jiter: &mut Jiter<'j>, first: Peek) -> Result<(), SyntaxError> {
        let start = jiter.current_index();
        let taken = match first {
            Peek::String => jiter.known_bytes().map(|content| Some((What::String, content.contains(&b'\\')))),
            Peek::Object | Peek::Array => {
                if self.open.len() == self.depth {
                    return Err(SyntaxError::new(SyntaxFault::TooDeep, self.text, start));
                }
                let object = first == Peek::Object;
                self.open.push(Open { slot: self.tape.len(), object, keys: self.keys.len() });
                return self.push(start, start, if object { What::Object } else { What::Array }, false);
            }
            Peek::Null => jiter.known_null().map(|()| Some((What::Null, false))),
            Peek::True | Peek::False => {
                jiter.known_bool(first).map(|yes| Some((if yes { What::True } else { What::False }, false)))
            }
            Peek::Infinity | Peek::NaN => Ok(None),
            number if number.is_num() => jiter.known_number_bytes(number).map(|_| Some((What::Number, false))),
            _ => Ok(None),
        };
        match taken.map_err(|e| self.fault(&e))? {
            Some((What::String, escaped)) => self.push(start + 1, jiter.current_index() - 1, What::String, escaped),
            Some((what, _)) => self.push(start, jiter.current_index(), what, false),
            None => Err(SyntaxError::new(SyntaxFault::Unexpected, self.text, start)),
        }
    }

    /// Takes the next member's name; `false` when the object ends.
    fn key(&mut self, jiter: &mut Jiter<'j>, first: bool) -> Result<bool, SyntaxError> {
        let base = self.text.as_ptr() as usize;
        let found = if first { jiter.next_object_bytes() } else { jiter.next_key_bytes() };
        let found = found.map(|key| key.map(|k| (k.as_ptr() as usize - base, k.len(), k.contains(&b'\\'))));
        let Some((start, length, escaped)) = found.map_err(|e| self.fault(&e))? else {
            return Ok(false);
        };
        self.keys.push(narrow(self.tape.len()));
        self.push(start, start + length, What::Key, escaped)?;
        Ok(true)
    }

    fn push(&mut self, start: usize, end: usize, what: What, escaped: bool) -> Result<(), SyntaxError> {
        if self.tape.len() >= self.most {
            return Err(SyntaxError::new(SyntaxFault::TooMany, self.text, start));
        }
        let next = narrow(self.tape.len() + 1);
        self.tape.push(Slot { start: narrow(start), end: narrow(end), next, what, escaped });
        Ok(())
    }

    /// Ends the innermost object or array at byte `end`.
    fn close(&mut self, end: usize) -> Result<(), SyntaxError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        if open.object {
            self.unique(open.keys)?;
            self.keys.truncate(open.keys);
        }
        let next = narrow(self.tape.len());
        if let Some(slot) = self.tape.get_mut(open.slot) {
            slot.end = narrow(end);
            slot.next = next;
        }
        Ok(())
    }

    /// Checks that the keys from `from` on are all different, as they read (escapes resolved).
    fn unique(&self, from: usize) -> Result<(), SyntaxError> {
        let keys = &self.keys[from..];
        let slot = |key: &u32| &self.tape[*key as usize];
        let plain = |slot: &Slot| &self.text[slot.start as usize..slot.end as usize];
        let duplicate = if keys.len() <= 24 && !keys.iter().any(|key| slot(key).escaped) {
            keys.iter()
                .enumerate()
                .find(|(at, key)| {
                    let this = plain(slot(key));
                    keys[..*at].iter().any(|other| plain(slot(other)) == this)
                })
                .map(|(_, key)| *key)
        } else {
            let mut read: Vec<(Cow<'_, [u8]>, u32)> = keys.iter().map(|&key| (self.read(slot(&key)), key)).collect();
            read.sort_unstable();
            read.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1).min()
        };
        match duplicate {
            None => Ok(()),
            Some(key) => Err(SyntaxError::new(SyntaxFault::DuplicateKey, self.text, slot(&key).start as usize - 1)),
        }
    }

    fn read(&self, slot: &Slot) -> Cow<'j, [u8]> {
        let plain = &self.text[slot.start as usize..slot.end as usize];
        match std::str::from_utf8(plain) {
            Ok(text) if slot.escaped => Cow::Owned(unescape(text).into_bytes()),
            _ => Cow::Borrowed(plain),
        }
    }

    fn fault(&self, error: &JiterError) -> SyntaxError {
        let fault = match &error.error_type {
            JiterErrorType::WrongType { .. } => SyntaxFault::Unexpected,
            JiterErrorType::JsonError(kind) => match kind {
                JsonErrorType::EofWhileParsingValue if self.text.iter().all(u8::is_ascii_whitespace) => {
                    SyntaxFault::Empty
                }
                JsonErrorType::EofWhileParsingList
                | JsonErrorType::EofWhileParsingObject
                | JsonErrorType::EofWhileParsingString
                | JsonErrorType::EofWhileParsingValue => SyntaxFault::Truncated,
                JsonErrorType::LoneLeadingSurrogateInHexEscape | JsonErrorType::UnexpectedEndOfHexEscape => {
                    SyntaxFault::LoneSurrogate
                }
                JsonErrorType::InvalidEscape => SyntaxFault::BadEscape,
                JsonErrorType::ControlCharacterWhileParsingString => SyntaxFault::ControlCharacter,
                JsonErrorType::InvalidNumber | JsonErrorType::NumberOutOfRange => SyntaxFault::BadNumber,
                JsonErrorType::TrailingCharacters => SyntaxFault::TrailingText,
                JsonErrorType::TrailingComma => SyntaxFault::TrailingComma,
                JsonErrorType::DuplicateKey(_) => SyntaxFault::DuplicateKey,
                JsonErrorType::InvalidUnicodeCodePoint => SyntaxFault::NotUtf8,
                _ => SyntaxFault::Unexpected,
            },
        };
        SyntaxError::new(fault, self.text, error.index)
    }
}

/// Every number of the tape fits: the text has at most `u32::MAX` bytes and the tape fewer slots than bytes.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
