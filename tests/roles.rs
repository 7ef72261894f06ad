//! Stored roles: created, changed and deleted in the browser, and previewed before saving. They
//! apply at the next request. They never let a person exceed their own rights or lock everyone out.

mod broken;
mod forms;
mod owners;
mod processes;
mod rights;
mod steps;

use crate::support::{Answer, Client, TestApp};

const NEW: &str = "/admin/roles/new";

/// The current version, which a change must carry.
async fn version(client: &Client) -> String {
    let json = client.json("/admin/roles").await;
    json["version"].as_i64().unwrap().to_string()
}

/// Sends a confirmed change based on the current version.
async fn change(client: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    let version = version(client).await;
    let mut all = vec![("version", version.as_str()), ("confirm", "yes")];
    all.extend_from_slice(fields);
    client.post_form(path, &all).await
}

/// Creates a role with these verbs on a resource, and gives it to a group.
async fn make(client: &Client, name: &str, on: &str, may: &[&str], group: Option<&str>) {
    let mut fields = vec![("name", name), ("grant.0.is", "yes"), ("grant.0.on", on)];
    fields.extend(may.iter().map(|verb| ("grant.0.may", *verb)));
    change(client, NEW, &fields).await.expect(303);
    if let Some(group) = group {
        give(client, name, group).await.expect(303);
    }
}

/// Gives a role to a group.
pub async fn give(client: &Client, role: &str, group: &str) -> Answer {
    let path = format!("/admin/roles/{role}/groups");
    change(client, &path, &[("how", "is"), ("text", group)]).await
}

/// All stored roles, to check that nothing was changed.
fn kept(app: &TestApp) -> Vec<Option<String>> {
    let mut all = app.db.texts(
        "SELECT name || coalesce(label, '') || grants || manage FROM bailiwick_roles ORDER BY name",
    );
    all.extend(
        app.db
            .texts("SELECT role || rule FROM bailiwick_group_rules ORDER BY id"),
    );
    all.extend(app.db.texts("SELECT version FROM bailiwick_access"));
    all
}
