//! How many rows of LIFE files are read and checked in a second, on one core: `cargo run -p tsumugi-formats --example rate`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for developers, which stops at what is missing"
)]

use tsumugi_formats::life::{
    Ask, Catalogue, Encoding, Findings, LineEnd, Reader, Session, check,
    sample::{self, Shape},
};
use tsumugi_kernel::edge::Stopwatch;

fn main() {
    let catalogue = Catalogue::embedded().expect("embedded data");
    let ask = Ask { catalogue: &catalogue, version: None, file_name: None };
    let (mut rows, mut seconds) = (0, 0.0);
    for encoding in [Encoding::Utf8, Encoding::Ms932] {
        for form in catalogue.forms() {
            let shape = Shape { rows: 20_000, seed: 7, encoding, bom: false, end: LineEnd::CrLf, varied: true };
            let bytes = sample::write(form, shape, Vec::new()).expect("a file");
            let watch = Stopwatch::start();
            let report = check(ask, &mut Session::default(), bytes.as_slice()).expect("memory");
            let took = watch.elapsed().as_secs_f64();
            let watch = Stopwatch::start();
            let mut findings = Findings::default();
            let mut reader =
                Reader::open(&catalogue, None, bytes.as_slice(), &mut findings).expect("memory").expect("known");
            while reader.next_row(&mut findings).expect("memory").is_some() {}
            let reading = watch.elapsed().as_secs_f64();
            let mebibytes = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX)) / 1_048_576.0;
            println!(
                "{:6} {:18} {:4} columns {:9.0} rows/s {:6.0} MiB/s, reading alone {:9.0}",
                encoding.name(),
                form.id,
                form.columns.len(),
                20_000.0 / took,
                mebibytes / took,
                20_000.0 / reading
            );
            rows += report.rows;
            seconds += took;
        }
    }
    println!("all: {:.0} rows/s", f64::from(u32::try_from(rows).unwrap_or(u32::MAX)) / seconds);
}
