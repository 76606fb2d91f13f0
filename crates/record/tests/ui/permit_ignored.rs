//! A permit that nobody ends is a look without a leaf: the compiler warns, and here warnings are errors.
#![deny(unused_must_use)]
use tsumugi_access::Permit;

fn given() -> Permit {
    unimplemented!()
}

fn main() {
    given();
}
