//! From what a citizen chose on a page to the `Consent` that says it.

use jiff::civil::Date;
use tsumugi_access::{Against, Hides, Holder, Mandate, Restriction, standing::Period};
use tsumugi_fhir::json::write::Writer;
use tsumugi_kernel::{CitizenId, FactKey, Instant, Kind, Sealer};

use super::{CATEGORY, ORGANIZATION, ORGANIZATION_KIND, PERSON, PURPOSE, SCOPE};

/// Whose `Consent` it is, and who says so.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The sealed id of the person's `Patient`.
    pub patient: &'a str,
    /// The shelf on which restricted facts stand.
    pub citizen: CitizenId,
    /// When.
    pub at: Instant,
    /// From whom it is hidden, or who may act, in words for whoever reads the `Consent`.
    pub display: &'a str,
}

/// A restriction as a `Consent`. Its id is the server's to give.
#[must_use]
pub fn restriction(restriction: &Restriction, signed: Signed<'_>, sealer: &Sealer) -> Vec<u8> {
    consent(signed, "active", "見せない設定", |out| {
        out.field("type", "deny");
        period(out, restriction.period);
        let actor = match &restriction.against {
            Against::Everyone => None,
            Against::Person(person) => Some(("Practitioner", PERSON, person.as_str())),
            Against::Organization(organization) => Some(("Organization", ORGANIZATION, organization.as_str())),
            Against::OrganizationKind(kind) => Some(("Organization", ORGANIZATION_KIND, kind.code())),
        };
        if let Some((kind, system, value)) = actor {
            out.key("actor").array(|out| {
                out.object(|out| {
                    out.key("role").object(|out| {
                        coded(out, "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP");
                    });
                    out.key("reference").object(|out| logical(out, kind, system, value, signed.display));
                });
            });
        }
        out.key("action").array(|out| {
            out.object(|out| coded(out, "http://terminology.hl7.org/CodeSystem/consentaction", "access"));
        });
        hides(out, &restriction.hides, signed.citizen, sealer);
        if restriction.emergency_may_override {
            out.key("provision").array(|out| {
                out.object(|out| {
                    out.field("type", "permit");
                    codings(out, "purpose", PURPOSE, &["ETREAT", "BTG"]);
                });
            });
        }
    })
}

/// A mandate as a `Consent`.
#[must_use]
pub fn mandate(mandate: &Mandate, signed: Signed<'_>) -> Vec<u8> {
    consent(signed, "active", "代理の人の指定", |out| {
        out.field("type", "permit");
        period(out, mandate.period);
        out.key("actor").array(|out| {
            out.object(|out| {
                out.key("role").object(|out| {
                    coded(out, "http://terminology.hl7.org/CodeSystem/v3-RoleClass", "AGNT");
                    out.field("text", &mandate.relation);
                });
                out.key("reference").object(|out| {
                    let (kind, system, id) = match &mandate.holder {
                        Holder::Person(person) => ("RelatedPerson", PERSON, person.as_str()),
                        Holder::Organization { organization } => ("Organization", ORGANIZATION, organization.as_str()),
                    };
                    logical(out, kind, system, id, signed.display);
                });
            });
        });
        out.key("action").array(|out| {
            out.object(|out| coded(out, "http://terminology.hl7.org/CodeSystem/consentaction", "access"));
        });
        let purposes: Vec<&str> = mandate.purposes.iter().map(|purpose| purpose.code()).collect();
        codings(out, "purpose", PURPOSE, &purposes);
        if let Some(categories) = &mandate.categories {
            let codes: Vec<&str> = categories.iter().map(|category| category.code()).collect();
            codings(out, "class", CATEGORY, &codes);
        }
    })
}

/// A `Consent` that says nothing any more: what the one before it said has ended.
#[must_use]
pub fn withdrawn(signed: Signed<'_>) -> Vec<u8> {
    consent(signed, "inactive", "取り消し", |out| {
        out.field("type", "deny");
    })
}

fn consent(signed: Signed<'_>, status: &str, category: &str, provision: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::with_capacity(1_024);
    out.object(|out| {
        out.field("resourceType", "Consent").field("language", "ja").field("status", status);
        out.key("scope").object(|out| coded(out, SCOPE, "patient-privacy"));
        out.key("category").array(|out| {
            out.object(|out| {
                coded(out, "http://loinc.org", "59284-0");
                out.field("text", category);
            });
        });
        out.key("patient").object(|out| {
            out.field("reference", &format!("Patient/{}", signed.patient));
        });
        out.field("dateTime", &signed.at.to_fhir());
        out.key("policyRule").object(|out| {
            out.field("text", "つむぎ 本人が決める範囲");
        });
        out.key("provision").object(provision);
    });
    out.finish()
}

fn hides(out: &mut Writer, hides: &Hides, citizen: CitizenId, sealer: &Sealer) {
    match hides {
        Hides::Everything => {}
        Hides::Categories(categories) => {
            let codes: Vec<&str> = categories.iter().map(|category| category.code()).collect();
            codings(out, "class", CATEGORY, &codes);
        }
        Hides::Facts(facts) => {
            out.key("data").array(|out| {
                for (kind, number) in facts {
                    let Some(kind) = Kind::from_number(*kind) else { continue };
                    let id = sealer.seal(FactKey { citizen, kind, number: *number });
                    out.object(|out| {
                        out.field("meaning", "instance");
                        out.key("reference").object(|out| {
                            out.field("reference", &format!("{kind}/{id}"));
                        });
                    });
                }
            });
        }
        Hides::Source(organization) => {
            out.key("data").array(|out| {
                out.object(|out| {
                    out.field("meaning", "authoredby");
                    out.key("reference").object(|out| {
                        logical(out, "Organization", ORGANIZATION, organization.as_str(), "");
                    });
                });
            });
        }
        Hides::Days { first, last } => {
            out.key("dataPeriod").object(|out| {
                for (name, day, open) in [("start", *first, i32::MIN), ("end", *last, i32::MAX)] {
                    if let Some(day) = (day != open).then(|| day_of(day)).flatten() {
                        out.field(name, &day.to_string());
                    }
                }
            });
        }
    }
}

/// The day with this number since 1970-01-01.
fn day_of(number: i32) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(number).ok()?).ok()
}

fn period(out: &mut Writer, period: Period) {
    out.key("period").object(|out| {
        out.field("start", &period.from.to_fhir());
        if let Some(until) = period.until {
            out.field("end", &until.to_fhir());
        }
    });
}

fn coded(out: &mut Writer, system: &str, code: &str) {
    out.key("coding").array(|out| {
        out.object(|out| {
            out.field("system", system).field("code", code);
        });
    });
}

fn codings(out: &mut Writer, key: &str, system: &str, codes: &[&str]) {
    out.key(key).array(|out| {
        for code in codes {
            out.object(|out| {
                out.field("system", system).field("code", code);
            });
        }
    });
}

fn logical(out: &mut Writer, kind: &str, system: &str, value: &str, display: &str) {
    out.field("type", kind);
    out.key("identifier").object(|out| {
        out.field("system", system).field("value", value);
    });
    if !display.is_empty() {
        out.field("display", display);
    }
}
