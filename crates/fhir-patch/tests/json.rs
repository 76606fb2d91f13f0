//! JSON Patch: what stays as written, what is refused, what is bounded; and a naive model beside it.

#![expect(clippy::expect_used, reason = "helpers of a test panic as a test does")]

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};
use tsumugi_fhir::{Document, json::Limits};
use tsumugi_fhir_patch::{OPERATIONS, PatchFault, Problem, json_patch};

fn document(json: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(json.as_bytes()), &Limits::default()).expect("it is JSON")
}

fn patch(before: &str, operations: &str) -> Result<String, PatchFault> {
    let after = json_patch(document(before).root(), document(operations).root())?;
    Ok(String::from_utf8(after).expect("it is text"))
}

fn problem(before: &str, operations: &str) -> Problem {
    patch(before, operations).expect_err(operations).problem
}

#[test]
fn what_is_untouched_stays_as_written() {
    let before = r#"{"resourceType":"Observation", "b" : [1.50, 1e3,{ "c":"\u3042" }], "a":{"x":-0.0}}"#;
    assert_eq!(patch(before, "[]").expect("nothing to do"), before);
    let operations = r#"[{"op":"add","path":"/status","value":"final"},{"op":"replace","path":"/a/x","value":2.0}]"#;
    let after = r#"{"resourceType":"Observation","b":[1.50, 1e3,{ "c":"\u3042" }],"a":{"x":2.0},"status":"final"}"#;
    assert_eq!(patch(before, operations).expect("it applies"), after);
}

#[test]
fn each_fault_is_named_with_its_operation() {
    let before = r#"{"resourceType":"Patient","id":"p","a":{"b":[1,2]}}"#;
    for (operations, want) in [
        (r#"{}"#, Problem::NotAPatch),
        (r#"[1]"#, Problem::NotAnOperation),
        (r#"[{"op":"add","path":"/x"}]"#, Problem::NotAnOperation),
        (r#"[{"op":"move","path":"/x"}]"#, Problem::NotAnOperation),
        (r#"[{"op":"jump","path":"/x"}]"#, Problem::NotAnOperation),
        (r#"[{"op":"remove","path":"x"}]"#, Problem::Pointer),
        (r#"[{"op":"remove","path":"/~2"}]"#, Problem::Pointer),
        (r#"[{"op":"remove","path":""}]"#, Problem::Root),
        (r#"[{"op":"remove","path":"/x"}]"#, Problem::NoTarget),
        (r#"[{"op":"replace","path":"/x","value":1}]"#, Problem::NoTarget),
        (r#"[{"op":"add","path":"/id/x","value":1}]"#, Problem::NoTarget),
        (r#"[{"op":"remove","path":"/a/b/2"}]"#, Problem::Index),
        (r#"[{"op":"add","path":"/a/b/3","value":1}]"#, Problem::Index),
        (r#"[{"op":"add","path":"/a/b/01","value":1}]"#, Problem::Index),
        (r#"[{"op":"replace","path":"/a/b/-","value":1}]"#, Problem::Index),
        (r#"[{"op":"move","from":"/a","path":"/a/b/0"}]"#, Problem::IntoItself),
        (r#"[{"op":"test","path":"/a/b","value":[2,1]}]"#, Problem::Test),
        (r#"[{"op":"replace","path":"/id","value":"q"}]"#, Problem::Identity),
        (r#"[{"op":"remove","path":"/resourceType"}]"#, Problem::Identity),
        (r#"[{"op":"move","from":"/id","path":"/identifier"}]"#, Problem::Identity),
        (r#"[{"op":"replace","path":"","value":[]}]"#, Problem::NotObject),
    ] {
        assert_eq!(problem(before, operations), want, "{operations}");
    }
    let fault = patch(before, r#"[{"op":"test","path":"/id","value":"p"},{"op":"remove","path":"/secret"}]"#)
        .expect_err("there is nothing to remove");
    assert_eq!(fault.operation, Some(1));
    let finding = fault.finding();
    assert!(finding.en.starts_with("Operation 2: ") && finding.ja.starts_with("2番目の操作: "));
    assert_eq!(finding.place.map(|place| place.column), Some(41));
    assert!(!format!("{fault}{finding:?}").contains("secret"));
}

#[test]
fn numbers_and_orders_are_compared_by_value() {
    let before = r#"{"a":{"x":1.50,"y":[1e2,"\u3042"]}}"#;
    let same = r#"[{"op":"test","path":"/a","value":{"y":[100,"あ"],"x":15e-1}}]"#;
    assert_eq!(patch(before, same).expect("it holds"), before);
    assert_eq!(problem(before, r#"[{"op":"test","path":"/a","value":{"x":1.5}}]"#), Problem::Test);
    let opened = r#"[{"op":"add","path":"/a/z","value":null},{"op":"test","path":"/a/z","value":null},{"op":"test","path":"/a","value":{"z":null,"x":1.5,"y":[100,"あ"]}}]"#;
    patch(before, opened).expect("it holds after a change as well");
}

#[test]
fn a_whole_document_may_be_replaced_by_one_of_the_same_identity() {
    let before = r#"{"resourceType":"Patient","id":"p","active":true}"#;
    let after = r#"{"resourceType":"Patient","id":"p"}"#;
    let operations = format!(r#"[{{"op":"add","path":"","value":{after}}}]"#);
    assert_eq!(patch(before, &operations).expect("it applies"), after);
}

#[test]
fn growth_depth_work_and_operations_are_bounded() {
    let double = r#"{"op":"copy","from":"/a","path":"/a/-"}"#;
    let bomb = format!("[{}]", vec![double; OPERATIONS].join(","));
    let found = problem(r#"{"a":["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}"#, &bomb);
    assert!(matches!(found, Problem::TooLarge | Problem::TooDeep | Problem::TooCostly), "{found:?}");
    let flat = r#"{"op":"copy","from":"/a/0","path":"/a/-"}"#;
    let long = format!(r#"{{"a":["{}"]}}"#, "a".repeat(1 << 20));
    assert_eq!(problem(&long, &format!("[{}]", vec![flat; 100].join(","))), Problem::TooLarge);
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100), "]".repeat(100));
    let into = format!(r#"[{{"op":"copy","from":"/a","path":"/a{}/-"}}]"#, "/0".repeat(50));
    assert_eq!(problem(&deep, &into), Problem::TooDeep);
    let many = format!("[{}]", vec![r#"{"op":"test","path":"","value":{}}"#; OPERATIONS + 1].join(","));
    assert_eq!(problem("{}", &many), Problem::TooMany);
    let wide = format!(r#"{{"a":[{}]}}"#, vec!["1"; 400_000].join(","));
    let shuffle = r#"{"op":"move","from":"/a/0","path":"/a/-"}"#;
    assert_eq!(problem(&wide, &format!("[{}]", vec![shuffle; OPERATIONS].join(","))), Problem::TooCostly);
}

/// RFC 6902 again, the short way: over `serde_json`, without bounds.
fn naive(mut document: Value, operations: &[Value]) -> Option<Value> {
    fn parent<'d>(document: &'d mut Value, path: &str) -> Option<(&'d mut Value, String)> {
        let (above, last) = path.rsplit_once('/')?;
        Some((document.pointer_mut(above)?, last.replace("~1", "/").replace("~0", "~")))
    }
    fn index(text: &str, most: usize) -> Option<usize> {
        let at: usize = text.parse().ok()?;
        (at <= most && at.to_string() == text).then_some(at)
    }
    fn add(document: &mut Value, path: &str, value: Value) -> Option<()> {
        if path.is_empty() {
            *document = value;
            return Some(());
        }
        match parent(document, path)? {
            (Value::Object(members), name) => drop(members.insert(name, value)),
            (Value::Array(items), name) if name == "-" => items.push(value),
            (Value::Array(items), name) => items.insert(index(&name, items.len())?, value),
            _ => return None,
        }
        Some(())
    }
    fn remove(document: &mut Value, path: &str) -> Option<Value> {
        match parent(document, path)? {
            (Value::Object(members), name) => members.remove(&name),
            (Value::Array(items), name) => {
                let at = index(&name, items.len().checked_sub(1)?)?;
                Some(items.remove(at))
            }
            _ => None,
        }
    }
    for operation in operations {
        let (path, value) = (operation["path"].as_str()?, operation["value"].clone());
        let from = operation["from"].as_str().unwrap_or_default();
        match operation["op"].as_str()? {
            "add" => add(&mut document, path, value)?,
            "remove" => drop(remove(&mut document, path)?),
            "replace" => *document.pointer_mut(path)? = value,
            "move" if path.starts_with(&format!("{from}/")) => return None,
            "move" => {
                let moved = remove(&mut document, from)?;
                add(&mut document, path, moved)?;
            }
            "copy" => {
                let copied = document.pointer(from)?.clone();
                add(&mut document, path, copied)?;
            }
            _ => (document.pointer(path)? == &value).then_some(())?,
        }
    }
    document.is_object().then_some(document)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (0..3).prop_map(Value::from),
        "[a~/é]{0,2}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[ab~/]{1}", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let path = || {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "0", "1", "-", "~0", "~1"]), 0..4)
            .prop_map(|names| names.iter().map(|name| format!("/{name}")).collect::<String>())
    };
    let kind = prop::sample::select(vec!["add", "add", "remove", "replace", "move", "copy", "test"]);
    (kind, path(), path(), value())
        .prop_map(|(op, path, from, value)| json!({"op": op, "path": path, "from": from, "value": value}))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_naive_model_agrees(
        members in prop::collection::btree_map("[ab]", value(), 1..3),
        operations in prop::collection::vec(operation(), 1..5),
    ) {
        let before = Value::Object(members.into_iter().collect());
        let want = naive(before.clone(), &operations);
        let found = patch(&before.to_string(), &Value::from(operations).to_string());
        let found = found.ok().map(|json| serde_json::from_str::<Value>(&json).expect("it is JSON"));
        prop_assert_eq!(found, want);
    }
}
