//! The panel inside an Actix application with pages of its own.
//!
//! ```text
//! cargo run --example embed -- bailiwick.toml
//! ```

use actix_web::{App, HttpServer, web};
use bailiwick::prelude::*;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let file = std::env::args().nth(1);
    let config = Config::load(file.as_deref().unwrap_or("bailiwick.toml"))?;
    let listen = config.server.listen;
    let panel = Panel::builder(config).start().await?;
    HttpServer::new(move || {
        App::new()
            .route("/", web::get().to(async || "Home of the application."))
            .route("/healthz", web::get().to(async || "ok"))
            .service(panel.scope())
    })
    .bind(listen)?
    .run()
    .await?;
    Ok(())
}
