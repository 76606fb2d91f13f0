//! The packed form of values: bytes that a scan reads without unpacking.
//!
//! Layout: version `2`; category; flags; day (`i32`, little-endian, `i32::MIN` for none); source (length byte and
//! text); then entries to the end. An entry is a number `parameter × 8 + shape` and the value in that shape. Texts that
//! are frequent stand as their number in the table of words; an id that the server gave stands as its 128 bits.

use std::borrow::Cow;

use tsumugi_kernel::{Flags, Kind, RecordCategory};

use super::{Value, Values, words};

const VERSION: u8 = 2;
/// The form before: [`super::params::DATE`] stood for whatever date was clinically relevant.
const VERSION_ANY_DATE: u8 = 1;
/// The flag bit that says that entries were left out: the values did not fit.
const PARTIAL: u8 = 0x80;
/// Most bytes of packed values; a store takes 64 KiB.
const MOST: usize = 60 * 1024;
const NO_DAY: i32 = i32::MIN;

// Shapes of values.
const TOKEN: u64 = 0;
const DATE: u64 = 1;
const REFERENCE: u64 = 2;
const REFERENCE_SEALED: u64 = 3;
const REFERENCE_TEXT: u64 = 4;
const TEXT: u64 = 5;
const URI: u64 = 6;

// Texts: below 0x60 the length of what follows; 0x60 a long length; above a word's number.
const LONG: u8 = 0x60;
const FIRST_WORD: u8 = 0x61;
const SECOND_PAGE: u8 = 0xFF;
const PAGE: u16 = 0xFF - 0x61;

/// Widths of spans that stand as one byte.
const WIDTHS: [i64; 4] = [1, 1_000, 60_000, 86_400_000];
const OPEN_END: u8 = 254;
const ANY_WIDTH: u8 = 255;

/// Packs values; `source` is the id of the organisation that the fact came from (at most 255 bytes are kept).
///
/// Entries that do not fit into 60 KiB are left out, and the packed form says so ([`Packed::is_partial`]).
#[must_use]
pub fn pack(values: &Values<'_>, source: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    let mut cut = source.len().min(255);
    while !source.is_char_boundary(cut) {
        cut -= 1;
    }
    let source = &source[..cut];
    out.extend_from_slice(&[VERSION, values.category as u8, values.flags.0 & !PARTIAL]);
    out.extend_from_slice(&values.day.unwrap_or(NO_DAY).to_le_bytes());
    out.push(u8::try_from(source.len()).unwrap_or(0));
    out.extend_from_slice(source.as_bytes());
    for entry in &values.entries {
        let before = out.len();
        put(&mut out, entry.param, &entry.value);
        if out.len() > MOST {
            out.truncate(before);
            out[2] |= PARTIAL;
            break;
        }
    }
    out
}

fn put(out: &mut Vec<u8>, param: u16, value: &Value<'_>) {
    let head = |out: &mut Vec<u8>, shape: u64| number(out, u64::from(param) * 8 + shape);
    match value {
        Value::Token { system, code } => {
            head(out, TOKEN);
            text(out, system);
            text(out, code);
        }
        Value::Date { from, to } => {
            head(out, DATE);
            number(out, zigzag(*from));
            let width = to.checked_sub(*from);
            match WIDTHS.iter().position(|known| Some(*known) == width) {
                _ if *to == i64::MAX => out.push(OPEN_END),
                Some(known) => out.push(u8::try_from(known).unwrap_or(0)),
                None => {
                    out.push(ANY_WIDTH);
                    number(out, zigzag(*to));
                }
            }
        }
        Value::Reference { kind: Some(kind), id } => match sealed_bits(id) {
            Some(bits) => {
                head(out, REFERENCE_SEALED);
                out.push(kind.number());
                out.extend_from_slice(&bits.to_be_bytes());
            }
            None => {
                head(out, REFERENCE);
                out.push(kind.number());
                text(out, id);
            }
        },
        Value::Reference { kind: None, id } => {
            head(out, REFERENCE_TEXT);
            text(out, id);
        }
        Value::Text(content) => {
            head(out, TEXT);
            text(out, content);
        }
        Value::Uri(content) => {
            head(out, URI);
            text(out, content);
        }
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    if let Some(word) = (text.len() > 1).then(|| words::number(text)).flatten() {
        match u8::try_from(word).ok().filter(|_| word < PAGE - 1) {
            Some(near) => out.push(FIRST_WORD + near),
            None => {
                out.push(SECOND_PAGE);
                number(out, u64::from(word));
            }
        }
        return;
    }
    match u8::try_from(text.len()).ok().filter(|length| *length < LONG) {
        Some(length) => out.push(length),
        None => {
            out.push(LONG);
            number(out, text.len() as u64);
        }
    }
    out.extend_from_slice(text.as_bytes());
}

/// Seven bits a byte, lowest first, the top bit set where more follows.
fn number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

const fn unzigzag(number: u64) -> i64 {
    ((number >> 1) as i64) ^ -((number & 1) as i64)
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The 128 bits of an id in the server's form (`a` and 26 characters in Crockford's alphabet).
fn sealed_bits(id: &str) -> Option<u128> {
    let text = id.as_bytes();
    if text.len() != 27 || text[0] != b'a' || text[1] > b'7' {
        return None;
    }
    text[1..].iter().try_fold(0u128, |bits, symbol| {
        let value = ALPHABET.iter().position(|known| known == symbol)?;
        Some((bits << 5) | value as u128)
    })
}

fn sealed_text(mut bits: u128) -> String {
    let mut text = [b'a'; 27];
    for slot in text[1..].iter_mut().rev() {
        *slot = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    text.iter().map(|&b| char::from(b)).collect()
}

/// A view of packed values.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    category: RecordCategory,
    flags: u8,
    day: i32,
    source: &'a str,
    entries: &'a [u8],
    own_dates: bool,
}

/// Adds flags to packed values.
pub fn add_flags(packed: &mut [u8], flags: Flags) {
    // Version, category, flags: see above.
    if let Some(kept) = packed.get_mut(2) {
        *kept |= flags.0 & !PARTIAL;
    }
}

impl<'a> Packed<'a> {
    /// Reads the header. `None` if the bytes are no packed values of a version known here.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&[version, category, flags, d0, d1, d2, d3, length], rest) = bytes.split_first_chunk::<8>()?;
        let (source, entries) = rest.split_at_checked(usize::from(length))?;
        if version != VERSION && version != VERSION_ANY_DATE {
            return None;
        }
        let category = RecordCategory::from_number(category)?;
        let day = i32::from_le_bytes([d0, d1, d2, d3]);
        let source = std::str::from_utf8(source).ok()?;
        Some(Self { category, flags, day, source, entries, own_dates: version == VERSION })
    }

    /// What the fact is about.
    #[must_use]
    pub const fn category(&self) -> RecordCategory {
        self.category
    }

    /// Flags that the source set.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        Flags(self.flags & !PARTIAL)
    }

    /// The clinically relevant day: days since 1970-01-01 in Japan's calendar.
    #[must_use]
    pub const fn day(&self) -> Option<i32> {
        if self.day == NO_DAY { None } else { Some(self.day) }
    }

    /// The organisation that the fact came from.
    #[must_use]
    pub const fn source(&self) -> &'a str {
        self.source
    }

    /// Whether search values were left out because there were too many.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.flags & PARTIAL != 0
    }

    /// Whether [`super::params::DATE`] is R4's parameter, and not whatever date was clinically relevant: so since the
    /// second form.
    #[must_use]
    pub const fn has_own_dates(&self) -> bool {
        self.own_dates
    }

    /// The search values in order. Ends early where the bytes are damaged.
    #[must_use]
    pub const fn entries(&self) -> PackedEntries<'a> {
        PackedEntries { rest: self.entries }
    }

    /// The values of one parameter.
    pub fn of(&self, param: u16) -> impl Iterator<Item = PackedValue<'a>> {
        self.entries().filter(move |(code, _)| *code == param).map(|(_, value)| value)
    }

    /// The clinically relevant moment, for sorting: milliseconds since 1970.
    #[must_use]
    pub fn moment(&self) -> Option<i64> {
        self.entries().find_map(|(param, value)| match value {
            PackedValue::Date { from, .. } if param == super::params::DATE || param == super::params::MOMENT => {
                Some(from)
            }
            _ => None,
        })
    }
}

/// A search value as it stands in packed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackedValue<'a> {
    /// See [`Value::Token`].
    Token {
        /// System; empty for none.
        system: &'a str,
        /// Code or value.
        code: &'a str,
    },
    /// See [`Value::Date`].
    Date {
        /// First millisecond.
        from: i64,
        /// Millisecond after the last.
        to: i64,
    },
    /// See [`Value::Reference`].
    Reference {
        /// Kind.
        kind: Option<Kind>,
        /// Id, or the whole text.
        id: PackedId<'a>,
    },
    /// See [`Value::Text`].
    Text(&'a str),
    /// See [`Value::Uri`].
    Uri(&'a str),
}

impl<'a> PackedValue<'a> {
    /// The value as it was packed.
    #[must_use]
    pub fn to_value(self) -> Value<'a> {
        match self {
            Self::Token { system, code } => Value::Token { system: Cow::Borrowed(system), code: Cow::Borrowed(code) },
            Self::Date { from, to } => Value::Date { from, to },
            Self::Reference { kind, id } => Value::Reference { kind, id: id.to_text() },
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Uri(text) => Value::Uri(Cow::Borrowed(text)),
        }
    }
}

/// An id as it stands in packed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackedId<'a> {
    /// As text.
    Text(&'a str),
    /// An id in the server's form, as its bits.
    Sealed(u128),
}

impl<'a> PackedId<'a> {
    /// An id in the form in which it is packed, to compare many with.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        sealed_bits(text).map_or(Self::Text(text), Self::Sealed)
    }

    /// Whether this is the id `text`.
    #[must_use]
    pub fn is(self, text: &str) -> bool {
        match self {
            Self::Text(own) => own == text,
            Self::Sealed(bits) => sealed_bits(text) == Some(bits),
        }
    }

    /// The id as text.
    #[must_use]
    pub fn to_text(self) -> Cow<'a, str> {
        match self {
            Self::Text(own) => Cow::Borrowed(own),
            Self::Sealed(bits) => Cow::Owned(sealed_text(bits)),
        }
    }
}

/// Search values in packed bytes: parameter and value.
#[derive(Clone, Debug)]
pub struct PackedEntries<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for PackedEntries<'a> {
    type Item = (u16, PackedValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.take_entry();
        if entry.is_none() {
            self.rest = &[];
        }
        entry
    }
}

impl<'a> PackedEntries<'a> {
    fn take_entry(&mut self) -> Option<(u16, PackedValue<'a>)> {
        let head = self.number()?;
        let param = u16::try_from(head / 8).ok()?;
        let value = match head % 8 {
            TOKEN => PackedValue::Token { system: self.text()?, code: self.text()? },
            DATE => {
                let from = unzigzag(self.number()?);
                let to = match self.byte()? {
                    OPEN_END => i64::MAX,
                    ANY_WIDTH => unzigzag(self.number()?),
                    known => from.checked_add(*WIDTHS.get(usize::from(known))?)?,
                };
                PackedValue::Date { from, to }
            }
            REFERENCE => {
                let kind = Some(Kind::from_number(self.byte()?)?);
                PackedValue::Reference { kind, id: PackedId::Text(self.text()?) }
            }
            REFERENCE_SEALED => {
                let kind = Some(Kind::from_number(self.byte()?)?);
                let (bits, rest) = self.rest.split_first_chunk::<16>()?;
                self.rest = rest;
                PackedValue::Reference { kind, id: PackedId::Sealed(u128::from_be_bytes(*bits)) }
            }
            REFERENCE_TEXT => PackedValue::Reference { kind: None, id: PackedId::Text(self.text()?) },
            TEXT => PackedValue::Text(self.text()?),
            URI => PackedValue::Uri(self.text()?),
            _ => return None,
        };
        Some((param, value))
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = match self.byte()? {
            SECOND_PAGE => return words::word(u16::try_from(self.number()?).ok()?),
            LONG => usize::try_from(self.number()?).ok()?,
            short if short < LONG => usize::from(short),
            near => return words::word(u16::from(near - FIRST_WORD)),
        };
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }
}
