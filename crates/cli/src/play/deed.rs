//! What people of a story do besides looking: a citizen hides something, shows it again, names somebody, objects; an office
//! answers; the supervising body judges. Each by the way that its page or interface goes.

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use serde_json::Value;
use tsumugi_access::{
    Action, Against, CaseAct, Hides, Holder, Mandate, Request, Restriction, Shown,
    case::{Concern, Penalty, Sanction, Saying},
    standing::Period,
};
use tsumugi_kernel::{CitizenId, Clock as _, OrganizationKind, PersonId, Purpose, RecordCategory};
use tsumugi_record::{
    consent::{self, Signed},
    review::LIST_MOST,
};

use super::{Player, text};

/// What a step did, for later steps that name it.
pub(super) enum Done {
    /// A resource with this sealed id.
    Written(String),
    /// A case with this number.
    Case(u64),
    /// An opening of the disaster mode with this number.
    Opening(u64),
    /// A link made from the form with this number, for whoever is told its secrets.
    Link([u8; 16], tsumugi_kernel::CitizenId),
    /// A summary that is carried: its number and the hash of its text.
    Summary(String, String),
    /// A paper with this number, and the number of what it set.
    Paper(u64, Option<String>),
}

impl Player {
    pub(super) async fn deed(&mut self, deed: &Value) -> anyhow::Result<()> {
        let (citizen, patient) = self.citizen(text(deed, "citizen")).await?;
        let name = text(deed, "name");
        let done = match text(deed, "what") {
            "write" => Some(self.write(deed, citizen, &patient).await?),
            "hide" => Some(self.hide(deed, citizen, &patient).await?),
            "name-somebody" => Some(self.name_somebody(deed, citizen, &patient).await?),
            "end" => self.end(deed, citizen, &patient).await.map(|()| None)?,
            "take-down" => Some(self.take_down(deed, citizen).await?),
            "confirm" => self.confirm(deed, citizen).await.map(|()| None)?,
            "object" => Some(self.object(deed, citizen).await?),
            "insist" => self.insist(deed, citizen).await.map(|()| None)?,
            "answer" => self.answer(deed, citizen).await.map(|()| None)?,
            "judge" => self.judge(deed, citizen).await.map(|()| None)?,
            "propose-opening" => Some(self.propose_opening(deed, citizen).await?),
            "say-of-opening" => self.say_of_opening(deed, citizen).await.map(|()| None)?,
            "find" => self.find(deed, citizen).await.map(|()| None)?,
            "carry" => Some(self.carry(deed, citizen).await?),
            "tell-later" => self.tell_later(deed, citizen).await.map(|()| None)?,
            "make-link" => Some(self.make_link(deed, citizen).await?),
            "open-link" => self.open_link(deed).await.map(|()| None)?,
            "end-link" => self.end_link(deed, citizen).await.map(|()| None)?,
            "try-rules" => self.try_rules(deed, citizen).await.map(|()| None)?,
            other => bail!("nobody can do {other}"),
        };
        // Whoever answers or judges looks as well.
        self.looked.insert(name.to_owned(), (text(deed, "person").into(), text(deed, "purpose").into()));
        if let Some(done) = done {
            self.done.insert(name.to_owned(), done);
        }
        Ok(())
    }

    /// Writes a resource by the interface; `{patient}` stands for the person's, `{of}` for what the step `of` wrote.
    async fn write(&self, deed: &Value, citizen: CitizenId, patient: &str) -> anyhow::Result<Done> {
        let mut json = deed["resource"].to_string().replace("{patient}", patient);
        let mut path = format!("/{}", text(&deed["resource"], "resourceType"));
        let mut method = "POST";
        if let Some(of) = deed["of"].as_str() {
            let Some(Done::Written(id)) = self.done.get(of) else { bail!("{of} wrote nothing") };
            json = json.replace("{of}", id);
            (method, path) = ("PUT", format!("{path}/{id}"));
        }
        self.ask(deed, citizen, method, &path, json.into_bytes()).await
    }

    async fn hide(&self, deed: &Value, citizen: CitizenId, patient: &str) -> anyhow::Result<Done> {
        let restriction = self.restriction(deed).await?;
        let signed = Signed { patient, citizen, at: self.clock.now(), display: text(deed, "from") };
        let json = consent::restriction(&restriction, signed, self.desk.record.sealer());
        self.ask(deed, citizen, "POST", "/Consent", json).await
    }

    /// What a step hides, from whom.
    pub(super) async fn restriction(&self, deed: &Value) -> anyhow::Result<Restriction> {
        let hides = match deed["hides"].as_array() {
            None => Hides::Everything,
            Some(codes) => {
                let categories = codes.iter().map(|code| RecordCategory::from_code(code.as_str().unwrap_or_default()));
                Hides::Categories(categories.collect::<Option<_>>().context("a category")?)
            }
        };
        let from = text(deed, "from");
        let against = match from.split_once(':') {
            None if from == "everyone" => Against::Everyone,
            Some(("kind", code)) => Against::OrganizationKind(OrganizationKind::from_code(code).context("the kind")?),
            Some(("person", id)) => Against::Person(PersonId::new(id)?),
            Some(("organization", name)) => {
                Against::Organization(self.organization(&PersonId::new(text(deed, "person"))?, name).await?)
            }
            _ => bail!("from whom is {from}?"),
        };
        let emergency_may_override = deed["emergency"].as_bool().context("whether an emergency may see it")?;
        let period = Period::since(self.clock.now());
        Ok(Restriction { id: String::new(), against, hides, emergency_may_override, period })
    }

    async fn name_somebody(&self, deed: &Value, citizen: CitizenId, patient: &str) -> anyhow::Result<Done> {
        let purposes = deed["purposes"].as_array().into_iter().flatten();
        let purposes = purposes.map(|code| Purpose::from_code(code.as_str().unwrap_or_default()));
        let holder = PersonId::new(text(deed, "whom"))?;
        let holder_name = self.desk.directory.person(&holder).await?.context("nobody of this name")?.name.clone();
        let signed = Signed { patient, citizen, at: self.clock.now(), display: &holder_name };
        let mandate = Mandate {
            id: String::new(),
            holder: Holder::Person(holder),
            parental: false,
            holder_name: holder_name.clone(),
            relation: text(deed, "relation").to_owned(),
            purposes: purposes.collect::<Option<_>>().context("a purpose")?,
            categories: None,
            period: Period::since(self.clock.now()),
        };
        self.ask(deed, citizen, "POST", "/Consent", consent::mandate(&mandate, signed)).await
    }

    /// Ends what an earlier step set or named.
    async fn end(&self, deed: &Value, citizen: CitizenId, patient: &str) -> anyhow::Result<()> {
        let Some(Done::Written(id)) = self.done.get(text(deed, "of")) else { bail!("nothing of this name was set") };
        let signed = Signed { patient, citizen, at: self.clock.now(), display: "" };
        let mut json: Value = serde_json::from_slice(&consent::withdrawn(signed))?;
        json["id"] = id.as_str().into();
        self.ask(deed, citizen, "PUT", &format!("/Consent/{id}"), serde_json::to_vec(&json)?).await?;
        Ok(())
    }

    async fn ask(
        &self,
        deed: &Value,
        citizen: CitizenId,
        method: &str,
        path: &str,
        json: Vec<u8>,
    ) -> anyhow::Result<Done> {
        let caller = self.caller(deed, citizen).await?;
        let answer = self.gate.ask(&caller, method, path, Bytes::from(json)).await?;
        let said = String::from_utf8_lossy(&answer.body);
        ensure!(matches!(answer.status, 200 | 201), "it was answered {}: {said}", answer.status);
        let body: Value = serde_json::from_slice(&answer.body)?;
        Ok(Done::Written(text(&body, "id").to_owned()))
    }

    /// Objects to the newest look that an earlier step was.
    async fn object(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<Done> {
        let caller = self.caller(deed, citizen).await?;
        let look = text(deed, "look");
        let (person, purpose) = self.looked.get(look).with_context(|| format!("{look} has not happened"))?;
        let log = self.desk.door.admit(Request { caller: &caller, action: Action::AccessLog, citizen }).await?;
        let looks = log.looks(1, log.looks_count().await?).await?;
        log.seal(Shown::none()).await?;
        let found = looks.iter().rev().find(|one| one.part.person.id == *person && one.part.purpose == *purpose);
        let number = found.with_context(|| format!("{look} is not in the log"))?.number;
        let permit = self.desk.door.admit(Request { caller: &caller, action: Action::Object, citizen }).await?;
        let (case, _) = self.desk.door.object(permit, number, Concern::Other, text(deed, "words")).await?;
        Ok(Done::Case(case.number))
    }

    async fn insist(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<()> {
        let Some(Done::Case(number)) = self.done.get(text(deed, "of")) else { bail!("no case has this name") };
        let caller = self.caller(deed, citizen).await?;
        let case = self.desk.door.case(*number).await?.context("the case is not there")?;
        let permit = self.desk.door.admit(Request { caller: &caller, action: Action::Object, citizen }).await?;
        let saying = Saying { act: CaseAct::Insist, reason: text(deed, "words"), sanction: Sanction::default() };
        self.desk.door.say(permit, &case, saying).await?;
        Ok(())
    }

    /// The one case that the office is asked about.
    async fn answer(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<()> {
        let caller = self.caller(deed, citizen).await?;
        let waiting = self.desk.office_cases(&caller, true, None, LIST_MOST).await?.entries;
        let [case] = waiting.as_slice() else { bail!("{} cases wait at the office", waiting.len()) };
        let view = self.desk.office_case(&caller, &case.id).await?;
        let saying = Saying { act: CaseAct::Answer, reason: text(deed, "words"), sanction: Sanction::default() };
        self.desk.answer_case(&caller, &case.id, view.words.len(), saying).await?;
        Ok(())
    }

    /// The one open case of a kind.
    async fn judge(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<()> {
        let caller = self.caller(deed, citizen).await?;
        let open = self.desk.cases(&caller, None, LIST_MOST).await?.entries;
        let of_kind: Vec<_> = open.iter().filter(|case| case.kind.code() == text(deed, "of")).collect();
        let [case] = of_kind.as_slice() else { bail!("{} open cases are of this kind", of_kind.len()) };
        let view = self.desk.case_of(&caller, &case.id).await?;
        let act = CaseAct::from_code(text(deed, "verdict")).context("the verdict")?;
        let penalty = match deed["days"].as_u64() {
            Some(days) => Penalty::Days(u16::try_from(days)?),
            None => Penalty::None,
        };
        let saying = Saying { act, reason: text(deed, "words"), sanction: Sanction { penalty, report: false } };
        self.desk.judge_case(&caller, &case.id, view.words.len(), saying).await?;
        Ok(())
    }
}
