//! What pages of cases share: whose turn it is until when, what was said, what follows.

use maud::{Markup, html};
use tsumugi_access::{
    CaseAct, CaseKind,
    case::{Concern, Penalty, Sanction, Turn},
};
use tsumugi_kernel::Role;

use crate::calendar;
use crate::frame::Frame;
use crate::parts::{self, Tone};
use crate::view::{CaseFormFault, CaseSaid, CaseStand, WaitingCase};

/// Why there is a case.
pub(super) fn kind(kind: CaseKind, frame: &Frame) -> String {
    let key = match kind {
        CaseKind::BreakGlass => "case-kind-break-glass",
        CaseKind::OddLook => "case-kind-odd-look",
        CaseKind::Objection => "case-kind-objection",
        CaseKind::Correction => "case-kind-correction",
    };
    frame.t(key).into_owned()
}

/// Why the citizen objects.
pub(super) fn concern(concern: Concern, frame: &Frame) -> String {
    let key = match concern {
        Concern::Unknown => "concern-unknown",
        Concern::NoCare => "concern-no-care",
        Concern::TooMuch => "concern-too-much",
        Concern::Purpose => "concern-purpose",
        Concern::Other => "concern-other",
    };
    frame.t(key).into_owned()
}

/// Where a case stands, in words.
pub(super) fn stand(stand: CaseStand, frame: &Frame) -> String {
    let key = match stand {
        CaseStand::Waiting => "review-stand-waiting",
        CaseStand::Asked => "review-stand-asked",
        CaseStand::Answered => "review-stand-answered",
        CaseStand::Upheld => "review-stand-upheld",
        CaseStand::Settled => "review-stand-settled",
        CaseStand::Fine => "review-stand-fine",
        CaseStand::Unfit => "review-stand-unfit",
    };
    frame.t(key).into_owned()
}

/// Who is called to account.
pub(super) fn looker(case: &WaitingCase, frame: &Frame) -> Markup {
    html! {
        @if case.kind == CaseKind::Correction {
            @if let Some(organization) = &case.who.organization { (parts::words(organization, frame.lang)) }
        } @else {
            (parts::who(&case.who, frame.lang))
            @if let Some(organization) = &case.who.organization { br; (parts::words(organization, frame.lang)) }
        }
    }
}

/// The day by whose end the next word falls due, and a word where it is today or past; the day of the end of a closed one.
pub(super) fn deadline(case: &WaitingCase, frame: &Frame) -> Markup {
    html! {
        @match case.closed {
            Some(closed) => { (parts::near_day(closed.civil().date(), frame)) }
            None => {
                (parts::near_day(case.deadline, frame))
                @if case.late { " " span.tag.warn { span aria-hidden="true" { "! " } (frame.t("review-late")) } }
                @else if case.deadline == frame.today() { " " span.tag { (frame.t("review-today")) } }
            }
        }
    }
}

/// Whose word is next.
pub(super) fn turn(case: &WaitingCase, frame: &Frame) -> String {
    let key = match case.turn {
        Turn::Supervisor => "case-turn-supervisor",
        Turn::Organization => "case-turn-organization",
        Turn::Citizen => "case-turn-citizen",
        Turn::Nobody => "case-turn-nobody",
    };
    frame.t(key).into_owned()
}

/// What was said, oldest first.
pub(super) fn said(said: &[CaseSaid], frame: &Frame) -> Markup {
    html! {
        @if !said.is_empty() {
            h2 { (frame.t("review-said")) }
            (exchange(said, frame))
        }
    }
}

/// The same without a heading.
pub(super) fn exchange(said: &[CaseSaid], frame: &Frame) -> Markup {
    html! {
        ol.plain {
            @for one in said {
                li {
                    p { (calendar::near_moment(one.at, frame.today(), frame.lang)) " " (speaker(one, frame)) }
                    p { strong { (act(one.act, frame)) } }
                    @if let Some(reason) = one.reason.as_ref().filter(|reason| !reason.is_empty()) { p.kept lang="ja" { (reason) } }
                    @if let Some(imposed) = one.sanction { p { (frame.t("case-follows")) " " (sanction(imposed, frame)) } }
                }
            }
        }
    }
}

fn speaker(one: &CaseSaid, frame: &Frame) -> Markup {
    html! {
        @match (&one.name, one.role) {
            (Some(name), Role::Municipality) if one.act == CaseAct::Object => {
                (frame.t("case-speaker-desk")) " " (parts::unread(name, frame.lang))
            }
            (Some(name), _) => (parts::unread(name, frame.lang)),
            (None, Role::Proxy) => (frame.t("case-speaker-proxy")),
            (None, _) => (frame.t("case-speaker-citizen")),
        }
    }
}

/// What somebody did in a case.
pub(super) fn act(act: CaseAct, frame: &Frame) -> String {
    let key = match act {
        CaseAct::Object => "case-act-object",
        CaseAct::Wish => "case-act-wish",
        CaseAct::Answer => "case-act-answer",
        CaseAct::Corrected => "case-act-corrected",
        CaseAct::Annotated => "case-act-annotated",
        CaseAct::Refused => "case-act-refused",
        CaseAct::Accept => "case-act-accept",
        CaseAct::Insist => "case-act-insist",
        CaseAct::Fine => "case-act-fine",
        CaseAct::Explain => "case-act-explain",
        CaseAct::Unfit => "case-act-unfit",
        CaseAct::Lift => "case-act-lift",
    };
    frame.t(key).into_owned()
}

/// What follows for whoever looked.
pub(super) fn sanction(sanction: Sanction, frame: &Frame) -> String {
    let mut words = Vec::new();
    match sanction.penalty {
        Penalty::None => {}
        Penalty::Warning => words.push(frame.t("sanction-warning").into_owned()),
        Penalty::Days(days) => words.push(frame.with("sanction-days", &[("n", days.into())])),
        Penalty::UntilLifted => words.push(frame.t("sanction-until-lifted").into_owned()),
    }
    if sanction.report {
        words.push(frame.t("sanction-report").into_owned());
    }
    words.join(&frame.t("list-joint"))
}

/// What is wrong with what was sent.
pub(super) fn fault(fault: CaseFormFault, frame: &Frame) -> String {
    let key = match fault {
        CaseFormFault::NothingChosen => "match-fault-nothing",
        CaseFormFault::NoReason => "match-fault-reason",
        CaseFormFault::ReasonTooLong(most) => return frame.with("case-fault-long", &[("most", most.into())]),
        CaseFormFault::Oneself => "review-fault-oneself",
        CaseFormFault::Overtaken => "review-fault-overtaken",
        CaseFormFault::Full => "review-fault-full",
        CaseFormFault::NotYet => "case-fault-turn",
        CaseFormFault::NotCorrected => "case-fault-not-corrected",
        CaseFormFault::Sanction => "case-fault-sanction",
        CaseFormFault::NoWords => "case-fault-words",
        CaseFormFault::NoAnswer => "case-fault-answer",
    };
    frame.t(key).into_owned()
}

/// The banner above a form that came back.
pub(super) fn faults(
    faults: &[CaseFormFault],
    target: &dyn Fn(CaseFormFault) -> Option<&'static str>,
    frame: &Frame,
) -> Markup {
    if faults.is_empty() {
        return html! {};
    }
    let list = html! {
        p { (frame.t("form-kept")) }
        ul { @for one in faults { li { @match target(*one) {
            Some(field) => a href={ "#" (field) } { (fault(*one, frame)) },
            None => (fault(*one, frame)),
        } } } }
    };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &list)
}

/// A field for words of one's own.
pub(super) fn words(
    name: &str,
    label: &str,
    hint: &str,
    written: &str,
    wrong: Option<CaseFormFault>,
    frame: &Frame,
) -> Markup {
    let hint_id = format!("{name}-hint");
    let described = if wrong.is_some() { format!("{hint_id} {name}-fault") } else { hint_id.clone() };
    html! {
        div.field.faulty[wrong.is_some()] {
            label for=(name) { (label) }
            p.hint id=(hint_id) { (hint) }
            @if let Some(wrong) = wrong { p.fault id={ (name) "-fault" } { span aria-hidden="true" { "× " } (fault(wrong, frame)) } }
            textarea id=(name) name=(name) rows="3" aria-invalid=[wrong.map(|_| "true")] aria-describedby=(described) { (written) }
        }
    }
}

/// A choice of one among some.
pub(super) fn choice(
    name: &str,
    legend: &str,
    options: &[(&str, String)],
    chosen: Option<&str>,
    wrong: Option<CaseFormFault>,
    frame: &Frame,
) -> Markup {
    let fault_id = format!("{name}-fault");
    html! {
        fieldset.faulty[wrong.is_some()] aria-describedby=[wrong.map(|_| fault_id.as_str())] {
            legend { (legend) }
            @if let Some(wrong) = wrong { p.fault id=(fault_id) { span aria-hidden="true" { "× " } (fault(wrong, frame)) } }
            @for (index, (code, words)) in options.iter().enumerate() {
                @let id = if index == 0 { name.to_owned() } else { format!("{name}-{code}") };
                label.pick for=(id) {
                    input type="radio" id=(id) name=(name) value=(code) checked[chosen == Some(*code)];
                    span { (words) }
                }
            }
        }
    }
}

/// One line of facts.
pub(super) fn fact(term: &str, body: &Markup) -> Markup {
    html! { div { dt { (term) } dd { (body) } } }
}
