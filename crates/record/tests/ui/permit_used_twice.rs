//! What is sealed is over: neither a second leaf nor a read after it.
use tsumugi_access::{Permit, Shown};
use tsumugi_kernel::FactKey;
use tsumugi_record::Record;

async fn again(permit: Permit) {
    let _ = permit.seal(Shown::none()).await;
    let _ = permit.seal(Shown::none()).await;
}

async fn after(record: &Record, permit: Permit, key: FactKey) {
    let _ = permit.seal(Shown::none()).await;
    let _ = record.read(&permit, key).await;
}

async fn written(record: &Record, permit: Permit, key: FactKey) {
    let _writing = record.write(permit);
    let _ = record.read(&permit, key).await;
}

fn main() {}
