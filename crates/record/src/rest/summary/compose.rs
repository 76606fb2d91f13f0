//! The summary as a document: composition, patient, author, and everything that the sections name.

use std::collections::HashMap;

use tsumugi_fhir::{
    json::{Document, Limits, Node, write, write::Writer},
    values,
};
use tsumugi_kernel::{FactKey, Instant, Kind};
use tsumugi_ledger::Hash;

use super::{
    choose::choose,
    goes_along, narrative,
    rules::{self, Need, Section},
};
use crate::{Fact, RecordError, content_hash, references::split, rest::Desk};

/// One fact of the summary, unfolded.
struct Piece {
    fact: Fact,
    document: Document,
    id: String,
}

impl Piece {
    fn new(desk: &Desk, fact: Fact) -> Result<Self, RecordError> {
        let document = Document::parse(fact.body()?, &Limits::default());
        let document = document.map_err(|_| RecordError::Unreadable("a fact's body"))?;
        let id = desk.record.sealer().seal(fact.key());
        Ok(Self { fact, document, id })
    }

    fn node(&self) -> Node<'_> {
        self.document.root()
    }

    fn line(&self) -> String {
        narrative::line(self.node(), self.fact.values().ok().and_then(|values| values.day()))
    }
}

/// Everything that a summary tells.
pub struct Gathered {
    patient: Piece,
    sections: Vec<(&'static Section, Vec<Piece>)>,
    along: Vec<Piece>,
    /// Every `Patient` of the citizen, whom references in the summary mean alike.
    people: Vec<String>,
}

/// Gathers the summary from the facts that the lens shows; `None` if no `Patient` is among them.
pub(in crate::rest) fn gather(
    desk: &Desk,
    facts: &[Fact],
    named: Option<FactKey>,
    now: Instant,
) -> Result<Option<Gathered>, RecordError> {
    let by_key: HashMap<FactKey, &Fact> = facts.iter().map(|fact| (fact.key(), fact)).collect();
    let mut people = Vec::new();
    let mut best: Option<((bool, bool, Instant), Piece)> = None;
    for fact in facts.iter().filter(|fact| fact.key().kind == Kind::PATIENT) {
        let piece = Piece::new(desk, fact.clone())?;
        people.push(format!("Patient/{}", piece.id));
        // A summary needs a name and a birth date; of those that have them the one asked for, else the newest.
        let whole = piece.node().get("birthDate").is_some() && piece.node().find("name").next().is_some();
        let rank = (whole, named == Some(fact.key()), fact.instant());
        if best.as_ref().is_none_or(|(known, _)| rank > *known) {
            best = Some((rank, piece));
        }
    }
    let Some((_, patient)) = best else { return Ok(None) };
    let mut sections = Vec::new();
    for (section, facts) in rules::SECTIONS.iter().zip(choose(facts, now)?.sections) {
        let pieces = facts.into_iter().map(|fact| Piece::new(desk, fact)).collect::<Result<Vec<_>, _>>()?;
        if section.need == Need::Required || !pieces.is_empty() {
            sections.push((section, pieces));
        }
    }
    let mut along: Vec<Piece> = Vec::new();
    let mut asked: Vec<FactKey> = sections
        .iter()
        .flat_map(|(_, pieces)| pieces)
        .chain([&patient])
        .flat_map(|piece| companions(desk, piece))
        .collect();
    while let Some(key) = asked.pop() {
        let Some(fact) = by_key.get(&key).filter(|_| !along.iter().any(|piece| piece.fact.key() == key)) else {
            continue;
        };
        let piece = Piece::new(desk, (*fact).clone())?;
        asked.extend(companions(desk, &piece));
        along.push(piece);
    }
    Ok(Some(Gathered { patient, sections, along, people }))
}

/// Whom and what a resource names that goes along with it.
fn companions(desk: &Desk, piece: &Piece) -> Vec<FactKey> {
    values::references(&piece.node())
        .filter_map(|reference| {
            let (kind, id) = split(&reference.text)?;
            goes_along(kind).then(|| desk.record.sealer().open(id)).flatten().filter(|key| key.kind == kind)
        })
        .collect()
}

impl Gathered {
    /// Every fact that the summary tells.
    pub(in crate::rest) fn facts(&self) -> impl Iterator<Item = &Fact> {
        let told = self.sections.iter().flat_map(|(_, pieces)| pieces);
        told.chain(&self.along).chain([&self.patient]).map(|piece| &piece.fact)
    }

    /// The bundle; `leaf` makes its ids, so that no two summaries have one.
    pub(in crate::rest) fn write(&self, base: &str, now: Instant, leaf: &Hash) -> Vec<u8> {
        let (bundle, composition, author) = (uuid(leaf, b'b'), uuid(leaf, b'c'), uuid(leaf, b'd'));
        let stamp = now.to_fhir();
        let mut out = Writer::with_capacity(64 * 1024);
        out.object(|out| {
            out.field("resourceType", "Bundle");
            profile(out, rules::BUNDLE_PROFILE);
            out.field("language", "ja");
            out.key("identifier").object(|out| {
                out.field("system", "urn:ietf:rfc:3986").field("value", &format!("urn:uuid:{bundle}"));
            });
            out.field("type", "document").field("timestamp", &stamp);
            out.key("entry").array(|out| {
                entry(out, &format!("urn:uuid:{composition}"), |out| {
                    out.object(|out| self.composition(out, &composition, &author, &stamp));
                });
                self.piece(out, base, &self.patient);
                entry(out, &format!("urn:uuid:{author}"), |out| {
                    out.object(|out| device(out, &author));
                });
                let mut written: Vec<FactKey> = Vec::new();
                for piece in
                    self.sections.iter().flat_map(|(section, pieces)| entries(section, pieces)).chain(&self.along)
                {
                    if !written.contains(&piece.fact.key()) {
                        written.push(piece.fact.key());
                        self.piece(out, base, piece);
                    }
                }
            });
        });
        out.finish()
    }

    fn composition(&self, out: &mut Writer, id: &str, author: &str, stamp: &str) {
        out.field("resourceType", "Composition").field("id", id);
        profile(out, rules::COMPOSITION_PROFILE);
        out.field("language", "ja");
        text(out, &narrative::div("患者サマリー", "International Patient Summary", &[self.whom()]));
        out.field("status", "final");
        loinc(out, "type", rules::DOCUMENT, "Patient summary Document");
        reference(out, "subject", &format!("Patient/{}", self.patient.id));
        out.field("date", stamp);
        out.key("author").array(|out| {
            out.object(|out| {
                out.field("reference", &format!("urn:uuid:{author}"));
            });
        });
        out.field("title", "患者サマリー (International Patient Summary)").field("confidentiality", "N");
        out.key("event").array(|out| {
            out.object(|out| {
                out.key("code").array(|out| {
                    out.object(|out| {
                        coding(out, "http://terminology.hl7.org/CodeSystem/v3-ActClass", "PCPR", "care provision");
                    });
                });
                out.key("period").object(|out| {
                    out.field("end", stamp);
                });
            });
        });
        out.key("section").array(|out| {
            for (section, pieces) in &self.sections {
                out.object(|out| write_section(out, section, pieces));
            }
        });
    }

    /// Name and birth date, for the head of the text.
    fn whom(&self) -> String {
        let patient = self.patient.node();
        let name = patient.get("name").and_then(|names| names.items().next());
        let name = name.map(|name| {
            let written = name.get_str("text").map(std::borrow::Cow::into_owned);
            written.unwrap_or_else(|| {
                let parts = ["family", "given"].iter().flat_map(|part| name.find(part).filter_map(Node::as_str));
                parts.collect::<Vec<_>>().join(" ")
            })
        });
        let birth = patient.get_str("birthDate").unwrap_or_default();
        format!("{} {birth}", name.unwrap_or_default())
    }

    /// A fact as an entry. All `Patient`s of the citizen are one here, so references to any lead to the one inside.
    fn piece(&self, out: &mut Writer, base: &str, piece: &Piece) {
        let own = format!("Patient/{}", self.patient.id);
        let mut body = Vec::with_capacity(piece.node().raw().len());
        write::compact_with(&mut body, piece.node(), |key, value| {
            let text = value.as_str().filter(|_| key == "reference")?;
            (text != own && self.people.iter().any(|person| *person == text)).then(|| own.clone())
        });
        entry(out, &format!("{base}/{}/{}", piece.fact.key().kind, piece.id), |out| {
            out.raw_bytes(&body);
        });
    }
}

/// What of a section stands as entries: facts of the kinds that it takes. Others are told by its text.
fn entries<'p>(section: &Section, pieces: &'p [Piece]) -> impl Iterator<Item = &'p Piece> {
    let kinds = section.kinds;
    pieces.iter().filter(move |piece| kinds.contains(&piece.fact.key().kind.name()))
}

fn write_section(out: &mut Writer, section: &Section, pieces: &[Piece]) {
    out.field("title", &format!("{} / {}", section.ja, section.en));
    loinc(out, "code", section.code, section.display);
    let lines: Vec<String> = pieces.iter().map(Piece::line).collect();
    text(out, &narrative::div(section.ja, section.en, &lines));
    if pieces.is_empty() {
        out.key("emptyReason").object(|out| {
            out.key("coding").array(|out| {
                out.object(|out| {
                    let system = "http://terminology.hl7.org/CodeSystem/list-empty-reason";
                    out.field("system", system).field("code", "unavailable").field("display", "Unavailable");
                });
            });
            out.field("text", narrative::NOTHING);
        });
        return;
    }
    if entries(section, pieces).next().is_some() {
        out.key("entry").array(|out| {
            for piece in entries(section, pieces) {
                out.object(|out| {
                    out.field("reference", &format!("{}/{}", piece.fact.key().kind, piece.id));
                });
            }
        });
    }
}

/// The platform as the author: nobody wrote this summary by hand.
fn device(out: &mut Writer, id: &str) {
    out.field("resourceType", "Device").field("id", id);
    out.key("deviceName").array(|out| {
        out.object(|out| {
            out.field("name", "Tsumugi").field("type", "user-friendly-name");
        });
    });
    out.key("version").array(|out| {
        out.object(|out| {
            out.field("value", env!("CARGO_PKG_VERSION"));
        });
    });
}

fn entry(out: &mut Writer, url: &str, resource: impl FnOnce(&mut Writer)) {
    out.object(|out| {
        out.field("fullUrl", url).key("resource");
        resource(out);
    });
}

fn profile(out: &mut Writer, url: &str) {
    out.key("meta").object(|out| {
        out.key("profile").array(|out| {
            out.string(url);
        });
    });
}

fn text(out: &mut Writer, div: &str) {
    out.key("text").object(|out| {
        out.field("status", "generated").field("div", div);
    });
}

fn reference(out: &mut Writer, key: &str, to: &str) {
    out.key(key).object(|out| {
        out.field("reference", to);
    });
}

fn loinc(out: &mut Writer, key: &str, code: &str, display: &str) {
    out.key(key).object(|out| coding(out, rules::LOINC, code, display));
}

fn coding(out: &mut Writer, system: &str, code: &str, display: &str) {
    out.key("coding").array(|out| {
        out.object(|out| {
            out.field("system", system).field("code", code).field("display", display);
        });
    });
}

/// An id that nothing else has: made from the hash of the leaf that this answer left (RFC 9562, version 8).
pub(in crate::rest) fn uuid(leaf: &Hash, salt: u8) -> String {
    let mut bytes = leaf.to_vec();
    bytes.push(salt);
    let mut hash = content_hash(&bytes);
    hash[6] = (hash[6] & 0x0F) | 0x80;
    hash[8] = (hash[8] & 0x3F) | 0x80;
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
