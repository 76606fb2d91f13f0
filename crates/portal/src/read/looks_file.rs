//! Looks as a table to save: one line a look, newest first, readable in a spreadsheet.
//!
//! UTF-8 with a mark at its start and CRLF, because common spreadsheets read Japanese only so. A cell that a spreadsheet
//! would take for a formula begins with an apostrophe: names and reasons come from outside.

use tsumugi_access::Look;
use tsumugi_kernel::Instant;
use tsumugi_ledger::look::Decision;

use super::looks::{self, Known};
use crate::Lang;
use crate::calendar;
use crate::view::{LookBy, RuleWords};

/// The table.
#[must_use]
pub fn csv(found: &[&Look], known: &Known, rule: &dyn Fn(&Look) -> RuleWords, lang: Lang) -> String {
    let heads = [
        lang.t("looks-csv-number"),
        lang.t("looks-csv-time"),
        lang.t("looks-csv-name"),
        lang.t("looks-csv-reading"),
        lang.t("looks-csv-qualification"),
        lang.t("looks-csv-organization"),
        lang.t("looks-csv-behalf"),
        lang.t("looks-csv-by"),
        lang.t("looks-csv-purpose"),
        lang.t("looks-csv-reason"),
        lang.t("looks-csv-outcome"),
        lang.t("looks-csv-what"),
        lang.t("looks-csv-rule"),
        lang.t("looks-csv-source"),
        lang.t("looks-csv-offline"),
        lang.t("looks-csv-opening"),
    ];
    let mut table = String::from("\u{feff}");
    line(&mut table, &heads.map(|head| head.into_owned()));
    for look in found.iter().rev() {
        line(&mut table, &cells(look, known, &rule(look), lang));
    }
    table
}

fn cells(look: &Look, known: &Known, rule: &RuleWords, lang: Lang) -> [String; 16] {
    let (part, row) = (&look.part, looks::row(look, known, lang));
    let by = match row.by {
        LookBy::Person => lang.t("looks-by-person"),
        LookBy::Assistant => lang.t("looks-by-assistant"),
        LookBy::Automatic => lang.t("looks-by-automatic"),
    };
    let outcome = match part.decision {
        Decision::Shown => lang.t("looks-csv-shown"),
        Decision::Written => lang.t("looks-csv-written"),
        Decision::Refused => lang.t("looks-csv-refused"),
    };
    let what: Vec<String> = row.shown.iter().map(|one| format!("{} {}", lang.kind(one.kind), one.count)).collect();
    let behalf = part.on_behalf.as_ref().map(|behalf| format!("{} ({})", behalf.name, behalf.relation));
    [
        look.number.to_string(),
        calendar::machine(Instant(part.time)),
        part.person.name.clone(),
        row.who.name.kana.unwrap_or_default(),
        part.person.qualification.clone().unwrap_or_default(),
        part.organization.name.clone(),
        behalf.unwrap_or_default(),
        by.into_owned(),
        lang.purpose(row.purpose).into_owned(),
        part.reason.clone().unwrap_or_default(),
        outcome.into_owned(),
        what.join(&lang.t("list-joint")),
        rule.plain.text.clone(),
        rule.source.as_ref().map(|source| source.text.clone()).unwrap_or_default(),
        part.offline.map(|at| calendar::machine(Instant(at))).unwrap_or_default(),
        part.opening.map(|number| number.to_string()).unwrap_or_default(),
    ]
}

fn line(table: &mut String, cells: &[String]) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            table.push(',');
        }
        table.push('"');
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            table.push('\'');
        }
        table.push_str(&cell.replace('"', "\"\""));
        table.push('"');
    }
    table.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::super::looks::tests::look;
    use super::*;
    use crate::view::Words;

    #[test]
    fn a_table_opens_in_a_spreadsheet_and_holds_no_formula() {
        let mut odd = look(2, 3, "=HYPERLINK(\"x\")", "みなと, \"総合\"", "TREAT");
        odd.part.reason = Some("一行目\n二行目".into());
        (odd.part.offline, odd.part.opening) = (Some(odd.part.time), Some(71));
        let looks = [look(1, 2, "髙橋 久美", "office", "CAREMGT"), odd];
        let found: Vec<&Look> = looks.iter().collect();
        let rule = |_: &Look| RuleWords {
            id: "x".into(),
            plain: Words::ja("診ている人は見られます。"),
            text: None,
            source: Some(Words::ja("医師法")),
        };
        let table = csv(&found, &Known::default(), &rule, Lang::Ja);
        assert!(table.starts_with("\u{feff}\"番号\","), "{table}");
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(lines.len(), 4, "a head, two looks, newest first, and the end");
        assert!(lines[1].starts_with("\"2\",") && lines[1].contains("\"'=HYPERLINK(\"\"x\"\")\""), "{}", lines[1]);
        assert!(lines[1].contains("\"みなと, \"\"総合\"\"\"") && lines[1].contains("一行目\n二行目"));
        assert!(lines[1].ends_with(",\"71\""), "{}", lines[1]);
        assert!(
            lines[2].contains("髙橋 久美") && lines[2].contains("医師法") && lines[2].ends_with("\"\",\"\""),
            "{}",
            lines[2]
        );
    }
}
