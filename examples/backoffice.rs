//! The panel over any SQLite database, with a development identity provider beside it.
//!
//! ```text
//! cargo run --release --example backoffice -- --bind 127.0.0.1:8080 --database orders.sqlite
//! ```
//!
//! Sign in as alice. For a look at a database of your own, and for measuring; not for production.

use bailiwick::app::Panel;
use bailiwick::config::Config;
use bailiwick::demo::provider::{self, ProviderSettings};
use std::net::{SocketAddr, TcpListener};

// As the command does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SETTINGS: &str = r#"
[database]
url = ""

[oidc]
issuer = ""
client_id = "backoffice"
client_secret = "only on loopback, and only while this example runs"

[roles.admin]
groups = ["admins"]

[[roles.admin.grants]]
on = ["*"]
may = ["view", "create", "edit", "delete", "export", "history"]
"#;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let (mut bind, mut database) = ("127.0.0.1:8080".to_owned(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bind" => bind = arguments.next().unwrap_or_default(),
            "--database" => database = arguments.next(),
            other => anyhow::bail!("{other} is not an option: use --bind and --database"),
        }
    }
    let database = database.ok_or_else(|| anyhow::anyhow!("say which --database"))?;
    let listener = TcpListener::bind(&bind)?;
    let root = format!("http://{}", listener.local_addr()?);
    let settings = ProviderSettings::new(
        "backoffice",
        "only on loopback, and only while this example runs",
    )
    .redirect_uri(format!("{root}/auth/callback"))
    .post_logout_redirect_uri(format!("{root}/auth/signed-out"));
    let provider = provider::start(SocketAddr::from(([127, 0, 0, 1], 0)), settings).await?;
    let variables = [
        ("BAILIWICK__DATABASE__URL", database),
        ("BAILIWICK__OIDC__ISSUER", provider.issuer().to_owned()),
        ("BAILIWICK__SERVER__LISTEN", bind),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let config = Config::parse(SETTINGS, "this example", variables.into_iter())?;
    let panel = Panel::start(&config).await?;
    panel.watch();
    println!("{root}/admin/ (sign in as alice)");
    bailiwick::server::serve(&panel, listener)?.await?;
    provider.stop().await;
    Ok(())
}
