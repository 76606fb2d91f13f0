//! `/api/disaster/receipts`: a look without a network, told when the network is back.

use axum::{Router, extract::State, http::StatusCode, response::Response, routing::post};
use bytes::Bytes;
use tsumugi_access::DisasterError;

use super::super::{
    Fault, Site, Visit,
    carried::{KeptReceipt, ReceiptOut, not_taken},
    record,
};
use super::matches::{Told, answered, body, not};
use super::openapi::{Deed, Schema};
use crate::view::{ReceiptFault, Trouble};

/// What can be done.
pub(super) const DEEDS: [Deed; 1] = [Deed {
    path: "/api/disaster/receipts",
    name: "tellOfflineLook",
    post: true,
    summary: "Whoever read an emergency summary without a network tells it: {\"id\": the summary's number, \"hash\": SHA-256 \
              of its text in hexadecimal, \"at\": when (an instant), \"reason\": why, \"who\": who read, if somebody else}. Handed in again, it is answered the same.",
    schema: Schema::of::<ReceiptOut>(),
}];

pub(super) fn router() -> Router<Site> {
    Router::new().route("/api/disaster/receipts", post(tell))
}

async fn tell(State(site): State<Site>, visit: Visit, bytes: Bytes) -> Response {
    let told = async {
        let caller = record::caller(&visit)?;
        let kept: KeptReceipt = body(&visit, &bytes)?;
        let receipt = kept.read(&caller.person_name).ok_or(Fault::from(Trouble::BadInput))?;
        match site.desk().door.merge_receipt(caller, &receipt).await {
            Ok(merged) => Ok(ReceiptOut::from(merged)),
            Err(DisasterError::Fault(fault)) => Err(refused(not_taken(fault)?)),
            Err(error) => Err(Fault::from(error).into()),
        }
    };
    answered::<ReceiptOut>(told.await)
}

fn refused(fault: ReceiptFault) -> Told {
    let (ja, en) = match fault {
        ReceiptFault::Moment => (
            "その時刻には読めなかったはずです。まとめの発行より後で、いまより前の時刻にしてください。",
            "The summary cannot have been read then. Give a time after it was issued and before now.",
        ),
        ReceiptFault::Reason => {
            ("理由を5文字から300文字までで入れてください。", "Give a reason of 5 to 300 characters.")
        }
        ReceiptFault::Forged | ReceiptFault::Text => (
            "このサーバーが発行したまとめの受け取りではありません。まとめの番号とハッシュを確かめてください。",
            "This is no receipt of a summary that was issued here. Check the summary's number and its hash.",
        ),
    };
    not(StatusCode::UNPROCESSABLE_ENTITY, ja, en)
}
