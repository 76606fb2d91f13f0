//! Cases of official suites that do not come out as the suite says, and why not.

use tsumugi_fhirpath::suite::EXCEPTIONS;

use super::suite::FHIRPATH;

/// The reason for a case of a suite, if it is listed.
pub fn reason(suite: &str, case: &str) -> Option<&'static str> {
    let listed = EXCEPTIONS.iter().find(|(name, _)| suite == FHIRPATH && *name == case);
    listed.map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_case_has_a_reason_in_its_suite_only() {
        let (case, why) = EXCEPTIONS[0];
        assert_eq!(reason(FHIRPATH, case), Some(why));
        assert_eq!(reason("no suite", case), None);
        assert_eq!(reason(FHIRPATH, "no case"), None);
    }
}
