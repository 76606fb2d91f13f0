//! The rules in plain words: who may see what here, what would differ under the other profile, every rule with its source.

use maud::{Markup, html};
use tsumugi_access::{CategoryMask, PolicyProfile};
use tsumugi_kernel::RecordCategory;

use crate::frame::{Frame, Sheet, document};
use crate::parts;
use crate::view::{Asker, AskerRow, RuleRow, RulesView};

/// The page.
#[must_use]
pub fn page(view: &RulesView, frame: &Frame) -> Markup {
    let main = html! {
        p.lead { (frame.t("rules-lead")) }
        h2 { (frame.t("rules-compare")) }
        p { (frame.t("rules-here")) b { (frame.t(profile_word(view.here))) } }
        (compare(view, frame))
        p.hint { (frame.t("rules-compare-hint")) }
        h2 { (frame.with("rules-all", &[("profile", frame.t(profile_word(view.listed)).into_owned().into())])) }
        p {
            @for profile in PolicyProfile::ALL {
                @if *profile != view.listed {
                    a.button href={ "/rules?profile=" (profile.code()) } { (frame.with("rules-other", &[("profile", frame.t(profile_word(*profile)).into_owned().into())])) }
                }
            }
        }
        @for (purpose, rules) in &view.rules {
            h3 { @match purpose { Some(purpose) => { (frame.lang.purpose(*purpose)) } None => { (frame.t("rules-always")) } } }
            @for rule in rules { (one(rule, frame)) }
        }
    };
    document(frame, &Sheet::plain(frame.t("rules-title")), &main)
}

pub(super) const fn profile_word(profile: PolicyProfile) -> &'static str {
    match profile {
        PolicyProfile::SpecialLaw => "rules-profile-special-law",
        PolicyProfile::Jp2026 => "rules-profile-jp-2026",
    }
}

fn compare(view: &RulesView, frame: &Frame) -> Markup {
    let heads: Vec<_> = PolicyProfile::ALL.iter().map(|profile| frame.t(profile_word(*profile))).collect();
    html! {
        table role="table" {
            caption.vh { (frame.t("rules-compare")) }
            thead { tr role="row" {
                th scope="col" role="columnheader" { (frame.t("rules-who")) }
                @for head in &heads { th scope="col" role="columnheader" { (head) } }
            } }
            tbody { @for row in &view.askers { (asker(row, &heads, frame)) } }
        }
    }
}

fn asker(row: &AskerRow, heads: &[std::borrow::Cow<'static, str>], frame: &Frame) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" { (frame.t(asker_word(row.who))) }
            @for (head, open) in heads.iter().zip(&row.open) { td role="cell" data-label=(head) { (opened(*open, frame)) } }
        }
    }
}

const fn asker_word(who: Asker) -> &'static str {
    match who {
        Asker::Citizen => "asker-citizen",
        Asker::Proxy => "asker-proxy",
        Asker::Physician => "asker-physician",
        Asker::PhysicianWithConsent => "asker-physician-consent",
        Asker::FirstContact => "asker-first-contact",
        Asker::Pharmacist => "asker-pharmacist",
        Asker::CareManager => "asker-care-manager",
        Asker::CareManagerWithConsent => "asker-care-manager-consent",
        Asker::OtherOffice => "asker-other-office",
        Asker::Crew => "asker-crew",
        Asker::Emergency => "asker-emergency",
        Asker::BreakGlass => "asker-break-glass",
        Asker::DisasterMedical => "asker-disaster-medical",
        Asker::DisasterCrew => "asker-disaster-crew",
        Asker::Municipality => "asker-municipality",
        Asker::Insurer => "asker-insurer",
        Asker::HealthCentre => "asker-health-centre",
        Asker::Desk => "asker-desk",
    }
}

/// What is open: the shorter of what is and of what is not.
fn opened(open: Option<CategoryMask>, frame: &Frame) -> String {
    let Some(open) = open else { return frame.t("rules-nothing").into_owned() };
    let list = |wanted: &dyn Fn(RecordCategory) -> bool| {
        let names: Vec<String> = RecordCategory::ALL
            .iter()
            .filter(|each| wanted(**each))
            .map(|each| frame.lang.category(*each).into_owned())
            .collect();
        names.join(&frame.t("list-joint"))
    };
    let closed = RecordCategory::ALL.iter().filter(|each| !open.has(**each)).count();
    if closed == 0 {
        return frame.t("rules-everything").into_owned();
    }
    if closed * 2 < RecordCategory::ALL.len() {
        return frame.with("rules-all-but", &[("what", list(&|each| !open.has(each)).into())]);
    }
    list(&|each| open.has(each))
}

fn one(rule: &RuleRow, frame: &Frame) -> Markup {
    let body = html! {
        dl.facts {
            div { dt { (frame.t("rules-source")) } dd lang="ja" { (rule.source) } }
            @if rule.own { div { dt { (frame.t("rules-limit")) } dd { (frame.t("rules-own")) } } }
            @if rule.permits { div { dt { (frame.t("rules-restrictions")) } dd { (frame.t(if rule.lawful { "rules-lawful" } else { "rules-restrictable" })) } } }
            div { dt { (frame.t("rules-id")) } dd { code translate="no" { (rule.id) } } }
        }
        pre translate="no" lang="en" { (rule.text) }
    };
    parts::opening(&html! { (rule.words) }, false, frame, &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;
    use crate::frame::tests::sample;

    #[test]
    fn what_is_open_is_said_the_shorter_way() {
        let frame = sample();
        assert_eq!(opened(Some(CategoryMask::ALL), &frame), "すべて");
        let but = CategoryMask::ALL.without(RecordCategory::Genome).without(RecordCategory::Claims);
        assert_eq!(opened(Some(but), &frame), "すべて(医療費の請求、ゲノムを除く)");
        let few = CategoryMask::NONE.with(RecordCategory::Allergy).with(RecordCategory::Medication);
        assert_eq!(opened(Some(few), &frame), "アレルギー、薬");
        assert_eq!(opened(None, &frame), "見られません");
    }

    #[test]
    fn everybody_who_asks_has_a_name() {
        for lang in Lang::ALL {
            let frame = Frame { lang: *lang, ..sample() };
            for who in Asker::ALL {
                assert!(!frame.t(asker_word(who)).contains('⟦'), "{who:?}");
            }
        }
    }
}
