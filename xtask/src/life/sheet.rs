//! One sheet: a head of three lines, then one line for each column, with lines between that only group.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// One sheet.
pub struct Sheet {
    /// The data type, as in a file's first line.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Its columns in order.
    pub columns: Vec<Column>,
}

/// One line of a sheet, as it stands there, trimmed.
pub struct Column {
    /// Its number.
    pub number: u32,
    /// Its physical name.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Most characters, or digits before the point.
    pub length: u32,
    /// Most digits after the point.
    pub decimals: u32,
    /// The mark of how required it is.
    pub required: String,
    /// A range of numbers.
    pub range: String,
    /// A format.
    pub format: String,
    /// Codes, one a line, or a reference to a list.
    pub codes: String,
    /// The explanation.
    pub note: String,
    /// The remark.
    pub remark: String,
}

impl Sheet {
    /// Reads one.
    ///
    /// # Errors
    /// If it has another shape.
    pub fn read(name: &str, path: &Path) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path)?;
        let rows: Vec<csv::StringRecord> =
            reader.records().collect::<Result<_, _>>().with_context(|| path.display().to_string())?;
        let cell = |row: &csv::StringRecord, at: usize| row.get(at).unwrap_or_default().trim().to_owned();
        let head = rows.get(2).context("a sheet without a head")?;
        for (at, expected) in [(1, "ファイル項目ID"), (3, "タイプ"), (6, "必須"), (9, "コード値"), (11, "備考")]
        {
            if cell(head, at) != expected {
                bail!("{}: column {} is not {expected}", path.display(), at + 1);
            }
        }
        let title = rows.first().map(|row| cell(row, 0)).unwrap_or_default();
        let title = title.split('【').next().unwrap_or_default().trim().to_owned();
        let mut columns = Vec::new();
        for row in rows.iter().skip(3).filter(|row| !cell(row, 1).is_empty()) {
            columns.push(Column {
                number: cell(row, 0).parse().with_context(|| format!("the number of {}", cell(row, 1)))?,
                id: cell(row, 1),
                name: cell(row, 2),
                kind: cell(row, 3),
                length: cell(row, 4).parse().with_context(|| format!("the length of {}", cell(row, 1)))?,
                decimals: match cell(row, 5).as_str() {
                    "" => 0,
                    digits => digits.parse()?,
                },
                required: cell(row, 6),
                range: cell(row, 7),
                format: cell(row, 8),
                codes: cell(row, 9),
                note: cell(row, 10),
                remark: cell(row, 11),
            });
        }
        Ok(Self { name: name.to_owned(), title, columns })
    }

    /// A column by name, or by the word that the sheets use for it elsewhere.
    pub fn called(&self, name: &str) -> Option<&Column> {
        const OTHER_WORDS: [(&str, &str); 4] = [
            ("歯の本数の問題", "歯数の問題"),
            ("誤嚥性肺炎の発症・既往", "誤嚥性肺炎の発症・罹患"),
            ("看護師による訓練", "看護・介護職による訓練"),
            ("その他介護職", "その他職種"),
        ];
        let find = |name: &str| self.columns.iter().find(|column| column.name == name);
        find(name).or_else(|| OTHER_WORDS.iter().find(|(word, _)| *word == name).and_then(|(_, other)| find(other)))
    }
}
