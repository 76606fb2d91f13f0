//! What stands in a file: one text at a time.
//!
//! What must hold: of a file only one text is in memory, and never one longer than a server would take.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use bytes::Bytes;
use tsumugi_fhir::{
    Lang,
    outcome::{Finding, IssueType},
};
use tsumugi_kernel::limits::BODY_BYTES;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// One text to be checked.
#[derive(Debug)]
pub struct Text {
    /// The text.
    pub bytes: Bytes,
    /// How it is written.
    pub form: Form,
    /// Lines of the file before it: not 0 only in NDJSON.
    pub lines_before: u32,
}

/// Why something was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// Neither the name nor the first character says JSON or XML.
    OtherForm,
    /// JSON, but no FHIR resource.
    NoResource,
    /// XML of another vocabulary.
    OtherXml,
}

impl Skip {
    /// The word.
    pub fn words(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::OtherForm, Lang::Ja) => "JSON・NDJSON・XMLのどれでもないので見ていません。",
            (Self::OtherForm, Lang::En) => "neither JSON nor NDJSON nor XML: passed over",
            (Self::NoResource, Lang::Ja) => "FHIRのリソースではないので見ていません(resourceTypeがありません)。",
            (Self::NoResource, Lang::En) => "no FHIR resource (there is no resourceType): passed over",
            (Self::OtherXml, Lang::Ja) => {
                "FHIRのXMLではないので見ていません(根の名前空間が http://hl7.org/fhir ではありません)。"
            }
            (Self::OtherXml, Lang::En) => "no FHIR XML (the root's namespace is not http://hl7.org/fhir): passed over",
        }
    }
}

/// What a file gives.
#[derive(Debug)]
pub enum Piece {
    /// A text.
    Text(Text),
    /// Nothing that is ours.
    Skipped(Skip),
    /// It cannot be read.
    Unreadable {
        /// What is wrong.
        finding: Finding,
        /// Lines of the file before it.
        lines_before: u32,
    },
}

/// The texts of one file.
pub enum Source {
    /// One text, or none, or a word about it.
    Whole(Option<Piece>),
    /// NDJSON.
    Lines { reader: BufReader<File>, line: u32 },
}

impl Source {
    /// Opens a file.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("ndjson" | "jsonl") => match File::open(path) {
                Ok(file) => Self::Lines { reader: BufReader::new(file), line: 0 },
                Err(error) => Self::Whole(Some(unreadable(&error, 0))),
            },
            Some("json") => Self::Whole(Some(whole(path, Some(Form::Json)))),
            Some("xml") => Self::Whole(Some(whole(path, Some(Form::Xml)))),
            _ => Self::Whole(Some(whole(path, None))),
        }
    }
}

impl Iterator for Source {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let (reader, line) = match self {
            Self::Whole(piece) => return piece.take(),
            Self::Lines { reader, line } => (reader, line),
        };
        loop {
            let before = *line;
            let mut bytes = Vec::new();
            match reader.take(BODY_BYTES as u64 + 1).read_until(b'\n', &mut bytes) {
                Ok(0) => return None,
                Ok(_) => *line += 1,
                Err(error) => {
                    let piece = unreadable(&error, before);
                    *self = Self::Whole(None);
                    return Some(piece);
                }
            }
            let ended = bytes.last() == Some(&b'\n');
            if bytes.len() > BODY_BYTES && !ended {
                if let Err(error) = reader.skip_until(b'\n') {
                    let piece = unreadable(&error, before);
                    *self = Self::Whole(None);
                    return Some(piece);
                }
                return Some(too_large(before));
            }
            if !bytes.trim_ascii().is_empty() {
                let text = Text { bytes: bytes.into(), form: Form::Json, lines_before: before };
                return Some(Piece::Text(text));
            }
        }
    }
}

/// A whole file; without a `form` its first character decides.
fn whole(path: &Path, form: Option<Form>) -> Piece {
    let read = || -> std::io::Result<Option<Piece>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut bytes = Vec::new();
        let form = match form {
            Some(form) => form,
            None => {
                // Enough for a byte order mark and some empty lines.
                file.by_ref().take(256).read_to_end(&mut bytes)?;
                let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes).trim_ascii_start();
                match start.first() {
                    Some(b'{') => Form::Json,
                    Some(b'<') => Form::Xml,
                    _ => return Ok(None),
                }
            }
        };
        if length > BODY_BYTES as u64 {
            return Ok(Some(too_large(0)));
        }
        // One byte more than is allowed, so that a file that grows meanwhile is noticed by the parser.
        file.take(BODY_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Some(Piece::Text(Text { bytes: bytes.into(), form, lines_before: 0 })))
    };
    match read() {
        Ok(piece) => piece.unwrap_or(Piece::Skipped(Skip::OtherForm)),
        Err(error) => unreadable(&error, 0),
    }
}

fn unreadable(error: &std::io::Error, lines_before: u32) -> Piece {
    let finding = Finding::error(
        IssueType::Exception,
        "",
        format!("ファイルを読めません({error})。ファイルの権限と媒体をたしかめてください。"),
        format!("The file cannot be read ({error}). Check its permissions and the medium."),
    );
    Piece::Unreadable { finding: finding.rule("file-readable"), lines_before }
}

fn too_large(lines_before: u32) -> Piece {
    let most = BODY_BYTES / (1024 * 1024);
    let finding = Finding::error(
        IssueType::TooLong,
        "",
        format!("{most} MiBより大きいので見ていません。サーバーもこれより大きい本文は受け取りません。分けてください。"),
        format!("It is larger than {most} MiB and was not checked; a server takes no larger body. Divide it."),
    );
    Piece::Unreadable { finding: finding.rule("body-size"), lines_before }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(name: &str, content: &[u8]) -> Vec<Piece> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        Source::open(&path).collect()
    }

    #[test]
    fn ndjson_comes_line_by_line_and_knows_where_each_stands() {
        let pieces = texts("a.ndjson", b"{\"a\":1}\n\n  \r\n{\"b\":2}");
        let read: Vec<_> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => (text.lines_before, text.bytes.trim_ascii().to_vec()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(read, [(0, b"{\"a\":1}".to_vec()), (3, b"{\"b\":2}".to_vec())]);
    }

    #[test]
    fn a_line_too_long_is_named_and_the_next_is_read() {
        let mut content = vec![b'1'; BODY_BYTES + 10];
        content.extend_from_slice(b"\n{}\n");
        let pieces = texts("a.ndjson", &content);
        assert!(matches!(&pieces[0], Piece::Unreadable { finding, lines_before: 0 }
            if finding.rule.as_deref() == Some("body-size")));
        assert!(matches!(&pieces[1], Piece::Text(text) if text.lines_before == 1));
        assert_eq!(pieces.len(), 2);
    }

    #[test]
    fn the_first_character_decides_where_the_name_does_not() {
        assert!(
            matches!(&texts("a", b"\n {}")[0], Piece::Text(text) if text.form == Form::Json && text.bytes.len() == 4)
        );
        assert!(matches!(&texts("a.txt", b"<Patient/>")[0], Piece::Text(text) if text.form == Form::Xml));
        assert!(matches!(texts("a.csv", b"1,2")[0], Piece::Skipped(Skip::OtherForm)));
        assert!(matches!(texts("a.csv", b"")[0], Piece::Skipped(Skip::OtherForm)));
    }
}
