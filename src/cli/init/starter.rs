//! The text of a starter configuration. It is complete except for values that only its reader
//! knows. Those are left empty, so that a start reports each line to fill in.

use super::large::{Groups, remarks};
use crate::catalog::defaults::is_secret;
use crate::catalog::{Catalog, DisplayPart, Field, Kind, Resource};
use crate::config::{DatabaseConfig, DatabaseTarget, OidcConfig, ServerConfig, VERBS};
use std::fmt::Write;

/// The number of resources named in the sample role.
const SAMPLE: usize = 3;

/// The data for a starter configuration.
#[derive(Debug, Clone, Copy)]
pub struct Starter<'a> {
    /// The database's URL as given, including the password.
    pub database: &'a str,
    /// The given schemas, on PostgreSQL; empty for the default.
    pub schemas: &'a [String],
    /// The server's settings; only the public URL is used.
    pub server: &'a ServerConfig,
    /// The identity provider's issuer, if known.
    pub issuer: Option<&'a str>,
    /// The catalog of the database.
    pub catalog: &'a Catalog,
}

/// Writes a commented `bailiwick.toml`. Once issuer, client, secret and group are filled in,
/// `serve` works with it.
pub fn starter_config(input: &Starter<'_>) -> String {
    let parts = [
        head(),
        server(input.server),
        database(input),
        oidc(input),
        session(),
        roles(input.catalog),
        resources(input.catalog),
    ];
    parts.join("\n")
}

fn head() -> String {
    "\
# Bailiwick: an admin panel over your database, behind your own single sign-on.
#
# Fill in the empty values below, then:
#   bailiwick check --config THIS_FILE    says what is still missing or wrong
#   bailiwick serve --config THIS_FILE    serves the panel
# Environment variables override this file: BAILIWICK__OIDC__CLIENT_SECRET sets client_secret.
"
    .to_owned()
}

fn server(server: &ServerConfig) -> String {
    format!(
        "\
[server]
listen = {listen}
# How browsers reach the panel; https, unless it is this machine only.
public_url = {public_url}
# The path of the panel below public_url.
mount = {mount}
# The proxies in front, whose X-Forwarded-For is believed.
# trusted_proxies = [\"10.0.0.1\"]
# Who gives access; shown to people without a role.
# contact = \"it@example.com\"
# Whether that page also says which groups would give a role.
# denied_shows_expected = false
",
        listen = quoted(&server.listen.to_string()),
        public_url = quoted(server.public_url().as_str().trim_end_matches('/')),
        mount = quoted(&server.mount),
    )
}

const FROM_ITS_FOLDER: &str = "# A relative path starts at the folder of this file.\n";

fn database(input: &Starter<'_>) -> String {
    let url = input.database;
    let hint = match DatabaseConfig::new(url).target() {
        #[cfg(feature = "postgres")]
        Ok(DatabaseTarget::Postgres(_)) => {
            let schemas = match input.schemas {
                [] => "# schemas = [\"public\"]".to_owned(),
                named => format!("schemas = {}", list(named.iter().map(String::as_str))),
            };
            format!(
                "# If this file is shared, leave the password to BAILIWICK__DATABASE__URL, or to a file: url_file.\n\
                 {schemas}\n# statement_timeout_s = 30\n"
            )
        }
        #[cfg(feature = "mysql")]
        Ok(DatabaseTarget::Mysql(_)) => {
            "# If this file is shared, leave the password to BAILIWICK__DATABASE__URL, or to a file: url_file.\n\
             # statement_timeout_s = 30\n"
                .to_owned()
        }
        #[cfg(feature = "sqlite")]
        Ok(DatabaseTarget::Sqlite(_)) => FROM_ITS_FOLDER.to_owned(),
        Err(_) => FROM_ITS_FOLDER.to_owned(),
    };
    format!("[database]\nurl = {}\n{hint}# pool_size = 8\n", quoted(url))
}

fn oidc(input: &Starter<'_>) -> String {
    let (issuer, public_url) = (input.issuer, input.server.public_url());
    format!(
        "\
# Register a client (application, relying party) at your identity provider: a confidential one,
# for the authorization code flow, with exactly these addresses (they follow public_url):
#   redirect URI              {redirect}
#   post-logout redirect URI  {signed_out}
#   back-channel logout URI   {backchannel}
[oidc]
# The issuer, byte for byte as the provider writes it, such as \"https://id.example.com/realms/staff\".
issuer = {issuer}
# The client's name and secret, as the provider gave them to you.
client_id = \"\"
client_secret = \"\"
# Or, instead of client_secret, a file that holds it:
# client_secret_file = \"/run/secrets/bailiwick\"
# The scopes asked for; leave out \"groups\" if your provider does not know it. With
# \"offline_access\" most give a refresh token: groups are then read again without the browser.
# scopes = [\"openid\", \"profile\", \"email\", \"groups\"]
# The claim that holds the groups, such as \"groups\" or \"realm_access.roles\".
# groups_claim = \"groups\"
# A prefix to remove from each group, such as the \"/\" of Keycloak's full paths.
# strip_prefix = \"/\"
# If groups come as one text: the separator between them.
# groups_separator = \",\"
# Further keys set your own certificate authority (ca_file) and an HTTP proxy (proxy). More providers
# are written the same way, as [providers.NAME]. docs/configuration.md lists every key.
# Whether a back-channel logout must be of the type logout+jwt, which not every provider writes.
# strict_logout_typ = true
",
        redirect = OidcConfig::redirect_uri(&public_url),
        signed_out = OidcConfig::post_logout_uri(&public_url),
        backchannel = OidcConfig::backchannel_logout_uri(&public_url),
        issuer = quoted(issuer.unwrap_or_default()),
    )
}

fn session() -> String {
    "\
[session]
# A session unused for this long ends.
# idle = \"30m\"
# A session this old ends, used or not.
# absolute = \"12h\"
# How old a person's groups may be before they are read again.
# recheck = \"5m\"
# How much longer the last known groups stay valid while the provider does not answer; or \"0s\".
# grace = \"10m\"
# The key that signs cookies. Without it, the panel keeps a key in its own tables. To change it,
# put the new one in front. Make one with: openssl rand -base64 48
# secret = []

# Rate limits: 60 allows a burst of 60, then 60 a minute; 0 is no limit.
[limits]
# Starts of a sign-in, by address. Raise it if many people share one.
# sign_ins = 120
# Exports, by person.
# exports = 120
"
    .to_owned()
}

fn roles(catalog: &Catalog) -> String {
    format!(
        "\
# Who may do what. Without a role nobody gets in; without a grant a role gives nothing.
[roles.admin]
label = \"Administrators\"
# The groups that have this role, exactly as the provider sends them.
groups = [\"\"]
# What they manage in the panel itself: who has which role, and everybody's sessions.
manage = [\"roles\", \"sessions\"]
[[roles.admin.grants]]
on = [\"*\"]
may = {all}
# What needs a recent sign-in, or a certain sign-in level (acr).
# step_up = {{ delete = {{ max_age = \"10m\" }} }}

{sample}",
        all = list(VERBS),
        sample = sample_role(catalog),
    )
}

/// A role, commented out, that fits this database once the comment marks are removed.
fn sample_role(catalog: &Catalog) -> String {
    let sample: Vec<&Resource> = shown(catalog).take(SAMPLE).collect();
    if sample.is_empty() {
        return "# There is no table that this user may read yet: run init again once there are some.\n"
            .to_owned();
    }
    let mut text = format!(
        "\
# A role that may only look:
# [roles.viewer]
# label = \"Viewers\"
# groups = [\"staff\"]
# [[roles.viewer.grants]]
# on = {on}
# may = [\"view\"]
",
        on = list(sample.iter().map(|resource| &*resource.name)),
    );
    let hidden = sample.iter().find_map(|resource| hideable(resource));
    if let Some(column) = hidden {
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "# Columns this grant does not cover:\n# hide = {}\n",
            list([column])
        );
    }
    let limited = shown(catalog).find_map(|resource| Some((resource, limiting(resource)?)));
    if let Some((resource, column)) = limited {
        let rule = format!("{column}=eq:{{claim.{}}}", claim(column));
        let _ = write!(
            text,
            "\
# Another role, only for rows that match a claim of the person ({{claim.NAME}}):
# [roles.some_rows]
# groups = [\"staff-of-one-region\"]
# [[roles.some_rows.grants]]
# on = {on}
# may = [\"view\", \"edit\"]
# rows = {rows}
",
            on = list([&*resource.name]),
            rows = list([&*rule]),
        );
    }
    text
}

/// A column to hide: the first that sounds like a secret, or the last one.
fn hideable(resource: &Resource) -> Option<&str> {
    let fields = || open_fields(resource);
    let secret = fields().find(|field| is_secret(field));
    let field = secret.or_else(|| fields().last())?;
    Some(&field.name)
}

/// Frequent names of columns that separate people's responsibilities.
const DIVIDING: [&str; 7] = [
    "region",
    "country",
    "department",
    "team",
    "tenant",
    "company",
    "branch",
];

/// A text column for row rules: one with a suitable name, or the first.
fn limiting(resource: &Resource) -> Option<&str> {
    // Comparisons need a plain name.
    let is_plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let fits = |field: &&Field| {
        field.kind == Kind::Text && !field.long && !is_secret(field) && is_plain(&field.name)
    };
    let divides = |field: &&Field| DIVIDING.contains(&field.name.as_str());
    let found = open_fields(resource).filter(fits).find(divides);
    let field = found.or_else(|| open_fields(resource).find(fits))?;
    Some(&field.name)
}

fn open_fields(resource: &Resource) -> impl DoubleEndedIterator<Item = &Field> {
    let fields = resource.fields.iter().enumerate();
    let open = fields.filter(|(index, _)| !resource.key.contains(index));
    open.map(|(_, field)| field)
}

/// The claim to compare a column with.
fn claim(column: &str) -> String {
    column.to_lowercase()
}

fn resources(catalog: &Catalog) -> String {
    let mut text = "\
# What is shown of each table was chosen from the schema. To change it, take out the \"# \".
# A column is changed under [resources.NAME.columns.COLUMN]: label, help, choices, long.
"
    .to_owned();
    let groups = Groups::of(catalog);
    for resource in shown(catalog) {
        text.push('\n');
        for remark in remarks(resource) {
            let _ = writeln!(text, "# {remark}");
        }
        let (mark, group) = match groups.of_resource(resource) {
            Some(group) => ("", format!("group = {}\n", quoted(&group))),
            None => ("# ", String::new()),
        };
        let _ = write!(
            text,
            "\
{mark}[resources.{key}]
{group}# label = {label}
# list = {list}
# search = {search}
# display = {display}
",
            key = key(&resource.name),
            label = quoted(&resource.label),
            list = list(names(resource, &resource.list)),
            search = list(names(resource, &resource.search)),
            display = quoted(&display(resource)),
        );
    }
    text
}

/// The resources that the configuration can change.
pub(super) fn shown(catalog: &Catalog) -> impl Iterator<Item = &Resource> {
    catalog
        .iter()
        .map(|resource| &**resource)
        .filter(|resource| !resource.is_audit())
}

fn names<'r>(resource: &'r Resource, columns: &'r [usize]) -> impl Iterator<Item = &'r str> {
    columns
        .iter()
        .filter_map(|index| Some(&*resource.fields.get(*index)?.name))
}

fn display(resource: &Resource) -> String {
    let parts = resource.display.0.iter().map(|part| match part {
        DisplayPart::Text(text) => text.clone(),
        DisplayPart::Column(index) => match resource.fields.get(*index) {
            Some(field) => format!("{{{}}}", field.name),
            None => String::new(),
        },
    });
    parts.collect()
}

fn list<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(quoted).collect();
    format!("[{}]", quoted.join(", "))
}

/// A TOML key, quoted if necessary.
fn key(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A TOML basic string, always on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests;
