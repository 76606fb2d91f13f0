//! The one place where it is asked whether something holds: every write goes through it, and `$validate` does.

use tsumugi_fhir::{Finding, json::Node, outcome::IssueType};
use tsumugi_fhir_validate::{Ask, Mode};
use tsumugi_people::mynumber;

use crate::{Record, consent};

impl Record {
    /// What is wrong with a resource or document: R4, the profiles that it claims and those of `profiles`, and the rules
    /// of what it is sent as. References that lead out of it are not followed: what stands on a shelf is not looked at
    /// before the door has opened.
    #[must_use]
    pub fn check(&self, root: Node<'_>, mode: Mode, profiles: &[&str]) -> Vec<Finding> {
        let ask = Ask { profiles, mode, ..Ask::at(self.now()) };
        let mut findings = self.validator().validate(root, &ask).findings;
        if let Some(path) = mynumber::carried(root) {
            findings.insert(0, individual_number(path));
        }
        if root.get_str("resourceType").as_deref() == Some("Consent")
            && let Err(part) = consent::understand(root, String::new(), &self.sealer, self.now())
        {
            let path = format!("Consent.{}", part.path);
            findings.push(Finding::error(IssueType::NotSupported, path, part.ja, part.en));
        }
        findings
    }
}

/// An individual number in a document: refused, and what carried it is not kept anywhere (`decisions/0019-one-id.md`).
fn individual_number(path: String) -> Finding {
    Finding::error(
        IssueType::BusinessRule,
        path,
        "マイナンバーは記録に入れられません（番号利用法 第9条・第20条）。この識別子を取り除いて送り直してください。偶然に似た形の番号なら、施設患者番号の体系（urn:oid:1.2.392.100495.20.3.51.1＋医療機関番号10桁）で送ってください。送られたものは、隔離の置き場にも保管していません。",
        "An individual number (My Number) cannot stand in a record. Take this identifier out and send again. If it is a number of your own that only looks like one, send it under your institution's system (urn:oid:1.2.392.100495.20.3.51.1 and the ten-digit number). What was sent is kept nowhere, not in quarantine either.",
    )
}
