//! What is sent to a witness: the size that it signed last, the proof that the new tree continues it, the checkpoint.

use tsumugi_ledger::{Hash, encoding};

/// The most lines of a consistency proof: one for each height of a tree of 2^63 leaves.
const MOST_LINES: usize = 63;

/// The body of `POST /add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the checkpoint that the witness signed last; 0 for none.
    pub old: u64,
    /// The consistency proof from there.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub note: String,
}

impl AddCheckpoint {
    /// Reads a body.
    ///
    /// # Errors
    /// What is not of the form.
    pub fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let body = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8")?;
        let (head, note) = body.split_once("\n\n").ok_or("no empty line stands before the checkpoint")?;
        let mut lines = head.split('\n');
        let size =
            lines.next().and_then(|line| line.strip_prefix("old ")).ok_or("the first line is not `old <size>`")?;
        let old: u64 = size.parse().map_err(|_| "the old size is not a number")?;
        if old.to_string() != size {
            return Err("the old size has a sign or leading zeros");
        }
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() >= MOST_LINES {
                return Err("the consistency proof has more than 63 lines");
            }
            proof.push(encoding::hash_from_base64(line).ok_or("a line of the proof is not base64 of 32 bytes")?);
        }
        Ok(Self { old, proof, note: note.to_owned() })
    }

    /// The body's text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            text.push_str(&encoding::to_base64(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.note);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request of the standard's text.
    const EXAMPLE: &str = "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

    #[test]
    fn the_standards_example_is_read_and_written_back() {
        let read = AddCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
        assert!(read.old == 20_852_014 && read.proof.len() == 4 && read.note.starts_with("example.com/"));
        assert_eq!(read.text(), EXAMPLE);
        let first = AddCheckpoint { old: 0, proof: Vec::new(), note: "x\n".into() };
        assert_eq!(AddCheckpoint::parse(first.text().as_bytes()).unwrap(), first);
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in [
            "",
            "old 1\n",
            "old 01\n\nx\n",
            "old +1\n\nx\n",
            "old -1\n\nx\n",
            "old 1 \n\nx\n",
            "new 1\n\nx\n",
            "old 1\nAA==\n\nx\n",
            "old 18446744073709551616\n\nx\n",
        ] {
            assert!(AddCheckpoint::parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        let line = format!("{}\n", encoding::to_base64(&[0; 32]));
        assert!(AddCheckpoint::parse(format!("old 1\n{}\nx\n", line.repeat(63)).as_bytes()).is_ok());
        assert!(AddCheckpoint::parse(format!("old 1\n{}\nx\n", line.repeat(64)).as_bytes()).is_err());
        assert!(AddCheckpoint::parse(b"old 1\n\n\xff").is_err());
    }
}
