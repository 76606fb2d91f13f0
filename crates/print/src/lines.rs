//! Where lines end: at the width, but not inside a Latin word or a number, and not before what may not begin a line.

use std::ops::Range;

use krilla::text::KrillaGlyph;

/// What may not begin a line (行頭禁則).
const NOT_FIRST: &str = "、。,.:;!?)]}、。,.・:;?!)」』】〕》〉ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々%‰℃";
/// What may not end one (行末禁則).
const NOT_LAST: &str = "([{(「『【〔《〈";

/// The lines of a text as ranges of its glyphs; `width` is in letters' sizes. A word longer than a line is cut.
pub(crate) fn lines(text: &str, glyphs: &[KrillaGlyph], width: f32) -> Vec<Range<usize>> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut start = 0;
    while start < glyphs.len() {
        let (mut end, mut used) = (start, 0.0);
        while let Some(glyph) = glyphs.get(end) {
            used += glyph.x_advance;
            if used > width && end > start {
                break;
            }
            end += 1;
        }
        if end < glyphs.len() {
            let fits = (start + 1..=end).rev().find(|at| may_break(&letters, *at));
            // A third of a line is better than a word that is cut; less says nothing.
            end = fits.filter(|at| *at >= start + (end - start) / 3).unwrap_or(end);
        }
        // A space at the end of a line is not drawn.
        let drawn = letters[start..end].iter().rposition(|letter| *letter != ' ').map_or(end, |last| start + last + 1);
        found.push(start..drawn);
        start = end;
        while letters.get(start) == Some(&' ') {
            start += 1;
        }
    }
    if found.is_empty() {
        // Nothing to say is one empty line.
        found.push(Range { start: 0, end: 0 });
    }
    found
}

/// Whether a line may end before the letter at `at`.
fn may_break(letters: &[char], at: usize) -> bool {
    let (Some(before), Some(after)) = (at.checked_sub(1).and_then(|at| letters.get(at)), letters.get(at)) else {
        return true;
    };
    let joined = |letter: char| letter.is_ascii_graphic() || ('\u{00c0}'..='\u{024f}').contains(&letter);
    if *before == ' ' || *after == ' ' {
        return true;
    }
    let cuts_a_word = joined(*before) && joined(*after);
    let hangs = NOT_FIRST.contains(*after) || NOT_LAST.contains(*before);
    !cuts_a_word && !hangs
}

#[cfg(test)]
mod tests {
    use super::*;
    use krilla::text::GlyphId;

    fn broken(text: &str, width: f32) -> Vec<String> {
        let letters: Vec<char> = text.chars().collect();
        let glyph = |letter: &char| KrillaGlyph {
            glyph_id: GlyphId::new(1),
            text_range: 0..0,
            x_advance: if letter.is_ascii() { 0.5 } else { 1.0 },
            x_offset: 0.0,
            y_offset: 0.0,
            y_advance: 0.0,
            location: None,
        };
        let glyphs: Vec<KrillaGlyph> = letters.iter().map(glyph).collect();
        lines(text, &glyphs, width).into_iter().map(|line| letters[line].iter().collect()).collect()
    }

    #[test]
    fn no_line_begins_with_a_full_stop_and_no_word_is_cut() {
        assert_eq!(broken("薬をのみます。", 6.0), ["薬をのみま", "す。"]);
        assert_eq!(broken("値はHbA1c 7.1", 4.0), ["値は", "HbA1c", "7.1"]);
        assert_eq!(broken("今日(日)", 3.0), ["今日", "(日)"]);
        assert_eq!(broken("abcdefghij", 2.0), ["abcd", "efgh", "ij"]);
        assert_eq!(broken("", 4.0), [""]);
    }
}
