//! Only the door makes a permit.
use tsumugi_access::{Action, Caller, Lens, Permit};
use tsumugi_kernel::{CitizenId, Instant};

fn forge(caller: Caller, lens: Lens) -> Permit {
    Permit { caller, action: Action::Read, citizen: CitizenId(1), time: Instant(0), rule: String::new(), lens, spent: false }
}

fn call() -> Permit {
    Permit::default()
}

fn main() {}
