//! What is to be done, given what stands on the shelf and what of it the lens shows.

use axum::http::StatusCode;
use bytes::Bytes;
use tsumugi_access::Permit;
use tsumugi_fhir::{
    json::{Document, Node},
    outcome::IssueType,
};
use tsumugi_kernel::{FactKey, Kind};
use tsumugi_people::Resolution;
use tsumugi_store::{Expectation, Row};

use super::{
    At, Course, Deed, Wish, id_in_use,
    plan::{Inside, Place},
};
use crate::{
    Fact, Record, RecordError, Writing,
    references::References,
    rest::{Ask, Desk, Fault, update, writing},
};

/// What is done for one wish.
pub(super) enum Decision<'w> {
    /// A new fact.
    New {
        key: FactKey,
        resource: Node<'w>,
        alias: Option<(Row, Expectation)>,
        name: Option<String>,
        resolution: Option<Resolution>,
    },
    /// A new version of a fact.
    Replace { fact: Fact, body: Body<'w>, resolution: Option<Resolution> },
    /// A tombstone.
    Remove { fact: Fact },
    /// What is asked for is there already.
    Found { fact: Fact },
    /// There is nothing to do.
    Nothing,
}

/// A body as it came, or as a patch made it.
pub(super) enum Body<'w> {
    Sent(Node<'w>),
    Patched(Document),
}

impl Body<'_> {
    pub(super) fn node(&self) -> Node<'_> {
        match self {
            Self::Sent(node) => *node,
            Self::Patched(document) => document.root(),
        }
    }
}

/// A decision, or that the wish must be read in another way.
pub(super) enum Decided<'w> {
    So(Box<Decision<'w>>),
    Otherwise(Course),
}

impl Decision<'_> {
    /// Whether it puts anything on the shelf.
    pub(super) fn writes(&self) -> bool {
        !matches!(self, Self::Found { .. } | Self::Nothing)
    }

    /// The fact that it leads to, for references to it.
    pub(super) fn key(&self) -> Option<FactKey> {
        match self {
            Self::New { key, .. } => Some(*key),
            Self::Replace { fact, .. } | Self::Found { fact } => Some(fact.key()),
            Self::Remove { .. } | Self::Nothing => None,
        }
    }

    /// The resource that it puts on the shelf.
    pub(super) fn resource(&self) -> Option<Node<'_>> {
        match self {
            Self::New { resource, .. } => Some(*resource),
            Self::Replace { body, .. } => Some(body.node()),
            _ => None,
        }
    }

    /// The id that the client chose for a new fact, as other entries may name it.
    pub(super) fn name(&self) -> Option<&str> {
        if let Self::New { name, .. } = self { name.as_deref() } else { None }
    }

    /// Of a patch that changes nothing, that its fact stands: R4's `versionId` changes when the content does.
    pub(super) fn if_changed(self, record: &Record, references: &References) -> Result<Self, RecordError> {
        match self {
            Self::Replace { fact, body: Body::Patched(after), resolution } => {
                match record.stands(&fact, after.root(), references, None)? {
                    true => Ok(Self::Found { fact }),
                    false => Ok(Self::Replace { fact, body: Body::Patched(after), resolution }),
                }
            }
            other => Ok(other),
        }
    }

    /// Puts it into the commit; tells whether the answer has something to show for it.
    pub(super) fn write(
        self,
        writing: &mut Writing<'_>,
        references: &References,
        bytes: &Bytes,
    ) -> Result<bool, RecordError> {
        match self {
            Self::New { key, resource, alias, resolution, .. } => {
                let origin = writing.original(bytes.clone());
                writing.put(key, None, resource, origin, references)?;
                if let Some(mut resolution) = resolution {
                    resolution.add_patient(key.number);
                    writing.rows(resolution.rows, resolution.expect);
                }
                if let Some((row, expect)) = alias {
                    writing.rows(vec![row], vec![expect]);
                }
            }
            Self::Replace { fact, body, resolution } => {
                let origin = writing.original(bytes.clone());
                writing.put(fact.key(), Some(&fact), body.node(), origin, references)?;
                if let Some(resolution) = resolution {
                    writing.rows(resolution.rows, resolution.expect);
                }
            }
            Self::Remove { fact } => {
                writing.remove(&fact)?;
            }
            Self::Found { fact } => {
                writing.found(&fact)?;
            }
            Self::Nothing => return Ok(false),
        }
        Ok(true)
    }
}

impl Desk {
    pub(super) async fn decide<'w>(
        &self,
        ask: &Ask,
        permit: &Permit,
        wish: &'w Wish<'w>,
        place: Place,
        inside: &Inside,
    ) -> Result<Decided<'w>, Fault> {
        match &wish.deed {
            Deed::Create { resource, unless } => {
                let found = match unless {
                    Some(condition) => condition.at_most_one(self, ask, permit).await?,
                    None => None,
                };
                Ok(Decided::So(Box::new(match found {
                    Some(fact) => Decision::Found { fact },
                    None => self.new_fact(ask, wish.kind, *resource, place),
                })))
            }
            Deed::Update { at, resource } => {
                self.decide_update(ask, permit, wish, (at, *resource), place, inside).await
            }
            Deed::Patch { at, patch } => {
                let fact = self.standing(ask, permit, at, &place).await?.filter(|fact| !fact.is_gone());
                let fact = fact.ok_or_else(|| Fault::absent(ask.lang))?;
                expected(ask, wish.if_match, &fact)?;
                own(ask, permit, &fact)?;
                let patched = patch.apply(self, ask, &fact)?;
                writing::check(self, ask, wish.kind, patched.root())?;
                same_fact(ask, self, &fact, patched.root()).await?;
                let resolution = self.stays(ask, fact.key(), patched.root(), &|name| inside.find(name)).await?;
                Ok(Decided::So(Box::new(Decision::Replace { fact, body: Body::Patched(patched), resolution })))
            }
            Deed::Delete { at } => {
                let Some(fact) = self.standing(ask, permit, at, &place).await? else {
                    return match at {
                        At::Id(_) => Err(Fault::absent(ask.lang)),
                        At::Where(_) => Ok(Decided::So(Box::new(Decision::Nothing))),
                    };
                };
                expected(ask, wish.if_match, &fact)?;
                if fact.is_gone() {
                    return Ok(Decided::So(Box::new(Decision::Nothing)));
                }
                own(ask, permit, &fact)?;
                Ok(Decided::So(Box::new(Decision::Remove { fact })))
            }
        }
    }

    async fn decide_update<'w>(
        &self,
        ask: &Ask,
        permit: &Permit,
        wish: &'w Wish<'w>,
        (at, resource): (&'w At<'w>, Node<'w>),
        place: Place,
        inside: &Inside,
    ) -> Result<Decided<'w>, Fault> {
        // Read again by its own id, a conditional update may only be a create: its condition fits nothing, which is
        // asked again, because only now is the permit for this shelf.
        let by_id = matches!(at, At::Id(_)) || place.course != Course::Asked;
        if let (At::Where(condition), true) = (at, by_id)
            && place.key.is_none()
            && condition.at_most_one(self, ask, permit).await?.is_some()
        {
            return Ok(Decided::Otherwise(Course::Asked));
        }
        let fact = match by_id {
            true => self.read_at(ask, permit, place.key).await?,
            false => self.standing(ask, permit, at, &place).await?,
        };
        let Some(fact) = fact else {
            if place.key.is_some() {
                // Behind an id of ours a hidden fact is absent; behind a client's own id it leaves room for a new one.
                let aliased = place.alias.is_some();
                return if aliased { Ok(Decided::Otherwise(Course::Absent)) } else { Err(Fault::absent(ask.lang)) };
            }
            if wish.if_match.is_some() {
                return Err(Fault::changed(ask.lang));
            }
            let own_id = resource.get_str("id").filter(|id| self.record.sealer().open(id).is_none());
            if !by_id && own_id.is_some() {
                return Ok(Decided::Otherwise(Course::UnderOwnId));
            }
            return Ok(Decided::So(Box::new(self.new_fact(ask, wish.kind, resource, place))));
        };
        if matches!(at, At::Where(_)) && by_id {
            return Err(id_in_use(ask));
        }
        expected(ask, wish.if_match, &fact)?;
        own(ask, permit, &fact)?;
        if matches!(at, At::Where(_)) {
            same_fact(ask, self, &fact, resource).await?;
        }
        let resolution = self.stays(ask, fact.key(), resource, &|name| inside.find(name)).await?;
        Ok(Decided::So(Box::new(Decision::Replace { fact, body: Body::Sent(resource), resolution })))
    }

    fn new_fact<'w>(&self, ask: &Ask, kind: Kind, resource: Node<'w>, place: Place) -> Decision<'w> {
        // Of a person with several shelves, on that of the source that the resource names.
        let key = self.record.new_key_on(place.citizen, kind);
        let organization = &ask.caller.organization;
        let name = place.alias.as_ref().map(|(id, _)| format!("{kind}/{id}"));
        let alias = place.alias.map(|(id, stands)| {
            (crate::alias::row(organization, &id, key), crate::alias::expect(organization, kind, &id, stands))
        });
        Decision::New { key, resource, alias, name, resolution: place.resolution }
    }

    /// The fact that an id or a condition means, as the lens shows it.
    async fn standing(&self, ask: &Ask, permit: &Permit, at: &At<'_>, place: &Place) -> Result<Option<Fact>, Fault> {
        match at {
            At::Id(_) => self.read_at(ask, permit, place.key).await,
            At::Where(condition) => condition.at_most_one(self, ask, permit).await,
        }
    }

    async fn read_at(&self, ask: &Ask, permit: &Permit, key: Option<FactKey>) -> Result<Option<Fact>, Fault> {
        match key {
            Some(key) => self.record.read(permit, key).await.map_err(|error| Fault::record(ask.lang, &error)),
            None => Ok(None),
        }
    }
}

fn expected(ask: &Ask, version: Option<u32>, fact: &Fact) -> Result<(), Fault> {
    if version.is_some_and(|version| version != fact.version()) { Err(Fault::changed(ask.lang)) } else { Ok(()) }
}

/// Only its source changes a fact. Asked before anything is gathered, so that the refusal can leave its leaf.
fn own(ask: &Ask, permit: &Permit, fact: &Fact) -> Result<(), Fault> {
    let failed = |error: RecordError| Fault::record(ask.lang, &error);
    if fact.may_change(permit).map_err(failed)? { Ok(()) } else { Err(failed(RecordError::NotOwn)) }
}

/// A body that names an id names the fact that it replaces.
async fn same_fact(ask: &Ask, desk: &Desk, fact: &Fact, resource: Node<'_>) -> Result<(), Fault> {
    let id = desk.record.sealer().seal(fact.key());
    update::same_id(ask, desk, fact.key().kind, &id, resource).await
}

/// FHIR: one transaction says one thing about one fact.
pub(super) fn each_once(ask: &Ask, decisions: &[Decision<'_>]) -> Result<(), Fault> {
    let target = |decision: &Decision<'_>| match decision {
        Decision::Replace { fact, .. } | Decision::Remove { fact } => Some(fact.key()),
        Decision::New { .. } | Decision::Found { .. } | Decision::Nothing => None,
    };
    let mut targets: Vec<FactKey> = decisions.iter().filter_map(target).collect();
    targets.sort_unstable();
    let mut names: Vec<&str> = decisions.iter().filter_map(Decision::name).collect();
    names.sort_unstable();
    if targets.windows(2).all(|pair| pair[0] != pair[1]) && names.windows(2).all(|pair| pair[0] != pair[1]) {
        return Ok(());
    }
    Err(twice(ask))
}

pub(in crate::rest) fn twice(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Duplicate,
        "一つの transaction に、同じ記録についての entry が二つあります。一つにまとめて送ってください。何も保存していません。",
        "Two entries of the transaction are about the same fact. Make them one. Nothing was saved.",
    )
}
