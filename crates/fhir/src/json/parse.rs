//! From bytes to tape, with jiter as the pull parser.
//!
//! Why a loop with its own stack: depth is bounded by the limit, never by the thread's stack.

use std::borrow::Cow;

use bytes::Bytes;
use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, Peek};

use super::{
    Limits, Place, Slot, What,
    fault::{SyntaxError, SyntaxFault},
    node::unescape,
};

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
