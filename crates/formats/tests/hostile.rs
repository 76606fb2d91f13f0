//! Any bytes: reading ends, nothing panics, and what is kept stays within its bounds.
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests stop at the first surprise")]

use proptest::prelude::*;
use tsumugi_formats::life::{
    Ask, Catalogue, Encoding, Holdings, LineEnd, Plan, Session, check, copy,
    sample::{self, Shape},
};
use tsumugi_kernel::limits::LIFE_FINDINGS;

fn survives(catalogue: &Catalogue, bytes: &[u8]) {
    let ask = Ask { catalogue, version: None, file_name: Some("FORM_0000_2021.csv") };
    let mut session = Session::with_names();
    let report = check(ask, &mut session, bytes).expect("memory can be read");
    assert!(report.findings.list().len() <= LIFE_FINDINGS);
    for finding in report.findings.list() {
        assert!(!finding.ja().contains("{d}") && !finding.en().contains("{d}"));
    }
    for to in [None, Some(Encoding::Utf8), Some(Encoding::Ms932)] {
        for strip in [false, true] {
            let mut output = Vec::new();
            let copied = copy(ask, Plan { to, strip }, &session, bytes, &mut output).expect("memory");
            if copied.whole && to == Some(Encoding::Utf8) {
                assert!(std::str::from_utf8(&output).is_ok());
            }
            if copied.whole && to.is_none() && !strip && report.findings.list().is_empty() {
                assert_eq!(output, bytes);
            }
        }
    }
    Holdings::new(catalogue, 100).take(bytes).expect("memory");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..4_000)) {
        let catalogue = Catalogue::embedded().expect("embedded");
        survives(&catalogue, &bytes);
        let headed = [b"FORM_0900_2021\r\ncare_facility_id,service_code,insurer_no,insured_no\r\n", bytes.as_slice()].concat();
        survives(&catalogue, &headed);
    }

    #[test]
    fn mutated_files_end(
        seed in any::<u64>(),
        ms932 in any::<bool>(),
        form in 0_usize..22,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), 0_u8..4, any::<u8>()), 1..12),
    ) {
        let catalogue = Catalogue::embedded().expect("embedded");
        let encoding = if ms932 { Encoding::Ms932 } else { Encoding::Utf8 };
        let shape = Shape { rows: 4, seed, encoding, bom: seed % 2 == 0, end: LineEnd::CrLf, varied: true };
        let mut bytes = sample::write(&catalogue.forms()[form], shape, Vec::new()).expect("a file");
        for (at, what, byte) in changes {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            match what {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => { bytes.remove(at); }
                2 => bytes.truncate(at),
                _ if at < bytes.len() => bytes[at] = b"\",\r\n \x81\xef0"[usize::from(byte) % 8],
                _ => {}
            }
        }
        survives(&catalogue, &bytes);
    }
}
