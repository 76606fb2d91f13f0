//! Codes: those in a column's own cell, and the four lists that many columns share.

use std::{fmt::Write as _, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::sheet::Column;

/// How a cell refers to a list.
const REFERENCES: [(&str, &str); 4] = [
    ("※ICFコード", "icf"),
    ("※支援コード", "support"),
    ("※職種コード", "job"),
    ("※興味関心チェックコード", "interest"),
];
/// Longest word of a code that is carried: what is longer is a sentence.
const WORD_CHARACTERS: usize = 14;
/// Groups of codes that hold for some values of another column, by the group's word.
const GROUPS: [(&str, &str, &[&str]); 6] = [
    ("包括的自立支援プログラム", "evaluate_method", &["1"]),
    ("居宅サービス計画ガイドライン", "evaluate_method", &["2"]),
    ("MDS、MDS-HC", "evaluate_method", &["3", "4"]),
    ("R4", "evaluate_method", &["5", "6"]),
    ("追加", "change_status", &["11"]),
    ("変更", "change_status", &["21", "31", "32", "41"]),
];

/// Puts a column's codes into its facts.
///
/// # Errors
/// If a cell has a shape that is not known.
pub fn of(column: &Column, member: &mut Map<String, Value>) -> Result<()> {
    let cell = &column.codes;
    if let Some((_, list)) = REFERENCES.iter().find(|(word, _)| cell.starts_with(word)) {
        member.insert("list".into(), (*list).into());
        return Ok(());
    }
    // One sheet names the list of jobs by the name of a table.
    if column.remark.contains("job_type_master") || (column.id.ends_with("_job_type_id") && column.length == 3) {
        member.insert("list".into(), "job".into());
        return Ok(());
    }
    if matches!(cell.as_str(), "" | "―" | "ICD10" | "レセプト電算コード" | "病名文字列") {
        return Ok(());
    }
    let (mut codes, mut points, mut only) = (Map::new(), Map::new(), Map::new());
    let mut group: Option<&(&str, &str, &[&str])> = None;
    for line in cell.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "-") {
        if let Some(word) = line.strip_prefix('【') {
            let word = word.split('】').next().unwrap_or_default();
            group = Some(GROUPS.iter().find(|(name, _, _)| *name == word).context(format!("the group {word}"))?);
            for value in group.into_iter().flat_map(|(_, _, values)| *values) {
                only.entry(*value).or_insert_with(|| json!([]));
            }
            continue;
        }
        if line == "NULL" {
            continue;
        }
        let Some((code, word)) = line.split_once('：') else {
            bail!("column {}: the code line {line:?} is not understood", column.id);
        };
        let (code, word) = (code.trim(), word.trim());
        if let Some(value) = parenthesis(word).and_then(|text| text.parse::<u32>().ok()) {
            points.insert(code.into(), value.into());
        }
        // Words that differ by group mean different things: none is carried.
        codes.insert(code.into(), if group.is_some() { "" } else { short(column, word) }.into());
        for value in group.into_iter().flat_map(|(_, _, values)| *values) {
            if let Some(list) = only.get_mut(*value).and_then(Value::as_array_mut) {
                list.push(code.into());
            }
        }
    }
    member.insert("codes".into(), codes.into());
    if !points.is_empty() {
        member.insert("points".into(), points.into());
    }
    if let Some((_, by, _)) = group {
        member.insert("only".into(), json!({ "column": by, "codes": only }));
    }
    Ok(())
}

/// A code's word, where it is a word.
fn short<'t>(column: &Column, word: &'t str) -> &'t str {
    if column.id.starts_with("vitality_index_") {
        return "";
    }
    // DESIGN-R's grades have short names in parentheses behind their description.
    if column.id.ends_with("_evaluation") {
        return parenthesis(word).unwrap_or_default();
    }
    let word = word.split('(').next().unwrap_or_default().trim();
    if word.chars().count() > WORD_CHARACTERS || word.contains(['、', '，', '。']) { "" } else { word }
}

/// What stands in the last parentheses of a word, if it ends with them.
fn parenthesis(word: &str) -> Option<&str> {
    let inside = word.strip_suffix(')').or_else(|| word.strip_suffix('）'))?;
    inside.rfind(['(', '（']).and_then(|at| inside.get(at..)).map(|text| text.trim_start_matches(['(', '（']))
}

/// The four lists as one text: code and word. ICF's words are WHO's and stay out.
///
/// # Errors
/// If a list is missing or empty.
pub fn lists(folder: &Path) -> Result<String> {
    let mut text = String::from("{\n");
    let sheets = [
        ("icf", "ICFコード.csv", 3, None),
        ("interest", "興味関心チェックコード.csv", 1, Some(2)),
        ("job", "職種コード.csv", 1, Some(2)),
        ("support", "支援コード.csv", 1, Some(3)),
    ];
    for (index, (name, file, code_at, word_at)) in sheets.into_iter().enumerate() {
        let path = folder.join(file);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(&path)?;
        let mut codes = Map::new();
        for row in reader.records().skip(2) {
            let row = row.with_context(|| path.display().to_string())?;
            let code = row.get(code_at).unwrap_or_default().trim();
            let word = word_at.and_then(|at| row.get(at)).unwrap_or_default().trim();
            let word = word.trim_start_matches(|c: char| c.is_ascii_digit() || "-①②③④⑤⑥⑦⑧ 　".contains(c));
            if !code.is_empty() && code.is_ascii() {
                codes.insert(code.into(), if word.chars().count() > 30 { "" } else { word }.into());
            }
        }
        if codes.is_empty() {
            bail!("{} has no codes", path.display());
        }
        let end = if index + 1 == sheets.len() { "" } else { "," };
        writeln!(text, "{}:{}{end}", Value::from(name), Value::from(codes))?;
    }
    text.push_str("}\n");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(id: &str, codes: &str) -> Map<String, Value> {
        let column = Column {
            number: 1,
            id: id.into(),
            name: String::new(),
            kind: "文字列".into(),
            length: 1,
            decimals: 0,
            required: String::new(),
            range: String::new(),
            format: String::new(),
            codes: codes.into(),
            note: String::new(),
            remark: String::new(),
        };
        let mut member = Map::new();
        of(&column, &mut member).unwrap();
        member
    }

    #[test]
    fn points_are_kept_beside_codes() {
        let found = read("x", "0：全介助(0)\n1：一部介助(0)\n2：自立(5)");
        assert_eq!(found["codes"], json!({ "0": "全介助", "1": "一部介助", "2": "自立" }));
        assert_eq!(found["points"], json!({ "0": 0, "1": 0, "2": 5 }));
    }

    #[test]
    fn sentences_are_not_carried() {
        assert_eq!(read("x", "1：促されると、食べようとする")["codes"], json!({ "1": "" }));
        assert_eq!(read("vitality_index_01", "1：短い")["codes"], json!({ "1": "" }));
        assert_eq!(read("depth_evaluation", "1：持続する発赤（d1）")["codes"], json!({ "1": "d1" }));
        assert_eq!(read("x", "※職種コード参照")["list"], "job");
    }

    #[test]
    fn groups_hold_for_values_of_another_column() {
        let found = read("x", "【追加】\nNULL\n【変更】【減量】【減薬】共通\n1：発現\n2：他");
        assert_eq!(found["only"]["column"], "change_status");
        assert_eq!(found["only"]["codes"]["11"], json!([]));
        assert_eq!(found["only"]["codes"]["41"], json!(["1", "2"]));
    }
}
