//! A permit is one look.
use tsumugi_access::Permit;

fn twice(permit: &Permit) -> Permit {
    Permit::clone(permit)
}

fn main() {}
