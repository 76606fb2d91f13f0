//! Looking in an emergency with a typed reason: `POST {base}/break-glass` with `reason`, `POST {base}/break-glass/whole`
//! for the second step, `POST {base}/break-glass/end`; all with `csrf`.

use maud::{Markup, html};

use crate::calendar;
use crate::frame::{Frame, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{Glass, GlassFault, GlassKind, GlassView, GlassWhy};

/// The page on which the reason is typed. Its frame may name nobody: then the page is of no record.
#[must_use]
pub fn page(view: &GlassView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(fault) = view.fault {
            (parts::banner(Tone::Error, "faults", &frame.t("form-faults"), true, &html! {
                p { (frame.t("form-kept")) }
                ul { li { a href="#reason" { (words(fault, frame)) } } }
            }))
        }
        p.lead { (frame.t(match view.kind { GlassKind::Break => "glass-lead", GlassKind::Tell => "glass-tell-lead" })) }
        h2 { (frame.t("glass-happens")) }
        ul.plain {
            li { (frame.t("glass-told")) }
            @match view.kind {
                GlassKind::Break => {
                    li { (frame.t("glass-reviewed")) }
                    li { (frame.t("glass-first")) }
                }
                GlassKind::Tell => li { (frame.t("glass-tell-same")) },
            }
            li { (frame.with("glass-minutes", &[("n", view.minutes.into())])) }
        }
        form method="post" action={ (view.base) "/break-glass" } novalidate {
            (parts::csrf(frame))
            @if view.kind == GlassKind::Break { (reasons(view, frame)) }
            (field(view, frame))
            p.buttons {
                button.primary { (frame.t(match view.kind { GlassKind::Break => "glass-begin", GlassKind::Tell => "glass-tell" })) } " "
                a.button href=(view.base) { (frame.t("glass-leave")) }
            }
        }
    };
    let title = frame.t(match view.kind {
        GlassKind::Break => "glass-title",
        GlassKind::Tell => "glass-tell-title",
    });
    let sheet = Sheet {
        back: Some((view.base.clone(), frame.t("frame-back"))),
        faulty: view.fault.is_some(),
        record: frame.subject.is_some(),
        ..Sheet::plain(title)
    };
    document(frame, &sheet, &main)
}

fn words(fault: GlassFault, frame: &Frame) -> String {
    match fault {
        GlassFault::Short(least) => frame.with("glass-short", &[("least", least.into())]),
        GlassFault::Long(most) => frame.with("glass-long", &[("most", most.into())]),
        GlassFault::Empty => frame.t("glass-empty").into_owned(),
    }
}

fn reasons(view: &GlassView, frame: &Frame) -> Markup {
    html! {
        fieldset {
            legend { (frame.t("glass-why")) }
            @for why in GlassWhy::ALL {
                @let id = format!("why-{}", why.code());
                label.pick for=(id) {
                    input type="radio" id=(id) name="why" value=(why.code()) checked[view.picked == Some(why)];
                    span { (why.words(frame.lang)) }
                }
            }
        }
    }
}

fn field(view: &GlassView, frame: &Frame) -> Markup {
    html! {
        div.field.faulty[view.fault.is_some()] {
            label for="reason" { (frame.t(match view.kind { GlassKind::Break => "glass-reason-more", GlassKind::Tell => "glass-reason" })) }
            p.hint #reason-hint {
                (frame.t(match view.kind { GlassKind::Break => "glass-reason-hint", GlassKind::Tell => "glass-tell-hint" }))
            }
            @if let Some(fault) = view.fault {
                p.fault #reason-fault { span aria-hidden="true" { "× " } (words(fault, frame)) }
            }
            textarea #reason name="reason" rows="3" required[view.kind == GlassKind::Tell] aria-invalid=[view.fault.map(|_| "true")]
                aria-describedby=(if view.fault.is_some() { "reason-hint reason-fault" } else { "reason-hint" }) { (view.written) }
        }
    }
}

/// What stands above a person's first page while a typed reason holds.
pub(super) fn above(glass: Option<&Glass>, frame: &Frame) -> Markup {
    if let Some(Glass::Disaster { until }) = glass {
        return disaster(*until, frame);
    }
    let Some(Glass::Typed { kind, reason, until, whole }) = glass else { return html! {} };
    let path = |step: &str| format!("{}/break-glass/{step}", frame.base());
    let title = frame.with("glass-holds", &[("time", calendar::time(*until).into())]);
    let body = html! {
        p { q { (parts::words(reason, frame.lang)) } }
        p { (frame.t(match kind { GlassKind::Break => "glass-noted", GlassKind::Tell => "glass-told" })) }
        @if *kind == GlassKind::Break && !*whole {
            form method="post" action=(path("whole")) {
                (parts::csrf(frame))
                p { (frame.t("glass-whole-hint")) }
                p.buttons { button { (frame.t("glass-whole")) } }
            }
        }
        form method="post" action=(path("end")) {
            (parts::csrf(frame))
            p.buttons { button { (frame.t("glass-end")) } }
        }
    };
    parts::banner(Tone::Warning, "glass", &title, false, &body)
}

/// What stands above the record of whoever was found in a disaster.
fn disaster(until: tsumugi_kernel::Instant, frame: &Frame) -> Markup {
    let title = frame.with("identify-holds", &[("time", calendar::time(until).into())]);
    let body = html! {
        p { (frame.t("glass-told")) }
        p { a.button href="/disaster/find" { (frame.t("identify-next")) } }
        form method="post" action={ (frame.base()) "/break-glass/end" } {
            (parts::csrf(frame))
            p.buttons { button { (frame.t("glass-end")) } }
        }
    };
    parts::banner(Tone::Warning, "glass", &title, false, &body)
}

/// The way to the page on which the reason is typed: below a person's first page, the same whatever she has hidden.
pub(super) fn below(glass: Option<&Glass>, frame: &Frame) -> Markup {
    let Some(Glass::Offered(kind)) = glass else { return html! {} };
    let (link, hint) = match kind {
        GlassKind::Break => ("glass-more", "glass-more-hint"),
        GlassKind::Tell => ("glass-tell-title", "glass-told"),
    };
    html! {
        p { a.button href={ (frame.base()) "/break-glass" } { (frame.t(link)) } }
        p.hint { (frame.t(hint)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use crate::view::Words;
    use tsumugi_kernel::Instant;

    fn view(kind: GlassKind, fault: Option<GlassFault>) -> GlassView {
        GlassView {
            base: "/people/a".into(),
            kind,
            minutes: 30,
            picked: Some(GlassWhy::Worse),
            written: "<い>".into(),
            fault,
        }
    }

    #[test]
    fn the_page_says_what_happens_before_anything_is_typed() {
        let asked = page(&view(GlassKind::Break, None), &sample()).into_string();
        for words in
            ["ご本人に、すぐ知らせます", "関係のない人が審査します", "30分", "action=\"/people/a/break-glass\""]
        {
            assert!(asked.contains(words), "{words}: {asked}");
        }
        let told = page(&view(GlassKind::Tell, None), &sample()).into_string();
        assert!(told.contains("ご本人に、すぐ知らせます") && !told.contains("審査"), "{told}");
    }

    #[test]
    fn a_fault_leads_to_the_field_and_what_was_typed_stays() {
        let page = page(&view(GlassKind::Break, Some(GlassFault::Short(5))), &sample()).into_string();
        for words in [
            "<title>入力の誤り:",
            "href=\"#reason\"",
            "id=\"reason-fault\"",
            "aria-invalid=\"true\"",
            "&lt;い&gt;",
            "5文字",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
    }

    #[test]
    fn the_second_step_is_offered_once_and_only_past_the_glass() {
        let typed = |kind, whole| {
            let glass = Glass::Typed { kind, reason: Words::ja("意識なし"), until: Instant(0), whole };
            let page = above(Some(&glass), &sample()).into_string();
            assert!(page.contains("意識なし") && page.contains("/break-glass/end") && page.contains("9:00"), "{page}");
            page.contains("/break-glass/whole")
        };
        assert_eq!(
            [typed(GlassKind::Break, false), typed(GlassKind::Break, true), typed(GlassKind::Tell, false)],
            [true, false, false]
        );
        assert!(above(Some(&Glass::Offered(GlassKind::Break)), &sample()).into_string().is_empty());
        assert!(
            below(Some(&Glass::Offered(GlassKind::Break)), &sample()).into_string().contains("もっと見る(理由を書く)")
        );
        assert!(below(None, &sample()).into_string().is_empty());
    }
}
