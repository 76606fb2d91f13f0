//! The frame round every page: skip link, header with tools, who is signed in and whose record it is, main, the way to
//! the record's other pages, footer with help.
//!
//! What must hold: one `h1`, which is the title's stem; the sentence about role and purpose stands on every page of a
//! record, hidden facts or not; help stands at the same place everywhere.

use std::borrow::Cow;

use jiff::civil::Date;
use maud::{DOCTYPE, Markup, html};
use tsumugi_kernel::{Instant, Purpose, RecordCategory, Role};

use crate::i18n::FluentValue;
use crate::view::{Name, Sex, Words};
use crate::{Lang, assets, calendar, parts};

/// The help line, printed in every footer.
pub const HELP_PHONE: &str = "0120-000-000";

/// What every page needs to know besides its view.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's language.
    pub lang: Lang,
    /// Large text (文字 大), kept in a cookie.
    pub large: bool,
    /// Shows what is folded, for printing: `?print=1`.
    pub print: bool,
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// Whose record this is; `None` on pages of no record.
    pub subject: Option<Subject>,
    /// Whether the reader has ways in of their own to look after: signed in, and not by choosing a person.
    pub ways: bool,
    /// Sent back with every form.
    pub csrf: String,
    /// The present path with its query: where the settings' links come back to.
    pub path: String,
    /// The present moment.
    pub now: Instant,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The name.
    pub name: Name,
    /// The role.
    pub role: Role,
    /// The qualification; its words stand in the role's place.
    pub qualification: Option<Words>,
    /// The organisation's name; none for citizens and proxies.
    pub organization: Option<Words>,
    /// The purpose of this session.
    pub purpose: Purpose,
}

impl SignedIn {
    /// Whether the reader is the citizen or a proxy, for whom text is larger.
    #[must_use]
    pub const fn is_at_home(&self) -> bool {
        matches!(self.role, Role::Citizen | Role::Proxy)
    }
}

/// Whose record a page belongs to.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The name.
    pub name: Name,
    /// The birth.
    pub birth: Option<Date>,
    /// The sex.
    pub sex: Option<Sex>,
    /// Where the record's pages begin, without a slash at the end: `/me`, `/people/a1b2`.
    pub base: String,
    /// The pages that this reader has, in the order of the navigation.
    pub sections: Vec<Section>,
    /// Where stands, under the base, what the page shows although it was found that it is to be corrected.
    pub ignored: Vec<String>,
}

/// The pages of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The start: the citizen's home, the ward's and the care office's first view. `{base}`
    Overview,
    /// What she is told of looks. `{base}/notices`
    Notices,
    /// Who looked. `{base}/looks`
    Looks,
    /// What she called others to account for. `{base}/cases`
    Cases,
    /// The timeline of life. `{base}/timeline`
    Timeline,
    /// Daily activities and care. `{base}/activities`
    Activities,
    /// Laboratory results. `{base}/laboratory`
    Laboratory,
    /// Medicines. `{base}/medicines`
    Medicines,
    /// Who may see the record: restrictions, mandates, who is related. `{base}/sharing`
    Sharing,
    /// Taking the record along: files and links. `{base}/take`
    Take,
    /// The short form of care. `{base}/care`
    CareForm,
}

impl Section {
    /// The pages that readers of this role have. Looks and notices belong to the citizen and the proxy alone.
    #[must_use]
    pub const fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Citizen | Role::Proxy => {
                const OWN: &[Section] = &[
                    Section::Overview,
                    Section::Notices,
                    Section::Looks,
                    Section::Cases,
                    Section::Timeline,
                    Section::Activities,
                    Section::Laboratory,
                    Section::Medicines,
                    Section::Sharing,
                    Section::Take,
                ];
                OWN
            }
            Role::Crew => &[Self::Overview, Self::Medicines, Self::Timeline],
            Role::CareWorker | Role::CareManager | Role::Nurse | Role::Therapist => {
                &[Self::Overview, Self::CareForm, Self::Activities, Self::Medicines, Self::Laboratory, Self::Timeline]
            }
            _ => &[Self::Overview, Self::Timeline, Self::Activities, Self::Laboratory, Self::Medicines],
        }
    }

    /// The category without which there is nothing on the page; `None` where it has something of many.
    #[must_use]
    pub const fn is_of(self) -> Option<RecordCategory> {
        match self {
            Self::Notices | Self::Looks | Self::Cases | Self::Sharing => Some(RecordCategory::Mandate),
            Self::Activities | Self::CareForm => Some(RecordCategory::Care),
            Self::Laboratory => Some(RecordCategory::Laboratory),
            Self::Medicines => Some(RecordCategory::Medication),
            Self::Overview | Self::Timeline | Self::Take => None,
        }
    }

    /// The page's address under a record's `base`.
    #[must_use]
    pub fn path(self, base: &str) -> String {
        match self {
            Self::Overview => base.to_owned(),
            Self::Notices => format!("{base}/notices"),
            Self::Looks => format!("{base}/looks"),
            Self::Cases => format!("{base}/cases"),
            Self::Timeline => format!("{base}/timeline"),
            Self::Activities => format!("{base}/activities"),
            Self::Laboratory => format!("{base}/laboratory"),
            Self::Medicines => format!("{base}/medicines"),
            Self::Sharing => format!("{base}/sharing"),
            Self::Take => format!("{base}/take"),
            Self::CareForm => format!("{base}/care"),
        }
    }

    /// The page's name.
    #[must_use]
    pub fn title(self, frame: &Frame) -> Cow<'static, str> {
        match self {
            Self::Overview => frame.t("section-overview"),
            Self::Notices => frame.t("section-notices"),
            Self::Looks => frame.t("section-looks"),
            Self::Cases => frame.t("section-cases"),
            Self::Timeline => frame.t("section-timeline"),
            Self::Activities => frame.t("section-activities"),
            Self::Laboratory => frame.t("section-laboratory"),
            Self::Medicines => frame.t("section-medicines"),
            Self::Sharing => frame.t("section-sharing"),
            Self::Take => frame.t("section-take"),
            Self::CareForm => frame.t("section-care-form"),
        }
    }
}

impl Frame {
    /// The text `id`.
    #[must_use]
    pub fn t(&self, id: &str) -> Cow<'static, str> {
        self.lang.t(id)
    }

    /// The text `id` with arguments.
    #[must_use]
    pub fn with(&self, id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        self.lang.with(id, args)
    }

    /// Today in Japan.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.civil().date()
    }

    /// The record's address; empty on pages of no record.
    #[must_use]
    pub fn base(&self) -> &str {
        self.subject.as_ref().map_or("", |subject| subject.base.as_str())
    }

    /// Whether the reader is a member of staff: denser text.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|reader| !reader.is_at_home())
    }

    /// Whether the record is the reader's own.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|reader| reader.role == Role::Citizen)
    }
}

/// What a page tells the frame.
pub(crate) struct Sheet {
    /// The stem of `<title>`, the same words as the `h1`.
    pub title: String,
    /// The `h1` where it carries markup (ruby); else the title is printed.
    pub heading: Option<Markup>,
    /// Where "back" leads, and its words.
    pub back: Option<(String, Cow<'static, str>)>,
    /// Which of the record's pages this is.
    pub here: Option<Section>,
    /// Whether this is a page of a record.
    pub record: bool,
    /// Whether the list of the record's pages follows the main part.
    pub sections: bool,
    /// Whether the page uses the check in the browser.
    pub verifies: bool,
    /// Whether the page takes a link out of its address.
    pub links: bool,
    /// Whether the page asks for a passkey.
    pub passkeys: bool,
    /// Whether the page comes back with faults in what was typed.
    pub faulty: bool,
}

impl Sheet {
    /// A page of no record.
    pub fn plain(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            heading: None,
            back: None,
            here: None,
            record: false,
            sections: false,
            verifies: false,
            links: false,
            passkeys: false,
            faulty: false,
        }
    }

    /// A page of a record with the way back to the record's start.
    pub fn of_record(title: impl Into<String>, here: Section, frame: &Frame) -> Self {
        let back = (here != Section::Overview).then(|| (frame.base().to_owned(), frame.t("frame-back")));
        Self { back, here: Some(here), record: true, sections: true, ..Self::plain(title) }
    }
}

/// The whole document.
pub(crate) fn document(frame: &Frame, sheet: &Sheet, main: &Markup) -> Markup {
    let faulty = if sheet.faulty { frame.t("frame-title-faulty") } else { Cow::Borrowed("") };
    let class = match (frame.large, frame.is_staff()) {
        (true, true) => "large staff",
        (true, false) => "large",
        (false, true) => "staff",
        (false, false) => "",
    };
    let subject = frame.subject.as_ref().filter(|_| sheet.record);
    html! {
        (DOCTYPE)
        html lang=(frame.lang.code()) class=[(!class.is_empty()).then_some(class)] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (faulty) (sheet.title) " - " (frame.t("frame-brand")) }
                link rel="stylesheet" href=(assets::css_path());
                link rel="icon" type="image/svg+xml" href=(assets::ICON);
                @if sheet.links { script defer src=(assets::link_js_path()) {} }
                @if sheet.passkeys { script defer src=(assets::passkey_js_path()) {} }
                @if sheet.verifies { script defer src=(assets::verify_js_path()) {} }
            }
            body {
                a.skip href="#main" { (frame.t("frame-skip")) }
                (header(frame))
                @if let Some(subject) = subject { (print_head(frame, subject)) }
                div.page {
                    main #main tabindex="-1" {
                        @if let Some((path, words)) = &sheet.back { p.back { a href=(path) { (words) } } }
                        h1 { @if let Some(heading) = &sheet.heading { (heading) } @else { (sheet.title) } }
                        @if let Some(subject) = subject { (whose(frame, subject, sheet.here)) (ignored(frame, subject)) }
                        (main)
                        @if sheet.record { p.scope { (scope(frame)) } }
                    }
                    @if let Some(subject) = subject.filter(|_| sheet.sections) {
                        (sections(frame, subject, sheet.here))
                    }
                }
                (footer(frame))
            }
        }
    }
}

/// Whoever reads what was found to be wrong is told so, whichever page it is.
fn ignored(frame: &Frame, subject: &Subject) -> Markup {
    let body = html! {
        p { (frame.t("ignored-what")) }
        ul { @for (index, path) in subject.ignored.iter().enumerate() {
            li { a.entry href={ (subject.base) "/" (path) } { (frame.t("ignored-open")) @if index > 0 { " " (index + 1) } } }
        } }
    };
    html! {
        @if !subject.ignored.is_empty() {
            (parts::banner(parts::Tone::Warning, "ignored", &frame.t("ignored-title"), false, &body))
        }
    }
}

/// What a page of a record can show, in words that are the same for everybody in front of such a page, hidden facts or
/// not. To the person herself they do not speak of roles.
fn scope(frame: &Frame) -> Cow<'static, str> {
    if frame.is_own() { frame.t("frame-scope-own") } else { frame.t("frame-scope") }
}

fn header(frame: &Frame) -> Markup {
    let back = parts::query_value(&frame.path);
    let (text, text_words) =
        if frame.large { ("usual", frame.t("frame-text-usual")) } else { ("large", frame.t("frame-text-large")) };
    html! {
        header {
            div.bar {
                a.brand href="/" { (frame.t("frame-brand")) }
                ul.tools {
                    li { a href={ "/settings?text=" (text) "&back=" (back) } { (text_words) } }
                    @for other in Lang::ALL.iter().filter(|lang| **lang != frame.lang) {
                        li {
                            a href={ "/settings?lang=" (other.choice()) "&back=" (back) } lang=(other.code()) hreflang=(other.code()) {
                                (language(*other, frame))
                            }
                        }
                    }
                }
            }
            @if let Some(reader) = &frame.signed_in { (signed_in(frame, reader)) }
        }
    }
}

/// A language by its own name.
fn language(lang: Lang, frame: &Frame) -> Cow<'static, str> {
    match lang {
        Lang::Ja => frame.t("frame-other-language"),
        Lang::Easy => frame.t("frame-other-language-easy"),
        Lang::En => frame.t("frame-other-language-en"),
    }
}

fn signed_in(frame: &Frame, reader: &SignedIn) -> Markup {
    let role = match &reader.qualification {
        Some(words) => parts::words(words, frame.lang),
        None => html! { (frame.lang.role(reader.role)) },
    };
    html! {
        div.reader {
            p {
                span.vh { (frame.t("frame-reader")) }
                b { (parts::name(&reader.name, frame.lang)) }
                " " span.role { (role) }
                @if let Some(organization) = &reader.organization { " " (parts::words(organization, frame.lang)) }
                // At her own record there is one purpose only; it needs no word.
                @if reader.role != Role::Citizen { " " (parts::purpose(reader.purpose, frame.lang)) }
            }
            @if frame.ways { a.button.quiet href="/ways" { (frame.t("ways-title")) } }
            form method="post" action="/sign-out" {
                (parts::csrf(frame))
                button.quiet { (frame.t("frame-sign-out")) }
            }
        }
    }
}

/// Whose record: under the title on every page but the citizen's own start, whose title says it.
fn whose(frame: &Frame, subject: &Subject, here: Option<Section>) -> Markup {
    let in_title = here == Some(Section::Overview);
    html! {
        p.whose {
            @if !in_title { b { (parts::named(&subject.name, frame.lang)) } " " }
            (facts(frame, subject))
        }
    }
}

fn facts(frame: &Frame, subject: &Subject) -> Markup {
    let age = subject.birth.and_then(|birth| calendar::age(birth, frame.today()));
    html! {
        @if let Some(age) = age { (frame.with("frame-age", &[("n", age.into())])) " " }
        @if let Some(sex) = subject.sex { (parts::sex(sex, frame)) " " }
        @if let Some(birth) = subject.birth {
            span.nb { (frame.with("frame-born", &[("day", calendar::birth(birth, frame.lang).into())])) }
        }
    }
}

/// The head of a printed page: whose record, printed when and by whom.
fn print_head(frame: &Frame, subject: &Subject) -> Markup {
    html! {
        div.print-only {
            p {
                b { (parts::named(&subject.name, frame.lang)) } " "
                (facts(frame, subject))
            }
            p {
                (frame.with("frame-printed", &[("when", calendar::moment(frame.now, frame.lang).into())]))
                @if let Some(reader) = &frame.signed_in { " " (parts::named(&reader.name, frame.lang)) }
            }
        }
    }
}

fn sections(frame: &Frame, subject: &Subject, here: Option<Section>) -> Markup {
    html! {
        nav.sections aria-label=(frame.t("frame-sections")) {
            ul {
                @for section in &subject.sections {
                    li {
                        a href=(section.path(&subject.base)) aria-current=[(here == Some(*section)).then_some("page")] {
                            (section.title(frame))
                        }
                    }
                }
            }
        }
    }
}

fn footer(frame: &Frame) -> Markup {
    html! {
        footer {
            p {
                (frame.t("frame-help")) " "
                a.tel href={ "tel:" (HELP_PHONE) } { (frame.t("frame-phone")) " " (HELP_PHONE) }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A citizen at her own record on 2026-11-22.
    pub(crate) fn sample() -> Frame {
        let name = Name::read("山田 ハル", "やまだ はる");
        Frame {
            lang: Lang::Ja,
            large: false,
            print: false,
            signed_in: Some(SignedIn {
                name: name.clone(),
                role: Role::Citizen,
                qualification: None,
                organization: None,
                purpose: Purpose::PatientRequest,
            }),
            subject: Some(Subject {
                name,
                birth: Some(jiff::civil::date(1948, 3, 5)),
                sex: Some(Sex::Female),
                base: "/me".to_owned(),
                sections: Section::of(Role::Citizen).to_vec(),
                ignored: Vec::new(),
            }),
            ways: false,
            csrf: "a\"b".to_owned(),
            path: "/me/looks?page=2".to_owned(),
            now: Instant(1_795_305_600_000),
        }
    }

    #[test]
    fn every_page_has_one_title_a_way_past_the_header_and_help() {
        let frame = sample();
        let page =
            document(&frame, &Sheet::of_record("題", Section::Looks, &frame), &html! { p { "x" } }).into_string();
        assert!(page.contains("<title>題 - つむぎ</title>") && page.contains("<h1>題</h1>"), "{page}");
        assert_eq!(page.matches("<h1").count(), 1);
        assert!(page.contains("href=\"#main\"") && page.contains("id=\"main\""));
        assert!(page.contains("tel:0120-000-000"));
        assert!(page.contains("この画面には、いまお見せできる記録が出ています。"));
        assert!(!page.contains("役割と目的") && !page.contains("ご本人の依頼"), "her own page speaks of no role");
        assert!(page.contains("back=/me/looks%3Fpage%3D2"));
        assert!(page.contains("value=\"a&quot;b\""), "the token is escaped");
    }

    #[test]
    fn pages_of_no_record_name_nobody() {
        let page = document(&sample(), &Sheet::plain("題"), &html! {}).into_string();
        assert!(!page.contains("1948") && !page.contains("この画面は"), "{page}");
    }

    #[test]
    fn only_the_citizen_and_the_proxy_have_the_looks() {
        for &role in Role::ALL {
            let has = Section::of(role).contains(&Section::Looks);
            assert_eq!(has, Section::of(role).contains(&Section::Notices), "{role}");
            assert_eq!(has, matches!(role, Role::Citizen | Role::Proxy), "{role}");
        }
    }
}
