//! What a route answered.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {:?}", self.status, self.body))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }

    /// The answer, if its status is this one.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// An `OperationOutcome` of this status that says something in its issue's details.
    #[track_caller]
    pub fn outcome(self, status: u16) -> Value {
        let json = self.is(status).json();
        assert_eq!(json["resourceType"], "OperationOutcome");
        assert!(json["issue"][0]["details"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{json}");
        json
    }

    pub fn entries(&self) -> Vec<Value> {
        self.json()["entry"].as_array().cloned().unwrap_or_default()
    }

    pub fn total(&self) -> u64 {
        self.json()["total"].as_u64().unwrap()
    }

    pub fn next(&self) -> Option<String> {
        let json = self.json();
        let link = json["link"].as_array()?.iter().find(|link| link["relation"] == "next")?;
        Some(link["url"].as_str()?.strip_prefix("http://house/fhir/R4").unwrap().to_owned())
    }
}
