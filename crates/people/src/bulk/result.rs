//! What became of each line of a file: kept by sender and content, so that the same file sent twice changes nothing and
//! is answered the same.
//!
//! A result holds line numbers, outcomes, rules and columns; no cell of the file.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, OrganizationId};
use tsumugi_store::{Batch, Row, Table};

use super::{Column, Finding, Rule};
use crate::{Directory, PeopleError};

const VERSION: u8 = 1;
/// Lines kept in one row of the store.
const PART_LINES: usize = 2_000;

/// Which file: who sent it, and the SHA-256 of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileKey {
    /// Who sent it.
    pub sender: OrganizationId,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Somebody not known before is registered.
    Registered,
    /// Something known is changed, or a number added to somebody known.
    Changed,
    /// A coverage or a care office's charge ended, or was withdrawn.
    Ended,
    /// All of it was so already.
    Unchanged,
    /// Refused; see the findings.
    Refused,
}

impl Outcome {
    /// The code, as the result file has it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Changed => "changed",
            Self::Ended => "ended",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }

    /// The word in Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::Registered => "登録しました",
            Self::Changed => "変更しました",
            Self::Ended => "終了しました",
            Self::Unchanged => "変わりはありません",
            Self::Refused => "受け取れません",
        }
    }
}

/// One line's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineResult {
    /// The line in the file, from 1.
    pub line: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused.
    pub findings: Vec<Finding>,
}

/// A whole file's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct FileResult {
    v: u8,
    /// Milliseconds since the epoch at which it was finished.
    pub finished: i64,
    /// Lines with content, the header not counted.
    pub lines: u64,
    /// Of these: registered.
    pub registered: u64,
    /// Changed.
    pub changed: u64,
    /// Ended.
    pub ended: u64,
    /// Unchanged.
    pub unchanged: u64,
    /// Refused.
    pub refused: u64,
}

impl FileResult {
    /// Counts lines.
    #[must_use]
    pub fn of(lines: &[LineResult], finished: Instant) -> Self {
        let count = |outcome| lines.iter().filter(|line| line.outcome == outcome).count() as u64;
        Self {
            v: VERSION,
            finished: finished.0,
            lines: lines.len() as u64,
            registered: count(Outcome::Registered),
            changed: count(Outcome::Changed),
            ended: count(Outcome::Ended),
            unchanged: count(Outcome::Unchanged),
            refused: count(Outcome::Refused),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct KeptLine {
    l: u64,
    o: Outcome,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    f: Vec<(String, Option<String>)>,
}

impl Directory {
    /// The result of a file that was taken in to its end.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn file_result(&self, file: &FileKey) -> Result<Option<(FileResult, Vec<LineResult>)>, PeopleError> {
        let fault = || PeopleError::Row { table: "members' file" };
        let Some(head) = self.store.row(Table::MemberFile, &head_key(file)).await? else { return Ok(None) };
        let head: FileResult = serde_json::from_slice(&head).map_err(|_| fault())?;
        if head.v != VERSION {
            return Err(fault());
        }
        let mut lines = Vec::new();
        for part in 0..head.lines.div_ceil(PART_LINES as u64) {
            let row = self.store.row(Table::MemberFile, &part_key(file, part)).await?.ok_or_else(fault)?;
            let kept: Vec<KeptLine> = serde_json::from_slice(&row).map_err(|_| fault())?;
            for line in kept {
                lines.push(read_line(line).ok_or_else(fault)?);
            }
        }
        Ok(Some((head, lines)))
    }

    /// Keeps the result of a file. The head is written last, so that half a result is never read.
    ///
    /// # Errors
    /// [`PeopleError::Commit`] when the store cannot write.
    pub async fn keep_file_result(
        &self,
        file: &FileKey,
        lines: &[LineResult],
        finished: Instant,
    ) -> Result<FileResult, PeopleError> {
        for (part, lines) in lines.chunks(PART_LINES).enumerate() {
            let kept: Vec<KeptLine> = lines.iter().map(kept_line).collect();
            self.put(part_key(file, part as u64), &kept).await?;
        }
        let head = FileResult::of(lines, finished);
        self.put(head_key(file), &head).await?;
        Ok(head)
    }

    async fn put(&self, key: Vec<u8>, value: &(impl Serialize + Sync)) -> Result<(), PeopleError> {
        // Numbers and strings always serialise.
        let value = Some(serde_json::to_vec(value).unwrap_or_default());
        let row = Row { table: Table::MemberFile, key, value };
        self.store.commit(Batch { rows: vec![row], ..Batch::default() }).await?;
        Ok(())
    }
}

fn kept_line(line: &LineResult) -> KeptLine {
    let finding = |finding: &Finding| (finding.rule.code().to_owned(), finding.column.map(|c| c.code().to_owned()));
    KeptLine { l: line.line, o: line.outcome, f: line.findings.iter().map(finding).collect() }
}

fn read_line(kept: KeptLine) -> Option<LineResult> {
    let finding = |(rule, column): (String, Option<String>)| {
        let column = match column {
            Some(name) => Some(Column::from_name(&name)?),
            None => None,
        };
        Some(Finding { rule: Rule::from_code(&rule)?, column })
    };
    let findings = kept.f.into_iter().map(finding).collect::<Option<Vec<_>>>()?;
    Some(LineResult { line: kept.l, outcome: kept.o, findings })
}

/// The result as a file, in the order of the lines, with a byte order mark for spreadsheets: one record for each finding,
/// or one for a line without.
#[must_use]
pub fn result_csv(lines: &[LineResult]) -> String {
    let mut text = "\u{feff}行,結果,result,規則,列,column,説明,explanation\r\n".to_owned();
    for line in lines {
        let mut record = |finding: Option<&Finding>| {
            let (ja, en) = finding.map_or(("", ""), |finding| finding.rule.words());
            let column = finding.and_then(|finding| finding.column);
            let cells = [
                line.outcome.ja(),
                line.outcome.code(),
                finding.map_or("", |finding| finding.rule.code()),
                column.map_or("", Column::ja),
                column.map_or("", Column::code),
                ja,
                en,
            ];
            text.push_str(&line.line.to_string());
            for cell in cells {
                // Only the words of rules hold commas, and none of ours holds a quote.
                text.push_str(&if cell.contains(',') { format!(",\"{cell}\"") } else { format!(",{cell}") });
            }
            text.push_str("\r\n");
        };
        if line.findings.is_empty() {
            record(None);
        }
        line.findings.iter().for_each(|finding| record(Some(finding)));
    }
    text
}

fn head_key(file: &FileKey) -> Vec<u8> {
    [file.sender.as_str().as_bytes(), &[0], file.sha256.as_slice()].concat()
}

fn part_key(file: &FileKey, part: u64) -> Vec<u8> {
    [head_key(file).as_slice(), &part.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_no_quotes_and_rules_have_numbers_of_their_own() {
        let mut codes: Vec<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        codes.dedup();
        assert_eq!(codes.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert!(!rule.words().0.contains('"') && !rule.words().1.contains('"'));
            assert_eq!(Rule::from_code(rule.code()), Some(*rule));
        }
        for column in Column::ALL {
            assert_eq!(Column::from_name(column.ja()), Some(*column));
            assert_eq!(Column::from_name(column.code()), Some(*column));
        }
    }

    #[test]
    fn a_result_file_is_in_the_order_of_the_lines() {
        let lines = [
            LineResult { line: 2, outcome: Outcome::Registered, findings: Vec::new() },
            LineResult {
                line: 3,
                outcome: Outcome::Refused,
                findings: vec![Finding::at(Column::Branch, Rule::Form), Finding::line(Rule::Csv)],
            },
        ];
        let text = result_csv(&lines);
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 3);
        assert_eq!((&rows[1][0], &rows[1][3], &rows[1][5]), ("3", "M04", "branch"));
        assert_eq!(&rows[2][3], "M01");
        assert_eq!(&rows[0][2], "registered");
    }
}
