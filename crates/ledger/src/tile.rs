//! Tiles: how the tree's hashes are kept (`c2sp.org/tlog-tiles`, section "Merkle Tree").
//!
//! A tile is 256 neighbouring hashes of one level: tile `(level, index)` holds the roots of the whole subtrees of
//! `256^level` leaves with places `256·index … 256·index + 255`. Level 0 holds the leaf hashes. The last tile of a
//! level may be **partial**, with 1 to 255 hashes; its hashes never change, it only grows. The bytes of a tile are its
//! hashes one after the other, 32 bytes each.

use crate::{Hash, LedgerError};

/// Hashes in a full tile.
pub const FULL_WIDTH: u16 = 256;
/// Levels that a tree of up to 2^63 leaves can have.
pub const LEVELS: u8 = 8;

/// One tile, full or partial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// 0 for leaf hashes.
    pub level: u8,
    /// Place in its level, from 0.
    pub index: u64,
    /// 1 to 256 hashes.
    pub hashes: Vec<Hash>,
}

impl Tile {
    /// Number of hashes, 1 to 256.
    #[must_use]
    pub fn width(&self) -> u16 {
        u16::try_from(self.hashes.len()).unwrap_or(FULL_WIDTH)
    }

    /// Whether it has all 256 hashes and so never changes again.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.hashes.len() >= usize::from(FULL_WIDTH)
    }

    /// Its path, see [`path`].
    #[must_use]
    pub fn path(&self) -> String {
        path(self.level, self.index, self.width())
    }

    /// Its bytes: the hashes one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.concat()
    }
}

/// The hashes in the bytes of a tile.
///
/// # Errors
/// [`LedgerError::Format`] if they are not 1 to 256 whole hashes.
pub fn from_bytes(bytes: &[u8]) -> Result<Vec<Hash>, LedgerError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() || hashes.is_empty() || hashes.len() > usize::from(FULL_WIDTH) {
        return Err(LedgerError::Format { what: "tile", detail: "it is not 1 to 256 hashes of 32 bytes" });
    }
    Ok(hashes.to_vec())
}

/// Where tiles are read from.
pub trait TileReader {
    /// The hashes of a tile: the first `width` (1 to 256) of it. A reader that holds a wider tile at this place may
    /// give all of it.
    ///
    /// # Errors
    /// [`LedgerError::Source`] if it cannot be read, [`LedgerError::Damaged`] if it is absent.
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, LedgerError>;
}

impl<F: Fn(u8, u64, u16) -> Result<Vec<Hash>, LedgerError>> TileReader for F {
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, LedgerError> {
        self(level, index, width)
    }
}

/// How many hashes tile `(level, index)` has in a tree of `size` leaves: 0 (no such tile) to 256.
#[must_use]
pub fn width_in(size: u64, level: u8, index: u64) -> u16 {
    let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    let before = index.saturating_mul(u64::from(FULL_WIDTH));
    u16::try_from(hashes.saturating_sub(before)).map_or(FULL_WIDTH, |width| width.min(FULL_WIDTH))
}

/// Reads a tile and checks that it has at least `width` hashes; gives exactly that many.
pub(crate) fn read<R: TileReader + ?Sized>(
    reader: &R,
    level: u8,
    index: u64,
    width: u16,
) -> Result<Vec<Hash>, LedgerError> {
    let mut hashes = reader.tile(level, index, width)?;
    if hashes.len() < usize::from(width) {
        return Err(LedgerError::Damaged {
            what: path(level, index, width),
            detail: format!("{} hashes instead of {width}", hashes.len()),
        });
    }
    hashes.truncate(usize::from(width));
    Ok(hashes)
}

/// The path of a tile: `tile/<level>/<index>`, and `.p/<width>` for a partial one. The index is written in groups of
/// three digits, all but the last with `x` before them: 1,234,067 is `x001/x234/067`.
#[must_use]
pub fn path(level: u8, index: u64, width: u16) -> String {
    format!("tile/{level}/{}{}", digits(index), partial(width))
}

/// The path of the entry bundle that holds the leaves of level-0 tile `index`.
#[must_use]
pub fn entries_path(index: u64, width: u16) -> String {
    format!("tile/entries/{}{}", digits(index), partial(width))
}

fn partial(width: u16) -> String {
    if width < FULL_WIDTH { format!(".p/{width}") } else { String::new() }
}

fn digits(index: u64) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of c2sp.org/tlog-tiles, section "Merkle Tree".
    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(path(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(path(0, 1_067, 256), "tile/0/x001/067");
        assert_eq!(path(0, 273, 112), "tile/0/273.p/112");
        assert_eq!(path(1, 1, 17), "tile/1/001.p/17");
        assert_eq!(path(2, 0, 1), "tile/2/000.p/1");
        assert_eq!(path(0, 0, 256), "tile/0/000");
        assert_eq!(path(0, 1_000_000, 5), "tile/0/x001/x000/000.p/5");
        assert_eq!(entries_path(1_067, 5), "tile/entries/x001/067.p/5");
    }

    /// The specification's worked example: a tree of 70,000 leaves has 273 full tiles and a partial one of 112 at
    /// level 0, one full and a partial one of 17 at level 1, and a partial one of 1 at level 2.
    #[test]
    fn widths_are_those_of_the_specification() {
        let size = 70_000;
        assert_eq!((width_in(size, 0, 272), width_in(size, 0, 273), width_in(size, 0, 274)), (256, 112, 0));
        assert_eq!((width_in(size, 1, 0), width_in(size, 1, 1), width_in(size, 1, 2)), (256, 17, 0));
        assert_eq!((width_in(size, 2, 0), width_in(size, 2, 1), width_in(size, 3, 0)), (1, 0, 0));
    }

    #[test]
    fn bytes_are_hashes_one_after_the_other() {
        let tile = Tile { level: 0, index: 0, hashes: vec![[1; 32], [2; 32]] };
        let bytes = tile.to_bytes();
        assert_eq!((bytes.len(), bytes[31], bytes[32]), (64, 1, 2));
        assert_eq!(from_bytes(&bytes).unwrap(), tile.hashes);
        for wrong in [&bytes[..0], &bytes[..33], &vec![0; 257 * 32][..]] {
            assert!(from_bytes(wrong).is_err());
        }
    }
}
