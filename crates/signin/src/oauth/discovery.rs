//! Where what is (RFC 8414, OpenID Connect Discovery, SMART App Launch 2).

use serde_json::{Value, json};

use super::{Provider, detail};

/// The page on which a person decides.
pub const AUTHORIZE: &str = "/oauth/authorize";
/// The token endpoint.
pub const TOKEN: &str = "/oauth/token";
/// Where requests are pushed.
pub const PAR: &str = "/oauth/par";
/// Where tokens are ended.
pub const REVOKE: &str = "/oauth/revoke";
/// Where a client asks what became of a token.
pub const INTROSPECT: &str = "/oauth/introspect";
/// The keys.
pub const JWKS: &str = "/oauth/jwks";

impl Provider {
    /// The metadata that all three documents share.
    #[must_use]
    pub fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer());
        let signs = ["ES256", "ES384", "RS384", "EdDSA"];
        json!({
            "issuer": self.issuer(),
            "authorization_endpoint": at(AUTHORIZE),
            "token_endpoint": at(TOKEN),
            "pushed_authorization_request_endpoint": at(PAR),
            "revocation_endpoint": at(REVOKE),
            "introspection_endpoint": at(INTROSPECT),
            "jwks_uri": at(JWKS),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": signs,
            "revocation_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "revocation_endpoint_auth_signing_alg_values_supported": signs,
            "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
            "introspection_endpoint_auth_signing_alg_values_supported": signs,
            "dpop_signing_alg_values_supported": ["ES256", "ES384", "EdDSA"],
            "authorization_details_types_supported": [detail::TYPE],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "claims_supported": ["iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "fhirUser"],
            "scopes_supported": [
                "openid", "fhirUser", "launch/patient", "offline_access",
                "patient/*.rs", "patient/*.cruds", "user/*.rs", "user/*.cruds", "system/*.rs", "system/*.cruds",
                crate::scopes::DESK,
            ],
        })
    }

    /// The same for SMART clients, with what this server can do.
    #[must_use]
    pub fn smart_configuration(&self) -> Value {
        let mut all = self.metadata();
        all["capabilities"] = json!([
            "launch-standalone",
            "client-public",
            "client-confidential-asymmetric",
            "context-standalone-patient",
            "permission-patient",
            "permission-user",
            "permission-offline",
            "permission-v1",
            "permission-v2",
            "sso-openid-connect",
        ]);
        all
    }
}
