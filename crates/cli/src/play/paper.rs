//! What clerks of a story do at the desk: taking a paper down, and confirming it as the second.

use anyhow::{Context, bail};
use serde_json::Value;
use tsumugi_access::{Holder, Mandate, Shown, paper::PaperTyped, standing::Period};
use tsumugi_kernel::{CitizenId, Clock as _, Instant, PersonId, Purpose, clock::japan};
use tsumugi_record::papers::PaperWish;

use super::{Player, deed::Done, text};

impl Player {
    /// Takes down what the step says.
    pub(super) async fn take_down(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<Done> {
        let caller = self.caller(deed, citizen).await?;
        let wish = match text(deed, "paper") {
            "mandate" => PaperWish::Mandate(self.mandate_on_paper(deed).await?),
            "restriction" => PaperWish::Restriction(self.restriction(deed).await?),
            "end-mandate" => {
                let (holder, name) = self.named(deed).await?;
                PaperWish::EndMandates { holder: Holder::Person(holder), name }
            }
            "lift" => match self.done.get(text(deed, "of")) {
                Some(Done::Paper(_, code)) => PaperWish::Lift(code.clone()),
                _ => bail!("no paper has this name"),
            },
            other => bail!("nobody hands in {other}"),
        };
        let typed = PaperTyped { number: "39490016::00420078:".into(), birth: "1948-03-05".into() };
        let form = text(deed, "name").to_owned();
        let taken = self.desk.take_paper_down(&caller, citizen, (form, typed), wish).await?;
        Ok(Done::Paper(taken.paper.number, taken.code))
    }

    async fn named(&self, deed: &Value) -> anyhow::Result<(PersonId, String)> {
        let holder = PersonId::new(text(deed, "whom"))?;
        let name = self.desk.directory.person(&holder).await?.context("nobody of this name")?.name.clone();
        Ok((holder, name))
    }

    async fn mandate_on_paper(&self, deed: &Value) -> anyhow::Result<Mandate> {
        let (holder, holder_name) = self.named(deed).await?;
        let last: jiff::civil::Date = text(deed, "until").parse().context("the last day")?;
        let until = Instant(last.tomorrow()?.to_zoned(japan())?.timestamp().as_millisecond());
        Ok(Mandate {
            id: String::new(),
            holder: Holder::Person(holder),
            parental: false,
            holder_name,
            relation: text(deed, "relation").to_owned(),
            purposes: vec![Purpose::FamilyRequest],
            categories: None,
            period: Period::between(self.clock.now(), until),
        })
    }

    /// Looks at a paper as its page does, and confirms it.
    pub(super) async fn confirm(&self, deed: &Value, citizen: CitizenId) -> anyhow::Result<()> {
        let Some(Done::Paper(number, _)) = self.done.get(text(deed, "of")) else { bail!("no paper has this name") };
        let caller = self.caller(deed, citizen).await?;
        let (permit, paper) = self.desk.door.paper(&caller, *number).await?;
        permit.seal(Shown::none()).await?;
        self.desk.confirm_paper(&caller, *number, paper.words.len()).await?;
        Ok(())
    }
}
