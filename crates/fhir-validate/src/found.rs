//! Collects what is found: bounded, errors before the rest, and each thing that was not checked once.

use tsumugi_fhir::{Finding, IssueType, Severity, outcome::Collector};
use tsumugi_kernel::limits;

use crate::{
    ask::{Missing, Report, Unchecked},
    words,
};

/// Most things listed as not checked.
const UNCHECKED: usize = 200;

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Found {
    errors: Vec<(u32, Finding)>,
    others: Vec<(u32, Finding)>,
    count: u32,
    more_errors: usize,
    more: usize,
    unchecked: Vec<Unchecked>,
}

impl Found {
    /// Takes a finding, made only if there is room for it.
    pub(crate) fn add(&mut self, severity: Severity, finding: impl FnOnce() -> Finding) {
        self.count += 1;
        let refuses = matches!(severity, Severity::Fatal | Severity::Error);
        let list = if refuses { &mut self.errors } else { &mut self.others };
        if list.len() < limits::FINDINGS {
            list.push((self.count, finding()));
        } else if refuses {
            self.more_errors += 1;
        } else {
            self.more += 1;
        }
    }

    /// Notes that something was not checked.
    pub(crate) fn unchecked(&mut self, what: Missing, name: &str) {
        // A name may come from a document; only what has a URL's form is repeated.
        let plain = name.len() <= 256 && name.bytes().all(|b| b.is_ascii_graphic());
        let name = if plain { name } else { "?" };
        let known = self.unchecked.iter().any(|one| one.what == what && *one.name == *name);
        if !known && self.unchecked.len() < UNCHECKED {
            self.unchecked.push(Unchecked { what, name: name.into() });
        }
    }

    /// Takes a finding of a rule that may have been found broken in another way: of both, the one that names the place
    /// more closely stays.
    pub(crate) fn once(&mut self, finding: Finding) {
        let inside = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let same = |own: &(u32, Finding)| own.1.rule == finding.rule;
        if self.errors.iter().chain(&self.others).any(|own| same(own) && inside(&own.1.path, &finding.path)) {
            return;
        }
        let wider = |own: &(u32, Finding)| same(own) && inside(&finding.path, &own.1.path);
        self.errors.retain(|own| !wider(own));
        self.others.retain(|own| !wider(own));
        self.add(finding.severity, || finding);
    }

    pub(crate) fn finish(self) -> Report {
        let room = limits::FINDINGS.saturating_sub(self.errors.len());
        let left = self.others.len().saturating_sub(room) + self.more;
        let mut all = self.errors;
        all.extend(self.others.into_iter().take(room));
        all.sort_unstable_by_key(|(at, _)| *at);
        let mut out = Collector::default();
        out.extend(all.into_iter().map(|(_, finding)| finding).collect());
        let mut findings = out.finish();
        if self.more_errors + left > 0 {
            let severity = if self.more_errors > 0 { Severity::Error } else { Severity::Information };
            let count = self.more_errors + left;
            let ja = format!("ほかに{count}件あります。まず上のものを直してください。");
            let en = format!("There are {count} more. Correct those above first.");
            findings.push(Finding::new(severity, IssueType::Informational, "", ja, en).rule("more"));
        }
        findings.extend(self.unchecked.iter().map(|one| words::not_checked(one.what, &one.name)));
        Report { findings, not_checked: self.unchecked }
    }
}
