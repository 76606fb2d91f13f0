//! `/api/openapi.json`, OpenAPI 3.1, from the table of endpoints and the models' own schemas.

use std::sync::OnceLock;

use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr,
    Required, ResponseBuilder,
    path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
    schema::{ObjectBuilder, Type},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};
use utoipa::{PartialSchema, ToSchema};

use super::super::{cookie, fault::ApiError};
use super::{BASES, Endpoint, cases, licence, matches, receipts};

type Named = (String, RefOr<utoipa::openapi::schema::Schema>);

/// The schema of an answer: its name, and everything that it is made of.
#[derive(Clone, Copy)]
pub(crate) struct Schema {
    name: fn() -> String,
    parts: fn(&mut Vec<Named>),
}

impl Schema {
    /// The schema of `T`.
    pub const fn of<T: ToSchema>() -> Self {
        Self {
            name: || T::name().into_owned(),
            parts: |into| {
                T::schemas(into);
                into.push((T::name().into_owned(), <T as PartialSchema>::schema()));
            },
        }
    }

    fn reference(self) -> Ref {
        Ref::from_schema_name((self.name)())
    }
}

/// Something that can be asked or done at a path of its own.
pub(crate) struct Deed {
    /// The path.
    pub path: &'static str,
    /// Its `operationId`.
    pub name: &'static str,
    /// Whether it is a POST with a JSON body; else a GET.
    pub post: bool,
    /// What it gives or does.
    pub summary: &'static str,
    /// The answer's schema.
    pub schema: Schema,
}

/// The description as JSON.
pub(crate) fn json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| {
        let info = InfoBuilder::new()
            .title("Tsumugi: what the pages show")
            .version(env!("CARGO_PKG_VERSION"))
            .description(Some("Every answer about a person has left a leaf in her log before it begins. Refused and not found are one answer."))
            .license(Some(LicenseBuilder::new().name("Apache-2.0").build()))
            .build();
        let mut parts = Vec::new();
        let endpoints = BASES.iter().flat_map(|(_, _, endpoints)| *endpoints);
        for schema in endpoints
            .filter_map(|endpoint| endpoint.schema)
            .chain(deeds().map(|deed| deed.schema))
            .chain([Schema::of::<ApiError>()])
        {
            (schema.parts)(&mut parts);
        }
        let components = parts.into_iter().fold(ComponentsBuilder::new(), |components, (name, schema)| components.schema(name, schema));
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie::SESSION)));
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        let components = components.security_scheme("session", session).security_scheme("bearer", bearer).build();
        let description = OpenApiBuilder::new().info(info).paths(paths()).components(Some(components)).build();
        // Names and texts always serialise.
        description.to_json().unwrap_or_default()
    })
}

/// What is done at paths of their own.
fn deeds() -> impl Iterator<Item = &'static Deed> {
    matches::DEEDS.iter().chain(&cases::DEEDS).chain(&receipts::DEEDS).chain(&licence::DEEDS)
}

fn paths() -> PathsBuilder {
    let own = OperationBuilder::new()
        .operation_id(Some("openapi"))
        .summary(Some("This description."))
        .response("200", ResponseBuilder::new().description("OpenAPI 3.1").build());
    let mut paths = PathsBuilder::new().path("/api/openapi.json", PathItem::new(HttpMethod::Get, own));
    for (base, prefix, endpoints) in BASES {
        for endpoint in endpoints {
            let item = PathItem::new(HttpMethod::Get, operation(base, prefix, endpoint));
            paths = paths.path(format!("{base}{}", endpoint.path), item);
        }
    }
    for deed in deeds() {
        let method = if deed.post { HttpMethod::Post } else { HttpMethod::Get };
        paths = paths.path(deed.path, PathItem::new(method, deed_operation(deed)));
    }
    paths
}

fn deed_operation(deed: &Deed) -> OperationBuilder {
    let content = ContentBuilder::new().schema(Some(deed.schema.reference())).build();
    let mut operation = OperationBuilder::new().operation_id(Some(deed.name)).summary(Some(deed.summary)).response(
        "200",
        ResponseBuilder::new().description("What may be shown.").content("application/json", content).build(),
    );
    if deed.post {
        let content = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::Object).build()));
        let body = RequestBodyBuilder::new().content("application/json", content.build());
        operation = operation.request_body(Some(body.required(Some(Required::True)).build()));
    }
    for name in deed.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        operation = operation.parameter(parameter(name, ParameterIn::Path, "From a list, or the look's number."));
    }
    secured(with_faults(operation))
}

fn operation(base: &str, prefix: &str, endpoint: &Endpoint) -> OperationBuilder {
    let person = base.contains("{id}");
    let id = format!("{prefix}{}", endpoint.name);
    let content = match endpoint.schema {
        Some(schema) => ContentBuilder::new().schema(Some(schema.reference())).build(),
        None => ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::Object).build())).build(),
    };
    let mut operation = OperationBuilder::new().operation_id(Some(id)).summary(Some(endpoint.summary)).response(
        "200",
        ResponseBuilder::new().description("What may be shown.").content("application/json", content).build(),
    );
    let language = "The language of the words that are ours: the cookie's, else this header's first.";
    operation = operation.parameter(parameter("Accept-Language", ParameterIn::Header, language));
    if person {
        operation = operation.parameter(parameter("id", ParameterIn::Path, "The id of a Patient of the person."));
    }
    for (name, what) in endpoint.query {
        operation = operation.parameter(parameter(name, ParameterIn::Query, what));
    }
    let operation = with_faults(operation);
    // What says nothing of anybody is public.
    if matches!(base, "/api/town" | "/api/demo" | "/api/statistics") { operation } else { secured(operation) }
}

fn with_faults(mut operation: OperationBuilder) -> OperationBuilder {
    for (status, what) in [
        ("400", "A parameter cannot be read."),
        ("401", "Nobody is signed in."),
        ("404", "Not found, or not open for this purpose."),
        ("503", "Too many at once."),
    ] {
        let content = ContentBuilder::new().schema(Some(Schema::of::<ApiError>().reference())).build();
        operation = operation
            .response(status, ResponseBuilder::new().description(what).content("application/json", content).build());
    }
    operation
}

fn secured(operation: OperationBuilder) -> OperationBuilder {
    let none: [&str; 0] = [];
    operation.security(SecurityRequirement::new("session", none)).security(SecurityRequirement::new("bearer", none))
}

fn parameter(name: &str, place: ParameterIn, what: &str) -> Parameter {
    let required = if matches!(place, ParameterIn::Path) { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(what))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build()
}
