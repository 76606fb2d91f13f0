//! Components that several pages share.
//!
//! What must hold: nothing is said by colour alone; every component reads well without its style.

use std::borrow::Cow;

use jiff::civil::Date;
use maud::{Markup, html};
use tsumugi_kernel::{Purpose, Role};

use crate::view::{Name, Origin, Pager, Proof, ProofFile, Sex, Statement, Who, Words};
use crate::{Frame, Lang, calendar};

/// Words from a record, marked where their language is not the page's.
pub(crate) fn words(words: &Words, lang: Lang) -> Markup {
    html! {
        @if words.lang.code() == lang.code() { (words.text) } @else { span lang=(words.lang.code()) { (words.text) } }
    }
}

/// A name with its reading. On an English page it stays as it is written; its reading in kana helps there most.
pub(crate) fn name(name: &Name, lang: Lang) -> Markup {
    let japanese = html! {
        @match &name.kana {
            Some(kana) => {
                @for (index, (part, reading)) in read_parts(&name.text, kana).into_iter().enumerate() {
                    @if index > 0 { " " }
                    @if reads_itself(part) { (part) } @else { ruby { (part) rp { "(" } rt { (reading) } rp { ")" } } }
                }
            }
            None => { (name.text) }
        }
    };
    html! { @if lang != Lang::En { (japanese) } @else { span lang="ja" { (japanese) } } }
}

/// Whether a name is its own reading: kana and signs only.
fn reads_itself(part: &str) -> bool {
    part.chars().all(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{ff65}'..='\u{ff9f}') || !c.is_alphanumeric())
}

/// Family and given name each with its own reading, where both are parted alike; else the whole with the whole.
fn read_parts<'a>(text: &'a str, kana: &'a str) -> Vec<(&'a str, &'a str)> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let readings: Vec<&str> = kana.split_whitespace().collect();
    if parts.len() == readings.len() { parts.into_iter().zip(readings).collect() } else { vec![(text, kana)] }
}

/// A name with さん in Japanese.
pub(crate) fn named(person: &Name, lang: Lang) -> Markup {
    html! { (name(person, lang)) @if lang != Lang::En { "さん" } }
}

/// A name with さん in Japanese, without its reading: for its second mention.
pub(crate) fn unread(person: &Name, lang: Lang) -> Markup {
    named(&Name::plain(person.text.as_str()), lang)
}

/// The plain form of a name for titles, labels and arguments: with さん in Japanese, without its reading.
pub(crate) fn addressed(person: &Name, lang: Lang) -> String {
    match lang {
        Lang::Ja | Lang::Easy => format!("{}さん", person.text),
        Lang::En => person.text.clone(),
    }
}

/// A name with qualification or role: `佐々木 健さん(救急救命士)`. A system is no さん.
pub(crate) fn who(who: &Who, lang: Lang) -> Markup {
    let person = if who.role == Role::System { name(&who.name, lang) } else { named(&who.name, lang) };
    html! { (person) @if lang == Lang::En { " " } span.nb { "(" (qualification(who, lang)) ")" } }
}

/// The qualification as registered, else the role's plain word.
pub(crate) fn qualification(who: &Who, lang: Lang) -> Markup {
    match &who.qualification {
        Some(own) => words(own, lang),
        None => html! { (lang.role(who.role)) },
    }
}

/// A purpose as a tag in the sentence. Only emergencies are marked, by a sign, a word and a colour.
pub(crate) fn purpose(purpose: Purpose, lang: Lang) -> Markup {
    let urgent = purpose.is_emergency();
    html! {
        span.tag.warn[urgent] { @if urgent { span aria-hidden="true" { "! " } } (lang.purpose(purpose)) }
    }
}

/// A day as `<time>`, without the year where it is this year.
pub(crate) fn near_day(day: Date, frame: &Frame) -> Markup {
    html! { time.nb datetime=(day) { (calendar::near_day(day, frame.today(), frame.lang)) } }
}

/// When and by whom something was said.
pub(crate) fn origin(origin: &Origin, frame: &Frame) -> Markup {
    html! {
        (near_day(origin.day, frame))
        @if let Some(by) = &origin.by { " " (words(by, frame.lang)) }
    }
}

/// Something that leads to the page of the entry that says it, where it has one.
pub(crate) fn entry(id: &str, body: &Markup, frame: &Frame) -> Markup {
    html! {
        @if id.is_empty() || frame.subject.is_none() { (body) }
        @else { a.entry href={ (frame.base()) "/entries/" (id) } { (body) } }
    }
}

/// A statement, and under it who said it and when.
pub(crate) fn statement(said: &Statement, frame: &Frame) -> Markup {
    html! {
        span.kept { (words(&said.text, frame.lang)) }
        @if let Some(source) = &said.origin { br; small { (origin(source, frame)) } }
    }
}

/// The sex in a word.
pub(crate) fn sex(sex: Sex, frame: &Frame) -> Cow<'static, str> {
    match sex {
        Sex::Female => frame.t("sex-female"),
        Sex::Male => frame.t("sex-male"),
        Sex::Other => frame.t("sex-other"),
        Sex::Unknown => frame.t("sex-unknown"),
    }
}

/// The hidden field that proves a form came from our page.
pub(crate) fn csrf(frame: &Frame) -> Markup {
    html! { input type="hidden" name="csrf" value=(frame.csrf); }
}

/// What a banner is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something to know.
    Info,
    /// Something was done.
    Success,
    /// Something to heed.
    Warning,
    /// Something went wrong.
    Error,
}

/// A notification banner with its own heading. After a submit it is an alert and takes the focus.
pub(crate) fn banner(tone: Tone, id: &str, title: &str, alert: bool, body: &Markup) -> Markup {
    let (class, sign) = match tone {
        Tone::Info => ("banner", "i"),
        Tone::Success => ("banner ok", "✓"),
        Tone::Warning => ("banner warn", "!"),
        Tone::Error => ("banner error", "×"),
    };
    html! {
        section class=(class) aria-labelledby=(id) role=[alert.then_some("alert")] tabindex=[alert.then_some("-1")] autofocus[alert] {
            h2 #(id) { span.sign aria-hidden="true" { (sign) } (title) }
            (body)
        }
    }
}

/// A part that opens. Its summary alone must answer the question; for printing it stands open.
pub(crate) fn opening(summary: &Markup, open: bool, frame: &Frame, body: &Markup) -> Markup {
    html! { details open[open || frame.print] { summary { (summary) } div.inside { (body) } } }
}

/// An honest "nothing to show here".
pub(crate) fn empty(text: &str) -> Markup {
    html! { p.empty { (text) } }
}

/// "Nothing to show here" by its key, with the advice to ask the person on the pages of everybody else.
pub(crate) fn none(key: &str, frame: &Frame) -> Markup {
    empty(&none_text(key, frame))
}

/// The same in a line of other things.
pub(crate) fn none_text(key: &str, frame: &Frame) -> String {
    let ask = if frame.is_own() { Cow::Borrowed("") } else { frame.t("ask-the-person") };
    format!("{}{ask}", frame.t(key))
}

/// A text in which no number breaks away from the word that counts it: `2回`, `10点`.
pub(crate) fn tight(text: &str) -> Markup {
    let mut rest = text;
    html! {
        @while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
            @let (before, from) = rest.split_at(at);
            @let digits = from.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(from.len());
            @let counts = from[digits..].chars().next().filter(|c| COUNTERS.contains(*c)).map_or(0, char::len_utf8);
            @let (whole, after) = from.split_at(digits + counts);
            (before)
            @if counts > 0 { span.nb { (whole) } } @else { (whole) }
            ({ rest = after; "" })
        }
        (rest)
    }
}

/// What counts in Japanese on these pages.
const COUNTERS: &str = "回点人件種週月日年歳";

/// How far the proof reaches, in one line. What was checked leads to where the reader can check it.
pub(crate) fn proof_line(proof: Proof, frame: &Frame) -> Markup {
    html! {
        @match proof {
            Proof::Pending => { span.state { (frame.t("proof-pending")) } }
            Proof::Covered { at } => {
                span.state.ok {
                    span aria-hidden="true" { "✓ " }
                    a href="#check" { (frame.with("proof-covered", &[("when", calendar::near_moment(at, frame.today(), frame.lang).into())])) }
                }
            }
        }
    }
}

/// The check that the reader can make: in the browser where scripts run, else with the saved file. The script writes
/// the result over the words that stand there without it, so that nothing on the page moves.
pub(crate) fn check_yourself(proof: Proof, file: &ProofFile, frame: &Frame) -> Markup {
    html! {
        @if matches!(proof, Proof::Covered { .. }) {
            section.check #check aria-labelledby="check-title"
                data-proof-url=(file.path) data-vkey=[&file.key] data-ok=(said_ok(file, frame))
                data-witnesses=[file.witnesses.as_ref().map(|all| all.keys.join(" "))]
                data-quorum=[file.witnesses.as_ref().map(|all| all.quorum)]
                data-few=(frame.t("check-few")) data-old=(frame.t("check-old"))
                data-fail=(frame.t("check-fail")) data-unsupported=(frame.t("check-unsupported")) {
                h2 #check-title { (frame.t("check-title")) }
                p { (frame.t("check-what")) }
                p.result role="status" data-proof-result { (frame.t("check-unsupported")) }
                p { a.button href=(file.path) download="looks-proof.json" { (frame.t("check-save")) } }
                p.hint { (frame.t("check-elsewhere")) " " code translate="no" { "tsumugi verify looks-proof.json" } }
                p { a.button href="/log" { (frame.t("check-log")) } }
            }
        }
    }
}

/// What the script says when everything held; where there are witnesses, with how many of them.
fn said_ok(file: &ProofFile, frame: &Frame) -> String {
    let mut words = frame.t("check-ok").into_owned();
    if file.witnesses.is_some() {
        words.push_str(if frame.lang == Lang::En { " " } else { "" });
        words.push_str(&frame.t("check-witnessed"));
    }
    words
}

/// Newer and older pages of a list. `address` makes a page's address from its number.
pub(crate) fn pager(pager: Pager, frame: &Frame, address: &dyn Fn(u32) -> String) -> Markup {
    html! {
        @if pager.pages > 1 {
            nav.pager aria-label=(frame.t("pager-label")) {
                @if pager.page > 1 { a.button rel="prev" href=(address(pager.page - 1)) { (frame.t("pager-newer")) } }
                span { (frame.with("pager-where", &[("page", pager.page.into()), ("pages", pager.pages.into())])) }
                @if pager.page < pager.pages {
                    a.button rel="next" href=(address(pager.page + 1)) { (frame.t("pager-older")) }
                }
            }
        }
    }
}

/// A text as the value of a query parameter (RFC 3986's unreserved characters stay).
pub(crate) fn query_value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_value_cannot_break_out() {
        assert_eq!(query_value("/me/looks?page=2&purpose=TREAT"), "/me/looks%3Fpage%3D2%26purpose%3DTREAT");
        assert_eq!(query_value("髙\""), "%E9%AB%99%22");
    }

    #[test]
    fn names_are_escaped_and_read() {
        let person = Name::read("<髙橋>", "たかはし");
        let shown = name(&person, Lang::Ja).into_string();
        assert_eq!(shown, "<ruby>&lt;髙橋&gt;<rp>(</rp><rt>たかはし</rt><rp>)</rp></ruby>");
        let both = name(&Name::read("山田\u{3000}ハル", "やまだ はる"), Lang::Ja).into_string();
        assert!(both.contains("山田<rp>(</rp><rt>やまだ</rt><rp>)</rp></ruby> ハル"), "{both}");
        let uneven = name(&Name::read("山田ハル", "やまだ はる"), Lang::Ja).into_string();
        assert!(uneven.contains("<rt>やまだ はる</rt>"), "{uneven}");
        let english = named(&person, Lang::En).into_string();
        assert!(english.starts_with("<span lang=\"ja\"><ruby>") && english.contains("<rt>たかはし</rt>"), "{english}");
    }

    #[test]
    fn kana_needs_no_reading() {
        let half = name(&Name::read("山田 ハル", "ヤマダ ハル"), Lang::Ja).into_string();
        assert_eq!(half, "<ruby>山田<rp>(</rp><rt>ヤマダ</rt><rp>)</rp></ruby> ハル");
        assert_eq!(
            name(&Name::read("グエン ティ・リン", "グエン ティ・リン"), Lang::Ja).into_string(),
            "グエン ティ・リン"
        );
        assert!(name(&Name::read("藤井 さくら", "フジイ サクラ"), Lang::Ja).into_string().ends_with("</ruby> さくら"));
    }

    #[test]
    fn a_number_stays_with_its_counter() {
        assert_eq!(
            tight("前の10点から2回").into_string(),
            "前の<span class=\"nb\">10点</span>から<span class=\"nb\">2回</span>"
        );
        assert_eq!(tight("7.1% <b>").into_string(), "7.1% &lt;b&gt;");
        assert_eq!(tight("").into_string(), "");
    }

    #[test]
    fn only_emergencies_are_marked() {
        for &each in Purpose::ALL {
            let marked = purpose(each, Lang::Ja).into_string().contains("warn");
            assert_eq!(marked, matches!(each.code(), "ETREAT" | "BTG" | "DISASTER"), "{each}");
        }
    }
}
