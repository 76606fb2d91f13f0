//! Family and proxies: who may act for the person, until when and at what, and naming somebody.

use maud::{Markup, html};

use super::paper_parts;
use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{MandateDone, MandateFault, MandateForm, MandateRow, MandatesView, RESTRICTABLE, Words};

/// Relations offered; others are typed.
pub const RELATIONS: [&str; 8] = ["娘", "息子", "妻", "夫", "姉妹", "兄弟", "孫", "後見人"];
/// Longest relation, in characters.
pub const RELATION_CHARACTERS: usize = 40;

/// The page.
#[must_use]
pub fn page(view: &MandatesView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(done) = view.done {
            @let key = match done { MandateDone::Given => "mandates-done-given", MandateDone::Ended => "mandates-done-ended" };
            (parts::banner(Tone::Success, "done", &frame.t(key), true, &html! { p { (frame.t("sharing-done-what")) } }))
        }
        @if let Some(form) = &view.form { (faults(form, frame)) }
        @if view.mandates.is_empty() { (parts::empty(&frame.t("mandates-none"))) }
        @for row in &view.mandates { (mandate(row, frame)) }
        p.hint { (frame.t("mandates-noted")) }
        p { a.button href={ (frame.base()) "/papers" } { (frame.t("papers-own-title")) } }
        @if let Some(form) = &view.form { (give(form, frame)) }
        @if let Some(number) = &view.number { (for_others(number, &view.wards, frame)) }
    };
    let mut sheet = Sheet::of_record(frame.t("sharing-mandates"), Section::Sharing, frame);
    sheet.back = Some((Section::Sharing.path(frame.base()), frame.t("section-sharing")));
    sheet.faulty = view.form.as_ref().is_some_and(|form| !form.faults.is_empty());
    document(frame, &sheet, &main)
}

/// For whom the reader may act, and what to tell somebody who wants to name them.
fn for_others(number: &str, wards: &[Words], frame: &Frame) -> Markup {
    html! {
        h2 { (frame.t("mandates-for-others")) }
        @if !wards.is_empty() {
            ul.plain { @for ward in wards { li { b { (parts::words(ward, frame.lang)) } } } }
            p.hint { (frame.t("mandates-for-others-how")) }
        }
        p { (frame.t("proxy-number")) ": " code translate="no" { (number) } }
        p.hint { (frame.t("proxy-number-hint")) }
    }
}

fn mandate(row: &MandateRow, frame: &Frame) -> Markup {
    html! {
        div.card {
            (said(row, frame))
            @if let Some(on) = &row.on_paper { (paper_parts::on_paper(on, frame)) }
            form method="post" action=(row.end) {
                (parts::csrf(frame))
                button { (frame.t("mandates-end")) span.vh { ": " (parts::words(&row.name, frame.lang)) } }
            }
        }
    }
}

/// What a mandate says.
pub(super) fn said(row: &MandateRow, frame: &Frame) -> Markup {
    html! {
            dl.facts {
                div { dt { (frame.t("mandates-who")) } dd { b { (parts::words(&row.name, frame.lang)) } @if !row.relation.text.is_empty() { " (" (parts::words(&row.relation, frame.lang)) ")" } } }
                div { dt { (frame.t("mandates-extent")) } dd {
                    @match &row.categories {
                        None => { (frame.t("mandates-all")) }
                        Some(list) => { @for (index, one) in list.iter().enumerate() { @if index > 0 { (frame.t("list-joint")) } (frame.lang.category(*one)) } }
                    }
                } }
                div { dt { (frame.t("sharing-long")) } dd {
                    @match row.until {
                        None => { (frame.t("sharing-always")) }
                        Some(day) => { (frame.with("sharing-until", &[("day", calendar::day(day, frame.lang).into())])) }
                    }
                } }
            }
    }
}

pub(super) const fn field(fault: MandateFault) -> &'static str {
    match fault {
        MandateFault::Nobody | MandateFault::Oneself | MandateFault::Already => "number",
        MandateFault::Relation => "relation",
        MandateFault::Extent => "extent",
        MandateFault::Until => "until",
    }
}

pub(super) const fn words(fault: MandateFault) -> &'static str {
    match fault {
        MandateFault::Nobody => "mandates-fault-nobody",
        MandateFault::Oneself => "mandates-fault-oneself",
        MandateFault::Already => "mandates-fault-already",
        MandateFault::Relation => "mandates-fault-relation",
        MandateFault::Extent => "mandates-fault-extent",
        MandateFault::Until => "mandates-fault-until",
    }
}

fn faults(form: &MandateForm, frame: &Frame) -> Markup {
    if form.faults.is_empty() {
        return html! {};
    }
    let list = html! {
        p { (frame.t("form-kept")) }
        ul { @for fault in &form.faults { li { a href={ "#" (field(*fault)) } { (frame.t(words(*fault))) } } } }
    };
    parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &list)
}

fn text(name: &str, label: &str, hint: Option<&str>, form: &MandateForm, frame: &Frame) -> Markup {
    let fault = form.faults.iter().find(|fault| field(**fault) == name);
    let (hint_id, fault_id) = (format!("{name}-hint"), format!("{name}-fault"));
    let described: Vec<&str> =
        [hint.map(|_| hint_id.as_str()), fault.map(|_| fault_id.as_str())].into_iter().flatten().collect();
    html! {
        div.field.faulty[fault.is_some()] {
            label for=(name) { (frame.t(label)) }
            @if let Some(hint) = hint { p.hint id=(hint_id) { (frame.t(hint)) } }
            @if let Some(fault) = fault { p.fault id=(fault_id) { span aria-hidden="true" { "× " } (frame.t(words(*fault))) } }
            input id=(name) name=(name) type="text" autocomplete="off" value=[form.answer(name)] aria-invalid=[fault.map(|_| "true")]
                aria-describedby=[(!described.is_empty()).then(|| described.join(" "))];
        }
    }
}

fn give(form: &MandateForm, frame: &Frame) -> Markup {
    let base = frame.base();
    html! {
        h2 { (frame.t("mandates-give")) }
        form.care method="post" action={ (base) "/mandates" } novalidate {
            (parts::csrf(frame))
            input type="hidden" name="idempotency" value=(form.idempotency);
            @if !form.offices.is_empty() {
                div.field {
                    label for="office" { (frame.t("mandates-office")) }
                    p.hint #office-hint { (frame.t("mandates-office-hint")) }
                    select #office name="office" aria-describedby="office-hint" {
                        option value="" { (frame.t("mandates-office-none")) }
                        @for office in &form.offices {
                            option value=(office.value) selected[form.answer("office") == Some(office.value.as_str())] lang=(office.words.lang.code()) { (office.words.text) }
                        }
                    }
                }
            }
            (fields(form, frame))
            p.buttons { button.primary { (frame.t("mandates-decide")) } }
        }
    }
}

/// Who is named.
pub(super) fn whom(form: &MandateForm, frame: &Frame) -> Markup {
    html! {
        (text("number", "mandates-number", Some("mandates-number-hint"), form, frame))
        (text("name", "mandates-name", Some("mandates-name-hint"), form, frame))
    }
}

/// Who may act, as what, at what, and until when.
pub(super) fn fields(form: &MandateForm, frame: &Frame) -> Markup {
    html! {
            (whom(form, frame))
            div.field {
                label for="relation" { (frame.t("mandates-relation")) }
                p.hint #relation-hint { (frame.t("mandates-relation-hint")) }
                input #relation name="relation" type="text" list="relations" autocomplete="off" maxlength=(RELATION_CHARACTERS) value=[form.answer("relation")] aria-describedby="relation-hint";
                datalist #relations { @for relation in RELATIONS { option value=(relation) {} } }
            }
            fieldset {
                legend { (frame.t("mandates-extent")) }
                @for (index, (value, key)) in [("all", "mandates-all"), ("some", "mandates-some")].into_iter().enumerate() {
                    @let id = if index == 0 { "extent" } else { "extent-some" };
                    label.pick for=(id) {
                        input type="radio" id=(id) name="extent" value=(value) checked[form.answer("extent") == Some(value)];
                        span { (frame.t(key)) }
                    }
                }
            }
            details {
                summary { (frame.t("mandates-categories")) }
                div.inside.ticks {
                    @for each in RESTRICTABLE {
                        @let id = format!("category-{}", each.code());
                        label.pick for=(id) {
                            input type="checkbox" id=(id) name="category" value=(each.code()) checked[form.has("category", each.code())];
                            span { (frame.lang.category(each)) }
                        }
                    }
                }
            }
            div.field {
                label for="until" { (frame.t("mandates-until")) }
                p.hint #until-hint { (frame.t("mandates-until-hint")) }
                input #until name="until" type="date" max=[form.latest] value=[form.answer("until")] aria-describedby="until-hint";
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::Words;
    use tsumugi_kernel::RecordCategory;

    #[test]
    fn who_may_act_and_the_way_to_end_it() {
        let row = MandateRow {
            name: Words::ja("山田 恵"),
            relation: Words::ja("娘"),
            categories: Some(vec![RecordCategory::Medication, RecordCategory::Care]),
            until: Some(jiff::civil::date(2027, 9, 9)),
            end: "/me/mandates/x/end".into(),
            on_paper: None,
        };
        let form = MandateForm {
            answers: vec![("number".into(), "<x>".into())],
            faults: vec![MandateFault::Nobody],
            ..MandateForm::default()
        };
        let view = MandatesView {
            done: None,
            mandates: vec![row],
            form: Some(form),
            number: Some("haru".into()),
            wards: vec![Words::ja("山田 <花>")],
        };
        let page = page(&view, &sample()).into_string();
        for text in [
            "山田 恵",
            "薬、介護の記録",
            "action=\"/me/mandates/x/end\"",
            "value=\"&lt;x&gt;\"",
            "href=\"#number\"",
            "<title>入力の誤り:",
            "山田 &lt;花&gt;",
            ">haru</code>",
        ] {
            assert!(page.contains(text), "{text} in {page}");
        }
    }
}
