//! Why a look is odd, in words that the person and a supervisor read alike.

use tsumugi_access::Reason;

use crate::frame::Frame;

/// A reason in a plain sentence.
pub(super) fn words(reason: Reason, frame: &Frame) -> String {
    let key = match reason {
        Reason::NoRelation => "odd-no-relation",
        Reason::RelationEnded => "odd-relation-ended",
        Reason::NoCareFollowed => "odd-no-care-followed",
        Reason::NoCase => "odd-no-case",
        Reason::FamilyName => "odd-family-name",
        Reason::Neighbour => "odd-neighbour",
        Reason::Colleague => "odd-colleague",
        Reason::PublicPerson => "odd-public-person",
        Reason::Volume => "odd-volume",
        Reason::Night => "odd-night",
    };
    frame.t(key).into_owned()
}
