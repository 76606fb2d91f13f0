//! Taking the record along. `POST {base}/take` gives a file, `POST {base}/take/link` a link for fifteen minutes, `POST
//! {base}/take/link/{link}/end` ends one; all with `csrf`.

use maud::{Markup, PreEscaped, html};
use tsumugi_access::Ended;

use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::read;
use crate::view::{LinkRow, MadeLinkView, RESTRICTABLE, SealedView, TakeFault, TakeForm, TakeView};

/// The page. The frame must name a subject.
#[must_use]
pub fn page(view: &TakeView, frame: &Frame) -> Markup {
    let main = html! {
        @if view.ended { (parts::banner(Tone::Success, "done", &frame.t("take-ended"), true, &html! { p { (frame.t("take-ended-what")) } })) }
        @if let Some(fault) = view.form.fault { (wrong(fault, frame)) }
        p.lead { (frame.t("take-lead")) }
        (file(&view.form, frame))
        (super::carried::offer(frame))
        (link(view, frame))
    };
    let mut sheet = Sheet::of_record(frame.t("section-take"), Section::Take, frame);
    sheet.faulty = view.form.fault.is_some();
    document(frame, &sheet, &main)
}

const fn words(fault: TakeFault) -> &'static str {
    match fault {
        TakeFault::NoPart => "take-fault-part",
        TakeFault::Days => "take-fault-days",
    }
}

fn wrong(fault: TakeFault, frame: &Frame) -> Markup {
    let target = if fault == TakeFault::NoPart { "#category" } else { "#from" };
    let list = html! { ul { li { a href=(target) { (frame.t(words(fault))) } } } };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &list)
}

/// Choices of one field: the first carries the field's own id.
fn radio(name: &str, options: &[(&str, &str, Option<&str>)], form: &TakeForm, frame: &Frame) -> Markup {
    html! {
        @for (index, (value, key, hint)) in options.iter().enumerate() {
            @let id = if index == 0 { name.to_owned() } else { format!("{name}-{value}") };
            label.pick for=(id) {
                input type="radio" id=(id) name=(name) value=(value) checked[form.answer(name) == Some(*value)];
                span { (frame.t(key)) @if let Some(hint) = hint { br; small { (frame.t(hint)) } } }
            }
        }
    }
}

fn file(form: &TakeForm, frame: &Frame) -> Markup {
    let what = [
        ("summary", "take-what-summary", Some("take-what-summary-hint")),
        ("everything", "take-what-everything", Some("take-what-everything-hint")),
        ("part", "take-what-part", None),
    ];
    let forms =
        [("pdf", "take-form-pdf", Some("take-form-pdf-hint")), ("fhir", "take-form-fhir", Some("take-form-fhir-hint"))];
    let locks = [("no", "take-lock-no", None), ("yes", "take-lock-yes", Some("take-lock-yes-hint"))];
    html! {
        section aria-labelledby="file-title" {
            h2 #file-title { (frame.t("take-file")) }
            form.care method="post" action=(Section::Take.path(frame.base())) novalidate {
                (parts::csrf(frame))
                fieldset { legend { (frame.t("take-what")) } (radio("what", &what, form, frame)) }
                fieldset.when.when-part {
                    legend { (frame.t("take-part")) }
                    p.hint { (frame.t("take-part-hint")) }
                    div.ticks {
                        @for (index, each) in RESTRICTABLE.iter().enumerate() {
                            @let id = if index == 0 { "category".to_owned() } else { format!("category-{}", each.code()) };
                            label.pick for=(id) {
                                input type="checkbox" id=(id) name="category" value=(each.code()) checked[form.has("category", each.code())];
                                span { (frame.lang.category(*each)) }
                            }
                        }
                    }
                    div.field { label for="from" { (frame.t("take-from")) } input #from name="from" type="date" value=[form.answer("from")]; }
                    div.field { label for="to" { (frame.t("take-to")) } input #to name="to" type="date" value=[form.answer("to")]; }
                }
                fieldset { legend { (frame.t("take-form")) } (radio("form", &forms, form, frame)) }
                fieldset { legend { (frame.t("take-lock")) } (radio("lock", &locks, form, frame)) }
                p.hint { (frame.t("take-yours")) }
                p.buttons { button.primary { (frame.t("take-get")) } }
            }
        }
    }
}

fn link(view: &TakeView, frame: &Frame) -> Markup {
    let path = format!("{}/link", Section::Take.path(frame.base()));
    html! {
        section aria-labelledby="link-title" {
            h2 #link-title { (frame.t("take-link")) }
            p { (frame.t("take-link-lead")) }
            p { (frame.t("take-link-what")) }
            @if view.full {
                p { (frame.t("take-link-full")) }
            } @else {
                form.care method="post" action=(path) {
                    (parts::csrf(frame))
                    input type="hidden" name="idempotency" value=(view.idempotency);
                    fieldset {
                        legend { (frame.t("take-uses")) }
                        label.pick for="uses" { input type="radio" id="uses" name="uses" value="1" checked; span { (frame.t("take-uses-one")) } }
                        label.pick for="uses-3" { input type="radio" id="uses-3" name="uses" value="3"; span { (frame.t("take-uses-three")) } }
                    }
                    p.buttons { button { (frame.t("take-link-make")) } }
                }
            }
            @if !view.links.is_empty() {
                h3 { (frame.t("take-links")) }
                @for row in &view.links { (made(row, frame)) }
            }
        }
    }
}

const fn over(why: Ended) -> &'static str {
    match why {
        Ended::Used => "take-over-used",
        Ended::Expired => "take-over-expired",
        Ended::Tries => "take-over-tries",
        Ended::Revoked => "take-over-revoked",
        Ended::Mandate => "take-over-mandate",
        Ended::Clock => "take-over-clock",
    }
}

fn made(row: &LinkRow, frame: &Frame) -> Markup {
    let moment = |at| calendar::near_moment(at, frame.today(), frame.lang);
    html! {
        div.card {
            dl.facts {
                div { dt { (frame.t("take-link-made")) } dd { (moment(row.made)) @if let Some(by) = &row.by { br; (parts::named(by, frame.lang)) } } }
                div { dt { (frame.t("take-link-state")) } dd {
                    @if let Some(until) = row.until {
                        (frame.with("take-link-open", &[("time", calendar::time(until).into()), ("n", row.uses.into())]))
                    } @else if let Some(why) = row.over { (frame.t(over(why))) }
                } }
                @if !row.openings.is_empty() {
                    div { dt { (frame.t("take-link-opened")) } dd {
                        ul.plain { @for (at, by) in &row.openings { li { (moment(*at)) br; (parts::words(&read::words(by.as_str(), frame.lang), frame.lang)) " " (frame.t("take-link-typed")) } } }
                    } }
                }
            }
            @if row.until.is_some() { (end(&row.end, frame)) }
        }
    }
}

fn end(path: &str, frame: &Frame) -> Markup {
    html! { form method="post" action=(path) { (parts::csrf(frame)) button { (frame.t("take-link-end")) } } }
}

/// The password of a sealed file, and the way to the file.
#[must_use]
pub fn sealed(view: &SealedView, frame: &Frame) -> Markup {
    let main = html! {
        p.lead { (frame.t("take-password-lead")) }
        p.glance { b translate="no" { (view.password) } }
        ul {
            li { (frame.t("take-password-once")) }
            li { (frame.t("take-password-apart")) }
            li { (frame.t("take-password-open")) }
        }
        form method="post" action=(Section::Take.path(frame.base())) {
            (parts::csrf(frame))
            @for (name, value) in &view.answers { input type="hidden" name=(name) value=(value); }
            input type="hidden" name="password" value=(view.password);
            p.buttons {
                button.primary { (frame.t("take-get")) } " "
                a.button href=(Section::Take.path(frame.base())) { (frame.t("form-leave")) }
            }
        }
    };
    document(frame, &below(frame.t("take-password").into_owned(), frame), &main)
}

/// The link that was just made: the code, the PIN apart from it, until when, and the way to end it.
#[must_use]
pub fn link_made(view: &MadeLinkView, frame: &Frame) -> Markup {
    let until = [("time", calendar::time(view.until).into()), ("n", view.uses.into())];
    let main = html! {
        p.lead { (frame.with("take-link-open", &until)) }
        p { (frame.t("take-qr-show")) }
        figure.qr role="img" aria-label=(frame.t("take-qr-alt")) { (PreEscaped(&view.svg)) }
        (parts::opening(&html! { (frame.t("take-pin-open")) }, false, frame, &html! {
            p.glance { b translate="no" { (view.pin) } }
            p { (frame.t("take-pin-tell")) }
        }))
        (parts::opening(&html! { (frame.t("take-link-text")) }, false, frame, &html! {
            p { (frame.t("take-link-text-what")) }
            p { code.long translate="no" { (view.url) } }
        }))
        ul {
            li { (frame.t("take-link-told")) }
            li { (frame.t("take-link-once")) }
        }
        (end(&view.end, frame))
    };
    document(frame, &below(frame.t("take-link").into_owned(), frame), &main)
}

fn below(title: String, frame: &Frame) -> Sheet {
    let mut sheet = Sheet::of_record(title, Section::Take, frame);
    sheet.back = Some((Section::Take.path(frame.base()), frame.t("section-take")));
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use tsumugi_kernel::Instant;

    #[test]
    fn a_link_that_is_over_cannot_be_ended_and_says_who_opened_it() {
        let row = LinkRow {
            made: Instant(1_795_316_400_000),
            by: None,
            until: None,
            uses: 0,
            over: Some(Ended::Used),
            openings: vec![(Instant(1_795_316_500_000), "<b>Dr. Smith".into())],
            end: "/me/take/link/x/end".into(),
        };
        let text = page(&TakeView { links: vec![row.clone()], ..TakeView::default() }, &sample()).into_string();
        assert!(text.contains("&lt;b&gt;Dr. Smith") && !text.contains("/link/x/end"), "{text}");
        let open = LinkRow { until: Some(Instant(1_795_317_300_000)), over: None, ..row };
        let text = page(&TakeView { links: vec![open], full: true, ..TakeView::default() }, &sample()).into_string();
        assert!(text.contains("/link/x/end") && !text.contains("name=\"uses\""), "{text}");
    }
}
