//! What is stored becomes a fact only through a lens.
use tsumugi_access::Permit;
use tsumugi_record::Fact;
use tsumugi_store::StoredFact;

fn by_conversion(stored: StoredFact) -> Fact {
    stored.into()
}

fn by_the_inner_way(permit: &Permit, stored: StoredFact) -> Option<Fact> {
    Fact::through(permit, stored).unwrap()
}

fn main() {}
