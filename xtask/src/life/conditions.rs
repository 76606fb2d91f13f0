//! When a column is required, and what follows from it: the sheets say so in words, here they become conditions.
//!
//! A condition is `{"all": […]}` or `{"any": […]}` of `{"column": …, "is": […]}` and `{"column": …, "present": true}`;
//! `{"outside": …}` is one that nothing in a file can tell.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::sheet::{Column, Sheet};

/// What is said of columns, by id: members to add.
pub type Conditions = BTreeMap<String, Vec<(&'static str, Value)>>;

/// Reads all conditions of a sheet.
///
/// # Errors
/// If a column is marked as conditional and its words are not understood.
pub fn read(sheet: &Sheet) -> Result<Conditions> {
    let mut found = Conditions::new();
    let mut rounds: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut round_date: BTreeMap<String, String> = BTreeMap::new();
    for column in &sheet.columns {
        let note = one_line(&column.note);
        if let Some((round, _)) = note.split_once("回目を入力する場合に必須") {
            round_date.insert(last_digit(round), column.id.clone());
            rounds.insert((last_digit(round), column.id.clone()), Vec::new());
        } else if let Some((round, _)) =
            note.split_once("回目の実施日が入力").or_else(|| note.split_once("回目の記入日が入力"))
        {
            let date = round_date.get(&last_digit(round)).context("a round without its date")?;
            if let Some(members) = rounds.get_mut(&(last_digit(round), date.clone())) {
                members.push(column.id.clone());
            }
            found.entry(column.id.clone()).or_default().push(("when", json!({ "all": [present(date)] })));
        } else if let Some(condition) = match special(sheet, column) {
            Some(condition) => Some(condition),
            None => condition(sheet, column, &note)?,
        } {
            found.entry(column.id.clone()).or_default().push(("when", condition));
        } else if column.required == "●" {
            bail!("when {} is required is not understood: {note}", column.id);
        }
        if let Some(members) = implied(sheet, column) {
            found.entry(column.id.clone()).or_default().push(("implied", json!({ "code": "1", "by": members })));
        }
        if sheet.name.starts_with("FORM_0000") && column.id == "meal_form" {
            // Ordinary food is chosen only where no adjusted food is needed.
            let adjusted = json!({ "column": "is_need_swallowing_adjusted_food",
                "codes": { "1": ["01", "02", "10", "21", "22", "30", "40"] } });
            found.entry(column.id.clone()).or_default().push(("only", adjusted));
        }
    }
    for ((_, date), members) in rounds {
        let any: Vec<Value> = members.iter().map(|id| present(id)).collect();
        found.entry(date).or_default().push(("when", json!({ "any": any })));
    }
    Ok(found)
}

fn present(id: &str) -> Value {
    json!({ "column": id, "present": true })
}

fn is(id: &str, codes: &[&str]) -> Value {
    json!({ "column": id, "is": codes })
}

/// A note without its line ends.
fn one_line(note: &str) -> String {
    note.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

fn last_digit(text: &str) -> String {
    text.chars().last().map(String::from).unwrap_or_default()
}

/// Conditions over groups of columns, which the words name by their heading.
fn special(sheet: &Sheet, column: &Column) -> Option<Value> {
    let any = |items: Vec<Value>| Some(json!({ "any": items }));
    let between = |first: &str, last: &str| {
        let at = |id: &str| sheet.columns.iter().position(|column| column.id == id);
        at(first).zip(at(last)).and_then(|(first, last)| sheet.columns.get(first..=last)).unwrap_or_default()
    };
    match (sheet.name.get(5..9)?, column.id.as_str()) {
        ("0500", "plan_create_date") => any(between("bathe", "is_bedsore_within_three_months")
            .iter()
            .filter_map(|risk| match risk.codes.as_str() {
                codes if codes.starts_with("0：自分で行っていない") => Some(is(&risk.id, &["0"])),
                codes if codes.contains("1：有り") => Some(is(&risk.id, &["1"])),
                _ => None,
            })
            .collect()),
        ("0700", "plan_create_date") => any([
            "is_rehabilitation_necessity",
            "is_functional_training_necessity",
            "efforts_01",
            "efforts_02",
            "efforts_03",
            "efforts_04",
        ]
        .iter()
        .map(|id| is(id, &["1"]))
        .collect()),
        ("0800", "change_status") => Some(json!({ "outside": "薬剤の追加変更" })),
        _ => None,
    }
}

/// `name＝1：word`, joined by かつ; the sum (加算) that an office claims stands in no file.
fn condition(sheet: &Sheet, column: &Column, note: &str) -> Result<Option<Value>> {
    let Some(line) = note.split_inclusive("必須").find(|part| part.ends_with("必須")) else { return Ok(None) };
    if let Some((service, _)) = line.split_once("_No.を入力する場合に必須") {
        let name = format!("{}_No.", service.lines().last().unwrap_or_default());
        let number = sheet.called(&name).context(name)?;
        return Ok(Some(json!({ "all": [present(&number.id)] })));
    }
    // A line of its own before the condition says how to write the value.
    let start = line.find(['＝', '=']).context(format!("{}: {line}", column.id))?;
    let first = line.get(..start).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1);
    let mut all = Vec::new();
    for part in line.get(first..).unwrap_or_default().split("かつ") {
        let part = part.trim();
        if part.contains("加算") {
            all.push(json!({ "outside": part.split("を取得").next().unwrap_or_default() }));
            continue;
        }
        let (name, values) = part.split_once(['＝', '=']).context(format!("{}: {part}", column.id))?;
        let target = sheet.called(name.trim()).context(format!("{} names {name}", column.id))?;
        let codes: Vec<&str> = values
            .split('：')
            .filter_map(|text| text.rsplit(|c: char| !c.is_ascii_digit()).next())
            .filter(|code| !code.is_empty())
            .collect();
        if codes.is_empty() {
            bail!("{}: no code in {part}", column.id);
        }
        all.push(is(&target.id, &codes));
    }
    Ok(Some(json!({ "all": all })))
}

/// The columns of which any 1 makes this one 1.
fn implied(sheet: &Sheet, column: &Column) -> Option<Vec<String>> {
    let prefix: &[&str] = match (sheet.name.get(5..9)?, column.id.as_str()) {
        ("0000", "family_01") => &["family_02", "family_03", "family_other"],
        ("0000", "diagnosis_of_dementia_flag") => &["diagnosis_of_dementia_0", "diagnosis_of_dementia_other"],
        ("0500", "is_past_bedsore") => &["past_bedsore_part_"],
        _ => return None,
    };
    let members = sheet.columns.iter().filter(|other| other.codes.contains("1：") && other.id != column.id);
    Some(
        members
            .filter(|other| prefix.iter().any(|prefix| other.id.starts_with(prefix)))
            .map(|other| other.id.clone())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(columns: &[(&str, &str, &str, &str)]) -> Sheet {
        let column = |(id, name, required, note): &(&str, &str, &str, &str)| Column {
            number: 1,
            id: (*id).into(),
            name: (*name).into(),
            kind: "文字列".into(),
            length: 1,
            decimals: 0,
            required: (*required).into(),
            range: String::new(),
            format: String::new(),
            codes: "0：無し\n1：有り".into(),
            note: (*note).into(),
            remark: String::new(),
        };
        Sheet { name: "FORM_9999_2021".into(), title: String::new(), columns: columns.iter().map(column).collect() }
    }

    fn when(sheet: &Sheet, id: &str) -> Value {
        read(sheet).unwrap()[id].iter().find(|(name, _)| *name == "when").unwrap().1.clone()
    }

    #[test]
    fn words_become_terms() {
        let sheet = sheet(&[
            ("kind", "施設／通所・居宅区分", "◎", ""),
            ("mouth", "経口摂取", "○", ""),
            (
                "a",
                "A",
                "●",
                "％で入力（整数）\n施設／通所・居宅区分＝1：施設\nかつ経口摂取＝（1：一部若しくは2：完全）の場合に必須",
            ),
            ("b", "B", "●", "施設／通所・居宅区分＝1：施設 かつ 科学的介護推進体制加算（Ⅱ）を取得する場合に必須"),
            ("no2", "サービス2_No.", "", ""),
            ("c", "C", "●", "回数\nサービス2_No.を入力する場合に必須"),
        ]);
        let facility = json!({ "column": "kind", "is": ["1"] });
        assert_eq!(when(&sheet, "a"), json!({ "all": [facility, { "column": "mouth", "is": ["1", "2"] }] }));
        assert_eq!(when(&sheet, "b"), json!({ "all": [facility, { "outside": "科学的介護推進体制加算（Ⅱ）" }] }));
        assert_eq!(when(&sheet, "c"), json!({ "all": [{ "column": "no2", "present": true }] }));
    }

    #[test]
    fn a_round_needs_its_date_and_the_date_its_round() {
        let sheet = sheet(&[
            ("date_02", "記入日", "●", "例\n2回目を入力する場合に必須"),
            ("x_02", "X", "●", "2回目の記入日が入力されている場合に必須"),
            ("y_02", "Y", "●", "2回目の記入日が入力されている場合に必須"),
        ]);
        assert_eq!(when(&sheet, "x_02"), json!({ "all": [present("date_02")] }));
        assert_eq!(when(&sheet, "date_02"), json!({ "any": [present("x_02"), present("y_02")] }));
    }

    #[test]
    fn words_that_are_not_understood_stop_it() {
        for note in ["満月の場合に必須", "知らない項目＝1：有りの場合に必須", "その他"] {
            assert!(read(&sheet(&[("a", "A", "●", note)])).is_err(), "{note}");
        }
        assert!(read(&sheet(&[("a", "A", "○", "その他")])).unwrap().is_empty());
    }
}
