//! Trying rules, for the gallery.

use maud::Markup;
use tsumugi_access::{
    ActionGroup, PolicyProfile,
    whatif::{Changed, Effect, WhatIf},
};
use tsumugi_kernel::{OrganizationKind, Purpose, Role};
use tsumugi_portal::{Frame, Lang, page, view::*};

use crate::people::*;

fn changed(effect: Effect, role: Role, organization: OrganizationKind, decisions: u64) -> Changed {
    Changed {
        effect,
        role,
        organization,
        purpose: Purpose::Treat,
        group: ActionGroup::View,
        rule: "treat-in-care treat-first-contact".into(),
        other: if effect == Effect::Refused { String::new() } else { "jp-treat-own".into() },
        decisions,
        people: 12,
        organizations: 3,
        citizens: decisions / 2,
    }
}

/// Choosing, a report, a text that is no rule.
pub fn pages(lang: Lang) -> Vec<(&'static str, Markup)> {
    let frame = Frame { subject: None, ..nurse(lang) };
    let view = |text: bool, fault, result| WhatIfView {
        here: PolicyProfile::SpecialLaw,
        files: ["ALWAYS", "TREAT", "ETREAT"].map(|file| (file.to_owned(), Purpose::from_code(file))).into(),
        text: text
            .then(|| ("TREAT".to_owned(), "@id(\"treat-in-care\")\npermit (principal, action, resource)\n".repeat(4))),
        days: 30,
        most: 100_000,
        fault,
        result,
    };
    let result = WhatIf {
        read: 41_207,
        first: Some(ago(700)),
        last: Some(NOW),
        outside: 12,
        unlike: 340,
        same: 39_000,
        changed: vec![
            changed(Effect::Refused, Role::Pharmacist, OrganizationKind::Pharmacy, 77),
            changed(Effect::Narrower, Role::Physician, OrganizationKind::Hospital, 1_778),
        ],
    };
    let tried = Some((Tried::Profile(PolicyProfile::Jp2026), result));
    let fault = WhatIfFault::Text("the policies of TREAT cannot be read: unexpected end of input".into());
    vec![
        ("whatif", page::whatif::page(&view(false, None, None), &frame)),
        ("whatif-report", page::whatif::page(&view(false, None, tried), &frame)),
        ("whatif-text-fault", page::whatif::page(&view(true, Some(fault), None), &frame)),
    ]
}
