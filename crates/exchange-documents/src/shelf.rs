//! A submission is about one person: every subject in it leads to the bundle's own patient, or to the same shelf.

use tsumugi_fhir::{json::Node, values};
use tsumugi_kernel::{CitizenId, Kind};
use tsumugi_people::Identifier;
use tsumugi_record::{
    RecordError,
    references::split,
    rest::{Ask, Desk, Fault, people_fault},
};

use crate::arrival::Arrival;

impl Arrival<'_> {
    /// Every subject is the bundle's own patient, or somebody on the same shelf.
    pub(crate) async fn same_shelf(&self, desk: &Desk, ask: &Ask, citizen: CitizenId) -> Result<(), Fault> {
        for (_, resource, ..) in &self.entries {
            let Some(subject) = values::subject(resource) else { continue };
            let named = match subject.get_str("reference") {
                Some(reference) if reference.starts_with('#') || self.is_inside(&reference) => continue,
                // A reference to what stands nowhere in the bundle cannot be followed.
                Some(reference) if reference.starts_with("urn:") => return Err(second_shelf(ask)),
                Some(reference) => match split(&reference) {
                    Some((kind, id)) => desk.record.find(&ask.caller.organization, kind, id).await,
                    None => Ok(None),
                }
                .map(|key| key.map(|key| key.citizen))
                .map_err(|error| Fault::store(ask.lang, &error))?,
                None => self.identified(desk, ask, subject).await?,
            };
            if let Some(named) = named {
                let one = desk.directory.are_one(named, citizen).await;
                if !one.map_err(|error| people_fault(ask, &error))? {
                    return Err(second_shelf(ask));
                }
            }
        }
        Ok(())
    }

    /// Whether a reference leads to an entry: by its fullUrl, or by the kind and id of its resource.
    fn is_inside(&self, reference: &str) -> bool {
        let named = split(reference);
        let is = |kind: Kind, resource: Node<'_>, url: Option<&str>| {
            url == Some(reference)
                || named.is_some_and(|(k, id)| k == kind && resource.get_str("id").as_deref() == Some(id))
        };
        let (patient, url) = self.patient;
        is(Kind::PATIENT, patient, url)
            || self.entries.iter().any(|(kind, resource, url, _)| is(*kind, *resource, *url))
    }

    async fn identified(&self, desk: &Desk, ask: &Ask, subject: Node<'_>) -> Result<Option<CitizenId>, Fault> {
        let part = |name: &str| subject.find_str(name).map(std::borrow::Cow::into_owned);
        let (Some(system), Some(value)) = (part("identifier.system"), part("identifier.value")) else {
            return Ok(None);
        };
        desk.directory.find(&Identifier { system, value }).await.map_err(|error| people_fault(ask, &error))
    }
}

fn second_shelf(ask: &Ask) -> Fault {
    Fault::record(ask.lang, &RecordError::SecondShelf)
}
