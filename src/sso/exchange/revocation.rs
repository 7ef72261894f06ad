//! Revokes refresh tokens that are no longer needed (RFC 7009).

use super::client::auth_type;
use crate::sso::provider::Provider;
use crate::sso::provider::wire::WireError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use openidconnect::AuthType;
use openidconnect::http::{Request, StatusCode, header};
use url::form_urlencoded::{Serializer, byte_serialize};

impl Provider {
    /// Revokes a refresh token, if the provider has an endpoint for that.
    ///
    /// # Errors
    /// When it does not confirm the revocation.
    pub(in crate::sso) async fn revoke(&self, refresh_token: &str) -> Result<(), WireError> {
        let Ok(metadata) = self.metadata().await else {
            return Ok(());
        };
        let Some(endpoint) = metadata.revocation() else {
            return Ok(());
        };
        let settings = &self.settings;
        let mut form = Serializer::new(String::new());
        form.append_pair("token", refresh_token);
        form.append_pair("token_type_hint", "refresh_token");
        let mut request = Request::post(endpoint)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let secret = settings
            .client_secret
            .as_ref()
            .map(|secret| secret.reveal());
        match (auth_type(settings.auth_method, &metadata), secret) {
            (AuthType::BasicAuth, Some(secret)) => {
                let basic = basic(&settings.client_id, secret);
                request = request.header(header::AUTHORIZATION, basic);
            }
            (_, secret) => {
                form.append_pair("client_id", &settings.client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret);
                }
            }
        }
        let request = request
            .body(form.finish().into_bytes())
            .map_err(|error| WireError::Request(error.to_string()))?;
        let answer = self.wire.send(request).await?;
        match answer.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(()),
            status => Err(WireError::Status(status.as_u16())),
        }
    }
}

/// Client id and secret for the header, each form-encoded first (RFC 6749, section 2.3.1).
fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}
