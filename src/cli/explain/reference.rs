//! Explains one request from the audit log: error pages show its id.

use crate::app;
use crate::cli::decision::shown;
use crate::config::Config;
use crate::store::audit::{self, Entry};
use crate::store::{DatabaseError, migrations};
use anyhow::bail;

/// The events of a request, in words.
///
/// # Errors
/// When there are none, or the database cannot be read.
pub async fn told(config: &Config, reference: &str) -> anyhow::Result<String> {
    let wanted = reference.trim().to_uppercase();
    let asked = wanted.clone();
    let entries = app::look(&config.database, move |conn| {
        if !migrations::pending(conn)?.is_empty() {
            return Ok(Vec::new());
        }
        Ok(audit::of_request(conn, &asked).map_err(DatabaseError::from)?)
    });
    let entries = entries.await?;
    if entries.is_empty() {
        bail!(
            "--reference: the audit log has no entry for {wanted}. Look for it in the panel's log \
             (request.id): server errors are recorded only there"
        );
    }
    let text: Vec<String> = entries.iter().map(of_entry).collect();
    Ok(shown(&format!("Reference {wanted}\n{}", text.concat())))
}

fn of_entry(entry: &Entry) -> String {
    let mut text = format!(
        "\n{} UTC  {}\n  by {} of {}\n",
        entry.at.format("%Y-%m-%d %H:%M:%S"),
        entry.action,
        entry.actor_name,
        entry.actor_issuer
    );
    let is_sign_in = audit::Action::named(&entry.action) == Some(audit::Action::SignIn);
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("  {name}: {value}\n"));
        }
    };
    add("roles", &entry.roles);
    if is_sign_in && entry.roles.is_empty() {
        add(
            "result",
            "turned away, as nothing gave a role; bailiwick explain --last-login WHO shows which \
             groups came",
        );
    }
    add("resource", entry.resource.as_deref().unwrap_or_default());
    add("row", entry.row_key.as_deref().unwrap_or_default());
    for (name, value) in &entry.details() {
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::String(value) => add(name, value),
            other => add(name, &other.to_string()),
        }
    }
    text
}
