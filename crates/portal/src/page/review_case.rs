//! One case: who looked, why, what was shown, by which rule, and the judgement.
//!
//! `POST {path}/name` shows whose record it is; `POST {path}/judgement` with `verdict` (`fine`, `explain`, `unfit`),
//! `reason`, `said`; both with `csrf`.

use maud::{Markup, html};

use super::{
    look,
    review_queue::{cause, deadline, stand, who},
};
use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{CaseFormFault, CaseStand, ReviewCaseView};

/// The page.
#[must_use]
pub fn page(view: &ReviewCaseView, frame: &Frame) -> Markup {
    let open = matches!(view.case.stand, CaseStand::Waiting | CaseStand::Asked);
    let main = html! {
        (summary(view, frame))
        p { span.tag { (stand(view.case.stand, frame)) } }
        dl.facts {
            (fact("review-deadline", &deadline(&view.case, frame), frame))
            (fact("look-who", &who(&view.case, frame), frame))
            (fact("review-when", &html! { (calendar::moment(view.case.opened, frame.lang)) }, frame))
            (fact("review-cause", &cause(&view.case, frame), frame))
            @if view.case.odd.is_empty() { (fact("review-reason", &html! {
                @match &view.reason { Some(reason) => q { (parts::words(reason, frame.lang)) }, None => (frame.t("review-no-reason")) }
            }, frame)) }
            (fact("look-what", &what(view, frame), frame))
            @if let Some(rule) = &view.rule {
                (fact("look-rule", &html! {
                    (parts::words(&rule.plain, frame.lang))
                    p.hint { (frame.t("look-rule-number")) " " code translate="no" { (rule.id) } }
                }, frame))
            }
            (fact("review-lately", &html! { (parts::tight(&frame.with("review-lately-n", &[("n", view.lately.into())]))) }, frame))
            (fact("review-person", &person(view, frame), frame))
        }
        (said(view, frame))
        @if open { (form(view, frame)) }
        p.hint { (frame.t("review-noted-case")) }
    };
    let sheet = Sheet {
        back: Some(("/review".to_owned(), frame.t("review-title"))),
        faulty: !view.faults.is_empty(),
        ..Sheet::plain(frame.t("review-case-title"))
    };
    document(frame, &sheet, &main)
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

fn said(view: &ReviewCaseView, frame: &Frame) -> Markup {
    html! {
        @if !view.said.is_empty() {
            h2 { (frame.t("review-said")) }
            ol.plain {
                @for one in &view.said {
                    li {
                        p { (calendar::near_moment(one.at, frame.today(), frame.lang)) " " (parts::unread(&one.name, frame.lang)) }
                        p { strong { (stand(one.stand, frame)) } }
                        p.kept lang="ja" { (one.reason) }
                    }
                }
            }
        }
    }
}

fn summary(view: &ReviewCaseView, frame: &Frame) -> Markup {
    if view.faults.is_empty() {
        return html! {};
    }
    let list = html! {
        p { (frame.t("form-kept")) }
        ul { @for fault in &view.faults { li { @match target(*fault) {
            Some(field) => a href={ "#" (field) } { (words(*fault, frame)) },
            None => (words(*fault, frame)),
        } } } }
    };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &list)
}

const fn target(fault: CaseFormFault) -> Option<&'static str> {
    match fault {
        CaseFormFault::NothingChosen => Some("verdict"),
        CaseFormFault::NoReason | CaseFormFault::ReasonTooLong(_) => Some("reason"),
        CaseFormFault::Oneself | CaseFormFault::Overtaken | CaseFormFault::Full => None,
    }
}

fn words(fault: CaseFormFault, frame: &Frame) -> String {
    let key = match fault {
        CaseFormFault::NothingChosen => "match-fault-nothing",
        CaseFormFault::NoReason => "match-fault-reason",
        CaseFormFault::ReasonTooLong(most) => return frame.with("match-fault-reason-long", &[("most", most.into())]),
        CaseFormFault::Oneself => "review-fault-oneself",
        CaseFormFault::Overtaken => "review-fault-overtaken",
        CaseFormFault::Full => "review-fault-full",
    };
    frame.t(key).into_owned()
}

fn form(view: &ReviewCaseView, frame: &Frame) -> Markup {
    let missing = view.faults.contains(&CaseFormFault::NothingChosen);
    let fault = view.faults.iter().find(|fault| target(**fault) == Some("reason"));
    let options =
        [("fine", "review-verdict-fine"), ("explain", "review-verdict-explain"), ("unfit", "review-verdict-unfit")];
    html! {
        form method="post" action={ (view.path) "/judgement" } novalidate {
            (parts::csrf(frame))
            input type="hidden" name="said" value=(view.said.len());
            fieldset.faulty[missing] aria-describedby=[missing.then_some("verdict-fault")] {
                legend { (frame.t("review-verdict")) }
                @if missing { p.fault #verdict-fault { span aria-hidden="true" { "× " } (words(CaseFormFault::NothingChosen, frame)) } }
                @for (index, (code, key)) in options.into_iter().enumerate() {
                    @let id = if index == 0 { "verdict".to_owned() } else { format!("verdict-{code}") };
                    label.pick for=(id) {
                        input type="radio" id=(id) name="verdict" value=(code) checked[view.chosen.as_deref() == Some(code)];
                        span { (frame.t(key)) }
                    }
                }
            }
            div.field.faulty[fault.is_some()] {
                label for="reason" { (frame.t("match-why")) }
                p.hint #reason-hint { (frame.t("review-why-hint")) }
                @if let Some(fault) = fault { p.fault #reason-fault { span aria-hidden="true" { "× " } (words(*fault, frame)) } }
                textarea #reason name="reason" rows="3" aria-invalid=[fault.map(|_| "true")]
                    aria-describedby=(if fault.is_some() { "reason-hint reason-fault" } else { "reason-hint" }) { (view.written) }
            }
            p.buttons {
                button.primary { (frame.t("review-judge")) } " "
                a.button href="/review" { (frame.t("review-leave")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::{CasePersonView, Name, WaitingCase, Who, Words};
    use tsumugi_access::Reason;
    use tsumugi_kernel::{Instant, Role};

    fn view(stand: CaseStand) -> ReviewCaseView {
        let who = Who {
            name: Name::plain("岡田 <千尋>"),
            role: Role::Physician,
            qualification: None,
            organization: Some(Words::ja("みなと総合病院")),
        };
        let case = WaitingCase {
            path: "/review/x".into(),
            who,
            opened: Instant(1_795_300_000_000),
            deadline: jiff::civil::date(2026, 11, 20),
            stand,
            odd: Vec::new(),
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
        (odd.case.odd, odd.reason) = (vec![Reason::NoRelation, Reason::FamilyName], None);
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
            faults: vec![CaseFormFault::NoReason],
            chosen: Some("unfit".into()),
            ..view(CaseStand::Asked)
        };
        let page = page(&faulty, &sample()).into_string();
        assert!(page.contains("href=\"#reason\"") && page.contains("value=\"unfit\" checked"), "{page}");
    }
}
