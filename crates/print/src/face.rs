//! The fonts: found where Debian puts them, read once, kept.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{FontRef, MetadataProvider as _, instance::LocationRef, instance::Size};

use crate::PrintError;

/// Where fonts are looked for: below these folders.
pub const FOLDERS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "/run/current-system/sw/share/X11/fonts"];

/// Fonts that will do, the best first: the file below a folder, and its bold sister. The first face of each is Japanese.
const FILES: [(&str, &str); 5] = [
    ("opentype/noto/NotoSansCJK-Regular.ttc", "opentype/noto/NotoSansCJK-Bold.ttc"),
    ("noto-cjk/NotoSansCJK-Regular.ttc", "noto-cjk/NotoSansCJK-Bold.ttc"),
    ("google-noto-cjk/NotoSansCJK-Regular.ttc", "google-noto-cjk/NotoSansCJK-Bold.ttc"),
    ("opentype/ipaexfont-gothic/ipaexg.ttf", "opentype/ipaexfont-gothic/ipaexg.ttf"),
    ("truetype/fonts-japanese-gothic.ttf", "truetype/fonts-japanese-gothic.ttf"),
];
/// Printed for a letter that the font has not.
const GETA: char = '〓';

/// A plain and a bold face.
#[derive(Clone)]
pub struct Faces {
    pub(crate) plain: Arc<Face>,
    pub(crate) bold: Arc<Face>,
}

/// One face: for measuring and for drawing.
pub(crate) struct Face {
    bytes: Arc<Vec<u8>>,
    pub(crate) font: Font,
}

impl Faces {
    /// The fonts of this machine. Found once, they are kept; not found, they are looked for anew each time, so that
    /// installing them helps at once.
    ///
    /// # Errors
    /// [`PrintError::NoFont`].
    pub fn installed() -> Result<Self, PrintError> {
        static FOUND: OnceLock<Faces> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return Ok(found.clone());
        }
        let found = Self::below(&FOLDERS.map(PathBuf::from))?;
        Ok(FOUND.get_or_init(|| found).clone())
    }

    /// The fonts below some folders.
    ///
    /// # Errors
    /// [`PrintError::NoFont`].
    pub fn below(folders: &[PathBuf]) -> Result<Self, PrintError> {
        for (plain, bold) in FILES {
            for folder in folders {
                if let Some(plain) = Face::read(&folder.join(plain)).map(Arc::new) {
                    let bold = Face::read(&folder.join(bold)).map_or_else(|| Arc::clone(&plain), Arc::new);
                    return Ok(Self { plain, bold });
                }
            }
        }
        let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        Err(PrintError::NoFont(folders.join(", ")))
    }
}

impl std::fmt::Debug for Faces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Faces(…)")
    }
}

impl Face {
    /// The face in a file, if it can be read and has Japanese letters.
    fn read(path: &Path) -> Option<Self> {
        let bytes = Arc::new(std::fs::read(path).ok()?);
        let font = Font::new(Arc::clone(&bytes).into(), 0)?;
        let face = Self { bytes, font };
        let has = |letter| face.open().is_some_and(|font| font.charmap().map(letter).is_some());
        ['あ', '薬', GETA].into_iter().all(has).then_some(face)
    }

    fn open(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(&self.bytes, 0).ok()
    }

    /// A text as the font can print it, with its glyphs; their widths are parts of the letter's size.
    pub(crate) fn glyphs(&self, text: &str) -> (String, Vec<KrillaGlyph>) {
        let (mut printed, mut glyphs) = (String::with_capacity(text.len()), Vec::new());
        let Some(font) = self.open() else { return (printed, glyphs) };
        let (letters, metrics) = (font.charmap(), font.glyph_metrics(Size::unscaled(), LocationRef::default()));
        let units = self.font.units_per_em();
        for letter in text.chars().filter(|letter| !is_silent(*letter)) {
            let letter = if letter.is_whitespace() || letter.is_control() { ' ' } else { letter };
            let (letter, glyph) = match letters.map(letter) {
                Some(glyph) if glyph.to_u32() != 0 => (letter, glyph),
                _ => match letters.map(GETA) {
                    Some(glyph) => (GETA, glyph),
                    None => continue,
                },
            };
            let from = printed.len();
            printed.push(letter);
            let advance = metrics.advance_width(glyph).unwrap_or(units) / units;
            glyphs.push(KrillaGlyph {
                glyph_id: GlyphId::new(glyph.to_u32()),
                text_range: from..printed.len(),
                x_advance: advance,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            });
        }
        (printed, glyphs)
    }
}

/// What has no shape of its own: which variant of a letter is meant, joiners, marks of direction.
fn is_silent(letter: char) -> bool {
    matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
