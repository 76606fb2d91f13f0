//! `cargo xtask life VERSION DIR`: what the sheets of LIFE's interface say about every column, as data of our own.
//!
//! Facts are taken over (which column, in which order, of which type, how long, when required, which codes, what happens
//! to it when it leaves the office), sentences are not: the words of published scales are replaced by the scale's name
//! and a number, and code words that are sentences are left out. What the sheets say only in words (when a column is
//! required) becomes a condition; a condition that is not understood stops the whole, so that none is lost.

mod codes;
mod conditions;
mod sheet;

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use sheet::{Column, Sheet};

/// Where the data stand.
const FOLDER: &str = "crates/formats/rules/life";
/// Data types of which a row repeats the number of another form's record.
const CHILDREN: [(&str, &str); 3] =
    [("FORM_0001", "FORM_0000"), ("FORM_0002", "FORM_0000"), ("FORM_0801", "FORM_0800")];

/// Makes the data of one version and says what was made.
///
/// # Errors
/// If a sheet is missing, has another shape, or says something that is not understood.
pub fn make(root: &Path, version: &str, folder: &Path) -> Result<String> {
    let goal = root.join(FOLDER).join(version);
    fs::create_dir_all(&goal).with_context(|| format!("making {}", goal.display()))?;
    let mut paths: Vec<_> = fs::read_dir(folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    let (mut forms, mut columns) = (0, 0);
    for path in paths {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        if path.extension().is_none_or(|ext| ext != "csv")
            || !(name.starts_with("FORM_") || name == "SERVICE_USER_INFO")
        {
            continue;
        }
        let sheet = Sheet::read(name, &path)?;
        let text = form(version, &sheet).with_context(|| name.to_owned())?;
        fs::write(goal.join(format!("{name}.json")), text)?;
        forms += 1;
        columns += sheet.columns.len();
    }
    if forms == 0 {
        bail!("{} holds no sheet of LIFE (FORM_….csv, SERVICE_USER_INFO.csv)", folder.display());
    }
    let lists = codes::lists(folder)?;
    fs::write(goal.join("lists.json"), lists)?;
    Ok(format!("LIFE {version}: {forms} forms, {columns} columns in {FOLDER}/{version}"))
}

/// One form as text: head, then one column a line, so that a change is one line of a diff.
fn form(version: &str, sheet: &Sheet) -> Result<String> {
    let mut key = vec!["care_facility_id", "service_code"];
    let people = sheet.name == "SERVICE_USER_INFO";
    if !people {
        // A form's number may be unique for one person only: the person is part of the key.
        key.extend(["insurer_no", "insured_no"]);
    }
    key.push("external_system_management_number");
    let detail = "external_system_management_detail_number";
    if sheet.columns.iter().any(|column| column.id == detail) {
        key.push(detail);
    }
    let mut head = json!({
        "form": sheet.name, "version": version, "name": sheet.title, "key": key,
        "numberOf": if people { "person" } else { "record" },
    });
    if let Some((_, parent)) = CHILDREN.iter().find(|(child, _)| sheet.name.starts_with(child)) {
        head["parent"] = sheet.name.replace(&sheet.name[..9], parent).into();
    }
    let conditions = conditions::read(sheet)?;
    let mut text = head.to_string();
    text.truncate(text.len() - 1);
    text.push_str(",\n\"columns\":[\n");
    let mut kihon = 0;
    for (index, column) in sheet.columns.iter().enumerate() {
        let mut member = facts(column, &mut kihon)?;
        for (name, value) in conditions.get(&column.id).into_iter().flatten() {
            member.insert((*name).to_owned(), value.clone());
        }
        let end = if index + 1 == sheet.columns.len() { "" } else { "," };
        writeln!(text, "{}{end}", ordered(&member))?;
    }
    text.push_str("]}\n");
    Ok(text)
}

/// What is said of one column, conditions apart.
fn facts(column: &Column, kihon: &mut u32) -> Result<Map<String, Value>> {
    let mut member = Map::new();
    member.insert("no".into(), column.number.into());
    member.insert("id".into(), column.id.clone().into());
    member.insert("name".into(), name(column, kihon).into());
    let number = match column.kind.as_str() {
        "文字列" => false,
        "数値" | "数字" => true,
        other => bail!("column {} is of the unknown type {other}", column.id),
    };
    member.insert("type".into(), if number { "number" } else { "text" }.into());
    member.insert("length".into(), column.length.into());
    if column.decimals > 0 {
        member.insert("decimals".into(), column.decimals.into());
    }
    let required = match column.required.as_str() {
        "◎" => Some("always"),
        "○" => Some("final"),
        "●" => Some("conditional"),
        "" => None,
        other => bail!("column {} has the unknown mark {other}", column.id),
    };
    if let Some(required) = required {
        member.insert("required".into(), required.into());
    }
    if let Some((low, high)) = column.range.split_once('～') {
        member.insert("range".into(), json!([low.trim().parse::<u32>()?, high.trim().parse::<u32>()?]));
    }
    if let Some(format) = format(column)? {
        member.insert("format".into(), format.into());
    }
    if column.note.contains("10倍した整数値") {
        member.insert("scale".into(), 10.into());
    }
    if let Some(leaves) = leaves(column) {
        member.insert("leaves".into(), leaves.into());
    }
    if matches!(column.id.as_str(), "fim_defecation_control" | "fim_urination_control") {
        // Of FIM's two controls the sheet names each by the other's name.
        member.insert("trap".into(), "name-against-id".into());
    }
    codes::of(column, &mut member)?;
    Ok(member)
}

/// How a value is written.
fn format(column: &Column) -> Result<Option<&'static str>> {
    Ok(match column.format.as_str() {
        "YYYYMMDD" if column.note.contains("00日として") => Some("date-day-unknown"),
        "YYYYMMDD" => Some("date"),
        "HHmm" => Some("time"),
        "HH" | "mm" => None,
        "病名文字列" | "" => match column.codes.as_str() {
            "ICD10" => Some("icd10"),
            "レセプト電算コード" => Some("digits"),
            _ => match column.id.as_str() {
                "care_facility_id" | "insurer_no" | "insured_no" | "service_code" => Some("number-of-fixed-length"),
                _ => None,
            },
        },
        other => bail!("column {} has the unknown format {other}", column.id),
    })
}

/// What LIFE does with a column before it leaves the office.
fn leaves(column: &Column) -> Option<&'static str> {
    let note = &column.note;
    if note.contains("厚生労働省のLIFEには送付されない") {
        Some("never")
    } else if column.id == "insured_no" {
        Some("hashed")
    } else if note.contains("一律15日に置換") {
        Some("day-15")
    } else {
        column.remark.contains("暗号化対象").then_some("encrypted")
    }
}

/// A column's name; items of a published scale by scale and number, without its words.
fn name(column: &Column, kihon: &mut u32) -> String {
    let name = column.name.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(item) = column.id.strip_prefix("dbd13_") {
        return format!("DBD13 項目{}", item.trim_start_matches('0'));
    }
    if let Some(item) = column.id.strip_prefix("vitality_index_") {
        return format!("Vitality Index 項目{}", item.trim_start_matches('0'));
    }
    if column.id.starts_with("dementia_scale_") {
        let part = column.name.split('　').next().unwrap_or_default();
        return format!("HDS-R {part}");
    }
    // The basic checklist has its answers as the codes' words.
    if column.codes.contains("はい") && column.codes.contains("いいえ") {
        *kihon += 1;
        return format!("基本チェックリスト 問({kihon})");
    }
    name
}

/// An object with its members in the order in which they are read.
fn ordered(member: &Map<String, Value>) -> String {
    const FIRST: [&str; 15] = [
        "no", "id", "name", "type", "length", "decimals", "required", "when", "implied", "range", "format", "leaves",
        "list", "codes", "points",
    ];
    let rest = member.keys().map(String::as_str).filter(|key| !FIRST.contains(key));
    let keys: Vec<&str> = FIRST.into_iter().filter(|key| member.contains_key(*key)).chain(rest).collect();
    let parts: Vec<String> = keys
        .into_iter()
        .filter_map(|key| member.get(key).map(|value| format!("{}:{value}", Value::from(key))))
        .collect();
    format!("{{{}}}", parts.join(","))
}
