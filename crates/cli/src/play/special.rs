//! What happens in a disaster, and what leaves with the person: openings, searches by name, summaries that are read without a
//! network, links; and rules that are tried.

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tsumugi_access::{
    Action, DisasterAct, DisasterError, DisasterFault, LinkError, PolicyProfile, Request, Shown,
    disaster::{DisasterSaying, Found, OfflineReceipt, Proposal},
    link::Offer,
    policy::Policies,
    whatif::Effect,
};
use tsumugi_kernel::{CitizenId, Clock as _, Instant, Purpose};
use tsumugi_people::{Area, FourItems, Sex, identify::birth_of};

use super::{Player, deed::Done, text};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

impl Player {
    /// Proposes an opening from now on for some days.
    pub(super) async fn propose_opening(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<Done> {
        let caller = self.caller(deed, citizen).await?;
        let areas = deed["areas"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let now = self.clock.now();
        let proposal = Proposal {
            form: text(deed, "name").to_owned(),
            place: text(deed, "place").to_owned(),
            areas: areas.map(Area::read).collect::<Result<_, _>>().ok().context("the areas")?,
            reason: text(deed, "words").to_owned(),
            from: now,
            until: now.plus_millis(deed["days"].as_i64().context("days")? * DAY_MILLIS),
        };
        Ok(Done::Opening(self.desk.door.propose_opening(&caller, proposal).await?.number))
    }

    /// Confirms, extends or closes it; `answer: refused` where that must not be.
    pub(super) async fn say_of_opening(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<()> {
        let Some(Done::Opening(number)) = self.done.get(text(deed, "of")) else { bail!("no opening has this name") };
        let caller = self.caller(deed, citizen).await?;
        let read = self.desk.door.opening(*number).await?.context("the opening is not there")?.words.len();
        let act = DisasterAct::from_code(text(deed, "act")).context("the act")?;
        let saying = DisasterSaying { act, read, until: None, reason: text(deed, "words") };
        match (self.desk.door.say_of_opening(&caller, *number, saying).await, text(deed, "answer")) {
            (Ok(_), "") | (Err(DisasterError::Fault(_)), "refused") => Ok(()),
            (done, _) => bail!("it was answered {:?}", done.map(|opening| opening.number)),
        }
    }

    /// Somebody is looked for by name, birth date and sex: `her`, `nobody` or `refused`.
    pub(super) async fn find(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<()> {
        let caller = self.caller(deed, citizen).await?;
        let items = FourItems {
            family: text(deed, "family").to_owned(),
            given: text(deed, "given").to_owned(),
            birth: birth_of(text(deed, "birth")).context("the birth date")?,
            sex: Sex::from_code(text(deed, "sex")).context("the sex")?,
            address: String::new(),
        };
        let answer = match self.desk.door.find_in_disaster(&caller, &items).await {
            Ok(Found::One(permit)) => {
                let hers = permit.opens(citizen);
                permit.seal(Shown::none()).await?;
                if hers { "her" } else { "somebody else" }
            }
            Ok(Found::MoreNeeded) => "more",
            Ok(Found::Nobody) => "nobody",
            Err(DisasterError::Fault(DisasterFault::NotOpen)) => "refused",
            Err(error) => return Err(error.into()),
        };
        ensure!(answer == text(deed, "answer"), "the search led to {answer}");
        Ok(())
    }

    /// A summary to carry is issued. What stands in it is the page's matter; here it is its number and hash that count.
    pub(super) async fn carry(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<Done> {
        let caller = self.caller(deed, citizen).await?;
        let permit = self.desk.door.admit(Request { caller: &caller, action: Action::Take, citizen }).await?;
        let hash = Sha256::digest(text(deed, "name"));
        let (id, hash) = (hex(&hash[..16]), hex(&hash));
        self.desk.door.issue_summary(permit, Shown::none(), (&id, &hash)).await?;
        Ok(Done::Summary(id, hash))
    }

    /// A summary was read `minutes` ago without a network, and that is told now.
    pub(super) async fn tell_later(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<()> {
        let Some(Done::Summary(id, hash)) = self.done.get(text(deed, "of")) else { bail!("nothing is carried") };
        let caller = self.caller(deed, citizen).await?;
        let minutes = deed["minutes"].as_i64().context("minutes")?;
        let at = Instant(self.clock.now().0 - minutes * 60_000);
        let receipt = OfflineReceipt { id: id.clone(), hash: hash.clone(), at, reason: text(deed, "words").to_owned() };
        let merged = self.desk.door.merge_receipt(&caller, &receipt).await?;
        ensure!(merged.again == (deed["again"] == true), "whether it was told before: {}", merged.again);
        Ok(())
    }

    pub(super) async fn make_link(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<Done> {
        let caller = self.caller(deed, citizen).await?;
        let mut number = [0; 16];
        number.copy_from_slice(&Sha256::digest(text(deed, "name"))[..16]);
        let secrets = self.desk.door.link_secrets(citizen, &number);
        let permit = self.desk.door.admit(Request { caller: &caller, action: Action::Take, citizen }).await?;
        let uses = u8::try_from(deed["uses"].as_u64().context("uses")?)?;
        let offer = Offer { secrets, uses, file: text(deed, "name").as_bytes().to_vec() };
        self.desk.door.make_link(permit, Shown::none(), offer).await?;
        Ok(Done::Link(number, citizen))
    }

    /// Whoever holds the link opens it: `shown`, or `pin` with a wrong one, or `closed`.
    pub(super) async fn open_link(&self, deed: &Value) -> anyhow::Result<()> {
        let Some(Done::Link(number, citizen)) = self.done.get(text(deed, "of")) else { bail!("no link has this name") };
        let secrets = self.desk.door.link_secrets(*citizen, number);
        let pin = if text(deed, "answer") == "pin" { "" } else { secrets.pin.as_str() };
        let answer = match self.desk.door.open_link(&secrets.address, pin, text(deed, "by")).await {
            Ok(opened) if opened.file == text(deed, "of").as_bytes() => "shown",
            Ok(_) => "another file",
            Err(LinkError::Pin(_)) => "pin",
            Err(LinkError::Closed) => "closed",
            Err(error) => return Err(error.into()),
        };
        ensure!(answer == text(deed, "answer"), "the link was answered {answer}");
        Ok(())
    }

    pub(super) async fn end_link(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<()> {
        let caller = self.caller(deed, citizen).await?;
        let open = self.desk.door.admit(Request { caller: &caller, action: Action::Page, citizen }).await?;
        let links = open.links().await?;
        open.seal(Shown::none()).await?;
        let now = self.clock.now();
        let [link] = links.iter().filter(|link| link.closed(now).is_none()).collect::<Vec<_>>()[..] else {
            bail!("not one link is open");
        };
        let permit = self.desk.door.admit(Request { caller: &caller, action: Action::Take, citizen }).await?;
        self.desk.door.end_link(permit, &link.id).await?;
        Ok(())
    }

    /// Asks what was decided again of another profile: looks of a purpose that it would newly refuse, at least one.
    pub(super) async fn try_rules(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<()> {
        let caller = self.caller(deed, citizen).await?;
        let profile = PolicyProfile::from_code(text(deed, "profile")).context("the profile")?;
        let since = Instant(self.clock.now().0 - 30 * DAY_MILLIS);
        let found = self.desk.try_rules(&caller, &Policies::load(profile)?, since, 10_000).await?;
        let purpose = Purpose::from_code(text(deed, "refuses")).context("the purpose")?;
        let refused = found.changed.iter().any(|one| one.purpose == purpose && one.effect == Effect::Refused);
        ensure!(refused, "{profile:?} would refuse no look for {purpose}: {:?}", found.changed);
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
