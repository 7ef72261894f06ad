//! The panel inside an Actix application that has pages of its own.
//!
//! ```text
//! cargo run --example embed -- bailiwick.toml
//! ```

use actix_web::{App, HttpServer, web};
use bailiwick::app::Panel;
use bailiwick::config::Config;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let file = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "bailiwick.toml".into());
    let config = Config::load(file.as_ref())?;
    let panel = Panel::start(&config).await?;
    panel.watch();
    let routes = panel.clone();
    HttpServer::new(move || {
        App::new()
            .route(
                "/hello",
                web::get().to(async || "Hello from the application."),
            )
            // Last: the panel answers every address that the application has not.
            .configure(routes.routes())
    })
    .bind(config.server.listen)?
    .run()
    .await?;
    Ok(())
}
