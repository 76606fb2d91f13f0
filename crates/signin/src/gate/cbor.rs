//! CBOR (RFC 8949) as authenticators write it: CTAP2's canonical form, of definite lengths.
//!
//! What comes in is read, never believed: every length is held against what is left, nesting is bounded, and whatever is
//! of another form is nothing.

/// How deep values may stand in each other: an attestation has three levels.
const DEPTH: u8 = 8;

/// A value; of lists and maps the number of what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Int(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    List(u64),
    Map(u64),
    /// A simple value or float.
    Other,
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next value.
    pub fn next(&mut self) -> Option<Item<'a>> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        let (major, short) = (first >> 5, first & 31);
        let length = match short {
            0..=23 => u64::from(short),
            24..=27 => {
                let bytes = self.take(1 << (short - 24))?;
                bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            }
            _ => return None,
        };
        let signed = || i64::try_from(length).ok();
        Some(match major {
            0 => Item::Int(signed()?),
            1 => Item::Int(-1 - signed()?),
            2 => Item::Bytes(self.take(usize::try_from(length).ok()?)?),
            3 => Item::Text(std::str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok()?),
            4 => Item::List(length),
            5 => Item::Map(length),
            7 => Item::Other,
            _ => return None,
        })
    }

    /// The pairs that the next map has.
    pub fn map(&mut self) -> Option<u64> {
        match self.next()? {
            // Each pair has two bytes at least.
            Item::Map(pairs) if pairs <= self.0.len() as u64 / 2 => Some(pairs),
            _ => None,
        }
    }

    /// Passes the next value over, with all that stands in it.
    pub fn skip(&mut self) -> Option<()> {
        self.skip_at(0)
    }

    fn skip_at(&mut self, depth: u8) -> Option<()> {
        let inside = match self.next()? {
            Item::List(values) => values,
            Item::Map(pairs) => pairs.checked_mul(2)?,
            _ => return Some(()),
        };
        if depth >= DEPTH || inside > self.0.len() as u64 {
            return None;
        }
        (0..inside).try_for_each(|_| self.skip_at(depth + 1))
    }

    fn take(&mut self, most: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(most)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        // RFC 8949 appendix A.
        for (bytes, item) in [
            (&[0x00][..], Item::Int(0)),
            (&[0x18, 0x64], Item::Int(100)),
            (&[0x1a, 0x00, 0x0f, 0x42, 0x40], Item::Int(1_000_000)),
            (&[0x20], Item::Int(-1)),
            (&[0x39, 0x03, 0xe7], Item::Int(-1000)),
            (&[0x44, 1, 2, 3, 4], Item::Bytes(&[1, 2, 3, 4])),
            (&[0x62, 0xc3, 0xbc], Item::Text("ü")),
            (&[0x83, 1, 2, 3], Item::List(3)),
            (&[0xa0], Item::Map(0)),
            (&[0xf5], Item::Other),
        ] {
            assert_eq!(Reader(bytes).next(), Some(item), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_has_no_length_or_says_too_much_is_nothing() {
        for bytes in [&[0x5f, 0x41, 0x00, 0xff][..], &[0x44, 1], &[0xc0, 0x00], &[0x62, 0xff, 0xff], &[]] {
            assert_eq!(Reader(bytes).next(), None, "{bytes:02x?}");
        }
        assert_eq!(Reader(&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).map(), None);
        assert_eq!(Reader(&[0x81; 64]).skip(), None, "too deep");
        let mut reader = Reader(&[0xa1, 0x61, 0x61, 0x82, 0x01, 0x02, 0x05]);
        reader.skip().unwrap();
        assert_eq!(reader.next(), Some(Item::Int(5)));
    }
}
