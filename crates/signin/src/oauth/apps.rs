//! Which apps may come back without the person, for the person's own page; and the end of that.

use tsumugi_kernel::{Instant, PersonId};

use super::{
    OauthError, Provider,
    access::epoch_of,
    grant::{Grant, Granted},
};
use crate::{keep::Tag, scopes::Scopes};

/// Most grants of one person that are read at once. Whoever has more ends some and finds the next.
const MOST: usize = 200;

/// What a person once allowed, and what still holds.
#[derive(Clone, Debug)]
pub struct AppGrant {
    /// Its name: ends it, and opens nothing.
    pub name: String,
    /// The app's name; its id where it is registered no more.
    pub app: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Since when.
    pub since: Instant,
    /// Until when.
    pub until: Instant,
}

impl Provider {
    /// The apps that may come back without this person.
    ///
    /// # Errors
    /// [`OauthError`].
    pub async fn apps(&self, person: &PersonId) -> Result<Vec<AppGrant>, OauthError> {
        let at = self.moment().await?;
        let mut apps = Vec::new();
        for granted in self.0.keep.owned::<Granted>(Tag::Granted, person.as_str(), MOST).await? {
            let Granted { grant: name, since } = granted.value;
            let Some(kept) = self.0.keep.get::<Grant>(Tag::Grant, &name).await? else { continue };
            if at.now >= kept.expires || epoch_of(&name) != Some(at.epoch) {
                continue;
            }
            let client = self.0.registry.find(&kept.value.client)?;
            let app = client.map_or_else(|| kept.value.client.clone(), |client| client.name.clone());
            apps.push(AppGrant { name, app, scopes: Scopes::read(&kept.value.scope), since, until: kept.expires });
        }
        apps.sort_by(|one, other| other.since.cmp(&one.since).then_with(|| one.name.cmp(&other.name)));
        Ok(apps)
    }

    /// Ends what this person once allowed: the app's tokens count no more. What is not theirs, or has ended, is left alone.
    ///
    /// # Errors
    /// [`OauthError`].
    pub async fn end_app(&self, person: &PersonId, name: &str) -> Result<(), OauthError> {
        let at = self.moment().await?;
        match self.0.keep.get::<Grant>(Tag::Grant, name).await? {
            Some(kept) if kept.value.detail.person == *person => self.revoke(name, at).await,
            _ => Ok(()),
        }
    }
}
