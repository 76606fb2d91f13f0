//! Clients: apps of people and systems that may ask for tokens.
//!
//! What must hold: an app is sent back only to an address that is registered, letter by letter; a system proves itself
//! with a key of its own and never with a secret that both sides know; what a client may ask for is written down before
//! it asks, and a person's grant or an organisation's registration never goes beyond it.

mod registry;

pub use registry::{Registry, RegistryFault};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tsumugi_access::roles;
use tsumugi_kernel::{OrganizationId, PersonId, Purpose, Role};

use crate::{
    jose::{JwkFault, PublicKey},
    scopes::Scopes,
};

/// Most addresses of one client.
const MOST_ADDRESSES: usize = 16;
/// Most keys of one client: the present one, the next, and some for machines of their own.
const MOST_KEYS: usize = 16;
/// Longest name, in characters: people read it before they allow anything.
const MOST_NAME: usize = 80;

/// What a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// An app that a person signs in to (SMART App Launch). With keys it proves itself as well.
    App,
    /// A system on its own (SMART Backend Services).
    System,
}

/// A client, as it is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id; for a system also the person under whom its looks are logged.
    pub id: PersonId,
    /// Its name, as people read it.
    pub name: String,
    /// What it is.
    pub kind: ClientKind,
    /// Where an app is sent back to, letter by letter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// What it may ask for.
    pub scopes: String,
    /// Its public keys (RFC 7517).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// For whom a system acts; whose people alone may use an app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// In which role; in which alone an app may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// For what; for what alone an app may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
}

/// Why a client cannot be registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientFault {
    /// Nobody could tell what it is.
    #[error(
        "the client {0} needs a name of 1 to {MOST_NAME} characters on one line: people read it before they allow anything"
    )]
    Name(String),
    /// An address to which nobody may be sent back.
    #[error(
        "{0} is no address to be sent back to: https://…, http://127.0.0.1:… or http://localhost:… for programs on the \
         same machine, or a scheme of the app's own with a dot in it (com.example.app:/back); without `#`, and at most {MOST_ADDRESSES}"
    )]
    Address(String),
    /// Nothing that is served could be asked for.
    #[error("the scopes {scopes} name nothing for {}; for example {}", if *.system { "a system" } else { "an app" }, if *.system { "system/*.rs" } else { "launch/patient patient/*.rs openid fhirUser" })]
    Scopes {
        /// What was written.
        scopes: String,
        /// Whether it is a system.
        system: bool,
    },
    /// A system without a key.
    #[error(
        "the client {0} needs its public keys as a JWK set with 1 to {MOST_KEYS} keys, each with a `kid` of its own"
    )]
    Keys(String),
    /// A key that cannot be used.
    #[error("a key of the client {0} cannot be used: {1}")]
    Key(String, JwkFault),
    /// A system of which nobody knows for whom, as what and for what it asks.
    #[error("the system {0} needs organization, role and purpose, and the role must be one that asks for the purpose")]
    Standing(String),
}

impl Client {
    /// Whether it can be registered.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub fn check(&self) -> Result<(), ClientFault> {
        let (id, system) = (self.id.to_string(), self.kind == ClientKind::System);
        let is_named = (1..=MOST_NAME).contains(&self.name.chars().count()) && !self.name.contains(char::is_control);
        if !is_named || self.name.trim().is_empty() {
            return Err(ClientFault::Name(id));
        }
        if self.redirect_uris.len() > MOST_ADDRESSES || (self.redirect_uris.is_empty() != system) {
            return Err(ClientFault::Address(if system {
                "a system's redirect_uris".into()
            } else {
                "an empty list".into()
            }));
        }
        if let Some(bad) = self.redirect_uris.iter().find(|uri| !is_address(uri)) {
            return Err(ClientFault::Address(bad.clone()));
        }
        if self.allowed().is_empty() {
            return Err(ClientFault::Scopes { scopes: self.scopes.clone(), system });
        }
        match &self.jwks {
            Some(_) => drop(self.keys()?),
            None if system => return Err(ClientFault::Keys(id)),
            None => {}
        }
        if system {
            let asks = self.role.zip(self.purpose).map(|(role, purpose)| roles::asks(role, purpose));
            let of_people = matches!(self.role, Some(Role::Citizen | Role::Proxy));
            if self.organization.is_none() || of_people || asks.is_none_or(<[_]>::is_empty) {
                return Err(ClientFault::Standing(id));
            }
        }
        Ok(())
    }

    /// What it may ask for.
    #[must_use]
    pub fn allowed(&self) -> Scopes {
        Scopes::read(&self.scopes).of(self.kind == ClientKind::System)
    }

    /// Its keys.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub fn keys(&self) -> Result<Vec<PublicKey>, ClientFault> {
        let wrong = || ClientFault::Keys(self.id.to_string());
        let keys = self.jwks.as_ref().and_then(|set| set.get("keys")).and_then(Value::as_array).ok_or_else(wrong)?;
        if keys.is_empty() || keys.len() > MOST_KEYS {
            return Err(wrong());
        }
        let keys: Result<Vec<_>, _> = keys.iter().map(PublicKey::from_jwk).collect();
        let keys = keys.map_err(|fault| ClientFault::Key(self.id.to_string(), fault))?;
        let mut kids: Vec<&str> = keys.iter().filter_map(PublicKey::kid).collect();
        kids.sort_unstable();
        kids.dedup();
        if kids.len() == keys.len() { Ok(keys) } else { Err(wrong()) }
    }

    /// Whether it must prove itself with a key.
    #[must_use]
    pub const fn has_keys(&self) -> bool {
        self.jwks.is_some()
    }
}

fn is_address(uri: &str) -> bool {
    let plain =
        uri.len() <= 2_000 && uri.is_ascii() && !uri.bytes().any(|b| b <= b' ' || b"#\"<>\\^`{|}\x7f".contains(&b));
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let host = rest.strip_prefix("//").map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    let fits = match (scheme, host) {
        ("https", Some(host)) => !host.is_empty() && !host.contains('@'),
        ("http", Some(host)) => {
            let name =
                host.rsplit_once(':').map_or(host, |(name, port)| if port.parse::<u16>().is_ok() { name } else { "" });
            matches!(name, "127.0.0.1" | "localhost" | "[::1]")
        }
        // RFC 8252 section 7.1: a domain's name backwards, so that two apps do not share one.
        (own, _) => {
            own.contains('.')
                && own.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-+".contains(&b))
        }
    };
    plain && fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(uri: &str) -> Client {
        Client {
            id: PersonId::new("app").unwrap(),
            name: "血圧手帳".into(),
            kind: ClientKind::App,
            redirect_uris: vec![uri.into()],
            scopes: "launch/patient patient/Observation.rs".into(),
            jwks: None,
            organization: None,
            role: None,
            purpose: None,
        }
    }

    #[test]
    fn addresses_that_could_be_anybodys_are_refused() {
        for good in [
            "https://app.example/back?x=1",
            "http://127.0.0.1:8000/",
            "http://localhost/b",
            "http://[::1]:1/",
            "com.example.app:/back",
        ] {
            assert_eq!(app(good).check(), Ok(()), "{good}");
        }
        for bad in [
            "",
            "http://app.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https://a@b/",
            "app:/x",
            "https://a/#b",
            "http://localhost:x/",
            "http://localhost.evil.example/",
            "https://a b/",
            "file:///etc",
            "HTTPS://a/",
        ] {
            assert!(matches!(app(bad).check(), Err(ClientFault::Address(_))), "{bad}");
        }
    }

    #[test]
    fn a_system_needs_a_key_and_a_standing() {
        let system =
            Client { kind: ClientKind::System, redirect_uris: Vec::new(), scopes: "system/*.rs".into(), ..app("x") };
        assert!(matches!(system.check(), Err(ClientFault::Keys(_))));
        let jwk = serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "a"});
        let keyed = Client { jwks: Some(serde_json::json!({"keys": [jwk]})), ..system };
        assert!(matches!(keyed.check(), Err(ClientFault::Standing(_))));
        let (role, purpose) = (Some(Role::System), Some(Purpose::RecordManagement));
        let standing = Client { organization: OrganizationId::new("1311000014").ok(), role, purpose, ..keyed };
        assert_eq!(standing.check(), Ok(()));
        assert!(Client { purpose: Some(Purpose::Treat), ..standing.clone() }.check().is_err());
        assert!(Client { scopes: "user/*.rs".into(), ..standing.clone() }.check().is_err());
        let twice = serde_json::json!({"keys": [jwk, jwk]});
        assert!(matches!(Client { jwks: Some(twice), ..standing }.check(), Err(ClientFault::Keys(_))));
    }
}
