//! Making a link, opening it, ending it: each one commit, decided on the rows as they are then.

use subtle::ConstantTimeEq as _;
use tsumugi_kernel::{CitizenId, Instant, Kind, OrganizationId, OrganizationKind, PersonId, Role};
use tsumugi_ledger::look::Decision;
use tsumugi_people::Organization;
use tsumugi_store::{Batch, CommitError, Expectation, Table};

use super::{
    DAY_MILLIS, DAY_MOST, Ended, FILE_MOST, LINK_MILLIS, Link, LinkError, LinkSecrets, OPEN_MOST, Opened, Opening,
    TRIES, USES_MOST, VERSION, hash, hex, keep, plain,
};
use crate::{Action, Caller, Door, Permit, Receipt, Refusal, SealError, Shown, leaf};

/// How often a change that met a concurrent one is made again.
const ATTEMPTS: usize = 16;

/// What a link is to be.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What stands in the link.
    pub secrets: LinkSecrets,
    /// How often it opens.
    pub uses: u8,
    /// The sealed file.
    pub file: Vec<u8>,
}

/// Whether a permit is for taking along, by the citizen or somebody who acts for her.
pub(super) fn taker(permit: &Permit) -> Result<(), LinkError> {
    let side = matches!(permit.caller.role, Role::Citizen | Role::Proxy) && permit.action == Action::Take;
    if side { Ok(()) } else { Err(LinkError::Permit) }
}

/// Whether a permit shows the links that there are.
pub(super) fn sees(permit: &Permit) -> Result<(), LinkError> {
    let side = matches!(permit.caller.role, Role::Citizen | Role::Proxy)
        && matches!(permit.action, Action::Take | Action::Page);
    if side { Ok(()) } else { Err(LinkError::Permit) }
}

/// The citizen ends every link to her record, others those that they made.
pub(super) fn may_end(permit: &Permit, link: &Link) -> bool {
    permit.caller.role == Role::Citizen || permit.caller.person == link.maker
}

impl Door {
    /// Makes a link, in one commit with the permit's leaf. Made twice from one form, it is made once.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Closed`] where the form's link was made before and has ended.
    pub async fn make_link(&self, permit: Permit, shown: Shown, offer: Offer) -> Result<Link, LinkError> {
        let known = shown.keep().filter(|_| taker(&permit).is_ok());
        let Some(facts) = known.filter(|_| (1..=USES_MOST).contains(&offer.uses)) else {
            permit.seal(Shown::none()).await?;
            return Err(LinkError::Permit);
        };
        if offer.file.len() > FILE_MOST {
            permit.seal(Shown::none()).await?;
            return Err(LinkError::Large);
        }
        let hash = hash(&offer.secrets.address);
        let facts =
            facts.into_iter().map(|(shelf, kind, numbers, own)| (shelf.0, kind.name().to_owned(), numbers, own));
        let link = Link { facts: facts.collect(), ..self.new_link(&permit, &offer, &hash) };
        let store = self.0.store.as_ref();
        keep::sweep(store, permit.time).await?;
        let newest = keep::key(b'n', &link.shelf.0.to_be_bytes());
        let mut permit = Some(permit);
        for _ in 0..ATTEMPTS {
            if let Some((known, _)) = keep::known(store, &hash).await? {
                if let Some(permit) = permit.take() {
                    permit.seal(Shown::none()).await?;
                }
                return if known.closed(link.made).is_none() { Ok(known) } else { Err(LinkError::Closed) };
            }
            let before = store.row(Table::Link, &newest).await?.map(|bytes| bytes.to_vec());
            let links = keep::of_shelf(store, link.shelf).await?;
            let open = links.iter().filter(|(_, known)| known.closed(link.made).is_none()).count();
            let today = links.iter().filter(|(_, known)| known.made.plus_millis(DAY_MILLIS) > link.made).count();
            if open >= OPEN_MOST || today >= DAY_MOST {
                if let Some(permit) = permit.take() {
                    permit.seal(Shown::none()).await?;
                }
                return Err(LinkError::Many);
            }
            let Some(current) = permit.as_ref() else { break };
            let leaves = leaf::drafts(current, &shown, Decision::Shown).await?;
            let mut rows = keep::made(&link, &hash, offer.file.clone());
            rows.extend(keep::forgotten(&links, link.made));
            let expect = vec![
                Expectation::Row(Table::Link, keep::key(b'l', &hash), None),
                Expectation::Row(Table::Link, newest.clone(), before),
            ];
            match store.commit(Batch { rows, expect, leaves, ..Batch::default() }).await {
                Ok(_) => {
                    if let Some(mut permit) = permit.take() {
                        permit.spent = true;
                    }
                    return Ok(link);
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// A link as it begins, without what it shows.
    fn new_link(&self, permit: &Permit, offer: &Offer, hash: &[u8; 32]) -> Link {
        Link {
            v: VERSION,
            shelf: permit.citizen,
            id: hex(&hash[..8]),
            made: permit.time,
            until: permit.time.plus_millis(LINK_MILLIS),
            maker: permit.caller.person.clone(),
            maker_name: permit.caller.person_name.clone(),
            organization: permit.caller.organization.clone(),
            role: permit.caller.role,
            purpose: permit.caller.purpose,
            rule: permit.rule.clone(),
            seen: permit.time,
            uses: offer.uses,
            tries: TRIES,
            pin: self.pin_mark(&offer.secrets.address, &offer.secrets.pin),
            facts: Vec::new(),
            openings: Vec::new(),
            ended: None,
        }
    }

    /// Opens a link for whoever holds it: counts the opening and leaves its leaf, then gives the sealed file.
    ///
    /// # Errors
    /// [`LinkError`]: [`LinkError::Pin`] for a wrong PIN on an open link, [`LinkError::Closed`] for everything else that
    /// does not open.
    pub async fn open_link(&self, address: &[u8; 32], pin: &str, by: &str) -> Result<Opened, LinkError> {
        let (store, hash, by) = (self.0.store.as_ref(), hash(address), plain(by));
        for _ in 0..ATTEMPTS {
            let now = self.0.clock.now();
            keep::sweep(store, now).await?;
            let Some((mut link, before)) = keep::known(store, &hash).await? else { return Err(LinkError::Closed) };
            if link.ended.is_some() {
                return Err(LinkError::Closed);
            }
            if let Some(why) = self.over(&link, now).await? {
                match keep::commit(store, keep::ended(link, &hash, why), &hash, before).await {
                    Ok(()) => return Err(LinkError::Closed),
                    Err(LinkError::Commit(CommitError::Conflict(_))) => continue,
                    Err(error) => return Err(error),
                }
            }
            let fits = bool::from(link.pin.as_bytes().ct_eq(self.pin_mark(address, pin.trim()).as_bytes()));
            link.seen = now;
            let file = if fits { store.row(Table::Link, &keep::key(b'f', &hash)).await? } else { None };
            if fits && file.is_none() {
                // Taken away since it was read: by the next round it has ended.
                continue;
            }
            let leaves = self.leaves_of(&link, &by, now, fits).await?;
            let rows = if fits {
                link.uses -= 1;
                link.openings.push(Opening { at: now, by: by.clone() });
                if link.uses == 0 {
                    keep::ended(link.clone(), &hash, Ended::Used)
                } else {
                    vec![keep::kept(&link, &hash)]
                }
            } else {
                link.tries -= 1;
                if link.tries == 0 {
                    keep::ended(link.clone(), &hash, Ended::Tries)
                } else {
                    vec![keep::kept(&link, &hash)]
                }
            };
            let expect = vec![Expectation::Row(Table::Link, keep::key(b'l', &hash), Some(before))];
            match store.commit(Batch { rows, expect, leaves, ..Batch::default() }).await {
                // INVARIANT: the leaf is durable before the file leaves.
                Ok(_) => {
                    let Some(file) = file else { return Err(LinkError::Pin(link.tries)) };
                    return Ok(Opened { file: file.to_vec(), uses: link.uses, until: link.until });
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// Ends a link at once, in one commit with the permit's leaf. What has ended stays ended.
    ///
    /// # Errors
    /// [`LinkError`]; [`LinkError::Closed`] where the person has no such link, or the caller may not end it.
    pub async fn end_link(&self, permit: Permit, id: &str) -> Result<Receipt, LinkError> {
        let store = self.0.store.as_ref();
        for _ in 0..ATTEMPTS {
            let mut found = None;
            if taker(&permit).is_ok() {
                for shelf in permit.shelves.all() {
                    let links = keep::of_shelf(store, *shelf).await?;
                    found = found.or(links.into_iter().find(|(_, link)| link.id == id && may_end(&permit, link)));
                }
            }
            let Some((hash, _)) = found else {
                permit.seal(Shown::none()).await?;
                return Err(LinkError::Closed);
            };
            let Some((link, before)) = keep::known(store, &hash).await? else { continue };
            if link.ended.is_some() {
                return Ok(permit.seal(Shown::none()).await?);
            }
            let leaves = leaf::drafts(&permit, &Shown::none(), Decision::Written).await?;
            let rows = keep::ended(link, &hash, Ended::Revoked);
            let expect = vec![Expectation::Row(Table::Link, keep::key(b'l', &hash), Some(before))];
            match store.commit(Batch { rows, expect, leaves, ..Batch::default() }).await {
                Ok(committed) => {
                    let mut permit = permit;
                    permit.spent = true;
                    let place = committed.leaves.first().copied().ok_or(SealError::Unplaced)?;
                    return Ok(Receipt::from(place));
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// Why a link is over now.
    async fn over(&self, link: &Link, now: Instant) -> Result<Option<Ended>, LinkError> {
        if let Some(why) = link.closed(now) {
            return Ok(Some(why));
        }
        if link.role != Role::Proxy {
            return Ok(None);
        }
        let shelves = self.0.directory.shelves(link.shelf).await.map_err(|_| Refusal::Row("merge"))?;
        let maker = Caller {
            person: link.maker.clone(),
            organization: link.organization.clone(),
            role: link.role,
            ..holder(link, &link.maker_name)?
        };
        let holds = self.acts(&maker, &shelves, now).await?;
        Ok((!holds).then_some(Ended::Mandate))
    }

    async fn leaves_of(
        &self,
        link: &Link,
        by: &str,
        now: Instant,
        fits: bool,
    ) -> Result<Vec<tsumugi_ledger::DraftLeaf>, LinkError> {
        let shelves = self.0.directory.shelves(link.shelf).await.map_err(|_| Refusal::Row("merge"))?;
        let facts = link.facts.iter().map(|(shelf, kind, numbers, own)| {
            Some((CitizenId(*shelf), Kind::from_name(kind)?, numbers.clone(), *own))
        });
        let facts: Option<Vec<_>> = facts.collect();
        let shown = facts.and_then(|facts| Shown::kept(&facts)).ok_or(LinkError::Row)?;
        let (shown, decision) = if fits { (shown, Decision::Shown) } else { (Shown::none(), Decision::Refused) };
        let rule = if fits { link.rule.as_str() } else { "link-pin" };
        let holder = holder(link, by)?;
        leaf::of_link(&self.0, &holder, &shelves, now, rule, (&shown, decision))
            .map_err(|error| SealError::from(error).into())
    }
}

/// Whoever holds a link, as the log tells it: one person for each link, under the name that was typed.
fn holder(link: &Link, by: &str) -> Result<Caller, LinkError> {
    let id = format!("link-{}", link.id);
    let person = PersonId::new(&id).map_err(|_| LinkError::Row)?;
    let place = Organization::new(
        OrganizationId::new(&id).map_err(|_| LinkError::Row)?,
        by.to_owned(),
        OrganizationKind::Household,
    );
    Ok(Caller::new((person, by.to_owned()), &place, Role::LinkHolder, link.purpose, link.until))
}
