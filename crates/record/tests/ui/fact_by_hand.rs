//! The fields of a fact are its own.
use tsumugi_record::Fact;
use tsumugi_store::StoredFact;

fn by_hand(stored: StoredFact) -> Fact {
    Fact { stored }
}

fn main() {}
