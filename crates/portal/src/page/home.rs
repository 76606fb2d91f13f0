//! The start of a citizen's record. From here to one look: two taps.

use jiff::civil::Date;
use maud::{Markup, html};

use super::{disaster, notices};
use crate::calendar;
use crate::frame::{Frame, Section, Sheet, document};
use crate::parts::{self, Tone};
use crate::view::{HomeView, News, Notice, NoticeWhy};

/// The page. The frame must name a subject.
#[must_use]
pub fn page(view: &HomeView, frame: &Frame) -> Markup {
    let (title, heading) = title(frame);
    let main = html! {
        p.lead { (calendar::day(frame.today(), frame.lang)) }
        (disaster::news(&view.disaster, frame))
        @if let Some(unread) = &view.news { (news(unread, frame)) }
        ul.rows {
            @for section in frame.subject.iter().flat_map(|subject| &subject.sections) {
                @if *section != Section::Overview {
                    li { a href=(section.path(frame.base())) { span { (section.title(frame)) } span.v { (parts::tight(&value(*section, view, frame))) } } }
                }
            }
        }
    };
    let sheet = Sheet { heading: Some(heading), sections: false, ..Sheet::of_record(title, Section::Overview, frame) };
    document(frame, &sheet, &main)
}

/// `山田 ハルさんの記録`, plain for the title and with its reading for the heading.
fn title(frame: &Frame) -> (String, Markup) {
    let Some(subject) = &frame.subject else {
        return (frame.t("section-overview").into_owned(), html! { (frame.t("section-overview")) });
    };
    let plain = parts::addressed(&subject.name, frame.lang);
    let heading = html! {
        (frame.t("home-of")) (parts::named(&subject.name, frame.lang)) (frame.t("home-record"))
    };
    (frame.with("home-title", &[("name", plain.into())]), heading)
}

fn value(section: Section, view: &HomeView, frame: &Frame) -> String {
    let day =
        |day: Option<Date>| day.map_or_else(String::new, |day| calendar::near_day(day, frame.today(), frame.lang));
    match section {
        Section::Looks => {
            // Whoever reads this is not counted, and the person whose record it is never is.
            let args = [("n", view.people_this_month.into())];
            if frame.is_own() { frame.with("home-looks", &args) } else { frame.with("home-looks-proxy", &args) }
        }
        Section::Notices => {
            view.news.as_ref().map_or_else(String::new, |news| frame.with("home-notices", &[("n", news.unread.into())]))
        }
        Section::Timeline => day(view.newest_entry),
        Section::Activities => day(view.newest_activities),
        Section::Laboratory => day(view.newest_laboratory),
        Section::Medicines if view.medicines > 0 => frame.with("home-medicines", &[("n", view.medicines.into())]),
        _ => String::new(),
    }
}

fn news(news: &News, frame: &Frame) -> Markup {
    let Notice { row, why, .. } = &news.first;
    let tone = match why {
        NoticeWhy::Glass | NoticeWhy::Odd | NoticeWhy::Disaster | NoticeWhy::Emergency => Tone::Warning,
        NoticeWhy::Case
        | NoticeWhy::Lapsed
        | NoticeWhy::Paper
        | NoticeWhy::First
        | NoticeWhy::Outside
        | NoticeWhy::Every => Tone::Info,
    };
    let body = html! {
        p { (notices::why(*why, frame)) }
        p {
            (parts::near_day(row.when.civil().date(), frame)) " " (parts::who(&row.who, frame.lang))
            @if let Some(organization) = &row.who.organization { br; (parts::words(organization, frame.lang)) }
            br; (parts::purpose(row.purpose, frame.lang))
        }
        p {
            a.button.primary href=(notices::path(&news.first, frame)) {
                (frame.t(match why {
                    NoticeWhy::Case => "home-check-case",
                    NoticeWhy::Lapsed | NoticeWhy::Paper => "home-check-paper",
                    _ => "home-check-look",
                }))
            }
        }
        p { a.button href=(Section::Notices.path(frame.base())) { (frame.with("home-all-notices", &[("n", news.unread.into())])) } }
    };
    parts::banner(tone, "news", &frame.t("home-news"), false, &body)
}
