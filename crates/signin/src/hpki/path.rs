//! From a certificate to an anchor (RFC 5280 section 6), as far as HPKI needs it.
//!
//! Every way up that the signatures allow is tried, within bounds; the first that holds counts. Names are compared as they
//! are encoded, which is stricter than the standard and what its authorities do.

use tsumugi_kernel::Instant;
use x509_cert::der::asn1::ObjectIdentifier;

use super::{Certificate, Fault, Trust};

/// Most certificates between a person's and an anchor.
const BETWEEN_MOST: usize = 4;
/// Most signatures that are checked for one certificate.
const CHECKS_MOST: usize = 32;
const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

/// Checks the first certificate at a moment; the others may be those between it and an anchor.
pub(super) fn check(trust: &Trust, chain: &[Certificate], now: Instant) -> Result<(), Fault> {
    let (own, others) = chain.split_first().ok_or(Fault::Form)?;
    let mut search = Search { trust, others, now, checks: 0, fault: None };
    if search.climb(&mut vec![own]) { Ok(()) } else { Err(search.fault.unwrap_or(Fault::Issuer)) }
}

struct Search<'a> {
    trust: &'a Trust,
    others: &'a [Certificate],
    now: Instant,
    checks: usize,
    /// Why the first way up that reached an anchor does not hold.
    fault: Option<Fault>,
}

impl<'a> Search<'a> {
    /// Whether a way up from the last of `path` holds.
    fn climb(&mut self, path: &mut Vec<&'a Certificate>) -> bool {
        let Some(last) = path.last().copied() else { return false };
        for anchor in &self.trust.anchors {
            if self.is_by(last, anchor) {
                path.push(anchor);
                let done = self.holds(path);
                path.pop();
                match done {
                    Ok(()) => return true,
                    Err(fault) => self.fault = self.fault.or(Some(fault)),
                }
            }
        }
        if path.len() > BETWEEN_MOST {
            return false;
        }
        for above in self.others.iter().chain(&self.trust.between) {
            let known = path.iter().any(|one| one.der() == above.der());
            if !known && self.is_by(last, above) {
                path.push(above);
                let found = self.climb(path);
                path.pop();
                if found {
                    return true;
                }
            }
        }
        false
    }

    fn is_by(&mut self, certificate: &Certificate, issuer: &Certificate) -> bool {
        if !certificate.names_as_issuer(issuer) || self.checks == CHECKS_MOST {
            return false;
        }
        self.checks += 1;
        certificate.signed.is_by(&issuer.key)
    }

    /// Whether a path whose signatures hold may be believed.
    fn holds(&self, path: &[&Certificate]) -> Result<(), Fault> {
        for certificate in path {
            if certificate.about.not_understood {
                return Err(Fault::Critical);
            }
            // Both ends of its time count (RFC 5280 section 4.1.2.5), in whole seconds.
            if self.now < certificate.from {
                return Err(Fault::Early);
            }
            if self.now >= certificate.until.plus_millis(1000) {
                return Err(Fault::Expired);
            }
        }
        self.uses(path)?;
        self.policies(path)?;
        path.windows(2).try_for_each(|pair| match pair {
            [certificate, issuer] => self.trust.revocation(certificate, issuer, self.now),
            _ => Ok(()),
        })
    }

    /// Who may sign for a person, and who may issue.
    fn uses(&self, path: &[&Certificate]) -> Result<(), Fault> {
        let (own, issuers) = path.split_first().ok_or(Fault::Form)?;
        let signs = own.about.usage.as_ref().is_some_and(|usage| usage.digital_signature() || usage.non_repudiation());
        if own.about.ca || !signs || !own.about.speaks {
            return Err(Fault::Constraint);
        }
        let mut below = 0;
        for (index, issuer) in issuers.iter().enumerate() {
            let is_anchor = index + 1 == issuers.len();
            // An anchor was named by the operator; what it says of itself must not contradict.
            let usage = issuer.about.usage.as_ref().map_or(is_anchor, x509_cert::ext::pkix::KeyUsage::key_cert_sign);
            let path_fits = issuer.about.path.is_none_or(|most| below <= usize::from(most));
            if !issuer.about.ca || !usage || !path_fits {
                return Err(Fault::Constraint);
            }
            // Those that an authority issues for itself do not count (RFC 5280 section 6.1.4 (l)).
            below += usize::from(issuer.subject != issuer.issuer);
        }
        Ok(())
    }

    /// The policies under which every certificate of the path is issued; mappings are not followed.
    fn policies(&self, path: &[&Certificate]) -> Result<(), Fault> {
        let accepted = &self.trust.policies;
        if accepted.is_empty() && !path.iter().any(|one| one.about.explicit) {
            return Ok(());
        }
        let below_anchor = path.split_last().map(|(_, below)| below).unwrap_or_default();
        let (own, issuers) = below_anchor.split_first().ok_or(Fault::Form)?;
        let mut valid = own.about.policies.clone().unwrap_or_default();
        valid.retain(|policy| *policy != ANY_POLICY);
        for issuer in issuers {
            let policies = issuer.about.policies.as_deref().unwrap_or_default();
            if !policies.contains(&ANY_POLICY) {
                valid.retain(|policy| policies.contains(policy));
            }
        }
        let fits = valid.iter().any(|policy| accepted.is_empty() || accepted.contains(policy));
        fits.then_some(()).ok_or(Fault::Policy)
    }
}
