//! Made-up files that keep their form's own rules, for tests and measurements. Nobody in them is real.

use std::io::Write;

use super::{
    catalogue::{Column, Form, Format, Required},
    encoding::Encoding,
    lines::LineEnd,
    read::Cell,
    write::{WriteError, Writer},
};

/// Texts with what JIS lacks and what is often mistaken.
const TEXTS: [&str; 17] = [
    "山田",
    "髙橋",
    "﨑",
    "①",
    "㈱つむぎ",
    "～",
    "－",
    "∥",
    "ﾊﾙ",
    "歩行,見守り",
    "「はい」\"と\"",
    "Ⅱa",
    "食事　自立",
    "a b",
    "№1",
    "丸付き②③",
    "一行目\r\n二行目",
];
/// Texts that only UTF-8 holds.
const WIDE: [&str; 3] = ["𠮷野", "〜", "−"];

/// How a file is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How many rows.
    pub rows: u64,
    /// What it is drawn from.
    pub seed: u64,
    /// The encoding.
    pub encoding: Encoding,
    /// Whether it begins with a byte order mark.
    pub bom: bool,
    /// How lines end.
    pub end: LineEnd,
    /// Whether cells may be left alone or be deleted, and be quoted without need.
    pub varied: bool,
}

/// Draws numbers; the same seed gives the same file.
struct Draw(u64);

impl Draw {
    fn next(&mut self, below: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below.max(1)
    }

    fn of<'t, T: ?Sized>(&mut self, items: &[&'t T]) -> Option<&'t T> {
        let at = self.next(u64::try_from(items.len()).unwrap_or(1));
        usize::try_from(at).ok().and_then(|at| items.get(at)).copied()
    }
}

/// Writes a file of a form.
///
/// # Errors
/// If the output cannot be written.
pub fn write<W: Write>(form: &Form, shape: Shape, output: W) -> Result<W, WriteError> {
    let mut draw = Draw(shape.seed);
    let mut writer = Writer::new(output, shape.encoding, shape.bom, shape.end)?;
    writer.head(&form.id, form.columns.iter().map(|column| column.id.as_str()))?;
    for number in 0..shape.rows {
        let mut cells: Vec<(Cell<'static>, bool)> = Vec::with_capacity(form.columns.len());
        for column in &form.columns {
            let state = if shape.varied && column.required != Required::Always { draw.next(6) } else { 2 };
            let cell = match state {
                0 => Cell::Keep,
                1 => Cell::Null,
                _ => Cell::Value(value(column, number, shape.encoding, &mut draw).into()),
            };
            // What is quoted is something: an empty cell in quotes says the same, and is told.
            let quoted = shape.varied && cell != Cell::Keep && draw.next(3) == 0;
            cells.push((cell, quoted));
        }
        agree(form, &mut cells);
        writer.row(cells)?;
    }
    Ok(writer.finish()?)
}

/// Leaves alone what may not stand beside another column's value.
fn agree(form: &Form, cells: &mut [(Cell<'static>, bool)]) {
    for (index, column) in form.columns.iter().enumerate() {
        let Some(only) = &column.only else { continue };
        let allowed = match (cells.get(only.column), cells.get(index)) {
            (Some((Cell::Value(other), _)), Some((Cell::Value(code), _))) => only.allows(other, code),
            _ => true,
        };
        if !allowed && let Some(cell) = cells.get_mut(index) {
            *cell = (Cell::Keep, false);
        }
    }
}

fn value(column: &Column, number: u64, encoding: Encoding, draw: &mut Draw) -> String {
    if column.id.starts_with("external_system_management") {
        return format!("R{number:08}");
    }
    if let Some(codes) = &column.codes {
        let codes: Vec<&str> = codes.iter().map(|(code, _)| code.as_ref()).collect();
        return draw.of(&codes).unwrap_or_default().to_owned();
    }
    let digits = |draw: &mut Draw, count: u32| -> String {
        (0..count).map(|_| char::from_digit(u32::try_from(draw.next(10)).unwrap_or(0), 10).unwrap_or('0')).collect()
    };
    match column.format {
        Some(Format::Date | Format::DateDayUnknown) => {
            let unknown = column.format == Some(Format::DateDayUnknown) && draw.next(4) == 0;
            let day = if unknown { 0 } else { 1 + draw.next(28) };
            format!("{:04}{:02}{day:02}", 1930 + draw.next(95), 1 + draw.next(12))
        }
        Some(Format::Time) => format!("{:02}{:02}", draw.next(24), draw.next(60)),
        Some(Format::Icd10) => format!("F{}{}.{}", draw.next(10), draw.next(10), draw.next(10)),
        Some(Format::Digits) => digits(draw, column.length),
        Some(Format::NumberOfFixedLength) if column.id == "insured_no" => format!("9{number:09}"),
        Some(Format::NumberOfFixedLength) => "1".repeat(usize::try_from(column.length).unwrap_or(0)),
        None if column.number_type => {
            let (low, high) = column.range.unwrap_or((0, 9));
            let whole = u64::from(low) + draw.next(u64::from(high - low) + 1);
            if column.decimals > 0 && column.range.is_none() {
                format!("{whole}.{}", digits(draw, column.decimals))
            } else {
                whole.to_string()
            }
        }
        None => text(column, encoding, draw),
    }
}

fn text(column: &Column, encoding: Encoding, draw: &mut Draw) -> String {
    let most = usize::try_from(column.length).unwrap_or(1);
    let mut text = String::new();
    for _ in 0..=draw.next(4) {
        let wide = encoding == Encoding::Utf8 && draw.next(8) == 0;
        text.push_str(if wide { draw.of(&WIDE) } else { draw.of(&TEXTS) }.unwrap_or("他"));
    }
    let text: String = text.chars().take(most).collect();
    if text.chars().all(|c| c == ' ' || c == '\u{3000}') { "他".into() } else { text }
}
