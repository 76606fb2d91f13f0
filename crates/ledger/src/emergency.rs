//! An emergency summary that is read without a network: a signed note of plain lines, so that it can be read with the eye and
//! checked with a program.
//!
//! ```text
//! tsumugi-emergency-summary/1
//! id 0123456789abcdef0123456789abcdef
//! key tsumugi.example/emergency+1a2b3c4d+AW…
//! issued 1795316400 2026-11-22 12:00
//! expires 1803092400 2027-02-20 12:00
//! name 山田 ハル
//! allergy ペニシリン
//! left medicine 3
//!
//! — tsumugi.example/emergency 5e6f…
//! ```
//!
//! Times are seconds since 1970, with the same in words behind them; what does not fit is counted (`left`), never cut off in
//! silence. What must hold: nothing is told of a summary whose signature does not hold.

use crate::{Fault, LedgerError, Note, NoteVerifier, Signer};

/// The first line: no checkpoint begins with it, so that one is never taken for the other.
pub const FIRST_LINE: &str = "tsumugi-emergency-summary/1";
/// Longest text in bytes, so that it goes into one QR code with its signature.
pub const TEXT_MOST: usize = 1_900;
/// Longest line of what is told, in characters.
const LINE_MOST: usize = 80;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The person's name.
    Name,
    /// The day of birth.
    Birth,
    /// The sex.
    Sex,
    /// The blood group.
    Blood,
    /// An allergy, or a medicine that must not be given.
    Allergy,
    /// A medicine in use.
    Medicine,
    /// An illness.
    Condition,
    /// What to heed.
    Precaution,
    /// Whom to call.
    Contact,
}

impl Topic {
    /// Every topic, in the order of the summary.
    pub const ALL: &'static [Self] = &[
        Self::Name,
        Self::Birth,
        Self::Sex,
        Self::Blood,
        Self::Allergy,
        Self::Medicine,
        Self::Condition,
        Self::Precaution,
        Self::Contact,
    ];

    /// The word that begins the line.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Sex => "sex",
            Self::Blood => "blood",
            Self::Allergy => "allergy",
            Self::Medicine => "medicine",
            Self::Condition => "condition",
            Self::Precaution => "precaution",
            Self::Contact => "contact",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.code() == code)
    }
}

/// A summary, as its text says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencySummary {
    /// Its number: 32 hexadecimal digits.
    pub id: String,
    /// The key that it names as its signer's.
    pub key: String,
    /// When it was issued, in seconds since 1970.
    pub issued: u64,
    /// From when on it is old.
    pub expires: u64,
    /// What it tells, in order.
    pub lines: Vec<(Topic, String)>,
    /// How many of a topic did not fit.
    pub left: Vec<(Topic, u64)>,
}

impl EmergencySummary {
    /// The signed note. Lines that would make it too long are left out from the end of their topic and counted.
    ///
    /// # Errors
    /// [`LedgerError`] if the id, a time or the key's name does not fit.
    pub fn sign(&self, signer: &Signer, when: &dyn Fn(u64) -> String) -> Result<String, LedgerError> {
        let mut head = format!("{FIRST_LINE}\nid {}\nkey {}\n", self.id, signer.vkey());
        for (word, at) in [("issued", self.issued), ("expires", self.expires)] {
            head.push_str(&format!("{word} {at} {}\n", line(&when(at))));
        }
        // Room for a count of each topic.
        let room = TEXT_MOST.saturating_sub(head.len() + Topic::ALL.len() * 24);
        let (mut body, mut left) = (String::new(), Vec::new());
        for topic in Topic::ALL {
            let mut out = 0_u64;
            for (_, text) in self.lines.iter().filter(|(own, _)| own == topic) {
                let next = format!("{} {}\n", topic.code(), line(text));
                if body.len() + next.len() <= room { body.push_str(&next) } else { out += 1 }
            }
            if out > 0 {
                left.push(format!("left {} {out}\n", topic.code()));
            }
        }
        signer.sign(&format!("{head}{body}{}", left.concat()))
    }

    /// Opens a summary with the key that is trusted, or, without one, with the key that it names.
    ///
    /// # Errors
    /// [`Fault`]: [`Fault::Format`] for what is no summary, [`Fault::ForeignKey`], [`Fault::Signature`].
    pub fn open(note: &str, trusted: Option<&str>) -> Result<Self, Fault> {
        let format = |what: &str| Fault::Format(what.to_owned());
        let text = Note::split(note).map_err(|_| format("it is no signed note"))?.text;
        let summary = Self::read(text).ok_or_else(|| format("it is no emergency summary"))?;
        let key = NoteVerifier::parse(&summary.key).map_err(|_| format("the key that it names is none"))?;
        if let Some(trusted) = trusted {
            let trusted = NoteVerifier::parse(trusted).map_err(|_| format("the trusted key is none"))?;
            if trusted.vkey() != key.vkey() {
                return Err(Fault::ForeignKey { trusted: trusted.id(), found: key.id() });
            }
        }
        key.open(note)?;
        Ok(summary)
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > TEXT_MOST + Topic::ALL.len() * 24 {
            return None;
        }
        let mut lines = text.strip_suffix('\n')?.split('\n');
        (lines.next()? == FIRST_LINE).then_some(())?;
        let id = lines.next()?.strip_prefix("id ")?;
        (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(())?;
        let key = lines.next()?.strip_prefix("key ")?;
        let issued = seconds(lines.next()?, "issued ")?;
        let expires = seconds(lines.next()?, "expires ")?;
        let mut summary = Self { id: id.into(), key: key.into(), issued, expires, lines: Vec::new(), left: Vec::new() };
        for line in lines {
            let (word, rest) = line.split_once(' ')?;
            if word == "left" {
                let (topic, count) = rest.split_once(' ')?;
                summary.left.push((Topic::from_code(topic)?, count.parse().ok()?));
            } else {
                summary.lines.push((Topic::from_code(word)?, rest.to_owned()));
            }
        }
        Some(summary)
    }
}

fn seconds(line: &str, word: &str) -> Option<u64> {
    line.strip_prefix(word)?.split(' ').next()?.parse().ok()
}

/// One line, bounded, without control characters and marks that turn text.
fn line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let parts = text.split(|c: char| c.is_whitespace() || c.is_control() || turns(c)).filter(|part| !part.is_empty());
    let whole = parts.collect::<Vec<_>>().join(" ");
    if whole.chars().count() <= LINE_MOST {
        return whole;
    }
    whole.chars().take(LINE_MOST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(seed: u8) -> Signer {
        Signer::new("tsumugi.example/test/emergency", [seed; 32]).unwrap()
    }

    fn summary() -> EmergencySummary {
        EmergencySummary {
            id: "0123456789abcdef0123456789abcdef".into(),
            key: signer(1).vkey(),
            issued: 1_795_316_400,
            expires: 1_803_092_400,
            lines: vec![
                (Topic::Name, "山田 ハル".into()),
                (Topic::Allergy, "ペニシリン\n(呼吸困難)\u{202e}".into()),
                (Topic::Medicine, "アピキサバン".into()),
            ],
            left: Vec::new(),
        }
    }

    fn signed(summary: &EmergencySummary) -> String {
        summary.sign(&signer(1), &|at| format!("the second {at}")).unwrap()
    }

    #[test]
    fn what_was_signed_opens_and_nothing_else() {
        let note = signed(&summary());
        let opened = EmergencySummary::open(&note, Some(&signer(1).vkey())).unwrap();
        assert_eq!(opened.lines[1], (Topic::Allergy, "ペニシリン (呼吸困難)".into()));
        assert_eq!((opened.issued, opened.expires, opened.left.len()), (1_795_316_400, 1_803_092_400, 0));
        assert!(EmergencySummary::open(&note, None).is_ok(), "by the key that it names");
        let foreign = EmergencySummary::open(&note, Some(&signer(2).vkey()));
        assert!(matches!(foreign, Err(Fault::ForeignKey { .. })), "{foreign:?}");
        for changed in [
            note.replace("ペニシリン", "なし"),
            note.replace("1803092400", "1903092400"),
            note.replace("medicine アピキサバン\n", ""),
        ] {
            assert!(matches!(EmergencySummary::open(&changed, None), Err(Fault::Signature(_))));
        }
        // Somebody else's key in the text does not make somebody else's signature.
        let forged = note.replace(&signer(1).vkey(), &signer(2).vkey());
        assert!(matches!(EmergencySummary::open(&forged, None), Err(Fault::Signature(_))));
        for none in ["", "a\n\n— x y\n", &note.replace(FIRST_LINE, "tsumugi.example/test")] {
            assert!(matches!(EmergencySummary::open(none, None), Err(Fault::Format(_))), "{none}");
        }
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut long = summary();
        long.lines.extend((0..60).map(|n| (Topic::Medicine, format!("長い名前の薬 {n} {}", "錠".repeat(90)))));
        let note = signed(&long);
        assert!(note.len() <= TEXT_MOST + 200, "{}", note.len());
        let opened = EmergencySummary::open(&note, None).unwrap();
        let told = opened.lines.iter().filter(|(topic, _)| *topic == Topic::Medicine).count() as u64;
        assert_eq!(opened.left, [(Topic::Medicine, 61 - told)]);
        assert!(opened.lines.iter().all(|(_, text)| text.chars().count() <= LINE_MOST));
    }
}
