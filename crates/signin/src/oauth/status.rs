//! What became of a token: introspection (RFC 7662) and revocation (RFC 7009). A client is told of its own tokens, and
//! ends its own; of others it learns nothing, not even that they are.

use serde_json::{Value, json};

use super::{OauthError, Posted, Provider, TokenRefusal, access::epoch_of, discovery, grant::Grant};
use crate::keep::Tag;

impl Provider {
    /// Says whether a token counts, and what it says.
    ///
    /// # Errors
    /// [`OauthError`].
    pub async fn introspect(&self, posted: &Posted) -> Result<Value, OauthError> {
        let at = self.moment().await?;
        let client = self.client(posted, discovery::INTROSPECT, at).await?;
        if !client.has_keys() {
            return Err(OauthError::client("only a client that proves itself with a key is told of tokens"));
        }
        let token = posted.form.need("token")?;
        let nothing = json!({"active": false});
        if let Some((name, generation)) = self.read_refresh(token) {
            let kept = self.0.keep.get::<Grant>(Tag::Grant, name).await?;
            return Ok(match kept {
                Some(kept)
                    if kept.value.client == client.id.as_str()
                        && kept.value.generation == generation
                        && at.now < kept.expires
                        && epoch_of(name) == Some(at.epoch) =>
                {
                    json!({
                        "active": true, "client_id": client.id, "scope": kept.value.scope, "iss": self.issuer(),
                        "exp": kept.expires.0.div_euclid(1000), "sub": kept.value.detail.person,
                        "authorization_details": [kept.value.detail],
                    })
                }
                _ => nothing,
            });
        }
        match self.verify(token).await {
            Ok(claims) if claims.client_id == client.id.as_str() => {
                let mut answer = serde_json::to_value(&*claims).map_err(|_| OauthError::broken())?;
                answer["active"] = true.into();
                answer["token_type"] = if claims.cnf.is_some() { "DPoP" } else { "Bearer" }.into();
                Ok(answer)
            }
            Err(TokenRefusal::Failed(error)) => Err(error),
            _ => Ok(nothing),
        }
    }

    /// Ends a token, and with it all that came of the same grant.
    ///
    /// # Errors
    /// [`OauthError`].
    pub async fn revoke_token(&self, posted: &Posted) -> Result<(), OauthError> {
        let at = self.moment().await?;
        let client = self.client(posted, discovery::REVOKE, at).await?;
        let token = posted.form.need("token")?;
        if let Some((name, _)) = self.read_refresh(token) {
            let kept = self.0.keep.get::<Grant>(Tag::Grant, name).await?;
            if kept.is_some_and(|kept| kept.value.client == client.id.as_str()) {
                self.revoke(name, at).await?;
            }
            return Ok(());
        }
        match self.verify(token).await {
            Ok(claims) if claims.client_id == client.id.as_str() => self.revoke(&claims.grant, at).await,
            Err(TokenRefusal::Failed(error)) => Err(error),
            _ => Ok(()),
        }
    }
}
