//! Reading an emergency summary without a network: who signed it, whether it is still fresh, and what it tells.

use tsumugi_ledger::{EmergencySummary, Fault, Topic};

use crate::{Words, fault_words, plain};

/// What came out of reading a summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyVerdict {
    /// The summary, or the fault found.
    pub outcome: Result<EmergencySummary, Fault>,
    /// Whether its time is over: it was signed, and may be out of date.
    pub is_old: bool,
    /// The same for people.
    pub words: Words,
}

/// Whether bytes look like a summary, so that the right check is made.
#[must_use]
pub fn is_emergency_summary(bytes: &[u8]) -> bool {
    bytes.starts_with(tsumugi_ledger::emergency::FIRST_LINE.as_bytes())
}

/// Reads a summary. `trusted_vkey` is the key that summaries are signed with, from elsewhere than the file; without it the words
/// say that the key is only the one in the file. `now` is in seconds since 1970.
#[must_use]
pub fn read_emergency_summary(bytes: &[u8], trusted_vkey: Option<&str>, now: u64) -> EmergencyVerdict {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Format("it is not UTF-8".into()));
    let outcome = text.and_then(|text| EmergencySummary::open(&text.replace("\r\n", "\n"), trusted_vkey));
    match outcome {
        Ok(summary) => {
            let is_old = now >= summary.expires;
            let words = told(&summary, trusted_vkey.is_some(), is_old);
            EmergencyVerdict { outcome: Ok(summary), is_old, words }
        }
        Err(fault) => {
            let words = match &fault {
                Fault::Signature(_) => Words::new(
                    "この緊急のまとめの署名は正しくありません。書きかえられたか、欠けています。信じないでください。",
                    "The signature of this emergency summary does not hold: it was changed, or part of it is missing. Do not rely on it.",
                ),
                other => fault_words::words(other),
            };
            EmergencyVerdict { outcome: Err(fault), is_old: false, words }
        }
    }
}

fn told(summary: &EmergencySummary, trusted: bool, is_old: bool) -> Words {
    let mut words = Words::new("緊急のまとめ:署名は正しいです。", "Emergency summary: the signature holds.");
    let mut add = |ja: String, en: String| {
        words.ja.push('\n');
        words.ja.push_str(&ja);
        words.en.push('\n');
        words.en.push_str(&en);
    };
    if !trusted {
        let key = plain(&summary.key);
        add(
            format!("鍵は、このまとめに書かれたものです。ほかで確かめてください:{key}"),
            format!("The key is the one in the summary; compare it with one from elsewhere: {key}"),
        );
    }
    if is_old {
        add(
            "期限が過ぎています。今とは違うかもしれません。".into(),
            "It has expired: things may be different now.".into(),
        );
    }
    for topic in Topic::ALL {
        for (_, text) in summary.lines.iter().filter(|(own, _)| own == topic) {
            let [ja, en] = name(*topic);
            add(format!("{ja}:{}", plain(text)), format!("{en}: {}", plain(text)));
        }
        for (_, count) in summary.left.iter().filter(|(own, _)| own == topic) {
            let [ja, en] = name(*topic);
            add(format!("{ja}:ほかに{count}件"), format!("{en}: {count} more"));
        }
    }
    add(
        "書かれていないものが、ないとはかぎりません。見たことは、あとでご本人に伝えます(受け取りを残してください)。"
            .into(),
        "What does not stand here may still be. The person is told later that you looked: keep a receipt.".into(),
    );
    words
}

const fn name(topic: Topic) -> [&'static str; 2] {
    match topic {
        Topic::Name => ["名前", "Name"],
        Topic::Birth => ["生年月日", "Born"],
        Topic::Sex => ["性別", "Sex"],
        Topic::Blood => ["血液型", "Blood group"],
        Topic::Allergy => ["アレルギー・使えない薬", "Allergy"],
        Topic::Medicine => ["薬", "Medicine"],
        Topic::Condition => ["病気", "Condition"],
        Topic::Precaution => ["注意", "To heed"],
        Topic::Contact => ["連絡先", "To call"],
    }
}
