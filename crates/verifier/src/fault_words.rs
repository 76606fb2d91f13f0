//! Faults in plain words: what does not fit, what that means, what to do next.

use tsumugi_ledger::Fault;

use crate::{Words, plain};

/// What to do when the file itself may have been hurt on its way.
const AGAIN: (&str, &str) = (
    "ファイルをもう一度保存して確かめてください。同じ結果なら、監督機関に知らせてください。",
    "Save the file again and check once more. If the result stays, tell the supervising body.",
);
/// What to do when there is nothing to check: no alarm, since nothing was found.
const OTHER_FILE: (&str, &str) = (
    "「だれが見たか」のページで「証明を保存する」を選び、そのファイルを確かめてください。",
    "On the page “Who looked” choose “Save the proof”, and check that file.",
);
/// What to do when the log itself contradicts itself.
const TELL: (&str, &str) = (
    "この記録簿は信用できません。監督機関に知らせてください。",
    "This log cannot be trusted. Tell the supervising body.",
);

/// The words for a fault.
pub(crate) fn words(fault: &Fault) -> Words {
    let (what, next) = match fault {
        Fault::Format(_) => (of_file(fault), OTHER_FILE),
        Fault::ForeignKey { .. } | Fault::Signature(_) | Fault::Checkpoint(_) => (of_file(fault), AGAIN),
        Fault::Count { .. } | Fault::Map(_) | Fault::Inclusion { .. } | Fault::InclusionMissing(_) => {
            (of_completeness(fault), AGAIN)
        }
        Fault::Readable { .. } => (of_completeness(fault), AGAIN),
        _ => (of_audit(fault), TELL),
    };
    let detail = plain(&fault.to_string());
    Words::new(
        format!("確認できませんでした。{}\n{}\n(詳細: {detail})", what.ja, next.0),
        format!("Not verified. {}\n{}\n(Detail: {detail})", what.en, next.1),
    )
}

/// The file, its key and its signature.
fn of_file(fault: &Fault) -> Words {
    match fault {
        Fault::Format(_) => Words::new(
            "このファイルは証明のファイルではないか、壊れています。",
            "This file is not a proof file, or it is damaged.",
        ),
        Fault::ForeignKey { .. } => Words::new(
            "この証明は、信頼している鍵とは別の鍵で署名されています。別の記録簿のものかもしれません。",
            "This proof is signed with another key than the trusted one. It may be of another log.",
        ),
        Fault::Signature(_) => Words::new(
            "記録簿の署名が正しくありません。署名のあとで書きかえられた可能性があります。",
            "The log's signature does not hold. It may have been changed after it was signed.",
        ),
        _ => Words::new(
            "署名された文が、記録簿のチェックポイントの形になっていません。",
            "What was signed is not a checkpoint of a log.",
        ),
    }
}

/// Count, chain, map, place of the newest leaf, readable leaves.
fn of_completeness(fault: &Fault) -> Words {
    match fault {
        Fault::Count { stated, found } => Words::new(
            format!(
                "閲覧の記録は{stated}件とされていますが、{found}件しか数えられません。抜けているか、足されています。"
            ),
            format!("The file says {stated} entries but holds {found}: one was left out or added."),
        ),
        Fault::Map(_) => Words::new(
            "閲覧の記録が、署名された件数と順序に合いません。抜け、追加、書きかえ、入れかえのどれかがあります。",
            "The entries do not match the signed count and order: one was left out, added, changed or moved.",
        ),
        Fault::Readable { number, .. } => Words::new(
            format!("{number}番目の記録の中身が、数えられた記録と一致しません。"),
            format!("What is given to read as entry {number} is not the entry that was counted."),
        ),
        _ => Words::new(
            "いちばん新しい記録が、署名された記録簿の中にあると確かめられません。",
            "The newest entry is not proven to be in the signed log.",
        ),
    }
}

/// What an auditor finds in the whole log.
fn of_audit(fault: &Fault) -> Words {
    match fault {
        Fault::Leaf { index, .. } => Words::new(
            format!("記録簿の位置{index}の記録が読めません。"),
            format!("The entry at place {index} of the log cannot be read."),
        ),
        Fault::Number { index, expected, found, .. } => Words::new(
            format!(
                "記録簿の位置{index}の番号は{expected}のはずですが、{found}です。抜け、重なり、枝分かれがあります。"
            ),
            format!(
                "Place {index} of the log should have number {expected} but has {found}: a gap, repetition or fork."
            ),
        ),
        Fault::Previous { index, .. } => Words::new(
            format!("記録簿の位置{index}の記録が、その前の記録とつながりません。前の記録が書きかえられています。"),
            format!("The entry at place {index} of the log does not follow on the one before it, which was changed."),
        ),
        Fault::Size { claimed, found } => Words::new(
            format!("署名では{claimed}件ですが、記録簿には{found}件あります。終わりが切られたか、足されています。"),
            format!("The signature covers {claimed} entries, the log has {found}: its end was cut or added."),
        ),
        Fault::Root { .. } => Words::new(
            "記録簿の中身が、署名された内容と一致しません。書きかえか入れかえがあります。",
            "The log is not what was signed: an entry was changed or moved.",
        ),
        Fault::MapRoot { .. } => Words::new(
            "だれかの記録の件数が、署名された件数と一致しません。",
            "Somebody's number of entries is not the one that was signed.",
        ),
        _ => Words::new(
            "新しい記録簿が、古い記録簿の続きになっていません。人によって違う記録簿が見せられています。",
            "The newer log does not continue the older one: different people are shown different logs.",
        ),
    }
}
