//! `/api/ways/licence`: a licence shown by a card's software, beside the page.

use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tsumugi_signin::gate::{GateError, RawLicence};
use utoipa::ToSchema;

use super::super::{
    Fault, Site, Visit,
    come_in::{self, gate, session},
};
use super::matches::{Told, answered, body, not};
use super::openapi::{Deed, Schema};
use crate::view::{Trouble, WayFault};

/// What can be done.
pub(super) const DEEDS: [Deed; 2] = [
    Deed {
        path: "/api/ways/licence",
        name: "licenceText",
        post: false,
        summary: "The text that a professional signs with the key of their certificate: for this session, five minutes and \
                  one answer. Only with the session of somebody who gave the second factor.",
        schema: Schema::of::<LicenceText>(),
    },
    Deed {
        path: "/api/ways/licence",
        name: "showLicence",
        post: true,
        summary: "A card's software shows a licence: {\"text\": as given, \"certificates\": the person's certificate and those \
                  above it, each DER in Base64, \"signature\": Base64, over the text's bytes: RSA (PKCS #1 v1.5) with SHA-256, \
                  ECDSA on P-256 with SHA-256 or on P-384 with SHA-384}. Needs no sign-in of its own: the text says whose it is.",
        schema: Schema::of::<LicenceShown>(),
    },
];

/// The text to be signed.
#[derive(Serialize, ToSchema)]
pub(super) struct LicenceText {
    /// The text: one line, without a line end.
    text: String,
}

/// That a licence was taken.
#[derive(Serialize, ToSchema)]
pub(super) struct LicenceShown {
    /// Always true.
    taken: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    text: String,
    certificates: Vec<String>,
    signature: String,
}

pub(super) fn router() -> Router<Site> {
    Router::new().route("/api/ways/licence", get(text).post(show))
}

async fn text(State(site): State<Site>, visit: Visit) -> Response {
    let made = async {
        let (gate, session) = (gate(&site)?, session(&visit)?);
        let (text, _) = gate.offer_licence(session).await.map_err(refused)?;
        Ok(LicenceText { text })
    };
    answered::<LicenceText>(made.await)
}

async fn show(State(site): State<Site>, visit: Visit, bytes: Bytes) -> Response {
    let shown = async {
        let gate = gate(&site)?;
        let sent: Sent = body(&visit, &bytes)?;
        let read = |text: &String| STANDARD.decode(text).map_err(|_| Fault::from(Trouble::BadInput));
        let certificates = sent.certificates.iter().take(8).map(read).collect::<Result<Vec<_>, _>>()?;
        let signature = read(&sent.signature)?;
        let raw = RawLicence { text: &sent.text, certificates: &certificates, signature: &signature };
        gate.show_raw_licence(raw).await.map_err(refused)?;
        Ok(LicenceShown { taken: true })
    };
    answered::<LicenceShown>(shown.await)
}

fn refused(error: GateError) -> Told {
    let words = error.to_string();
    match come_in::told(error) {
        Ok(WayFault::Often) => not(
            StatusCode::TOO_MANY_REQUESTS,
            "続けて違っています。少し待ってください。",
            "Wrong too often. Wait a while.",
        ),
        Ok(WayFault::Licence(fault)) => not(
            StatusCode::UNPROCESSABLE_ENTITY,
            &format!("資格証明書を受け付けられません（{fault:?}）。何も保存していません。"),
            &format!("The certificate is not taken: {fault}. Nothing was saved."),
        ),
        Ok(_) => not(
            StatusCode::UNPROCESSABLE_ENTITY,
            "署名する文の期限が切れたか、もう使われています。文を取り直してください。",
            &format!("Nothing was saved: {words}. Ask for a new text."),
        ),
        Err(fault) => fault.into(),
    }
}
