//! How much one person may ask within a minute, for one purpose: far more than anybody reads, far less than a script copies.
//!
//! Counted in the process, forgotten after the minute, bounded. Systems are not counted here: their tokens are bound to a key, and what
//! they write waits its turn at the store. Development folders count nothing: towns are filled and measured there.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tsumugi_access::Caller;
use tsumugi_fhir::outcome::IssueType;
use tsumugi_kernel::{Instant, Purpose, Role};
use tsumugi_record::rest::{Fault, language};

/// Requests of a citizen or of whoever acts for her.
const AT_HOME: u32 = 300;
/// Requests of somebody at work.
const AT_WORK: u32 = 600;
/// Requests in an emergency or a disaster.
const IN_EMERGENCY: u32 = 120;
const WINDOW_MILLIS: i64 = 60_000;
/// People counted at once; beyond that those of earlier minutes are forgotten.
const PEOPLE: usize = 100_000;

/// Who has asked how much, since when.
#[derive(Default)]
pub struct Rates(Mutex<HashMap<(String, Purpose), (Instant, u32)>>);

impl Rates {
    /// Counts one request; whether it is one too many.
    pub fn too_many(&self, caller: &Caller, now: Instant) -> bool {
        if caller.automatic {
            return false;
        }
        let most = match caller.role {
            _ if caller.purpose.is_emergency() => IN_EMERGENCY,
            Role::Citizen | Role::Proxy => AT_HOME,
            _ => AT_WORK,
        };
        let past = |since: Instant| !(since.0..since.0 + WINDOW_MILLIS).contains(&now.0);
        // A count is one value: a poisoned lock holds whole ones.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= PEOPLE {
            counts.retain(|_, (since, _)| !past(*since));
        }
        let entry = counts.entry((caller.person.to_string(), caller.purpose)).or_insert((now, 0));
        *entry = if past(entry.0) { (now, 1) } else { (entry.0, entry.1.saturating_add(1)) };
        entry.1 > most
    }
}

/// The answer to one too many.
pub fn answer(headers: &HeaderMap, is_fhir: bool) -> Response {
    const JA: &str = "短い時間に、たくさん開きすぎました。何も表示していません。1分待って、もう一度ためしてください。";
    const EN: &str = "Too much was asked within a short time. Nothing was shown. Wait a minute and try again.";
    let mut response = if is_fhir {
        Fault::new(StatusCode::TOO_MANY_REQUESTS, language(headers), IssueType::Throttled, JA, EN).into_response()
    } else {
        (StatusCode::TOO_MANY_REQUESTS, format!("{JA}\n{EN}\n")).into_response()
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsumugi_kernel::{OrganizationId, OrganizationKind, PersonId};
    use tsumugi_people::Organization;

    fn caller(role: Role, purpose: Purpose) -> Caller {
        let kind = OrganizationKind::Hospital;
        let place = Organization::new(OrganizationId::new("1310000001").unwrap(), "A", kind);
        Caller::new((PersonId::new("mori").unwrap(), "森".into()), &place, role, purpose, Instant(i64::MAX))
    }

    #[test]
    fn each_person_and_purpose_has_a_measure_of_its_own_and_a_minute_ends_it() {
        let rates = Rates::default();
        let at = Instant(1_000_000);
        for (role, purpose, most) in [
            (Role::Nurse, Purpose::Treat, AT_WORK),
            (Role::Physician, Purpose::BreakGlass, IN_EMERGENCY),
            (Role::Citizen, Purpose::PatientRequest, AT_HOME),
        ] {
            let who = caller(role, purpose);
            let taken = (0..most + 5).filter(|_| !rates.too_many(&who, at)).count();
            assert_eq!(taken, most as usize, "{purpose:?}");
        }
        let nurse = caller(Role::Nurse, Purpose::Treat);
        assert!(rates.too_many(&nurse, Instant(1_000_000 + WINDOW_MILLIS - 1)));
        assert!(!rates.too_many(&nurse, Instant(1_000_000 + WINDOW_MILLIS)));
        let system = Caller { automatic: true, ..caller(Role::System, Purpose::RecordManagement) };
        assert!((0..10_000).all(|_| !rates.too_many(&system, at)), "systems are not counted here");
    }
}
