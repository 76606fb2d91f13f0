//! What witnesses say, in plain words: how many of how many have seen the same log, each with its time, and how old it is.

use std::fmt::Write as _;

use tsumugi_ledger::{Sight, Witnessed};

use crate::{Words, look_words::japan_time, plain};

/// The words where enough have seen it; `now` and `old_after` in seconds.
pub(crate) fn enough(witnessed: &Witnessed, now: u64, old_after: u64) -> Words {
    let (all, count) = (witnessed.seen.len(), witnessed.count());
    let needed = needed(witnessed);
    let mut words = Words::new(
        format!("{all}人の立会人のうち{count}人が、同じ台帳を見ています{}。", needed.ja),
        format!("{count} of {all} witnesses have seen the same log{}.", needed.en),
    );
    each(witnessed, &mut words);
    if let Some(age) = witnessed.enough_at.map(|since| now.saturating_sub(since)).filter(|age| *age > old_after) {
        let hours = age / 3_600;
        let _ = write!(
            words.ja,
            "\n注意: 立会人がこの台帳を見てから{hours}時間たっています。そのあとの閲覧は、この証明に入っていません。新しい証明を保存して確かめてください。"
        );
        let _ = write!(
            words.en,
            "\nNote: the witnesses saw this log {hours} hours ago. Looks after that are not in this proof. Save a new proof and check it."
        );
    }
    words
}

/// The words where too few have: not verified, whatever else holds.
pub(crate) fn too_few(witnessed: &Witnessed) -> Words {
    let (all, count) = (witnessed.seen.len(), witnessed.count());
    let needed = needed(witnessed);
    let mut words = Words::new(
        format!(
            "確認できませんでした。立会人が足りません。{all}人の立会人のうち、この台帳を見たと署名しているのは{count}人です{}。",
            needed.ja
        ),
        format!("Not verified. Too few witnesses: {count} of {all} have signed that they saw this log{}.", needed.en),
    );
    each(witnessed, &mut words);
    words.ja.push_str(
        "\nほかの人に別の台帳が見せられていても、この証明だけでは分かりません。時間をおいて証明を保存し直してください。同じ結果なら、監督機関に知らせてください。",
    );
    words.en.push_str(
        "\nOthers could be shown another log, and this proof alone would not tell. Save the proof again later. If the result stays, tell the supervising body.",
    );
    words
}

fn needed(witnessed: &Witnessed) -> Words {
    match witnessed.needed {
        Some(needed) => Words::new(format!("(必要な人数: {needed}人)"), format!(" ({needed} needed)")),
        None => Words::new("", ""),
    }
}

fn each(witnessed: &Witnessed, words: &mut Words) {
    for seen in &witnessed.seen {
        let said = match seen.sight {
            Sight::At(time) => {
                let time = when(time);
                Words::new(format!("{time} に署名"), format!("signed at {time}"))
            }
            Sight::Nothing => Words::new("署名なし", "no signature"),
            Sight::Broken => Words::new("署名が正しくありません", "its signature does not hold"),
            Sight::Future(time) => {
                let time = when(time);
                Words::new(
                    format!("署名の時刻 {time} が、この機器の時計より先です。どちらかの時計が合っていません"),
                    format!("its time {time} lies after this device's clock: one of the clocks is wrong"),
                )
            }
        };
        let name = plain(&seen.witness);
        // INVARIANT: writing to a String cannot fail, so the results of `write!` are of no interest.
        let _ = write!(words.ja, "\n・{name}: {}", said.ja);
        let _ = write!(words.en, "\n- {name}: {}", said.en);
    }
}

fn when(seconds: u64) -> String {
    japan_time(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000))
}
