//! R4's rules of matching, type by type.

use serde_json::{Value as Json, json};

use crate::room::{Room, hits};

fn check(resource: &Json, cases: &[(&str, &str, bool)]) {
    for (name, value, expected) in cases {
        assert_eq!(hits(resource, &[(name, value)]), *expected, "{name}={value}");
    }
}

#[test]
fn tokens() {
    let fact = json!({
        "resourceType": "Observation", "id": "o", "status": "final",
        "meta": {"tag": [{"system": "http://t", "code": "LTS"}], "profile": ["http://p/K|1"], "source": "urn:lab:1",
            "security": [{"system": "http://s", "code": "R"}]},
        "identifier": [{"system": "http://i", "value": "a,b|c", "type": {"text": "検体番号", "coding": [{"system": "http://ty", "code": "SPE"}]}}],
        "category": [{"coding": [{"system": "http://c", "code": "laboratory"}]}],
        "code": {"text": "カリウム", "coding": [{"code": "plain"}, {"system": "urn:oid:1.2.392.200119.4.504", "code": "3H015", "display": "Ｋ（血清）"}]},
        "subject": {"reference": "Patient/1"}, "effectiveDateTime": "2026-11-22",
    });
    let jlac = "http://medis.or.jp/CodeSystem/master-JLAC10-17digits";
    check(
        &fact,
        &[
            ("code", "3H015", true),
            ("code", "3h015", false),
            ("code", "x,3H015", true),
            ("code", &format!("{jlac}|3H015"), true),
            ("code", "urn:oid:1.2.392.200119.4.504|3H015", true),
            ("code", "http://loinc.org|3H015", false),
            ("code", &format!("{jlac}|"), true),
            ("code", "http://loinc.org|", false),
            ("code", "|plain", true),
            ("code", "|3H015", false),
            ("code:not", "3H015", false),
            ("code:not", "x", true),
            ("code:missing", "false", true),
            ("code:missing", "true", false),
            ("method:missing", "true", true),
            ("code:text", "カリ", true),
            ("code:text", "ｶﾘｳﾑ", true),
            ("code:text", "K", true),
            ("code:text", "リウム", false),
            ("category", "http://c|laboratory", true),
            ("status", "final", true),
            ("status", "preliminary,final", true),
            ("status", "amended", false),
            // A code's system is the one that the definition binds it to.
            ("status", "http://hl7.org/fhir/observation-status|final", true),
            ("status", "http://hl7.org/fhir/other|final", false),
            ("status", "|final", true),
            ("identifier", "http://i|a\\,b\\|c", true),
            ("identifier", "a\\,b\\|c", true),
            ("identifier", "a,b", false),
            ("identifier:of-type", "http://ty|SPE|a\\,b\\|c", true),
            ("identifier:of-type", "http://ty|MR|a\\,b\\|c", false),
            ("identifier:text", "検体", true),
            ("_tag", "http://t|LTS", true),
            ("_tag", "http://u|LTS", false),
            ("_security", "R", true),
            ("_source", "urn:lab:1", true),
            ("_source", "urn:lab:2", false),
            ("_profile", "http://p/K", true),
            ("_profile", "http://p/K|1", true),
            ("_profile", "http://p/K|2", false),
            ("_profile", "http://p/", false),
            ("_profile:below", "http://p", true),
            ("_profile:above", "http://p/K|1/x", true),
        ],
    );
    assert!(hits(&fact, &[("code", "3H015"), ("code", "plain"), ("status", "final")]));
    assert!(!hits(&fact, &[("code", "3H015"), ("status", "amended")]));
}

#[test]
fn value_sets_and_hierarchies() {
    let fact = json!({"resourceType": "Observation", "id": "o", "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}]});
    check(
        &fact,
        &[
            ("status:in", "http://hl7.org/fhir/ValueSet/observation-status", true),
            ("status:not-in", "http://hl7.org/fhir/ValueSet/observation-status", false),
            ("category:in", "http://hl7.org/fhir/ValueSet/observation-category", true),
            ("category:in", "http://hl7.org/fhir/ValueSet/administrative-gender", false),
            ("category:not-in", "http://hl7.org/fhir/ValueSet/administrative-gender", true),
        ],
    );
    let visit = json!({"resourceType": "Encounter", "id": "e", "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "ACUTE"}});
    let system = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    check(
        &visit,
        &[
            ("class:below", &format!("{system}|IMP"), true),
            ("class:below", &format!("{system}|ACUTE"), true),
            ("class:below", &format!("{system}|AMB"), false),
            ("class:above", &format!("{system}|ACUTE"), true),
        ],
    );
}

#[test]
fn booleans_and_contacts() {
    let person = json!({"resourceType": "Patient", "id": "p", "active": true, "deceasedBoolean": false,
        "telecom": [{"system": "phone", "use": "home", "value": "03-1234-5678"}, {"system": "email", "value": "Hana@example.jp"}]});
    check(
        &person,
        &[
            ("active", "true", true),
            ("active", "false", false),
            ("deceased", "false", true),
            ("deceased", "true", false),
            ("phone", "03-1234-5678", true),
            ("phone", "home|03-1234-5678", true),
            ("email", "03-1234-5678", false),
            ("telecom", "03-1234-5678", true),
        ],
    );
    let dead = json!({"resourceType": "Patient", "id": "p", "deceasedDateTime": "2026-01-01"});
    check(&dead, &[("deceased", "true", true), ("death-date", "2026", true), ("death-date", "lt2026", false)]);
}

#[test]
fn dates_are_spans_in_japans_time() {
    let at = |date: &str| json!({"resourceType": "Observation", "id": "o", "effectiveDateTime": date});
    for (fact, search, expected) in [
        ("2026-11-22", "2026-11-22", true),
        ("2026-11-22", "eq2026-11", true),
        ("2026-11", "2026-11-22", false),
        ("2026-11-22", "ne2026-11-22", false),
        ("2026-11-22", "ne2026-11-23", true),
        ("2026-11-21T15:00:00Z", "2026-11-22", true),
        ("2026-11-21T14:59:59Z", "2026-11-22", false),
        ("2026-11-22T09:00:00", "2026-11-22T00:00:00Z", true),
        ("2026-11-22T09:00:00+09:00", "2026-11-22T09:00:00 09:00", true),
        ("2026-11-22T09:00:30+09:00", "2026-11-22T09:00", true),
        ("2026-11-22", "gt2026-11-21", true),
        ("2026-11-22", "gt2026-11-22", false),
        ("2026-11-22", "ge2026-11-22", true),
        ("2026-11-22", "ge2026-11-23", false),
        ("2026-11-22", "lt2026-11-23", true),
        ("2026-11-22", "le2026-11-22", true),
        ("2026-11-22", "sa2026-11-21", true),
        ("2026-11-22", "sa2026-11-22", false),
        ("2026-11-22", "eb2026-11-23", true),
        ("2026-11-22", "eb2026-11-22", false),
        ("2026", "gt2026-11-22", true),
        ("2026", "lt2026-11-22", true),
        ("2026", "sa2026-11-22", false),
        // A tenth of the time until now: 2026-01-01 is 325 days ago.
        ("2026-01-20", "ap2026-01-01", true),
        ("2026-03-20", "ap2026-01-01", false),
        ("2026-11-22", "2026-01-01,2026-11-22", true),
    ] {
        assert_eq!(hits(&at(fact), &[("date", search)]), expected, "{fact} against {search}");
    }
    assert!(!hits(&json!({"resourceType": "Observation", "id": "o"}), &[("date", "ne2026")]), "no date, no match");
    let issued = json!({"resourceType": "Observation", "id": "o", "issued": "2026-11-22T00:00:00Z"});
    assert!(!hits(&issued, &[("date", "2026")]), "issued is not the date of R4");
    let open = json!({"resourceType": "Encounter", "id": "e", "period": {"start": "2026-11-01"}});
    check(&open, &[("date", "gt2030", true), ("date", "eb2026-11-22", false), ("date", "sa2026-10-31", true)]);
    let timing =
        json!({"resourceType": "Observation", "id": "o", "effectiveTiming": {"event": ["2026-11-05", "2026-11-01"]}});
    check(
        &timing,
        &[
            ("date", "2026-11", true),
            ("date", "2026-11-01", false),
            ("date", "ge2026-11-04", true),
            ("date", "ge2026-11-05", false),
        ],
    );
}

#[test]
fn numbers_and_quantities_mean_as_much_as_they_say() {
    let value = |value: Json, unit: &str, system: &str| {
        json!({"resourceType": "Observation", "id": "o",
        "valueQuantity": {"value": value, "unit": "単位", "system": system, "code": unit}})
    };
    let ucum = "http://unitsofmeasure.org";
    let glucose = value(json!(100.4), "mg/dL", ucum);
    check(
        &glucose,
        &[
            ("value-quantity", "100", true),
            ("value-quantity", "100.0", false),
            ("value-quantity", "100.4", true),
            ("value-quantity", "ne100", false),
            ("value-quantity", "gt100", true),
            ("value-quantity", "lt100", false),
            ("value-quantity", "1e2", true),
            ("value-quantity", "ap95", true),
            ("value-quantity", "ap50", false),
            ("value-quantity", &format!("100|{ucum}|mg/dL"), true),
            ("value-quantity", &format!("1.00|{ucum}|g/L"), true),
            ("value-quantity", &format!("1|{ucum}|mg/L"), false),
            ("value-quantity", &format!("gt1.004|{ucum}|g/L"), false),
            ("value-quantity", &format!("ge1.004|{ucum}|g/L"), true),
            ("value-quantity", &format!("100|{ucum}|kg"), false),
            ("value-quantity", "100||mg/dL", true),
            ("value-quantity", "100||単位", true),
            ("value-quantity", "100|http://other|mg/dL", false),
            ("value-quantity:missing", "false", true),
        ],
    );
    check(&value(json!(37.0), "Cel", ucum), &[("value-quantity", &format!("310.15|{ucum}|K"), true)]);
    let below = json!({"resourceType": "Observation", "id": "o", "valueQuantity": {"value": 5, "comparator": "<", "code": "U", "system": ucum}});
    check(&below, &[("value-quantity", "lt1", true), ("value-quantity", "5", false), ("value-quantity", "gt6", false)]);
    let risk = |probability: Json| json!({"resourceType": "RiskAssessment", "id": "r", "prediction": [{"probabilityDecimal": probability}]});
    check(
        &risk(json!(0.5)),
        &[("probability", "0.5", true), ("probability", "gt0.4", true), ("probability", "0.51", false)],
    );
    let onset = json!({"resourceType": "Condition", "id": "c", "onsetRange": {"low": {"value": 40, "unit": "a"}, "high": {"value": 50, "unit": "a"}}});
    check(
        &onset,
        &[
            ("onset-age", "gt45", true),
            ("onset-age", "gt50", false),
            ("onset-age", "sa39", true),
            ("onset-age", "45", false),
        ],
    );
}

#[test]
fn japanese_names_are_found_as_they_sound() {
    let person = json!({"resourceType": "Patient", "id": "p",
        "name": [{"text": "髙崎 ハナ", "family": "髙崎", "given": ["ハナ"], "prefix": ["Dr."]}, {"text": "タカサキ ハナ", "family": "タカサキ"}],
        "address": [{"text": "東京都、千代田区１−２", "city": "千代田区", "postalCode": "100-0001"}]});
    check(
        &person,
        &[
            ("name", "高崎", true),
            ("name", "たかさき", true),
            ("name", "タカザキ", true),
            ("name", "ﾊﾅ", true),
            ("name", "ばな", true),
            ("name", "崎", false),
            ("name", "dr", true),
            ("name:contains", "崎", true),
            ("name:contains", "﨑", true),
            ("name:exact", "髙崎 ハナ", true),
            ("name:exact", "高崎 ハナ", false),
            ("name:exact", "髙﨑 ハナ", false),
            ("name:exact", "髙崎", true),
            ("family", "髙", true),
            ("given", "はな", true),
            ("family:exact", "タカサキ", true),
            ("family:exact", "ﾀｶｻｷ", false),
            ("address", "東京都千代田区1", true),
            ("address-city", "千代田", true),
            ("address-postalcode", "1000001", true),
            ("phonetic", "たか", true),
        ],
    );
}

#[test]
fn references() {
    let fact = json!({"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/1"},
        "encounter": {"reference": "Encounter/e1"},
        "performer": [{"reference": "Practitioner/d/_history/2"}, {"reference": "https://elsewhere.example/Organization/9"},
            {"identifier": {"system": "http://i", "value": "7"}, "type": "Practitioner"}, {"reference": "http://house/fhir/R4/Organization/3"}]});
    check(
        &fact,
        &[
            ("encounter", "Encounter/e1", true),
            ("encounter", "e1", true),
            ("encounter", "http://house/fhir/R4/Encounter/e1", true),
            ("encounter", "https://house/fhir/R4/Encounter/e1", true),
            ("encounter", "http://elsewhere.example/Encounter/e1", false),
            ("encounter", "Patient/e1", false),
            ("encounter:Encounter", "e1", true),
            ("encounter", "e2", false),
            ("encounter:missing", "false", true),
            ("performer", "Practitioner/d", true),
            ("performer", "Practitioner/d/_history/2", true),
            ("performer", "Practitioner/d/_history/1", false),
            ("performer", "https://elsewhere.example/Organization/9", true),
            ("performer", "Organization/9", false),
            ("performer", "Organization/3", true),
            ("performer:identifier", "http://i|7", true),
            ("performer:identifier", "http://i|8", false),
            ("performer:Organization", "3", true),
            ("performer:Practitioner", "3", false),
            ("patient", "Patient/1", true),
            ("subject", "1", true),
            ("patient", "Patient/2", false),
        ],
    );
    let group = json!({"resourceType": "Observation", "id": "o", "subject": {"reference": "Group/1"}});
    check(
        &group,
        &[
            ("patient", "1", false),
            ("subject", "1", true),
            ("subject", "Group/1", true),
            ("patient:missing", "true", true),
        ],
    );
    let plan = json!({"resourceType": "CarePlan", "id": "c", "instantiatesCanonical": ["http://g/plan|2"], "instantiatesUri": ["http://g/a/b"]});
    check(
        &plan,
        &[
            ("instantiates-canonical", "http://g/plan", true),
            ("instantiates-canonical", "http://g/plan|2", true),
            ("instantiates-canonical", "http://g/plan|1", false),
            ("instantiates-uri:below", "http://g/a", true),
            ("instantiates-uri:below", "http://g/a/b/c", false),
            ("instantiates-uri:above", "http://g/a/b/c", true),
        ],
    );
}

#[test]
fn a_person_is_every_patient_of_theirs() {
    let resources = [
        json!({"resourceType": "Patient", "id": "one"}),
        json!({"resourceType": "Patient", "id": "two"}),
        json!({"resourceType": "Observation", "id": "a", "subject": {"reference": "Patient/one"}}),
        json!({"resourceType": "Observation", "id": "b", "subject": {"reference": "Patient/two"}}),
        json!({"resourceType": "Observation", "id": "c", "subject": {"reference": "Patient/three"}}),
        json!({"resourceType": "Observation", "id": "d", "subject": {"reference": "Group/one"}}),
    ];
    for packed in [true, false] {
        let room = Room { packed, ..Room::new(&resources) };
        assert_eq!(room.ask("Observation", &[("patient", "one")]).unwrap(), ["a", "b"]);
        assert_eq!(room.ask("Observation", &[("subject", "Patient/two")]).unwrap(), ["a", "b"]);
        assert_eq!(room.ask("Observation", &[("subject", "Patient/three")]).unwrap(), ["c"]);
    }
}

#[test]
fn composites_hold_within_one_value() {
    let pressure = json!({"resourceType": "Observation", "id": "o",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "component": [
            {"code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}, "valueQuantity": {"value": 150, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}},
            {"code": {"coding": [{"system": "http://loinc.org", "code": "8462-4"}]}, "valueQuantity": {"value": 80, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}}]});
    check(
        &pressure,
        &[
            ("component-code-value-quantity", "8480-6$gt140", true),
            ("component-code-value-quantity", "8462-4$gt140", false),
            ("component-code-value-quantity", "http://loinc.org|8462-4$80||mm[Hg]", true),
            ("combo-code-value-quantity", "8480-6$150", true),
            ("code-value-quantity", "8480-6$150", false),
            ("component-code-value-quantity", "8462-4$gt140,8480-6$gt140", true),
            ("combo-code", "8480-6", true),
            ("combo-code", "85354-9", true),
            ("code", "8480-6", false),
        ],
    );
    let dated = json!({"resourceType": "Observation", "id": "o", "code": {"coding": [{"code": "x"}]}, "valueDateTime": "2026-11-22"});
    check(
        &dated,
        &[("code-value-date", "x$2026-11", true), ("code-value-date", "x$2025", false), ("value-date", "2026", true)],
    );
}

#[test]
fn orders_put_what_has_no_value_last() {
    let lab = |id: &str, more: Json| {
        let mut fact = json!({"resourceType": "Observation", "id": id});
        fact.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fact
    };
    let room = Room::new(&[
        lab(
            "a",
            json!({"effectiveDateTime": "2026-11-20", "status": "final", "valueQuantity": {"value": 1, "system": "http://unitsofmeasure.org", "code": "g/L"}}),
        ),
        lab(
            "b",
            json!({"effectiveDateTime": "2026-11-22", "status": "amended", "valueQuantity": {"value": 90, "system": "http://unitsofmeasure.org", "code": "mg/dL"}}),
        ),
        lab("c", json!({"status": "final", "valueString": "ん"})),
        lab("d", json!({"effectiveDateTime": "2026-11-20", "valueString": "ア"})),
    ]);
    for (sort, expected) in [
        ("date", ["a", "d", "b", "c"]),
        ("-date", ["b", "a", "d", "c"]),
        ("-date,-_id", ["b", "d", "a", "c"]),
        ("status,date", ["b", "a", "c", "d"]),
        ("-status", ["a", "c", "b", "d"]),
        ("value-quantity", ["b", "a", "c", "d"]),
        ("value-string", ["d", "c", "a", "b"]),
        ("-_lastUpdated", ["d", "c", "b", "a"]),
        ("-_id", ["d", "c", "b", "a"]),
    ] {
        assert_eq!(room.ask("Observation", &[("_sort", sort)]).unwrap(), expected, "{sort}");
    }
}

#[test]
fn words_stand_anywhere() {
    let note = json!({"resourceType": "Observation", "id": "o", "text": {"status": "generated", "div": "<div xmlns=\"x\"><p>血圧は<b>高め</b>です</p></div>"},
        "note": [{"text": "食後に めまい"}]});
    check(
        &note,
        &[
            ("_text", "高め", true),
            ("_text", "めまい", false),
            ("_content", "メマイ", true),
            ("_content", "食後 めまい", true),
            ("_content", "食前 めまい", false),
            ("_content", "血圧", false),
        ],
    );
}
