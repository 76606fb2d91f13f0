//! Every read of the record takes a permit.
use tsumugi_kernel::FactKey;
use tsumugi_record::Record;

async fn look(record: &Record, key: FactKey) {
    let _ = record.read(key).await;
    let _ = record.history((), key).await;
}

fn main() {}
