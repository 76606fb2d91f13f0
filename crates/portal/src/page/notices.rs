//! Notices: what she is told of looks at her record. `POST {base}/notices/read` with `until`, `POST
//! {base}/notices/choice` with `choice`; both with `csrf`.

use maud::{Markup, html};

use super::letters;
use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{Notice, NoticeDone, NoticeWhy, NoticeWish, NoticesView};

/// The page. The frame must name a subject.
#[must_use]
pub fn page(view: &NoticesView, frame: &Frame) -> Markup {
    let main = html! {
        @if let Some(done) = view.done { (told(done, frame)) }
        @if let Some(letters) = &view.letters { (letters::fault(letters, frame)) }
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
        @if let Some(letters) = &view.letters { (letters::section(letters, frame)) }
        @if let Some(public) = view.public { (screened(public, frame)) }
        p { a.button href=(Section::Looks.path(frame.base())) { (frame.t("notices-all-looks")) } }
    };
    let mut sheet = Sheet::of_record(frame.t("section-notices"), Section::Notices, frame);
    sheet.faulty = view.letters.as_ref().is_some_and(|letters| letters.fault.is_some());
    document(frame, &sheet, &main)
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

/// Where a notice leads: to the look; what was said in a case, to her cases; a paper, to her papers.
pub(super) fn path(notice: &Notice, frame: &Frame) -> String {
    match notice.why {
        NoticeWhy::Case => Section::Cases.path(frame.base()),
        NoticeWhy::Paper | NoticeWhy::Lapsed => format!("{}/papers", frame.base()),
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
        (NoticeWhy::Lapsed, _) => "notice-paper-lapsed",
        (NoticeWhy::Paper, _) => "notice-paper",
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

/// She may ask that looks which no care explains are judged at once: what makes many curious is hers to know.
fn screened(public: bool, frame: &Frame) -> Markup {
    let (now, button) =
        if public { ("notices-public-on", "notices-public-end") } else { ("notices-public-off", "notices-public-ask") };
    html! {
        section aria-labelledby="public-title" {
            h2 #public-title { (frame.t("notices-public")) }
            p { (frame.t(now)) }
            form method="post" action={ (Section::Notices.path(frame.base())) "/public" } {
                (parts::csrf(frame))
                input type="hidden" name="public" value=(if public { "no" } else { "yes" });
                p.buttons { button { (frame.t(button)) } }
            }
        }
    }
}

fn told(done: NoticeDone, frame: &Frame) -> Markup {
    let (title, text) = match done {
        NoticeDone::Read => ("notices-done-read", "notices-done-read-what"),
        NoticeDone::Chosen => ("notices-done-chosen", "notices-done-chosen-what"),
        NoticeDone::Screened => ("notices-done-screened", "notices-done-chosen-what"),
        NoticeDone::Named => ("letters-done-named", "letters-done-named-what"),
        NoticeDone::Confirmed => ("letters-done-confirmed", "letters-done-confirmed-what"),
        NoticeDone::Removed => ("letters-done-removed", "letters-done-removed-what"),
    };
    parts::banner(Tone::Success, "done", &frame.t(title), true, &html! { p { (frame.t(text)) } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::sample;
    use tsumugi_kernel::Role;

    fn view(may_choose: bool) -> NoticesView {
        NoticesView {
            notices: Vec::new(),
            unread: 0,
            until: None,
            choice: NoticeWish::Unusual,
            may_choose,
            public: may_choose.then_some(true),
            letters: None,
            done: None,
        }
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
