//! Notices: what she is told of looks at her record. `POST {base}/notices/read` with `until`, `POST
//! {base}/notices/choice` with `choice`; both with `csrf`.

use maud::{Markup, html};

use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{Notice, NoticeDone, NoticeWhy, NoticeWish, NoticesView};

/// The page. The frame must name a subject.
#[must_use]
pub fn page(view: &NoticesView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(done) = view.done { (told(done, frame)) }
        p.lead { (frame.with("notices-unread", &[("n", view.unread.into())])) }
        @if view.notices.is_empty() {
            (parts::empty(&frame.t("notices-none")))
        } @else {
            ol.rows.tall { @for notice in &view.notices { li { (row(notice, frame)) } } }
            @if let (Some(until), true) = (view.until, view.unread > 0) {
                form method="post" action={ (Section::Notices.path(frame.base())) "/read" } {
                    (parts::csrf(frame))
                    input type="hidden" name="until" value=(until);
                    p.buttons { button.primary { (frame.t("notices-read")) } }
                }
            }
        }
        (choice(view, frame))
        p { a.button href=(Section::Looks.path(frame.base())) { (frame.t("notices-all-looks")) } }
    };
    document(frame, &Sheet::of_record(frame.t("section-notices"), Section::Notices, frame), &main)
}

fn row(notice: &Notice, frame: &Frame) -> Markup {
    let row = &notice.row;
    html! {
        a href=(path(notice, frame)) {
            span {
                @if notice.unread { span.tag { (frame.t("notices-new")) } " " }
                b { (why(notice.why, frame)) }
                br; (calendar::near_moment(row.when, frame.today(), frame.lang))
                @if row.times > 1 { " " (frame.with("looks-times", &[("n", row.times.into())])) }
                br; (parts::who(&row.who, frame.lang))
                @if let Some(organization) = &row.who.organization { br; (parts::words(organization, frame.lang)) }
                br; (parts::purpose(row.purpose, frame.lang))
            }
        }
    }
}

/// Where a notice leads: to the look; what was said in a case, to her cases.
pub(super) fn path(notice: &Notice, frame: &Frame) -> String {
    match notice.why {
        NoticeWhy::Case => Section::Cases.path(frame.base()),
        _ => format!("{}/{}", Section::Looks.path(frame.base()), notice.row.number),
    }
}

/// Why she is told, in a sentence.
pub(super) fn why(why: NoticeWhy, frame: &Frame) -> String {
    let key = match (why, frame.is_own()) {
        (NoticeWhy::Glass, true) => "notice-glass",
        (NoticeWhy::Glass, false) => "notice-glass-proxy",
        (NoticeWhy::Odd, _) => "notice-odd",
        (NoticeWhy::Case, _) => "notice-case",
        (NoticeWhy::Disaster, _) => "notice-disaster",
        (NoticeWhy::Emergency, _) => "notice-emergency",
        (NoticeWhy::First, true) => "home-first-look",
        (NoticeWhy::First, false) => "notice-first-proxy",
        (NoticeWhy::Outside, _) => "notice-outside",
        (NoticeWhy::Every, _) => "notice-every",
    };
    frame.t(key).into_owned()
}

fn choice(view: &NoticesView, frame: &Frame) -> Markup {
    let words = |wish| {
        frame.t(match wish {
            NoticeWish::Emergencies => "notices-wish-emergencies",
            NoticeWish::Unusual => "notices-wish-unusual",
            NoticeWish::Every => "notices-wish-every",
        })
    };
    html! {
        section aria-labelledby="choice-title" {
            h2 #choice-title { (frame.t("notices-choice")) }
            @if view.may_choose {
                form method="post" action={ (Section::Notices.path(frame.base())) "/choice" } {
                    (parts::csrf(frame))
                    fieldset {
                        legend { (frame.t("notices-choice-legend")) }
                        @for (wish, code) in NoticeWish::ALL {
                            label.pick for={ "choice-" (code) } {
                                input type="radio" id={ "choice-" (code) } name="choice" value=(code) checked[view.choice == *wish];
                                span { (words(*wish)) }
                            }
                        }
                    }
                    p.hint { (frame.t("notices-always")) }
                    p.buttons { button { (frame.t("notices-choose")) } }
                }
            } @else {
                p { (words(view.choice)) }
                p.hint { (frame.t("notices-hers")) }
            }
        }
    }
}

fn told(done: NoticeDone, frame: &Frame) -> Markup {
    let (title, text) = match done {
        NoticeDone::Read => ("notices-done-read", "notices-done-read-what"),
        NoticeDone::Chosen => ("notices-done-chosen", "notices-done-chosen-what"),
    };
    parts::banner(Tone::Success, "done", &frame.t(title), true, &html! { p { (frame.t(text)) } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use tsumugi_kernel::Role;

    fn view(may_choose: bool) -> NoticesView {
        NoticesView { notices: Vec::new(), unread: 0, until: None, choice: NoticeWish::Unusual, may_choose, done: None }
    }

    #[test]
    fn the_choice_is_a_form_for_her_and_words_for_others() {
        let hers = page(&view(true), &sample()).into_string();
        assert!(hers.contains("value=\"unusual\" checked") && !hers.contains("/notices/read"), "{hers}");
        let mut frame = sample();
        if let Some(reader) = &mut frame.signed_in {
            reader.role = Role::Proxy;
        }
        let others = page(&view(false), &frame).into_string();
        assert!(
            !others.contains("<form method=\"post\" action=\"/me/notices") && others.contains("ご本人"),
            "{others}"
        );
    }
}
