//! Every policy can be read: by Cedar, against the schema, and by people.
#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use tsumugi_access::{
    PolicyProfile,
    policy::{Policies, PolicyFault},
};

#[test]
fn every_file_fits_the_schema_and_every_policy_explains_itself() {
    for profile in PolicyProfile::ALL {
        let policies = Policies::load(*profile).unwrap_or_else(|fault| panic!("{}: {fault}", profile.code()));
        assert!(policies.rules().len() > 20);
        for rule in policies.rules() {
            assert!(rule.ja.chars().any(|c| ('ぁ'..='ん').contains(&c)), "{}: @ja is not Japanese", rule.id);
            assert!(rule.en.is_ascii() && rule.en.ends_with('.'), "{}: @en is not a plain sentence", rule.id);
            assert_eq!(policies.rule(&rule.id), Some(rule));
        }
        for (file, text) in profile.files() {
            assert!(text.starts_with("// "), "{file} opens with what it is about");
            // Each policy is preceded by a comment whose first line names its source.
            let blocks: Vec<&str> = text.split("\n\n").filter(|block| block.contains("@id(")).collect();
            assert_eq!(blocks.len(), text.matches("@id(").count(), "{file}: one block per policy");
            for block in blocks {
                assert!(block.trim_start().starts_with("// Source: "), "{file}: {block}");
            }
            if *file != "ALWAYS" {
                let purpose = format!("context.purpose == \"{file}\"");
                assert_eq!(
                    text.matches(&purpose).count(),
                    text.matches("@id(").count(),
                    "{file}: each policy names its purpose"
                );
            }
        }
    }
}

#[test]
fn the_folders_hold_what_is_loaded() {
    for profile in PolicyProfile::ALL {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(profile.code());
        let mut found: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let mut loaded: Vec<String> = profile.files().iter().map(|(name, _)| format!("{name}.cedar")).collect();
        found.sort();
        loaded.sort();
        assert_eq!(found, loaded);
    }
}

const GOOD: &str = r#"@id("a") @shows("all") @ja("はい") @en("Yes.") @source("law")
permit (principal is Person, action == Action::"view", resource is Citizen) when { context.own };"#;

#[track_caller]
fn fault(text: &str) -> PolicyFault {
    Policies::from_files(PolicyProfile::SpecialLaw, &[("TREAT", text)]).unwrap_err()
}

#[test]
fn a_policy_that_cannot_be_trusted_stops_the_start() {
    assert!(Policies::from_files(PolicyProfile::SpecialLaw, &[("TREAT", GOOD)]).is_ok());
    assert!(matches!(fault("permit (principal"), PolicyFault::Syntax { .. }));
    for annotation in ["id", "shows", "ja", "en", "source"] {
        let without = GOOD.replacen(&format!("@{annotation}("), "@other(", 1);
        assert!(
            matches!(fault(&without), PolicyFault::Annotation { annotation: found, .. } if found == annotation),
            "{annotation}"
        );
    }
    assert!(matches!(
        fault(&GOOD.replace("\"all\"", "\"all -nothing\"")),
        PolicyFault::Annotation { annotation: "shows", .. }
    ));
    assert!(matches!(
        fault(&GOOD.replace("@id(\"a\")", "@id(\"a\") @of(\"others\")")),
        PolicyFault::Annotation { annotation: "of", .. }
    ));
    assert!(matches!(fault(&GOOD.replace("context.own", "context.owner")), PolicyFault::Schema(_)));
    assert!(matches!(fault(&GOOD.replace("Action::\"view\"", "Action::\"look\"")), PolicyFault::Schema(_)));
    assert!(matches!(fault(&format!("{GOOD}\n{GOOD}")), PolicyFault::Twice(_)));
}
