//! Staff find a person by a number: the one of their own organisation, or an insured number.

use axum::{extract::State, response::Response};
use maud::Markup;
use tsumugi_access::{Action, Caller, Refusal, Request, Shown};
use tsumugi_kernel::CitizenId;
use tsumugi_people::{Identifier, identifier};

use super::{Fault, Site, Visit, answer, disaster, form, papers, record, sign_in};
use crate::page;
use crate::view::{FoundPerson, Name, SearchTrouble, StaffHomeView, Trouble};

/// The start of a member of staff.
pub(crate) async fn start(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let view = home(site, visit).await?;
    Ok(page::staff_home::page(&view, &visit.frame(None)))
}

async fn home(site: &Site, visit: &Visit) -> Result<StaffHomeView, Fault> {
    Ok(StaffHomeView {
        people: about(site, visit).await?,
        disaster: disaster::news(site, visit).await?,
        may_find: disaster::mine(site, visit).await?.is_some(),
        papers: papers::waiting(site, visit).await?,
        ..StaffHomeView::default()
    })
}

/// `POST /people/find` with `number`: opens the record, or says that nobody can be shown.
pub(crate) async fn find(State(site): State<Site>, visit: Visit, body: String) -> Response {
    let fields = form::pairs(&body);
    if visit.caller.is_none() {
        return Fault::SignIn.page(&visit);
    }
    if !visit.is_own_form(&site, &fields) {
        return Fault::from(Trouble::StaleForm).page(&visit);
    }
    let number = form::value(&fields, "number").unwrap_or_default().trim().to_owned();
    let trouble = if number.is_empty() {
        SearchTrouble::NumberMissing
    } else {
        match look_up(&site, &visit, &number).await {
            Ok(Some(id)) => return answer::see_other(&format!("/people/{id}"), []),
            Ok(None) => SearchTrouble::NobodyShown,
            Err(fault) => return fault.page(&visit),
        }
    };
    let page = async {
        let view = StaffHomeView { number, trouble: Some(trouble), ..home(&site, &visit).await? };
        Ok(page::staff_home::page(&view, &visit.frame(None)))
    };
    answer::page(&visit, page.await)
}

/// The sealed id of the person with this number, if the door opens her record. Knowing that a number is somebody's is
/// knowing something, so the door is asked first and the find leaves its leaf.
async fn look_up(site: &Site, visit: &Visit, number: &str) -> Result<Option<String>, Fault> {
    let caller = record::caller(visit)?;
    let Some(citizen) = known_as(site, caller, number).await? else { return Ok(None) };
    let permit = match site.desk().door.admit(Request { caller, action: Action::Search, citizen }).await {
        Ok(permit) => permit,
        Err(Refusal::NotOpen { .. } | Refusal::OutsideTable { .. }) => return Ok(None),
        Err(refusal) => return Err(refusal.into()),
    };
    let record = &site.desk().record;
    let patients = record.shelf(&permit, Some(tsumugi_kernel::Kind::PATIENT), record.present()).await?;
    let mut shown = Shown::none();
    if let Some(patient) = patients.last() {
        patient.tell(&mut shown)?;
    }
    permit.seal(shown).await?;
    Ok(patients.last().map(|patient| record.sealer().seal(patient.key())))
}

/// Whose a number is: of the caller's organisation, or an insured number. Nothing of it may be told before the door was asked.
pub(crate) async fn known_as(site: &Site, caller: &Caller, number: &str) -> Result<Option<CitizenId>, Fault> {
    let systems = [
        format!("{}{}", identifier::FACILITY_PREFIX, caller.organization),
        identifier::MEMBER.to_owned(),
        identifier::PUBLIC_PAYER_MEMBER.to_owned(),
        identifier::CARE_MEMBER.to_owned(),
    ];
    let mut found = None;
    // As typed first: `１８７` and `187` are different numbers to an insurer.
    for number in [vec![number.to_owned(), narrow(number)], apart(number)].concat() {
        for system in &systems {
            if found.is_none() {
                found = site.desk().directory.find(&Identifier::new(system.as_str(), number.as_str())).await?;
            }
        }
    }
    Ok(found)
}

/// An insured number as it stands on a card, its parts apart: insurer and number, with the symbol between them, with the branch
/// behind. As the identifiers of such numbers are written.
fn apart(number: &str) -> Vec<String> {
    let parts: Vec<String> = number.split_whitespace().map(narrow).collect();
    match parts.as_slice() {
        [insurer, number] => vec![format!("{insurer}::{number}:"), format!("{insurer}::{number}")],
        [insurer, symbol, number] => {
            vec![format!("{insurer}:{symbol}:{number}:"), format!("{insurer}:{symbol}:{number}")]
        }
        [insurer, symbol, number, branch] => vec![format!("{insurer}:{symbol}:{number}:{branch}")],
        _ => Vec::new(),
    }
}

/// In a development folder: the people whom the card of choosing names.
async fn about(site: &Site, visit: &Visit) -> Result<Vec<FoundPerson>, Fault> {
    let caller = record::caller(visit)?;
    let Some(card) = site.0.people.iter().find(|person| person.id == caller.person) else { return Ok(Vec::new()) };
    let mut people = Vec::new();
    for reference in card.citizen.iter().chain(&card.others) {
        let Some(id) = sign_in::patient(site, reference).await? else { continue };
        people.push(FoundPerson {
            // As the card writes it: what a source has called the person is shown once the record is open.
            name: Name::plain(reference.name.as_str()),
            birth: None,
            sex: None,
            number: None,
            relation: None,
            until: None,
            base: format!("/people/{id}"),
        });
    }
    Ok(people)
}

/// Full-width digits, letters and signs as half-width ones, without white space: numbers are typed either way. Insured
/// symbols in kanji stay.
pub(crate) fn narrow(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(half).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_either_width() {
        assert_eq!(narrow(" ４２００７８\u{3000}"), "420078");
        assert_eq!(narrow("３９：：00420078:"), "39::00420078:");
        assert_eq!(apart("３９490016\u{3000}00420078")[0], "39490016::00420078:");
        assert_eq!(apart("06139999 紬 420 01"), ["06139999:紬:420:01"]);
        assert!(apart("420078").is_empty());
    }
}
