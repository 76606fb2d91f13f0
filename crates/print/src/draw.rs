//! Drawing: A4, letters for old eyes, headings that stay with what follows, a tag for everything.

use std::num::NonZeroU16;

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder, PdfVersion},
    destination::XyzDestination,
    geom::{PathBuilder, Point},
    metadata::Metadata,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::{Fill, FillRule},
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, Tag, TagGroup, TagTree},
};

use crate::{Faces, Paper, PrintError, Row, face::Face, lines::lines};

/// A4 in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 56.0;
const BOTTOM: f32 = PAGE.1 - 64.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// From one line's foot to the next, in letters' sizes.
const LEADING: f32 = 1.5;
/// Room for the sign before a row.
const INDENT: f32 = 14.0;

/// How a text looks.
#[derive(Clone, Copy)]
struct Style {
    size: f32,
    bold: bool,
    above: f32,
    indent: f32,
    grey: bool,
}

const TITLE: Style = Style { size: 22.0, bold: true, above: 0.0, indent: 0.0, grey: false };
const FIRST: Style = Style { size: 16.0, bold: true, above: 8.0, indent: 0.0, grey: false };
const BODY: Style = Style { size: 12.0, bold: false, above: 4.0, indent: 0.0, grey: false };
const HEADING: Style = Style { size: 15.0, bold: true, above: 18.0, indent: 0.0, grey: false };
const ROW: Style = Style { size: 13.0, bold: false, above: 5.0, indent: INDENT, grey: false };
const NOTE: Style = Style { size: 10.0, bold: false, above: 0.0, indent: INDENT, grey: true };
const SMALL: Style = Style { size: 10.0, bold: false, above: 4.0, indent: 0.0, grey: true };

/// One line at its place, with the block that it belongs to.
struct Line {
    page: usize,
    y: f32,
    block: usize,
    style: Style,
    text: String,
    from: usize,
    to: usize,
    bullet: bool,
}

/// A block of text: what it is for a reader.
enum Kind {
    Title,
    Heading,
    Paragraph,
    Row,
    Note,
}

struct Block {
    kind: Kind,
    text: String,
    style: Style,
}

pub(crate) fn pdf(paper: &Paper, faces: &Faces) -> Result<Vec<u8>, PrintError> {
    let blocks = blocks(paper);
    let (placed, pages) = place(&blocks, faces);
    let configuration = ConfigurationBuilder::new()
        .with_version(PdfVersion::Pdf17)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| PrintError::Write(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let mut marks: Vec<Vec<Identifier>> = blocks.iter().map(|_| Vec::new()).collect();
    let mut outline = Outline::new();
    for number in 0..pages {
        let Some(settings) = PageSettings::from_wh(PAGE.0, PAGE.1) else { break };
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for line in placed.iter().filter(|line| line.page == number) {
            if line.bullet {
                surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
                ink(&mut surface, false);
                square(&mut surface, MARGIN + 2.0, line.y - line.style.size * 0.75);
                surface.end_tagged();
            }
            let span = SpanTag::empty().with_lang(Some(paper.lang.as_str()));
            let mark = surface.start_tagged(ContentTag::Span(span));
            ink(&mut surface, line.style.grey);
            write(&mut surface, face(faces, line.style), line);
            surface.end_tagged();
            if let Some(block) = marks.get_mut(line.block) {
                block.push(mark);
            }
        }
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        ink(&mut surface, true);
        foot(&mut surface, paper, faces, (number + 1, pages));
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    for (index, block) in
        blocks.iter().enumerate().filter(|(_, block)| matches!(block.kind, Kind::Title | Kind::Heading))
    {
        let Some(line) = placed.iter().find(|line| line.block == index) else { continue };
        let place = XyzDestination::new(line.page, Point::from_xy(0.0, (line.y - line.style.size).max(0.0)));
        outline.push_child(OutlineNode::new(block.text.clone(), place));
    }
    document.set_outline(outline);
    document.set_tag_tree(tree(&blocks, marks, &paper.lang));
    document.set_metadata(
        Metadata::new().title(paper.title.clone()).language(paper.lang.clone()).creator("Tsumugi".to_owned()),
    );
    document.finish().map_err(|error| PrintError::Write(format!("{error:?}")))
}

fn blocks(paper: &Paper) -> Vec<Block> {
    let mut blocks = vec![Block { kind: Kind::Title, text: paper.title.clone(), style: TITLE }];
    for (index, text) in paper.head.iter().enumerate() {
        let style = if index == 0 { FIRST } else { BODY };
        blocks.push(Block { kind: Kind::Paragraph, text: text.clone(), style });
    }
    for part in &paper.sections {
        blocks.push(Block { kind: Kind::Heading, text: part.title.clone(), style: HEADING });
        if let Some(lead) = &part.lead {
            blocks.push(Block { kind: Kind::Paragraph, text: lead.clone(), style: BODY });
        }
        for Row { text, note } in &part.rows {
            blocks.push(Block { kind: Kind::Row, text: text.clone(), style: ROW });
            if let Some(note) = note {
                blocks.push(Block { kind: Kind::Note, text: note.clone(), style: NOTE });
            }
        }
    }
    for (index, text) in paper.foot.iter().enumerate() {
        let style = Style { above: if index == 0 { 24.0 } else { SMALL.above }, ..SMALL };
        blocks.push(Block { kind: Kind::Paragraph, text: text.clone(), style });
    }
    blocks.retain(|block| !block.text.trim().is_empty());
    blocks
}

/// Every line at its place.
fn place(blocks: &[Block], faces: &Faces) -> (Vec<Line>, usize) {
    let (mut placed, mut page, mut y) = (Vec::new(), 0, MARGIN);
    for (index, block) in blocks.iter().enumerate() {
        let style = block.style;
        let (text, glyphs) = face(faces, style).glyphs(&block.text);
        let step = style.size * LEADING;
        y += if y > MARGIN { style.above } else { 0.0 };
        // A heading stays with a first line, a row with where it comes from.
        let noted = blocks.get(index + 1).is_some_and(|next| matches!(next.kind, Kind::Note));
        let after = match block.kind {
            Kind::Heading => ROW.above + (ROW.size + NOTE.size) * LEADING,
            Kind::Row if noted => NOTE.size * LEADING,
            _ => 0.0,
        };
        for (at, line) in lines(&text, &glyphs, (WIDTH - style.indent) / style.size).into_iter().enumerate() {
            if y + step + after > BOTTOM {
                (page, y) = (page + 1, MARGIN);
            }
            y += step;
            let bounds = |at: usize| glyphs.get(at).map_or(text.len(), |glyph| glyph.text_range.start);
            let (from, to) = (bounds(line.start), bounds(line.end));
            let bullet = at == 0 && matches!(block.kind, Kind::Row);
            let part = text.get(from..to).unwrap_or_default().to_owned();
            placed.push(Line { page, y, block: index, style, text: part, from: line.start, to: line.end, bullet });
        }
    }
    (placed, page + 1)
}

fn face(faces: &Faces, style: Style) -> &Face {
    if style.bold { &faces.bold } else { &faces.plain }
}

fn ink(surface: &mut krilla::surface::Surface<'_>, grey: bool) {
    let shade = if grey { 77 } else { 0 };
    surface.set_fill(Some(Fill {
        paint: rgb::Color::new(shade, shade, shade).into(),
        rule: FillRule::NonZero,
        ..Fill::default()
    }));
}

fn write(surface: &mut krilla::surface::Surface<'_>, face: &Face, line: &Line) {
    let (text, glyphs) = face.glyphs(&line.text);
    debug_assert_eq!(glyphs.len(), line.to - line.from, "a line is printed as it was measured");
    let at = Point::from_xy(MARGIN + line.style.indent, line.y - line.style.size * 0.25);
    surface.draw_glyphs(at, &glyphs, face.font.clone(), &text, line.style.size, false);
}

fn square(surface: &mut krilla::surface::Surface<'_>, x: f32, y: f32) {
    let mut path = PathBuilder::new();
    path.move_to(x, y);
    path.line_to(x + 4.0, y);
    path.line_to(x + 4.0, y + 4.0);
    path.line_to(x, y + 4.0);
    path.close();
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn foot(surface: &mut krilla::surface::Surface<'_>, paper: &Paper, faces: &Faces, (page, pages): (usize, usize)) {
    let (text, glyphs) = faces.plain.glyphs(&format!("{}  {page}/{pages}", paper.mark));
    let width: f32 = glyphs.iter().map(|glyph| glyph.x_advance * SMALL.size).sum();
    let at = Point::from_xy((PAGE.0 - MARGIN - width).max(MARGIN), PAGE.1 - 36.0);
    surface.draw_glyphs(at, &glyphs, faces.plain.font.clone(), &text, SMALL.size, false);
}

/// The tags: rows that follow each other are one list, a note belongs to its row.
fn tree(blocks: &[Block], marks: Vec<Vec<Identifier>>, lang: &str) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(lang.to_owned()));
    let mut list: Option<(TagGroup, Option<TagGroup>)> = None;
    for (block, marks) in blocks.iter().zip(marks) {
        if matches!(block.kind, Kind::Row | Kind::Note) {
            let (group, row) =
                list.get_or_insert_with(|| (TagGroup::new(Tag::L(krilla::tagging::ListNumbering::None)), None));
            if matches!(block.kind, Kind::Row) || row.is_none() {
                if let Some(before) = row.take() {
                    group.push(item(before));
                }
                *row = Some(TagGroup::new(Tag::LBody));
            }
            if let Some(row) = row {
                for mark in marks {
                    row.push(mark);
                }
            }
            continue;
        }
        close(&mut tree, list.take());
        let level = if matches!(block.kind, Kind::Title) { NonZeroU16::MIN } else { NonZeroU16::MIN.saturating_add(1) };
        let mut group = match block.kind {
            Kind::Title | Kind::Heading => TagGroup::new(Tag::Hn(level, Some(block.text.clone()))),
            _ => TagGroup::new(Tag::P),
        };
        for mark in marks {
            group.push(mark);
        }
        tree.push(group);
    }
    close(&mut tree, list);
    tree
}

fn close(tree: &mut TagTree, list: Option<(TagGroup, Option<TagGroup>)>) {
    if let Some((mut group, row)) = list {
        if let Some(row) = row {
            group.push(item(row));
        }
        tree.push(group);
    }
}

fn item(body: TagGroup) -> TagGroup {
    let mut item = TagGroup::new(Tag::LI);
    item.push(body);
    item
}
