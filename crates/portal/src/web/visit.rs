//! One request for a page or its data: who asks, in which language, on which path.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, header, request::Parts},
};
use tsumugi_access::Caller;
use tsumugi_kernel::Instant;
use tsumugi_signin::{SESSION_MILLIS, gate::Session};

use super::{Site, cookie, form};
use crate::frame::{SignedIn, Subject};
use crate::view::{Name, Words};
use crate::{Frame, Lang};

/// What every handler needs of a request.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Who asks, if signed in.
    pub caller: Option<Caller>,
    /// The session of somebody who signed in by the gate, also before a role is chosen.
    pub session: Option<Session>,
    /// How the caller's name is read, where the directory knows it.
    pub kana: Option<String>,
    /// The language.
    pub lang: Lang,
    /// 文字 大.
    pub large: bool,
    /// The path with its query.
    pub path: String,
    /// The query's pairs.
    pub query: Vec<(String, String)>,
    /// The parts of the path that are in braces in its route.
    pub params: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The cookie that forms are bound to: the session, before it a random one.
    pub bound: String,
    /// The token of forms.
    pub csrf: String,
    /// The present moment.
    pub now: Instant,
}

impl FromRequestParts<Site> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        let params = match RawPathParams::from_request_parts(parts, site).await {
            Ok(params) => params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            Err(_) => Vec::new(),
        };
        let headers = parts.headers.clone();
        let bound =
            [cookie::SESSION, cookie::NONCE].iter().find_map(|name| cookie::get(&headers, name)).unwrap_or_default();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let caller = parts.extensions.get::<Caller>().cloned();
        let session = parts.extensions.get::<Session>().cloned();
        // The reading only decorates a name: where the directory cannot be asked, the page itself will say so.
        let kana = match &caller {
            Some(caller) => {
                site.desk().directory.person(&caller.person).await.ok().flatten().and_then(|one| one.kana.clone())
            }
            None => None,
        };
        Ok(Self {
            caller,
            session,
            kana,
            lang: language(&headers),
            large: cookie::get(&headers, cookie::TEXT).is_some_and(|text| text == "large"),
            path,
            query: form::pairs(parts.uri.query().unwrap_or_default()),
            params,
            csrf: site.forms().token(&bound),
            bound,
            headers,
            now: site.now(),
        })
    }
}

impl Visit {
    /// A value of the query; empty values count as absent.
    pub fn asked(&self, name: &str) -> Option<&str> {
        form::value(&self.query, name)
    }

    /// A part of the path.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether something of an earlier session is left.
    pub fn had_session(&self) -> bool {
        cookie::get(&self.headers, cookie::SESSION).is_some()
    }

    /// Whether a form's token is ours and the browser says that the form is.
    pub fn is_own_form(&self, site: &Site, fields: &[(String, String)]) -> bool {
        let sent = form::value(fields, "csrf").unwrap_or_default();
        super::csrf::is_own_origin(&self.headers) && site.forms().is_token(&self.bound, sent)
    }

    /// Gives a browser without a cookie a random one, to which forms are bound; the cookie is to be set with the answer.
    pub fn bind(&mut self, site: &Site) -> Option<axum::http::HeaderValue> {
        if !self.bound.is_empty() {
            return None;
        }
        self.bound = site.random();
        self.csrf = site.forms().token(&self.bound);
        cookie::set(cookie::NONCE, &self.bound, SESSION_MILLIS / 1000)
    }

    /// The frame of a page.
    pub fn frame(&self, subject: Option<Subject>) -> Frame {
        Frame {
            lang: self.lang,
            large: self.large,
            print: self.asked("print") == Some("1"),
            signed_in: self.caller.as_ref().map(|caller| signed_in(caller, self.kana.clone())),
            subject,
            ways: self.session.is_some(),
            csrf: self.csrf.clone(),
            path: self.path.clone(),
            now: self.now,
        }
    }
}

fn signed_in(caller: &Caller, kana: Option<String>) -> SignedIn {
    let home = matches!(caller.role, tsumugi_kernel::Role::Citizen | tsumugi_kernel::Role::Proxy);
    SignedIn {
        name: Name { text: caller.person_name.clone(), kana },
        role: caller.role,
        qualification: caller.qualification.as_deref().map(Words::ja),
        organization: (!home).then(|| Words::ja(caller.organization_name.as_str())),
        purpose: caller.purpose,
    }
}

/// The cookie's language, else Japanese unless the browser's first language is another.
fn language(headers: &HeaderMap) -> Lang {
    if let Some(chosen) = cookie::get(headers, cookie::LANG).and_then(|code| Lang::from_code(&code)) {
        return chosen;
    }
    let first = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("ja").trim_start();
    if first.starts_with('*') || first.get(..2).is_none_or(|two| two.eq_ignore_ascii_case("ja")) {
        Lang::Ja
    } else {
        Lang::En
    }
}
