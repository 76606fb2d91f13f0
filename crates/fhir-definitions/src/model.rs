//! What a definition says, and nothing of its prose.
//!
//! Two views of the same official files. The *type model* ([`TypeDef`], [`Field`]) is R4's own types with every choice and
//! backbone resolved, for FHIRPath, XML and search: one look-up from a type and a JSON key to a field and its type. The
//! *structures* ([`Structure`], [`Element`]) are StructureDefinitions with their snapshots, profiles included, for
//! validation.

use serde::{Deserialize, Serialize};

/// A type of R4: a resource, a data type, a primitive, or a backbone element such as `Patient.contact`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TypeId(pub u16);

/// What sort of type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TypeKind {
    /// `string`, `date` …: in JSON a bare value, with `_name` beside it for id and extensions.
    Primitive,
    /// `HumanName`, `Extension` …
    Complex,
    /// An element with elements of its own inside a resource or data type; its name is its path.
    Backbone,
    /// A resource, abstract ones included.
    Resource,
    /// FHIRPath's own (`http://hl7.org/fhirpath/System.String` …), of `id`, `url` and primitive values.
    System,
}

/// One type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeDef {
    /// FHIR's name: `Patient`, `HumanName`, `string`; of a backbone its path (`Patient.contact`).
    pub name: Box<str>,
    /// What sort.
    pub kind: TypeKind,
    /// Whether only its descendants occur.
    pub is_abstract: bool,
    /// The type that it specialises: `code` → `string` → `Element`.
    pub base: Option<TypeId>,
    /// Of a primitive: the regular expression that its whole text matches (`regex` extension of its value).
    pub pattern: Option<Box<str>>,
    /// Its fields in the order of the definition, inherited ones included.
    pub fields: Vec<Field>,
}

/// One field of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Name without `[x]`: `value`, `birthDate`.
    pub name: Box<str>,
    /// The types that it may have, with the JSON key of each; one for fields that are no choice.
    pub types: Vec<FieldType>,
    /// Fewest occurrences.
    pub min: u32,
    /// Whether it is an array in JSON.
    pub array: bool,
    /// Whether its name ends in `[x]`.
    pub choice: bool,
    /// Whether `_summary=true` shows it.
    pub summary: bool,
    /// Whether it is a modifier element.
    pub modifier: bool,
    /// Whether XML writes it as an attribute (`id`, `Extension.url`).
    pub attribute: bool,
}

/// One type that a field may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldType {
    /// The type; of a content reference, the backbone type referred to.
    pub ty: TypeId,
    /// The JSON key: `valueQuantity`, `birthDate`.
    pub key: Box<str>,
}

/// What a structure describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StructureKind {
    /// A primitive type.
    Primitive,
    /// A data type or extension.
    Complex,
    /// A resource.
    Resource,
    /// A logical model; loaded, never claimed by a resource.
    Logical,
}

/// One StructureDefinition with its snapshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Structure {
    /// Canonical URL, without version.
    pub url: Box<str>,
    /// Business version.
    pub version: Option<Box<str>>,
    /// The type that it constrains or defines: `Observation`, `Extension`.
    pub type_name: Box<str>,
    /// What it describes.
    pub kind: StructureKind,
    /// Whether only its descendants occur.
    pub is_abstract: bool,
    /// `true` for a profile (`derivation = constraint`), `false` for a type of its own.
    pub is_profile: bool,
    /// `baseDefinition`.
    pub base: Option<Box<str>>,
    /// Of an extension: where it may stand.
    pub contexts: Vec<ExtensionContext>,
    /// The snapshot's elements in order; the first is the root.
    pub elements: Vec<Element>,
}

/// Where an extension may stand (`StructureDefinition.context`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExtensionContext {
    /// `element`, `extension` or `fhirpath`.
    pub kind: Box<str>,
    /// Path, extension URL or expression.
    pub expression: Box<str>,
}

/// One ElementDefinition of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// `ElementDefinition.id`, unique in the snapshot: `Observation.component:systolic.value[x]`.
    pub id: Box<str>,
    /// `ElementDefinition.path`: `Observation.component.value[x]`.
    pub path: Box<str>,
    /// `sliceName`.
    pub slice: Option<Box<str>>,
    /// Fewest occurrences.
    pub min: u32,
    /// Most occurrences; `None` for `*`.
    pub max: Option<u32>,
    /// Whether the base allows more than one, so that JSON has an array.
    pub array: bool,
    /// Types.
    pub types: Vec<TypeRef>,
    /// `contentReference` without URL and `#`: the id of the element whose content this one has.
    pub content_reference: Option<Box<str>>,
    /// `fixed[x]`, as JSON text.
    pub fixed: Option<Box<str>>,
    /// `pattern[x]`, as JSON text.
    pub pattern: Option<Box<str>>,
    /// `minValue[x]`, as JSON text.
    pub min_value: Option<Box<str>>,
    /// `maxValue[x]`, as JSON text.
    pub max_value: Option<Box<str>>,
    /// `maxLength` in characters.
    pub max_length: Option<u32>,
    /// The value set that its codes come from.
    pub binding: Option<Binding>,
    /// Invariants.
    pub constraints: Vec<Constraint>,
    /// How its occurrences are sliced.
    pub slicing: Option<Slicing>,
    /// `isModifier`.
    pub modifier: bool,
    /// `isSummary`.
    pub summary: bool,
    /// `mustSupport`.
    pub must_support: bool,
}

/// One type of an element.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeRef {
    /// FHIR's name. Ids and `Extension.url`, which snapshots give FHIRPath's types, have FHIR's here (`string`, `id`,
    /// `uri`); only the value of a primitive keeps FHIRPath's (`http://hl7.org/fhirpath/System.String`).
    pub code: Box<str>,
    /// Profiles of which one must hold; canonical URLs.
    pub profiles: Vec<Box<str>>,
    /// Profiles of which one must hold for what a reference or canonical points to.
    pub target_profiles: Vec<Box<str>>,
    /// `contained`, `referenced`, `bundled`; any where empty.
    pub aggregation: Vec<Box<str>>,
}

/// How strongly codes are bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Strength {
    /// For illustration.
    Example,
    /// Encouraged.
    Preferred,
    /// Unless nothing in the value set fits.
    Extensible,
    /// Always.
    Required,
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// How strongly.
    pub strength: Strength,
    /// Canonical URL of the value set, with its version if one is named.
    pub value_set: Option<Box<str>>,
    /// The value set that bounds an extensible or preferred binding (`elementdefinition-maxValueSet`).
    pub max_value_set: Option<Box<str>>,
}

/// An invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// Its key: `dom-3`, `R0211`.
    pub key: Box<str>,
    /// `true` for severity error, `false` for warning.
    pub is_error: bool,
    /// FHIRPath; `None` where the definition gives words only.
    pub expression: Option<Box<str>>,
    /// URL of the structure that states it first.
    pub source: Option<Box<str>>,
}

/// How occurrences are sliced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slicing {
    /// What tells slices apart.
    pub discriminators: Vec<Discriminator>,
    /// Whether slices must stand in the order of the definition.
    pub ordered: bool,
    /// Whether others may stand beside them.
    pub rules: SlicingRules,
}

/// Whether occurrences outside every slice are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SlicingRules {
    /// Yes.
    Open,
    /// No.
    Closed,
    /// After the slices.
    OpenAtEnd,
}

/// One discriminator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discriminator {
    /// What is compared.
    pub kind: DiscriminatorKind,
    /// FHIRPath, restricted: `code`, `$this`, `resolve().code`, `extension('…')`, `ofType(…)`.
    pub path: Box<str>,
}

/// What a discriminator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DiscriminatorKind {
    /// A fixed value, or the codes of a required binding.
    Value,
    /// Presence.
    Exists,
    /// A pattern.
    Pattern,
    /// The type.
    Type,
    /// Conformance to a profile.
    Profile,
}

/// R4's types of search parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SearchType {
    /// A number.
    Number,
    /// A date, time or period.
    Date,
    /// Text.
    String,
    /// A code or identifier.
    Token,
    /// A reference.
    Reference,
    /// Several parameters joined by `$`.
    Composite,
    /// A quantity with its unit.
    Quantity,
    /// A URI.
    Uri,
    /// Defined in words (`_text`, `near` …).
    Special,
}

/// One SearchParameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SearchParam {
    /// Canonical URL.
    pub url: Box<str>,
    /// Name in a URL: `birthdate`.
    pub code: Box<str>,
    /// Type.
    pub ty: SearchType,
    /// Names of the types that have it; `Resource` and `DomainResource` stand for their descendants.
    pub bases: Vec<Box<str>>,
    /// FHIRPath to its values; `None` for those defined in words.
    pub expression: Option<Box<str>>,
    /// Names of the kinds that a reference may point to.
    pub targets: Vec<Box<str>>,
    /// Of a composite: the parameters and the FHIRPath from the composite's value to theirs.
    pub components: Vec<SearchComponent>,
}

/// One part of a composite parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SearchComponent {
    /// Canonical URL of the parameter.
    pub definition: Box<str>,
    /// FHIRPath from the composite's value.
    pub expression: Box<str>,
}

/// One CompartmentDefinition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compartment {
    /// `Patient`, `Encounter` …
    pub code: Box<str>,
    /// Kinds in it, with the search parameters that put a resource there (`{def}` for the kind itself).
    pub members: Vec<(Box<str>, Vec<Box<str>>)>,
}

/// One CodeSystem, as far as its codes are in the definition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeSystem {
    /// Canonical URL.
    pub url: Box<str>,
    /// Version.
    pub version: Option<Box<str>>,
    /// Whether `Code` and `code` differ.
    pub case_sensitive: bool,
    /// Whether all codes are here (`content = complete`); else absence proves nothing.
    pub complete: bool,
    /// Codes; each with the index of its parents in this list.
    pub concepts: Vec<Concept>,
}

/// One code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Concept {
    /// The code.
    pub code: Box<str>,
    /// Indexes of its parents (`concept` nesting, and `subsumedBy`/`parent` properties).
    pub parents: Vec<u32>,
    /// Whether it only groups others (`notSelectable`).
    pub is_abstract: bool,
    /// Further properties that filters may ask for: name and value as text.
    pub properties: Vec<(Box<str>, Box<str>)>,
}

/// A code system's canonical URL and a code of it.
pub type Coded = (Box<str>, Box<str>);

/// One ValueSet: its compose, or its expansion where that is all there is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ValueSet {
    /// Canonical URL.
    pub url: Box<str>,
    /// Version.
    pub version: Option<Box<str>>,
    /// What is in it.
    pub include: Vec<Include>,
    /// What is not.
    pub exclude: Vec<Include>,
    /// An expansion that came with the definition: system and code.
    pub expansion: Option<Vec<Coded>>,
}

/// One include or exclude.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Include {
    /// Code system.
    pub system: Option<Box<str>>,
    /// Codes; all of the system where this and `filters` are empty.
    pub codes: Vec<Box<str>>,
    /// Filters: property, operator, value.
    pub filters: Vec<(Box<str>, Box<str>, Box<str>)>,
    /// Value sets that must all hold a code as well.
    pub value_sets: Vec<Box<str>>,
}

/// Whether a code is in a value set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It is.
    In,
    /// It is not.
    Out,
    /// It cannot be known here, and why.
    NotChecked(NotChecked),
}

/// Why a code was not checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NotChecked {
    /// The value set is not loaded.
    ValueSet(Box<str>),
    /// The code system is not loaded, or only part of it.
    CodeSystem(Box<str>),
    /// A filter that is not understood here.
    Filter(Box<str>),
    /// The value sets refer to each other, or too deeply.
    Recursion(Box<str>),
    /// More codes than are listed at once.
    TooMany(Box<str>),
}
