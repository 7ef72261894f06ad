//! An application with its own pages and the panel.

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};
use bailiwick::prelude::Panel;
use std::net::TcpListener;

/// Serves it. Some routes are registered before the panel and some after it: all must work.
pub fn serve(panel: Panel, listener: TcpListener) -> Server {
    let own = |text: &'static str| web::get().to(move || std::future::ready(text));
    let server = HttpServer::new(move || {
        App::new()
            .route("/", own("the application's home"))
            .route("/static/app.css", own("the application's style"))
            .service(panel.scope())
            .route("/healthz", own("the application is well"))
            .route("/auth/token", own("the application's token"))
            .route("/administrators", own("the application's people"))
            .default_service(web::to(async || {
                HttpResponse::NotFound().body("the application has no such page")
            }))
    });
    server.workers(1).listen(listener).unwrap().run()
}
