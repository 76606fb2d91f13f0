//! The short token beside a page's session: one citizen, one typed reason, for minutes.
//!
//! Whoever looks in an emergency types why. What they may do from then on stands in a token of its own, so that their
//! session stays what it is, and so that nothing of the emergency outlives the session: signed out is out.

use tsumugi_kernel::{Instant, Purpose};

use crate::{Claims, DevKey, verify};

/// How long a reason holds once it is typed: 30 minutes.
pub const EMERGENCY_MILLIS: i64 = 30 * 60 * 1000;

/// What a short token says, if it counts under this session: it is ours and has not ended, it is the same person's, in
/// the same role and organisation, for one citizen, with a reason, for an emergency. `None` otherwise: then the session
/// alone says who asks and why.
#[must_use]
pub fn under(session: &Claims, token: &str, key: &DevKey, now: Instant) -> Option<Claims> {
    let claims = verify(token, key, now).ok()?;
    let same = claims.person == session.person
        && claims.organization == session.organization
        && claims.role == session.role
        && !claims.automatic;
    // In a disaster the opening is the reason.
    let reason = claims.reason.is_some() || claims.purpose == Purpose::Disaster;
    let bound = claims.citizen.is_some() && reason;
    let narrower = session.citizen.is_none() || session.citizen == claims.citizen;
    (same && claims.purpose.is_emergency() && bound && narrower).then_some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue;
    use tsumugi_kernel::{MasterSecret, OrganizationId, PersonId, Role};

    fn claims(purpose: Purpose) -> Claims {
        let (person, organization) = (PersonId::new("okada").unwrap(), OrganizationId::new("1311234567").unwrap());
        let mut claims = Claims::new(Role::Physician, purpose, person, organization, Instant(1_000));
        if purpose != Purpose::Treat {
            (claims.citizen, claims.reason) = (Some("a0".into()), Some("意識がない".into()));
        }
        claims
    }

    #[test]
    fn an_emergency_counts_under_its_own_session_only() {
        let key = DevKey::new(&MasterSecret::new([1; 32]));
        let session = claims(Purpose::Treat);
        let good = claims(Purpose::BreakGlass);
        let counts = |session: &Claims, glass: &Claims, now| under(session, &issue(glass, &key), &key, Instant(now));
        assert_eq!(counts(&session, &good, 999), Some(good.clone()));
        assert_eq!(counts(&session, &good, 1_000), None, "it ends");
        assert_eq!(counts(&session, &claims(Purpose::EmergencyTreat), 0).map(|it| it.purpose.code()), Some("ETREAT"));
        let other_key = DevKey::new(&MasterSecret::new([2; 32]));
        assert_eq!(under(&session, &issue(&good, &other_key), &key, Instant(0)), None);
        for change in [
            |it: &mut Claims| it.person = PersonId::new("somebody-else").unwrap(),
            |it: &mut Claims| it.organization = OrganizationId::new("1311234568").unwrap(),
            |it: &mut Claims| it.role = Role::Nurse,
            |it: &mut Claims| it.purpose = Purpose::Treat,
            |it: &mut Claims| it.citizen = None,
            |it: &mut Claims| it.reason = None,
            |it: &mut Claims| it.automatic = true,
        ] {
            let mut changed = good.clone();
            change(&mut changed);
            assert_eq!(counts(&session, &changed, 0), None, "{changed:?}");
        }
        let bound = Claims { citizen: Some("a1".into()), ..session };
        assert_eq!(counts(&bound, &good, 0), None, "a session for one citizen opens no other");
    }
}
