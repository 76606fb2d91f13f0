//! Reading a bundle: type, identifier and entries.

use std::borrow::Cow;

use tsumugi_kernel::limits;

use crate::{
    json::{Document, Node},
    outcome::{Collector, Finding, IssueType, Severity},
};

/// FHIR's types of bundles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BundleType {
    /// `document`
    Document,
    /// `message`
    Message,
    /// `transaction`
    Transaction,
    /// `transaction-response`
    TransactionResponse,
    /// `batch`
    Batch,
    /// `batch-response`
    BatchResponse,
    /// `history`
    History,
    /// `searchset`
    Searchset,
    /// `collection`
    Collection,
}

impl BundleType {
    /// The type with FHIR's code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "document" => Self::Document,
            "message" => Self::Message,
            "transaction" => Self::Transaction,
            "transaction-response" => Self::TransactionResponse,
            "batch" => Self::Batch,
            "batch-response" => Self::BatchResponse,
            "history" => Self::History,
            "searchset" => Self::Searchset,
            "collection" => Self::Collection,
            _ => return None,
        })
    }
}

/// What a transaction or batch asks for one entry.
#[derive(Clone, Debug)]
pub struct EntryRequest<'a> {
    /// `GET`, `POST`, `PUT`, `DELETE`, `PATCH` or `HEAD`, as written.
    pub method: Cow<'a, str>,
    /// The URL, as written.
    pub url: Cow<'a, str>,
    /// `ifMatch`, as written.
    pub if_match: Option<Cow<'a, str>>,
    /// `ifNoneExist`, as written.
    pub if_none_exist: Option<Cow<'a, str>>,
}

/// One entry of a bundle.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// `fullUrl`, as written.
    pub full_url: Option<Cow<'a, str>>,
    /// The resource: an object with a `resourceType`.
    pub resource: Option<Node<'a>>,
    /// The request, in transactions and batches.
    pub request: Option<EntryRequest<'a>>,
    /// The entry itself.
    pub node: Node<'a>,
}

/// A bundle as read.
#[derive(Clone, Debug)]
pub struct Bundle<'a> {
    /// Its type.
    pub kind: BundleType,
    /// `identifier`: system and value (empty where missing).
    pub identifier: Option<(Cow<'a, str>, Cow<'a, str>)>,
    /// `timestamp`, as written.
    pub timestamp: Option<Cow<'a, str>>,
    /// Its entries in order, at most [`limits::BUNDLE_ENTRIES`].
    pub entries: Vec<Entry<'a>>,
    /// The bundle itself.
    pub node: Node<'a>,
}

impl<'a> Bundle<'a> {
    /// Reads the bundle that a document is.
    ///
    /// # Errors
    /// Findings where the document is no bundle, has no known type, too many entries, entries or resources that are
    /// no objects, or two entries with one `fullUrl` (but for versions in a history).
    pub fn read(document: &'a Document) -> Result<Self, Vec<Finding>> {
        Self::of(document.root())
    }

    /// Reads the bundle that a node is; see [`Bundle::read`].
    ///
    /// # Errors
    /// As [`Bundle::read`].
    pub fn of(node: Node<'a>) -> Result<Self, Vec<Finding>> {
        let wrong = |code, node: Node<'_>, path: &str, ja: &str, en: &str| {
            Err(vec![Finding::error(code, path, ja, en).at(node)])
        };
        if node.get_str("resourceType").as_deref() != Some("Bundle") {
            return wrong(
                IssueType::Structure,
                node,
                "",
                "Bundleではありません。resourceTypeを確かめてください。",
                "This is no Bundle. Check resourceType.",
            );
        }
        let Some(kind) = node.get_str("type").and_then(|code| BundleType::from_code(&code)) else {
            let place = node.get("type").unwrap_or(node);
            return wrong(
                IssueType::Value,
                place,
                "Bundle.type",
                "Bundle.typeがないか、FHIRにない種別です。",
                "Bundle.type is missing or is no type of FHIR.",
            );
        };
        let mut entries = Vec::new();
        if let Some(list) = node.get("entry") {
            if !list.is_array() {
                return wrong(
                    IssueType::Structure,
                    list,
                    "Bundle.entry",
                    "Bundle.entryは配列でなければなりません。",
                    "Bundle.entry must be an array.",
                );
            }
            let count = list.items().count();
            if count > limits::BUNDLE_ENTRIES {
                let ja = format!("エントリーが多すぎます。{}件までに分けてください。", limits::BUNDLE_ENTRIES);
                let en = format!("There are too many entries. Send at most {} at a time.", limits::BUNDLE_ENTRIES);
                return wrong(IssueType::TooCostly, list, "Bundle.entry", &ja, &en);
            }
            entries.reserve(count);
            let mut findings = Collector::default();
            for (index, item) in list.items().enumerate() {
                match entry(item, index) {
                    Ok(entry) => entries.push(entry),
                    Err(finding) => findings.add(Severity::Error, || finding),
                }
            }
            if kind != BundleType::History {
                repeated(&entries, &mut findings);
            }
            let findings = findings.finish();
            if !findings.is_empty() {
                return Err(findings);
            }
        }
        let identifier = node
            .get("identifier")
            .filter(|id| id.is_object())
            .map(|id| (id.get_str("system").unwrap_or_default(), id.get_str("value").unwrap_or_default()));
        Ok(Self { kind, identifier, timestamp: node.get_str("timestamp"), entries, node })
    }

    /// The first entry's resource.
    #[must_use]
    pub fn first(&self) -> Option<Node<'a>> {
        self.entries.first()?.resource
    }

    /// The resources in order.
    pub fn resources(&self) -> impl Iterator<Item = Node<'a>> + '_ {
        self.entries.iter().filter_map(|entry| entry.resource)
    }
}

fn entry(item: Node<'_>, index: usize) -> Result<Entry<'_>, Finding> {
    let path = |element: &str| format!("Bundle.entry[{index}]{element}");
    if !item.is_object() {
        let finding = Finding::error(
            IssueType::Structure,
            path(""),
            "エントリーはオブジェクトでなければなりません。",
            "An entry must be an object.",
        );
        return Err(finding.at(item));
    }
    let resource = item.get("resource");
    if let Some(resource) = resource.filter(|node| !node.get("resourceType").is_some_and(Node::is_string)) {
        let ja = "エントリーのresourceに文字列のresourceTypeがありません。";
        let en = "The entry's resource has no resourceType that is a string.";
        return Err(Finding::error(IssueType::Structure, path(".resource"), ja, en).at(resource));
    }
    let request = match item.get("request") {
        None => None,
        Some(request) => {
            let (Some(method), Some(url)) = (request.get_str("method"), request.get_str("url")) else {
                let ja = "requestにはmethodとurlが文字列で必要です。";
                let en = "A request needs method and url as strings.";
                return Err(Finding::error(IssueType::Required, path(".request"), ja, en).at(request));
            };
            let (if_match, if_none_exist) = (request.get_str("ifMatch"), request.get_str("ifNoneExist"));
            Some(EntryRequest { method, url, if_match, if_none_exist })
        }
    };
    Ok(Entry { full_url: item.get_str("fullUrl"), resource, request, node: item })
}

/// Two entries with one `fullUrl` would make references ambiguous.
fn repeated(entries: &[Entry<'_>], findings: &mut Collector) {
    let mut urls: Vec<(&str, usize)> =
        entries.iter().enumerate().filter_map(|(index, entry)| Some((entry.full_url.as_deref()?, index))).collect();
    urls.sort_unstable();
    for pair in urls.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let index = pair[1].1;
        findings.add(Severity::Error, || {
            let path = format!("Bundle.entry[{index}].fullUrl");
            let ja = "同じfullUrlのエントリーが前にあります。エントリーごとに別のfullUrlにしてください。";
            let en = "An entry before has the same fullUrl. Give each entry its own.";
            Finding::error(IssueType::Duplicate, path, ja, en).at(entries[index].node)
        });
    }
}
