//! Taking the record along: the page, and files.
//!
//! A file is a look like any other: the door is asked once, what the file tells is told to its leaf, and the leaf is durable
//! before the file leaves. The page itself names nothing of the record but whose it is.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use jiff::civil::Date;
use maud::Markup;
use tsumugi_access::{Action, Shown, link::OPEN_MOST};
use tsumugi_kernel::{Instant, RecordCategory, Role};
use tsumugi_print::{Faces, Paper, Part, PrintError, Row};
use tsumugi_record::rest::take::{self, Taken, Wanted};

use super::{Fault, Site, Visit, answer, fault::broken, form, record};
use crate::frame::Section;
use crate::read::taken;
use crate::sealed::{password, zip};
use crate::view::{LinkRow, Name, RESTRICTABLE, SealedView, TakeFault, TakeForm, TakeView, TakenView, Trouble};
use crate::{Lang, calendar, page};

/// Most facts of one file.
const FACTS_MOST: usize = 20_000;
/// Largest file before it is sealed, in bytes.
const BYTES_MOST: usize = 64 * 1024 * 1024;
/// The fields of the form that come back with it.
const FIELDS: [&str; 6] = ["what", "category", "from", "to", "form", "lock"];

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// FHIR JSON.
    Fhir,
    /// A PDF to print.
    Paper,
}

/// What was asked for.
pub(crate) struct Asked {
    pub wanted: Wanted,
    pub form: Form,
}

/// `GET {base}/take`.
pub(crate) async fn page(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let answers = [("what", "summary"), ("form", "pdf"), ("lock", "no")];
    let answers = answers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    show(site, visit, TakeForm { answers, fault: None }).await
}

async fn show(site: &Site, visit: &Visit, form: TakeForm) -> Result<Markup, Fault> {
    hers(visit)?;
    let open = record::open(site, visit, Action::Page).await?;
    let links = open.permit().links().await?;
    let base = Section::Take.path(&open.subject().base);
    let own = &record::caller(visit)?.person;
    let row = |link: &tsumugi_access::Link| LinkRow {
        made: link.made,
        by: (link.maker != *own).then(|| Name::plain(link.maker_name.as_str())),
        until: link.closed(visit.now).is_none().then_some(link.until),
        uses: link.uses(),
        over: link.closed(visit.now),
        openings: link.openings.iter().map(|opening| (opening.at, opening.by.clone())).collect(),
        end: format!("{base}/link/{}/end", link.id),
    };
    let links: Vec<LinkRow> = links.iter().map(row).collect();
    let full = links.iter().filter(|link| link.until.is_some()).count() >= OPEN_MOST;
    let ended = visit.asked("done") == Some("ended");
    let view = TakeView { form, idempotency: site.random(), links, full, ended };
    let frame = open.seal(visit).await?;
    Ok(page::take::page(&view, &frame))
}

/// `POST {base}/take`: the file; or, for a sealed one, first its password.
pub(crate) async fn take(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if !visit.is_own_form(&site, &fields) {
        return Fault::from(Trouble::StaleForm).page(&visit);
    }
    let asked = match asked(&fields) {
        Ok(asked) => asked,
        Err(fault) => {
            let answers = kept(&fields);
            let page = show(&site, &visit, TakeForm { answers, fault: Some(fault) }).await;
            return answer::page(&visit, page);
        }
    };
    let lock = form::value(&fields, "lock") == Some("yes");
    let file = match (lock, form::value(&fields, "password")) {
        (true, None) => {
            let page = sealed(&site, &visit, kept(&fields)).await;
            return answer::page(&visit, page);
        }
        (true, Some(word)) if !password::is_password(word) => Err(Trouble::StaleForm.into()),
        (true, word) => file(&site, &visit, &asked, word).await,
        (false, _) => file(&site, &visit, &asked, None).await,
    };
    file.unwrap_or_else(|fault: Fault| fault.page(&visit))
}

/// `GET /api{base}/take?what=&category=&from=&to=&form=`.
pub(crate) async fn api(site: &Site, visit: &Visit) -> Result<Response, Fault> {
    let asked = asked(&visit.query).map_err(|_| Fault::from(Trouble::BadInput))?;
    let known = |name: &str, values: &[&str]| visit.asked(name).is_none_or(|value| values.contains(&value));
    if !known("what", &["summary", "everything", "part"]) || !known("form", &["fhir", "pdf"]) {
        return Err(Trouble::BadInput.into());
    }
    file(site, visit, &asked, None).await
}

/// These pages are for the person and whoever acts for her. The door says the same of what they give.
pub(crate) fn hers(visit: &Visit) -> Result<(), Fault> {
    let side = matches!(record::caller(visit)?.role, Role::Citizen | Role::Proxy);
    if side { Ok(()) } else { Err(Fault::NOT_SHOWN) }
}

fn kept(fields: &[(String, String)]) -> Vec<(String, String)> {
    fields.iter().filter(|(name, _)| FIELDS.contains(&name.as_str())).cloned().collect()
}

/// The answers as a wish, or what is wrong with them.
fn asked(fields: &[(String, String)]) -> Result<Asked, TakeFault> {
    let form = if form::value(fields, "form") == Some("pdf") { Form::Paper } else { Form::Fhir };
    let wanted = match form::value(fields, "what") {
        Some("everything") => Wanted::Everything,
        Some("part") => part(fields)?,
        _ if form == Form::Paper => Wanted::Paper,
        _ => Wanted::Summary,
    };
    Ok(Asked { wanted, form })
}

fn part(fields: &[(String, String)]) -> Result<Wanted, TakeFault> {
    let ticked = fields.iter().filter(|(name, _)| name == "category");
    let mut categories: Vec<RecordCategory> = ticked
        .filter_map(|(_, code)| RecordCategory::from_code(code))
        .filter(|category| RESTRICTABLE.contains(category))
        .collect();
    categories.sort_unstable();
    categories.dedup();
    let day = |name: &str| match form::value(fields, name) {
        Some(text) => text.parse::<Date>().map(Some).map_err(|_| TakeFault::Days),
        None => Ok(None),
    };
    let (from, to) = (day("from")?, day("to")?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(TakeFault::Days);
    }
    if categories.is_empty() && from.is_none() && to.is_none() {
        return Err(TakeFault::NoPart);
    }
    let number = |day: Date| i32::try_from(day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24).ok();
    Ok(Wanted::Part { categories, from: from.and_then(number), to: to.and_then(number) })
}

/// The password of a sealed file, before anything of the record is read.
async fn sealed(site: &Site, visit: &Visit, answers: Vec<(String, String)>) -> Result<Markup, Fault> {
    hers(visit)?;
    let open = record::open(site, visit, Action::Page).await?;
    let view = SealedView { password: password::password(site.entropy()), answers };
    let frame = open.seal(visit).await?;
    Ok(page::take::sealed(&view, &frame))
}

/// Gathers and writes a bundle; tells `shown` what it tells. `None` where there is nobody to be about.
pub(crate) async fn bundle(
    site: &Site,
    visit: &Visit,
    open: &record::Open,
    wanted: &Wanted,
) -> Result<Option<(Vec<u8>, Shown)>, Fault> {
    let desk = site.desk();
    let Some(taken) = take::gather(desk, open.permit(), None, wanted).await? else { return Ok(None) };
    if taken.count() > FACTS_MOST {
        return Err(Trouble::TooMuch.into());
    }
    let mut shown = Shown::none();
    Taken::tell(&taken, &mut shown)?;
    let mut seed = [0; 32];
    site.entropy().fill(&mut seed);
    let bytes = taken.write(desk, &format!("{}/fhir/R4", address(&visit.headers)), visit.now, &seed)?;
    if bytes.len() > BYTES_MOST { Err(Trouble::TooMuch.into()) } else { Ok(Some((bytes, shown))) }
}

/// The file. Its leaf is left, whatever comes of it, before anything leaves.
async fn file(site: &Site, visit: &Visit, asked: &Asked, word: Option<&str>) -> Result<Response, Fault> {
    let mut open = record::open(site, visit, Action::Take).await?;
    let made = async {
        let Some((bytes, shown)) = bundle(site, visit, &open, &asked.wanted).await? else {
            return Err(Fault::NOT_SHOWN);
        };
        let (name, media, bytes) = match asked.form {
            Form::Fhir => ("tsumugi-record.json", "application/fhir+json", bytes),
            Form::Paper => ("tsumugi-record.pdf", "application/pdf", paper(bytes, visit.now, visit.lang).await?),
        };
        let Some(word) = word else { return Ok((name, media, bytes, shown)) };
        let sealed = zip::zip(&[zip::Entry { name, bytes: &bytes }], word, site.entropy());
        Ok(("tsumugi-record.zip", "application/zip", sealed.ok_or(Trouble::TooMuch)?, shown))
    };
    let made: Result<_, Fault> = made.await;
    if let Ok((_, _, _, shown)) = &made {
        open.shown = shown.clone();
    }
    open.seal(visit).await?;
    let (name, media, bytes, _) = made?;
    Ok(attachment(name, media, bytes))
}

/// A file to keep. Its name says nothing of anybody.
fn attachment(name: &'static str, media: &'static str, bytes: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    answer::private((StatusCode::OK, headers, bytes).into_response())
}

/// The address under which the reader sees this server. Links go out over TLS, but on the machine itself.
pub(crate) fn address(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let name = host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
    let here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    format!("{}://{host}", if here { "http" } else { "https" })
}

/// A bundle on paper. Printing takes the processor, so it does not stand in the way of other requests.
async fn paper(bundle: Vec<u8>, now: Instant, lang: Lang) -> Result<Vec<u8>, Fault> {
    let printed = tokio::task::spawn_blocking(move || {
        let faces = Faces::installed()?;
        let pieces = taken::pieces(&bundle).ok_or_else(|| PrintError::Write("the bundle cannot be read".into()))?;
        sheet(&taken::view(&pieces, now, lang), lang).to_pdf(&faces)
    });
    match printed.await {
        Ok(Ok(pdf)) => Ok(pdf),
        Ok(Err(error @ PrintError::NoFont(_))) => {
            tracing::error!(%error, "no PDF can be made");
            Err(Trouble::NoFont.into())
        }
        Ok(Err(error)) => Err(broken(&error)),
        Err(error) => Err(broken(&error)),
    }
}

/// The view as a document to print.
fn sheet(view: &TakenView, lang: Lang) -> Paper {
    let birth = view.birth.map_or_else(String::new, |birth| calendar::birth(birth, lang));
    let age = view.birth.and_then(|birth| calendar::age(birth, view.made.civil().date()));
    let age = age.map_or_else(String::new, |age| lang.with("frame-age", &[("n", age.into())]));
    let sex = match view.sex {
        Some(crate::view::Sex::Female) => lang.t("sex-female").into_owned(),
        Some(crate::view::Sex::Male) => lang.t("sex-male").into_owned(),
        Some(crate::view::Sex::Other) => lang.t("sex-other").into_owned(),
        Some(crate::view::Sex::Unknown) | None => String::new(),
    };
    let when = calendar::moment(view.made, lang);
    let born = if birth.is_empty() { birth } else { lang.with("frame-born", &[("day", birth.into())]) };
    let facts = [born, age, sex].into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join("  ");
    let row = |row: &crate::view::TakenRow| Row { text: row.text.text.clone(), note: row.note.clone() };
    let part = |part: &crate::view::TakenPart| Part {
        title: part.title.clone(),
        lead: part.empty.clone(),
        rows: part.rows.iter().map(row).collect(),
    };
    let mut foot = vec![lang.t("taken-foot").into_owned(), lang.t("taken-foot-tests").into_owned()];
    if view.left > 0 {
        foot.push(lang.with("taken-left", &[("n", view.left.into())]));
    }
    Paper {
        lang: lang.code().to_owned(),
        title: lang.t("taken-title").into_owned(),
        head: vec![crate::parts::addressed(&view.name, lang), facts, lang.with("taken-made", &[("when", when.into())])],
        sections: view.parts.iter().map(part).collect(),
        foot,
        mark: lang.t("taken-mark").into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<(String, String)> {
        form::pairs(text)
    }

    #[test]
    fn answers_become_a_wish_or_what_is_wrong() {
        let wanted = |text: &str| asked(&fields(text)).map(|asked| asked.wanted);
        assert_eq!(wanted("what=summary&form=fhir"), Ok(Wanted::Summary));
        assert_eq!(wanted("what=summary&form=pdf"), Ok(Wanted::Paper));
        assert_eq!(wanted("what=everything"), Ok(Wanted::Everything));
        let part = Wanted::Part { categories: vec![RecordCategory::Medication], from: Some(1), to: None };
        assert_eq!(wanted("what=part&category=medication&category=mandate&from=1970-01-02"), Ok(part));
        assert_eq!(wanted("what=part"), Err(TakeFault::NoPart));
        assert_eq!(wanted("what=part&from=x"), Err(TakeFault::Days));
        assert_eq!(wanted("what=part&from=2026-02-02&to=2026-02-01"), Err(TakeFault::Days));
    }

    #[test]
    fn links_go_out_over_tls_but_on_the_machine_itself() {
        let of = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            address(&headers)
        };
        assert_eq!(of("tsumugi.example"), "https://tsumugi.example");
        assert_eq!(of("127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(of("[::1]:8080"), "http://[::1]:8080");
        assert_eq!(of("localhost.evil.example"), "https://localhost.evil.example");
    }
}
