//! The official examples of JP-CLINS: two referrals under one identifier, and a collection of observations.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;
use tsumugi_kernel::{OrganizationKind, Purpose, Role};

use crate::{
    common::{Answer, House, caller},
    submit::locations,
};

#[tokio::test]
async fn the_official_examples() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/jp-clins");
    let Ok(whole) = std::fs::read(data.join("Bundle-Bundle-CLINS-Referral-Example-01.json")) else {
        println!("shared test data absent: skipped");
        return;
    };
    let fewer = std::fs::read(data.join("Bundle-Bundle-CLINS-Referral-NoEntry-Example-01.json")).unwrap();
    let labs = std::fs::read(data.join("Bundle-Bundle-CLINS-Observations-Example-01.json")).unwrap();
    for house in House::both() {
        let doctor = caller(Role::Physician, Purpose::Treat, OrganizationKind::Hospital, "1318814790");
        let first = house.submit(&doctor, whole.clone()).await.is(201);
        let second = house.submit(&doctor, fewer.clone()).await.is(201);
        // What only the first held is gone, what both hold is the same fact again, nothing is new.
        let places = |answer: &Answer| -> BTreeMap<String, String> {
            let entries = answer.entries();
            let one = |entry: &Value| {
                let (place, version) =
                    entry["response"]["location"].as_str().unwrap().split_once("/_history/").unwrap();
                (place.to_owned(), version.to_owned())
            };
            entries.iter().map(one).collect()
        };
        let (was, now) = (places(&first), places(&second));
        let gone = locations(&second, "204");
        assert!(!gone.is_empty() && gone.iter().all(|place| was.contains_key(place)));
        for place in &gone {
            house.get(&doctor, &format!("/{place}")).await.outcome(410);
            assert_eq!(house.get(&doctor, &format!("/{place}/_history")).await.is(200).total(), 2);
        }
        let kept: Vec<_> =
            now.iter().filter(|(place, _)| !gone.contains(place) && !place.starts_with("Patient/")).collect();
        let matched = kept.iter().filter(|(place, _)| was.contains_key(*place));
        assert!(matched.clone().count() > 0);
        assert!(matched.clone().all(|(_, version)| *version == "2"));
        let of = |kind: &str| kept.iter().filter(|(place, _)| place.starts_with(kind)).count();
        assert_eq!(of("Composition/"), 1);
        let collection = house.submit(&doctor, labs.clone()).await.is(201);
        assert_eq!(
            collection
                .entries()
                .iter()
                .filter(|e| e["response"]["location"].as_str().unwrap().starts_with("Observation/"))
                .count(),
            4
        );
    }
}
