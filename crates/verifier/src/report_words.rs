//! A report in plain words: what is proven, with which key, and the looks that can be read.

use std::fmt::Write as _;

use tsumugi_ledger::{Report, look::ranges};

use crate::{Words, look_words, plain};

/// The words for the reports of a file, one for each chain; `rules` gives those of a rule that somebody knows.
pub(crate) fn words(reports: &[Report], rules: &dyn Fn(&str) -> Option<Words>) -> Words {
    let mut all = Words::new("", "");
    if let [_, _, ..] = reports {
        let (chains, leaves) = (reports.len(), reports.iter().map(|report| report.count).sum::<u64>());
        all = Words::new(
            format!(
                "あなたの記録は、別々に届いたものを一つに統合しています。{chains}本の鎖を、同じ時点の署名で一つずつ確かめました(合わせて{leaves}件。統合のあとの閲覧は、それぞれの鎖に1件ずつ残ります)。"
            ),
            format!(
                "Your record was merged from what had arrived apart. Each of its {chains} chains was checked under one signature ({leaves} entries together; a look after the merge leaves one entry in each chain)."
            ),
        );
    }
    for (number, report) in (1..).zip(reports) {
        let one = one(report, rules);
        if reports.len() > 1 {
            let _ = write!(all.ja, "\n\n鎖 {number}\n");
            let _ = write!(all.en, "\n\nChain {number}\n");
        }
        all.ja.push_str(&one.ja);
        all.en.push_str(&one.en);
    }
    all
}

/// The words for one chain.
fn one(report: &Report, rules: &dyn Fn(&str) -> Option<Words>) -> Words {
    let origin = plain(&report.origin);
    let (count, size) = (report.count, report.checkpoint_size);
    let mut words = Words::new(
        format!("確認できました。あなたの記録への閲覧や書きこみは{count}件で、抜けているものはありません。"),
        format!("Verified. There are {count} looks at and changes of your record, and none is left out."),
    );
    // INVARIANT: writing to a String cannot fail, so the results of `write!` are of no interest.
    let _ = write!(words.ja, "\n記録簿: {origin} ({size}件までの署名、鍵 {})", plain(&report.key));
    let _ = write!(words.en, "\nLog: {origin} (signed up to {size} entries, key {})", plain(&report.key));
    if !report.key_trusted {
        words.ja.push_str(
            "\n注意: 鍵はこのファイルに書かれたものです。公表されている鍵と同じかを確かめるには、その鍵を指定してください。",
        );
        words.en.push_str(
            "\nNote: the key is the one that the file itself names. Give the published key to be sure of the log.",
        );
    }
    if !report.unreadable.is_empty() {
        let numbers = ranges(report.unreadable.iter().copied());
        let _ = write!(words.ja, "\n数えられているが、このファイルでは中身を読めない記録: {numbers}");
        let _ = write!(words.en, "\nCounted, but not readable with this file: {numbers}");
    }
    for look in &report.looks {
        let line = look_words::words(look, rules);
        let _ = write!(words.ja, "\n{}", line.ja);
        let _ = write!(words.en, "\n{}", line.en);
    }
    words
}
