//! The panel on any SQLite database, with a development identity provider.
//!
//! ```text
//! cargo run --release --example backoffice -- --bind 127.0.0.1:8080 --database orders.sqlite
//! ```
//!
//! Sign in as alice. For trying a database of your own, and for measuring; not for production.

use actix_web::{App, HttpServer};
// The provider belongs to the demo: other applications cannot use it.
use bailiwick::demo::provider::{self, ProviderSettings};
use bailiwick::prelude::*;
use std::net::{SocketAddr, TcpListener};

// The same as in the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CLIENT: &str = "backoffice";
const SECRET: &str = "only on loopback, and only while this example runs";

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
    let settings = ProviderSettings::new(CLIENT, SECRET)
        .redirect_uri(format!("{root}/auth/callback"))
        .post_logout_redirect_uri(format!("{root}/auth/signed-out"));
    let provider = provider::start(SocketAddr::from(([127, 0, 0, 1], 0)), settings).await?;
    let everything = [
        "view", "create", "edit", "delete", "export", "import", "history",
    ];
    let admin = RoleConfig::of(["admins"]).grant(GrantConfig::on(["*"]).may(everything));
    let mut config = Config::new(database)
        .oidc(OidcConfig::new(provider.issuer(), CLIENT, SECRET))
        .role("admin", admin);
    config.server.listen = listener.local_addr()?;
    let panel = Panel::builder(config).start().await?;
    println!("{root}/admin/ (sign in as alice)");
    HttpServer::new(move || App::new().service(panel.scope()))
        .listen(listener)?
        .run()
        .await?;
    provider.stop().await;
    Ok(())
}
