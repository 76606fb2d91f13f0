//! One case: who looked, why, what was shown, by which rule, and the judgement.
//!
//! `POST {path}/name` shows whose record it is; `POST {path}/judgement` with `verdict` (`fine`, `explain`, `unfit`),
//! `reason`, `said`, `penalty` (`none`, `warning`, `days-7` …, `until-lifted`), `report`, `named`; `POST {path}/lift` with
//! `reason`, `said`; all with `csrf`.

use maud::{Markup, html};
use tsumugi_access::{CaseKind, case::SUSPENSION_DAYS};
use tsumugi_kernel::Instant;

use super::{
    case_parts::{self, deadline, looker, stand},
    look,
    review_queue::cause,
};
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts;
use crate::view::{CaseFormFault, CaseStand, ReviewCaseView};

/// For how many days a look that was wrong may cost the right to look; each ends by itself.
pub(crate) const PENALTY_DAYS: [u16; 4] = [7, 30, 90, *SUSPENSION_DAYS.end()];

/// The page.
#[must_use]
pub fn page(view: &ReviewCaseView, frame: &Frame) -> Markup {
    let case = &view.case;
    let main = html! {
        (case_parts::faults(&view.faults, &target, frame))
        p { span.tag { (stand(case.stand, frame)) } " " (case_parts::kind(case.kind, frame)) }
        dl.facts {
            (fact(if case.closed.is_some() { "case-closed" } else { "review-deadline" }, &deadline(case, frame), frame))
            (fact("case-turn", &html! { (case_parts::turn(case, frame)) }, frame))
            (fact(if case.kind == CaseKind::Correction { "case-whom" } else { "look-who" }, &looker(case, frame), frame))
            (fact("case-opened", &html! { (calendar::moment(case.opened, frame.lang)) }, frame))
            @if let Some(looked) = view.looked { (fact("review-when", &html! { (calendar::moment(looked, frame.lang)) }, frame)) }
            @if let Some(why) = view.concern { (fact("objection-why", &html! { (case_parts::concern(why, frame)) }, frame)) }
            @if case.kind != CaseKind::Correction { (about_look(view, frame)) }
            @if !case.odd.is_empty() { (fact("review-cause", &cause(case, frame), frame)) }
            (fact("review-person", &person(view, frame), frame))
        }
        (case_parts::said(&view.said, frame))
        @if view.judged_now { (form(view, frame)) }
        @else if case.closed.is_none() { p { (frame.t("review-not-yet")) } }
        @if let Some(until) = view.suspended { (lift(view, until, frame)) }
        p.hint { (frame.t("review-noted-case")) }
    };
    let sheet = Sheet {
        back: Some(("/review".to_owned(), frame.t("review-title"))),
        faulty: !view.faults.is_empty(),
        ..Sheet::plain(frame.t("review-case-title"))
    };
    document(frame, &sheet, &main)
}

/// The looks of a case: why, what, by which rule, and how often before.
fn about_look(view: &ReviewCaseView, frame: &Frame) -> Markup {
    html! {
        @if view.case.kind == CaseKind::BreakGlass || view.reason.is_some() {
            (fact("review-reason", &html! {
                @match &view.reason { Some(reason) => q { (parts::words(reason, frame.lang)) }, None => (frame.t("review-no-reason")) }
            }, frame))
        }
        (fact("look-what", &what(view, frame), frame))
        @if let Some(rule) = &view.rule {
            (fact("look-rule", &html! {
                (parts::words(&rule.plain, frame.lang))
                p.hint { (frame.t("look-rule-number")) " " code translate="no" { (rule.id) } }
            }, frame))
        }
        @if view.case.kind == CaseKind::BreakGlass { (fact("review-lately", &html! { (parts::tight(&frame.with("review-lately-n", &[("n", view.lately.into())]))) }, frame)) }
    }
}

fn fact(key: &str, body: &Markup, frame: &Frame) -> Markup {
    html! { div { dt { (frame.t(key)) } dd { (body) } } }
}

fn what(view: &ReviewCaseView, frame: &Frame) -> Markup {
    html! {
        p { (frame.with("review-looks-n", &[("n", view.looks.into())])) }
        @if view.shown.is_empty() { p { (frame.t("look-shown-nothing")) } }
        @else {
            ul.plain { @for (name, count) in look::named(&view.shown, frame) {
                li { (frame.with("look-count", &[("what", name.into()), ("n", count.into())])) }
            } }
        }
    }
}

fn person(view: &ReviewCaseView, frame: &Frame) -> Markup {
    html! {
        @match &view.person {
            Some(person) => {
                @match &person.name { Some(name) => b { (parts::named(name, frame.lang)) }, None => (frame.t("match-not-known")) }
                @if let Some(birth) = person.birth { " " (calendar::birth(birth, frame.lang)) }
                p.hint { (frame.t("review-named")) }
            }
            None => {
                p { (frame.t("review-unnamed")) }
                form method="post" action={ (view.path) "/name" } {
                    (parts::csrf(frame))
                    p.buttons { button { (frame.t("review-name")) } }
                }
            }
        }
    }
}

const fn target(fault: CaseFormFault) -> Option<&'static str> {
    match fault {
        CaseFormFault::NothingChosen => Some("verdict"),
        CaseFormFault::NoReason | CaseFormFault::ReasonTooLong(_) => Some("reason"),
        CaseFormFault::Sanction => Some("penalty"),
        _ => None,
    }
}

fn form(view: &ReviewCaseView, frame: &Frame) -> Markup {
    let wrong = |id: &str| view.faults.iter().copied().find(|fault| target(*fault) == Some(id));
    let verdicts = [
        ("fine", frame.t("review-verdict-fine").into_owned()),
        ("explain", frame.t("review-verdict-explain").into_owned()),
        ("unfit", frame.t("review-verdict-unfit").into_owned()),
    ];
    // What was found is not found otherwise because its author is late: it is said again, with what follows.
    let verdicts = if view.case.stand == CaseStand::Upheld { &verdicts[2..] } else { &verdicts[..] };
    let hint = if view.case.kind.is_citizens() { "review-why-hint-citizen" } else { "review-why-hint" };
    html! {
        form method="post" action={ (view.path) "/judgement" } novalidate {
            (parts::csrf(frame))
            input type="hidden" name="said" value=(view.said.len());
            @if view.person.is_some() { input type="hidden" name="named" value="1"; }
            (case_parts::choice("verdict", &frame.t("review-verdict"), verdicts, view.chosen.as_deref(), wrong("verdict"), frame))
            (case_parts::words("reason", &frame.t("match-why"), &frame.t(hint), &view.written, wrong("reason"), frame))
            (sanction(view, wrong("penalty"), frame))
            p.buttons {
                button.primary { (frame.t("review-judge")) } " "
                a.button href="/review" { (frame.t("review-leave")) }
            }
        }
    }
}

/// What follows for whoever looked, where the look was wrong.
fn sanction(view: &ReviewCaseView, wrong: Option<CaseFormFault>, frame: &Frame) -> Markup {
    let chosen = view.penalty.as_deref().unwrap_or("none");
    let whole = view.case.kind == CaseKind::Correction;
    html! {
        fieldset.faulty[wrong.is_some()] {
            legend { (frame.t("sanction-title")) }
            p.hint { (frame.t("sanction-hint")) }
            @if let Some(wrong) = wrong { p.fault #penalty-fault { span aria-hidden="true" { "× " } (case_parts::fault(wrong, frame)) } }
            div.field {
                label for="penalty" { (frame.t("sanction-penalty")) }
                select #penalty name="penalty" {
                    option value="none" selected[chosen == "none"] { (frame.t("sanction-none")) }
                    option value="warning" selected[chosen == "warning"] { (frame.t("sanction-warning")) }
                    @if !whole {
                        @for days in PENALTY_DAYS {
                            @let code = format!("days-{days}");
                            option value=(code) selected[chosen == code] { (frame.with("sanction-days", &[("n", days.into())])) }
                        }
                        option value="until-lifted" selected[chosen == "until-lifted"] { (frame.t("sanction-until-lifted")) }
                    }
                }
            }
            label.pick for="report" {
                input type="checkbox" id="report" name="report" value="1" checked[view.report];
                span { (frame.t("sanction-report")) }
            }
        }
    }
}

/// The suspension that stands, and lifting it.
fn lift(view: &ReviewCaseView, until: Option<Instant>, frame: &Frame) -> Markup {
    let fault = view.faults.iter().copied().find(|fault| target(*fault) == Some("reason"));
    html! {
        section aria-labelledby="lift-title" {
            h2 #lift-title { (frame.t("lift-title")) }
            p { @match until {
                Some(until) => (frame.with("lift-until", &[("when", calendar::moment(until, frame.lang).into())])),
                None => (frame.t("lift-open")),
            } }
            form method="post" action={ (view.path) "/lift" } novalidate {
                (parts::csrf(frame))
                input type="hidden" name="said" value=(view.said.len());
                (case_parts::words("reason", &frame.t("match-why"), &frame.t("lift-hint"), &view.written, fault, frame))
                p.buttons { button { (frame.t("lift-do")) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::{CasePersonView, Name, WaitingCase, Who, Words};
    use tsumugi_access::{Reason, case::Turn};
    use tsumugi_kernel::{Instant, Role};

    fn view(stand: CaseStand) -> ReviewCaseView {
        let who = Who {
            name: Name::plain("岡田 <千尋>"),
            role: Role::Physician,
            qualification: None,
            organization: Some(Words::ja("みなと総合病院")),
        };
        let open = matches!(stand, CaseStand::Waiting | CaseStand::Asked);
        let case = WaitingCase {
            path: "/review/x".into(),
            kind: CaseKind::BreakGlass,
            who,
            opened: Instant(1_795_300_000_000),
            deadline: jiff::civil::date(2026, 11, 20),
            stand,
            odd: Vec::new(),
            turn: if open { Turn::Supervisor } else { Turn::Nobody },
            late: open,
            closed: (!open).then_some(Instant(1_795_300_000_000)),
        };
        ReviewCaseView {
            path: case.path.clone(),
            case,
            reason: Some(Words::ja("意識がない")),
            shown: Vec::new(),
            looks: 2,
            rule: None,
            lately: 3,
            person: None,
            said: Vec::new(),
            concern: None,
            looked: None,
            judged_now: open,
            suspended: None,
            penalty: None,
            report: false,
            chosen: None,
            written: String::new(),
            faults: Vec::new(),
        }
    }

    #[test]
    fn the_person_is_named_only_once_it_was_asked_for() {
        let before = page(&view(CaseStand::Waiting), &sample()).into_string();
        assert!(before.contains("action=\"/review/x/name\"") && before.contains("岡田 &lt;千尋&gt;"), "{before}");
        assert!(before.contains("意識がない") && before.contains("期限を過ぎています"), "{before}");
        let person = CasePersonView { name: Some(Name::plain("小林 茂")), birth: None };
        let after = page(&ReviewCaseView { person: Some(person), ..view(CaseStand::Waiting) }, &sample()).into_string();
        assert!(!after.contains("/review/x/name") && after.contains("小林 茂"), "{after}");
    }

    #[test]
    fn an_odd_look_names_its_reasons_and_asks_for_no_typed_one() {
        let mut odd = view(CaseStand::Waiting);
        (odd.case.kind, odd.case.odd, odd.reason) =
            (CaseKind::OddLook, vec![Reason::NoRelation, Reason::FamilyName], None);
        let page = page(&odd, &sample()).into_string();
        assert!(page.contains("診療や介護の関係が確かめられません") && page.contains("名字"), "{page}");
        assert!(!page.contains("書いた理由"), "{page}");
    }

    #[test]
    fn what_is_judged_has_no_form_and_faults_keep_the_answers() {
        for stand in [CaseStand::Fine, CaseStand::Unfit] {
            assert!(!page(&view(stand), &sample()).into_string().contains("/judgement"));
        }
        let faulty = ReviewCaseView {
            faults: vec![CaseFormFault::NoReason, CaseFormFault::Sanction],
            penalty: Some("days-30".into()),
            chosen: Some("unfit".into()),
            ..view(CaseStand::Asked)
        };
        let page = page(&faulty, &sample()).into_string();
        assert!(page.contains("href=\"#reason\"") && page.contains("value=\"unfit\" checked"), "{page}");
        assert!(page.contains("href=\"#penalty\"") && page.contains("value=\"days-30\" selected"), "{page}");
    }
}
