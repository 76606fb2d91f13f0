//! Resources to search in: R4's examples, JP-CLINS's samples, and the forms of the town.

use std::{collections::HashMap, path::Path};

use serde_json::Value as Json;

/// Most resources of one kind: enough to tell them apart, few enough to ask often.
const MOST: usize = 24;

/// All of them, or nothing where the shared test data are absent.
pub fn resources() -> Option<Vec<Json>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !data.is_dir() {
        println!("shared test data absent: skipped");
        return None;
    }
    let mut taken = Taken::default();
    for folder in ["fhir-r4/examples", "jp-clins"] {
        let mut files: Vec<_> = walk(&data.join(folder));
        files.sort();
        for file in files {
            if let Ok(json) = serde_json::from_slice::<Json>(&std::fs::read(&file).unwrap()) {
                taken.take(json);
            }
        }
    }
    for document in tsumugi_synth::load::documents(7, 3, 40) {
        taken.take(serde_json::from_slice(&document).unwrap());
    }
    for event in tsumugi_synth::load::citizen(11, 1, 60) {
        taken.take(serde_json::from_slice(&event).unwrap());
    }
    Some(taken.resources)
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() { walk(&path) } else { vec![path] }
        })
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect()
}

#[derive(Default)]
struct Taken {
    resources: Vec<Json>,
    counts: HashMap<String, usize>,
}

impl Taken {
    fn take(&mut self, json: Json) {
        let Some(kind) = json["resourceType"].as_str().map(str::to_owned) else { return };
        if kind != "Bundle" {
            return self.add(json);
        }
        let mut entries = json["entry"].as_array().cloned().unwrap_or_default();
        let mut names = HashMap::new();
        for entry in &mut entries {
            let Some(kind) = entry["resource"]["resourceType"].as_str().map(str::to_owned) else { continue };
            let id = format!("{}{}", kind.to_lowercase(), self.counts.values().sum::<usize>() + names.len());
            if let Some(url) = entry["fullUrl"].as_str() {
                names.insert(url.to_owned(), format!("{kind}/{id}"));
            }
            entry["resource"]["id"] = id.into();
        }
        for entry in entries {
            let mut resource = entry["resource"].clone();
            rename(&mut resource, &names);
            self.add(resource);
        }
    }

    fn add(&mut self, json: Json) {
        let Some(kind) = json["resourceType"].as_str() else { return };
        let plain = tsumugi_kernel::Kind::from_name(kind).is_some() && kind != "Bundle" && kind != "Parameters";
        let count = self.counts.entry(kind.to_owned()).or_default();
        if plain && *count < MOST {
            *count += 1;
            self.resources.push(json);
        }
    }
}

fn rename(json: &mut Json, names: &HashMap<String, String>) {
    match json {
        Json::Object(members) => {
            for (key, value) in members {
                match value.as_str().and_then(|text| names.get(text)) {
                    Some(name) if key == "reference" => *value = name.clone().into(),
                    _ => rename(value, names),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        _ => {}
    }
}
