//! A new restriction in four steps: what, from whom, how long, and a look at what others would see.

use maud::{Markup, html};

use super::sharing;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::read::sharing::fields;
use crate::view::{Choice, KINDS, Preview, RESTRICTABLE, RestrictFault, RestrictView, Step};

/// The page.
#[must_use]
pub fn page(view: &RestrictView, frame: &Frame) -> Markup {
    let base = Section::Sharing.path(frame.base());
    let (method, action) =
        if view.step == Step::Check { ("post", base.clone()) } else { ("get", format!("{base}/new")) };
    let main = html! {
        @if let Some(fault) = view.fault { (wrong(fault, view.step, frame)) }
        (steps(view.step, frame))
        form.care method=(method) action=(action) novalidate {
            @if view.step == Step::Check {
                (parts::csrf(frame))
                input type="hidden" name="idempotency" value=(view.idempotency);
            } @else {
                input type="hidden" name="step" value=(view.step.number() + 1);
            }
            // Answers of the other steps go along, so that going back keeps them.
            @for (name, value) in view.answers.iter().filter(|(name, _)| !fields(view.step).contains(&name.as_str())) {
                input type="hidden" name=(name) value=(value);
            }
            @match view.step {
                Step::What => { (what(view, frame)) }
                Step::Whom => { (whom(view, frame)) }
                Step::Long => { (long(view, frame)) }
                Step::Check => { (check(view, frame)) }
            }
            p.buttons {
                button.primary { (frame.t(if view.step == Step::Check { "restrict-decide" } else { "restrict-next" })) } " "
                a.button href=(base) { (frame.t("restrict-leave")) }
            }
        }
    };
    let title = format!("{} {}", frame.t("restrict-title"), place(view.step, frame));
    let mut sheet = Sheet::of_record(title, Section::Sharing, frame);
    sheet.back = Some(back(view, &base, frame));
    sheet.faulty = view.fault.is_some();
    document(frame, &sheet, &main)
}

fn place(step: Step, frame: &Frame) -> String {
    let args = [("n", step.number().into()), ("step", frame.t(step_word(step)).into_owned().into())];
    frame.with("restrict-place", &args)
}

const fn step_word(step: Step) -> &'static str {
    match step {
        Step::What => "restrict-step-what",
        Step::Whom => "restrict-step-whom",
        Step::Long => "restrict-step-long",
        Step::Check => "restrict-step-check",
    }
}

/// Back goes one step back and keeps the answers.
fn back(view: &RestrictView, base: &str, frame: &Frame) -> (String, std::borrow::Cow<'static, str>) {
    let path = if view.step == Step::What { base.to_owned() } else { address(view, base, view.step.number() - 1) };
    (path, frame.t("frame-back"))
}

fn address(view: &RestrictView, base: &str, step: u8) -> String {
    let mut path = format!("{base}/new?step={step}");
    for (name, value) in &view.answers {
        path.push_str(&format!("&{}={}", parts::query_value(name), parts::query_value(value)));
    }
    path
}

fn steps(here: Step, frame: &Frame) -> Markup {
    html! {
        ol.steps {
            @for step in Step::ALL {
                li aria-current=[(step == here).then_some("step")] {
                    (frame.t(step_word(step)))
                    @if step < here { span.vh { (frame.t("restrict-step-done")) } }
                }
            }
        }
    }
}

pub(super) fn fault_words(fault: RestrictFault) -> &'static str {
    match fault {
        RestrictFault::NothingChosen => "restrict-fault-nothing",
        RestrictFault::NoCategory => "restrict-fault-category",
        RestrictFault::Days => "restrict-fault-days",
        RestrictFault::Until => "restrict-fault-until",
        RestrictFault::Emergency => "restrict-fault-emergency",
        RestrictFault::Gone => "restrict-fault-gone",
        RestrictFault::Already => "restrict-fault-already",
    }
}

fn wrong(fault: RestrictFault, step: Step, frame: &Frame) -> Markup {
    let target = match (fault, step) {
        (RestrictFault::NoCategory, _) => "category",
        (RestrictFault::Days, _) => "first",
        (RestrictFault::Until, _) => "until",
        (RestrictFault::Emergency, _) => "emergency",
        (_, Step::What | Step::Check) => "what",
        (_, Step::Whom) => "whom",
        (_, Step::Long) => "long",
    };
    let list =
        html! { p { (frame.t("form-kept")) } ul { li { a href={ "#" (target) } { (frame.t(fault_words(fault))) } } } };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &list)
}

/// A choice of several: the first carries the field's own id, where a fault leads.
fn radio(name: &str, options: &[(String, Markup)], view: &RestrictView) -> Markup {
    html! {
        @for (index, (value, words)) in options.iter().enumerate() {
            @let id = if index == 0 { name.to_owned() } else { format!("{name}-{index}") };
            label.pick for=(id) {
                input type="radio" id=(id) name=(name) value=(value) checked[view.answer(name) == Some(value.as_str())];
                span { (words) }
            }
        }
    }
}

fn plain(key: &str, frame: &Frame) -> Markup {
    html! { (frame.t(key)) }
}

/// Where a fault leads on a page that asks everything at once.
pub(super) const fn target(fault: RestrictFault) -> &'static str {
    match fault {
        RestrictFault::NoCategory => "category",
        RestrictFault::Days => "first",
        RestrictFault::Until => "until",
        RestrictFault::Emergency => "emergency",
        RestrictFault::NothingChosen | RestrictFault::Gone | RestrictFault::Already => "what",
    }
}

/// All of a restriction on one page, as a paper says it: an organisation or a person is named by a number.
pub(super) fn whole(view: &RestrictView, frame: &Frame) -> Markup {
    html! {
        (what(view, frame))
        (whom(view, frame))
        div.field {
            label for="whom-number" { (frame.t("papers-whom-number")) }
            p.hint #whom-number-hint { (frame.t("papers-whom-number-hint")) }
            input #whom-number name="whom-number" autocomplete="off" value=[view.answer("whom-number")] aria-describedby="whom-number-hint";
        }
        (long(view, frame))
    }
}

fn what(view: &RestrictView, frame: &Frame) -> Markup {
    let mut options = vec![("categories".to_owned(), plain("restrict-what-categories", frame))];
    if !view.things.is_empty() {
        options.push(("thing".to_owned(), plain("restrict-what-thing", frame)));
    }
    if !view.sources.is_empty() || view.on_paper {
        options.push(("source".to_owned(), plain("restrict-what-source", frame)));
    }
    options.push(("days".to_owned(), plain("restrict-what-days", frame)));
    options.push(("everything".to_owned(), plain("restrict-what-everything", frame)));
    html! {
        fieldset { legend { (frame.t("restrict-what")) } (radio("what", &options, view)) }
        fieldset.when.when-categories {
            legend { (frame.t("restrict-categories")) }
            p.hint { (frame.t("restrict-categories-hint")) }
            div.ticks {
                @for (index, each) in RESTRICTABLE.iter().enumerate() {
                    @let id = if index == 0 { "category".to_owned() } else { format!("category-{}", each.code()) };
                    label.pick for=(id) {
                        input type="checkbox" id=(id) name="category" value=(each.code()) checked[view.has("category", each.code())];
                        span { (frame.lang.category(*each)) }
                    }
                }
            }
        }
        @if !view.things.is_empty() { (select("thing", "restrict-thing", &view.things, view, frame)) }
        @if !view.sources.is_empty() { (select("source", "restrict-source", &view.sources, view, frame)) }
        @if view.on_paper {
            div.field.when.when-source {
                label for="source" { (frame.t("papers-source")) }
                input #source name="source" autocomplete="off" value=[view.answer("source")];
            }
        }
        fieldset.when.when-days {
            legend { (frame.t("restrict-days")) }
            p.hint { (frame.t("restrict-days-hint")) }
            (day("first", "restrict-first", view, frame))
            (day("last", "restrict-last", view, frame))
        }
    }
}

fn select(name: &str, key: &str, choices: &[Choice], view: &RestrictView, frame: &Frame) -> Markup {
    html! {
        div class={ "field when when-" (name) } {
            label for=(name) { (frame.t(key)) }
            select id=(name) name=(name) {
                option value="" { (frame.t("restrict-choose")) }
                @for choice in choices {
                    option value=(choice.value) selected[view.answer(name) == Some(choice.value.as_str())] lang=(choice.words.lang.code()) { (choice.words.text) }
                }
            }
        }
    }
}

fn day(name: &str, key: &str, view: &RestrictView, frame: &Frame) -> Markup {
    html! {
        div.field { label for=(name) { (frame.t(key)) } input id=(name) name=(name) type="date" value=[view.answer(name)]; }
    }
}

fn whom(view: &RestrictView, frame: &Frame) -> Markup {
    let known = view.whom.iter().map(|choice| (choice.value.clone(), parts::words(&choice.words, frame.lang)));
    let kinds = KINDS.iter().map(|kind| {
        let words = frame.with("sharing-kind", &[("kind", frame.lang.organization(*kind).into())]);
        (format!("kind:{kind}"), html! { (words) })
    });
    let mut options: Vec<(String, Markup)> = known.collect();
    options.extend(kinds);
    options.push(("everyone".to_owned(), plain("sharing-everyone", frame)));
    html! {
        fieldset {
            legend { (frame.t("restrict-whom")) }
            p.hint { (frame.t("restrict-whom-hint")) }
            (radio("whom", &options, view))
        }
    }
}

fn long(view: &RestrictView, frame: &Frame) -> Markup {
    let long =
        [("always".to_owned(), plain("sharing-always", frame)), ("until".to_owned(), plain("restrict-until", frame))];
    let emergency = [
        ("yes".to_owned(), plain("sharing-emergency-yes", frame)),
        ("no".to_owned(), plain("sharing-emergency-no", frame)),
    ];
    html! {
        fieldset { legend { (frame.t("restrict-long")) } (radio("long", &long, view)) }
        (day("until", "restrict-last", view, frame))
        fieldset {
            legend { (frame.t("restrict-emergency")) }
            p.hint { (frame.t("restrict-emergency-hint")) }
            (radio("emergency", &emergency, view))
        }
    }
}

fn check(view: &RestrictView, frame: &Frame) -> Markup {
    let base = Section::Sharing.path(frame.base());
    html! {
        @if let Some(said) = &view.said { (sharing::said(said, Some([1, 2, 3].map(|step| address(view, &base, step))), frame)) }
        @for preview in &view.previews { (seen(preview, frame)) }
        p { (frame.t("restrict-secret")) }
        // What a document says in its own words is hidden with the document.
        @if view.has_documents && view.answer("what") == Some("categories") {
            p { a.button href={ (base) "/new?what=thing" } { (frame.t("restrict-documents")) } }
        }
        @if view.risky { (parts::banner(Tone::Warning, "risk", &frame.t("restrict-risk"), false, &html! { p { (frame.t("restrict-risk-what")) } })) }
        p.hint { (frame.t("restrict-undo")) }
    }
}

fn seen(preview: &Preview, frame: &Frame) -> Markup {
    html! {
        section.card {
            h2 { (frame.t("restrict-seen-before")) (parts::words(&preview.who, frame.lang)) (frame.t("restrict-seen-after")) }
            @match &preview.counts {
                None => { p { (frame.t("restrict-seen-nothing")) } }
                Some(counts) if counts.is_empty() => { p { (frame.t("restrict-seen-none")) } }
                Some(counts) => {
                    ul.plain {
                        @for (category, shown, hidden) in counts {
                            li {
                                (frame.lang.category(*category)) " "
                                (parts::tight(&frame.with("restrict-seen-n", &[("n", (*shown).into())])))
                                @if *hidden > 0 { " " b { (parts::tight(&frame.with("restrict-hidden-n", &[("n", (*hidden).into())]))) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::Words;
    use tsumugi_kernel::RecordCategory;

    fn view(step: Step) -> RestrictView {
        let answers = [("what", "categories"), ("category", "genome"), ("whom", "everyone")];
        RestrictView {
            step,
            answers: answers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            fault: None,
            things: Vec::new(),
            sources: Vec::new(),
            whom: vec![Choice { value: "person:okada".into(), words: Words::ja("岡田 <千尋>") }],
            said: None,
            previews: Vec::new(),
            risky: false,
            has_documents: true,
            idempotency: String::new(),
            on_paper: false,
        }
    }

    #[test]
    fn answers_of_other_steps_go_along_and_faults_lead_to_their_field() {
        let whom = page(&RestrictView { fault: Some(RestrictFault::NothingChosen), ..view(Step::Whom) }, &sample())
            .into_string();
        assert!(whom.contains("type=\"hidden\" name=\"category\" value=\"genome\""), "{whom}");
        assert!(!whom.contains("type=\"hidden\" name=\"whom\""), "{whom}");
        assert!(whom.contains("href=\"#whom\"") && whom.contains("id=\"whom\""), "{whom}");
        assert!(whom.contains("name=\"step\" value=\"3\"") && whom.contains("<title>入力の誤り:"), "{whom}");
        assert!(whom.contains("岡田 &lt;千尋&gt;"), "{whom}");
        assert!(whom.contains("/me/sharing/new?step=1&amp;what=categories&amp;category=genome"), "{whom}");
    }

    #[test]
    fn the_last_step_shows_what_others_would_see_and_posts() {
        let previews = vec![
            Preview { who: Words::ja("岡田 千尋"), counts: Some(vec![(RecordCategory::Genome, 0, 2)]) },
            Preview { who: Words::ja("だれか"), counts: None },
        ];
        let page = page(&RestrictView { previews, risky: true, ..view(Step::Check) }, &sample()).into_string();
        assert!(page.contains("method=\"post\"") && page.contains("name=\"csrf\""), "{page}");
        assert!(page.contains("2件") && page.contains("岡田 千尋"), "{page}");
    }
}
