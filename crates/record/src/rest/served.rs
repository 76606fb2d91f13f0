//! The search part of the `CapabilityStatement`: what the definitions that are loaded say of each kind.

use std::collections::HashMap;

use tsumugi_fhir::json::write::Writer;
use tsumugi_fhir_definitions::SearchType;
use tsumugi_fhir_search::Search;
use tsumugi_kernel::Kind;

/// What is served, by kind.
pub(super) struct Served<'a> {
    engine: &'a Search,
    /// For each kind, what refers to it: `Observation:subject`.
    referring: HashMap<Kind, Vec<String>>,
}

impl<'a> Served<'a> {
    pub(super) fn new(engine: &'a Search) -> Self {
        let mut referring: HashMap<Kind, Vec<String>> = HashMap::new();
        for kind in Kind::all() {
            for param in engine.served(kind).filter(|param| param.ty == SearchType::Reference) {
                for target in param.targets.iter().filter_map(|name| Kind::from_name(name)) {
                    referring.entry(target).or_default().push(format!("{kind}:{}", param.code));
                }
            }
        }
        Self { engine, referring }
    }

    /// `searchInclude`, `searchRevInclude` and `searchParam` of a kind.
    pub(super) fn write(&self, out: &mut Writer, kind: Kind) {
        let references = || self.engine.served(kind).filter(|param| param.ty == SearchType::Reference);
        out.key("searchInclude").array(|out| {
            out.string("*").string(&format!("{kind}:*"));
            for param in references() {
                out.string(&format!("{kind}:{}", param.code));
            }
        });
        if let Some(referring) = self.referring.get(&kind) {
            out.key("searchRevInclude").array(|out| {
                for name in referring {
                    out.string(name);
                }
            });
        }
        out.key("searchParam").array(|out| {
            for param in self.engine.served(kind) {
                out.object(|out| {
                    out.field("name", &param.code).field("definition", &param.url).field("type", code(param.ty));
                });
            }
        });
    }
}

/// FHIR's code (`SearchParamType`).
const fn code(ty: SearchType) -> &'static str {
    match ty {
        SearchType::Number => "number",
        SearchType::Date => "date",
        SearchType::String => "string",
        SearchType::Token => "token",
        SearchType::Reference => "reference",
        SearchType::Composite => "composite",
        SearchType::Quantity => "quantity",
        SearchType::Uri => "uri",
        SearchType::Special => "special",
    }
}
