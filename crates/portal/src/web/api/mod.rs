//! `/api`: what the pages show, as JSON. The routes and `/api/openapi.json` come out of one table, so that neither can
//! have what the other has not. What programs of insurers and municipalities send and ask stands beside it ([`insurer`]).

mod answers;
mod cases;
mod insurer;
mod licence;
mod matches;
pub(crate) mod model;
mod office;
mod openapi;
mod receipts;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};

pub(crate) use answers::looks_of;

use super::{Site, Visit, answer, disaster, log, looks, take, town};
use openapi::Schema;

/// Where the pages' data begin, with what begins every `operationId` there: of a record the reader's own and somebody's
/// by the sealed id of a `Patient`, and of the reader's organisation; and of the town as a whole.
const BASES: [(&str, &str, &[Endpoint]); 8] = [
    ("/api/me", "my_", &ENDPOINTS),
    ("/api/people/{id}", "person_", &ENDPOINTS),
    ("/api/office", "office_", &OFFICE),
    ("/api/statistics", "statistics_", &STATISTICS),
    ("/api/town", "town_", &TOWN),
    ("/api/demo", "demo_", &DEMO),
    ("/api/log", "log_", &LOG),
    ("/api/disaster", "disaster_", &DISASTER),
];

/// One thing that can be asked of a record.
pub(crate) struct Endpoint {
    /// What follows the base.
    pub path: &'static str,
    /// Its name in `operationId`.
    pub name: &'static str,
    /// What it gives.
    pub summary: &'static str,
    /// Parameters of the query: name and what it does.
    pub query: &'static [(&'static str, &'static str)],
    /// The answer's schema; `None` for the proof file, whose form is the ledger's.
    pub schema: Option<Schema>,
    /// The handler.
    pub handler: fn() -> MethodRouter<Site>,
}

/// A handler of `/api` from `async fn(&Site, &Visit) -> Result<impl Serialize, Fault>`.
macro_rules! json {
    ($make:path) => {
        || {
            get(|State(site): State<Site>, visit: Visit| async move {
                match $make(&site, &visit).await {
                    Ok(body) => answer::private(axum::Json(body).into_response()),
                    Err(fault) => fault.json(),
                }
            })
        }
    };
}

/// How objections go: for everybody.
const STATISTICS: [Endpoint; 1] = [Endpoint {
    path: "/cases",
    name: "cases",
    summary: "Objections, corrections and broken glasses by month: how many, how soon answered, how many late, how many \
              upheld. Small numbers are not told. Counted once a day. Public.",
    query: &[],
    schema: Some(Schema::of::<cases::StatisticsOut>()),
    handler: json!(cases::counted),
}];

/// The town as a whole: for everybody.
const TOWN: [Endpoint; 1] = [Endpoint {
    path: "/comparison",
    name: "comparison",
    summary: "The town's figures beside Japan's, with sources and standard errors. No rows where no town was compared. \
              Public.",
    query: &[],
    schema: Some(Schema::of::<town::Comparison>()),
    handler: json!(town::comparison),
}];

/// A demonstration that fills: for everybody.
const DEMO: [Endpoint; 1] = [Endpoint {
    path: "/progress",
    name: "progress",
    summary: "How far the town of a demonstration is. Counts only. Public.",
    query: &[],
    schema: Some(Schema::of::<town::Progress>()),
    handler: json!(town::progress),
}];

/// The log and its witnesses: for everybody.
const LOG: [Endpoint; 1] = [Endpoint {
    path: "",
    name: "state",
    summary: "How far the log is signed, which witnesses signed it and when, and whether they are enough. Public.",
    query: &[],
    schema: Some(Schema::of::<log::LogState>()),
    handler: json!(log::json),
}];

/// Where the disaster mode is open, and was: for everybody.
const DISASTER: [Endpoint; 1] = [Endpoint {
    path: "",
    name: "openings",
    summary: "Openings of the disaster mode: where, why, from when until when, what was done, how many looks were made \
              under each; fewer than ten are not told. Public.",
    query: &[],
    schema: Some(Schema::of::<disaster::DisasterOut>()),
    handler: json!(disaster::json),
}];

/// Everything of the reader's organisation.
const OFFICE: [Endpoint; 2] = [
    Endpoint {
        path: "/cases",
        name: "cases",
        summary: "What the reader or the reader's organisation is asked to explain or to correct, by deadline. Nobody whose \
              record it is, is named.",
        query: &[
            ("all", "1 for everything so far, newest first; else what waits."),
            ("after", "Where the list goes on."),
        ],
        schema: Some(Schema::of::<cases::CasesOut>()),
        handler: json!(cases::office),
    },
    Endpoint {
        path: "/sent",
        name: "sent",
        summary: "What the organisation of the reader sent in the last twelve weeks, week by week, and which rules were broken. \
              Counts only: no person. For staff.",
        query: &[],
        schema: Some(Schema::of::<office::Sent>()),
        handler: json!(office::sent),
    },
];

/// Everything of a record.
pub(crate) const ENDPOINTS: [Endpoint; 9] = [
    Endpoint {
        path: "",
        name: "record",
        summary: "Who is signed in, and whose record this is. A reader who is no citizen has no record at /api/me.",
        query: &[],
        schema: Some(Schema::of::<model::Record>()),
        handler: json!(answers::record),
    },
    Endpoint {
        path: "/looks",
        name: "looks",
        summary: "Who looked, newest first, 50 on a page: name, qualification, organisation, purpose, what, which rule. \
                  For the person and her proxies. This look itself is listed from the next time on.",
        query: &[
            (
                "text",
                "Only where this stands in the name, its reading or the organisation's name; width and kana are alike.",
            ),
            ("by", "Only looks of this sort: person, assistant, automatic."),
            ("kind", "Only where this FHIR kind was shown or written."),
            ("purpose", "Only this purpose (HL7 v3 PurposeOfUse code)."),
            ("from", "From this day in Japan on, inclusive: YYYY-MM-DD."),
            ("to", "Up to this day in Japan, inclusive: YYYY-MM-DD."),
            ("page", "Which page, from 1."),
        ],
        schema: Some(Schema::of::<model::Looks>()),
        handler: json!(answers::looks),
    },
    Endpoint {
        path: "/looks/proof",
        name: "looksProof",
        summary: "The completeness proof of the looks: the file that `tsumugi verify` reads. Everything is brought under a \
                  checkpoint first, so that no look before this one is pending.",
        query: &[],
        schema: None,
        handler: || {
            get(|State(site): State<Site>, visit: Visit| async move {
                looks::proof(&site, &visit).await.unwrap_or_else(super::Fault::json)
            })
        },
    },
    Endpoint {
        path: "/cases",
        name: "cases",
        summary: "What the person called others to account for, and looks that are judged, newest first, with their clocks.",
        query: &[],
        schema: Some(Schema::of::<cases::CasesOut>()),
        handler: json!(cases::own),
    },
    Endpoint {
        path: "/timeline",
        name: "timeline",
        summary: "Years of a life, newest first; the entries of one of them.",
        query: &[
            ("topic", "all, visits, illness, laboratory, medicines or care."),
            ("year", "The year whose entries are given; else the newest one."),
        ],
        schema: Some(Schema::of::<model::Timeline>()),
        handler: json!(answers::timeline),
    },
    Endpoint {
        path: "/activities",
        name: "activities",
        summary: "The Barthel index over time, oldest first, and care notes, newest first.",
        query: &[],
        schema: Some(Schema::of::<model::Activities>()),
        handler: json!(answers::activities),
    },
    Endpoint {
        path: "/laboratory",
        name: "laboratory",
        summary: "The newest result of each laboratory test.",
        query: &[],
        schema: Some(Schema::of::<model::Laboratory>()),
        handler: json!(answers::laboratory),
    },
    Endpoint {
        path: "/medicines",
        name: "medicines",
        summary: "Medicines in use and earlier ones.",
        query: &[],
        schema: Some(Schema::of::<model::Medicines>()),
        handler: json!(answers::medicines),
    },
    Endpoint {
        path: "/take",
        name: "take",
        summary: "A file to take along, for the person and her proxies: a FHIR bundle, or a PDF. Stands in the log as taken \
                  along.",
        query: &[
            ("what", "summary (an IPS document; the default), everything, or part."),
            ("category", "With part: a record category; may be repeated. Without one every category."),
            ("from", "With part: from this day of care on, inclusive: YYYY-MM-DD."),
            ("to", "With part: up to this day of care, inclusive: YYYY-MM-DD."),
            ("form", "fhir (the default) or pdf."),
        ],
        schema: None,
        handler: || {
            get(|State(site): State<Site>, visit: Visit| async move {
                take::api(&site, &visit).await.unwrap_or_else(super::Fault::json)
            })
        },
    },
];

/// The routes below `/api`.
pub(crate) fn router() -> Router<Site> {
    let mut router = Router::new().route("/api/openapi.json", get(description));
    for (base, _, endpoints) in BASES {
        for endpoint in endpoints {
            router = router.route(&format!("{base}{}", endpoint.path), (endpoint.handler)());
        }
    }
    router
        .merge(insurer::router())
        .merge(matches::router())
        .merge(cases::router())
        .merge(receipts::router())
        .merge(licence::router())
}

/// `GET /api/openapi.json`: says nothing of anybody, so it may be kept.
async fn description() -> Response {
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")],
        openapi::json(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_every_description_has_a_route() {
        let described: serde_json::Value = serde_json::from_str(openapi::json()).unwrap();
        assert!(described["openapi"].as_str().unwrap().starts_with("3.1."));
        let mut paths: Vec<&str> = described["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut routes: Vec<String> = BASES
            .iter()
            .flat_map(|(base, _, endpoints)| endpoints.iter().map(move |endpoint| format!("{base}{}", endpoint.path)))
            .collect();
        routes.push("/api/openapi.json".to_owned());
        routes.extend(
            matches::DEEDS
                .iter()
                .chain(&cases::DEEDS)
                .chain(&receipts::DEEDS)
                .chain(&licence::DEEDS)
                .map(|deed| deed.path.to_owned()),
        );
        paths.sort_unstable();
        routes.sort_unstable();
        // A path may be read and written.
        routes.dedup();
        assert_eq!(paths, routes);
        // Every reference to a schema leads to one.
        let text = openapi::json();
        for part in text.split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(described["components"]["schemas"][name].is_object(), "{name} is not described");
        }
        let mut ids: Vec<&str> = described["paths"]
            .as_object()
            .unwrap()
            .values()
            .map(|path| {
                let operation = if path["get"].is_object() { &path["get"] } else { &path["post"] };
                operation["operationId"].as_str().unwrap()
            })
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "an operationId stands twice");
    }
}
