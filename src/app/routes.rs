//! The routes of a panel, inside an application or alone.

use super::panel::Panel;
use crate::entry::{access, identify, kept, step_up};
use crate::web::{Urls, assets, departure, health, language, middleware};
use crate::{panel, session, sso};
use actix_web::guard::fn_guard;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Scope};

impl Panel {
    /// The whole panel as one Actix scope, for `App::service`.
    ///
    /// It serves only the mount (`/admin` and everything below) and the sign-in addresses below
    /// `/auth`. All other addresses stay with the application, including its 404. Assets, health
    /// and metrics are below the mount: `/admin/static/`, `/admin/healthz`, `/admin/readyz`,
    /// `/admin/metrics`.
    ///
    /// ```no_run
    /// use actix_web::{App, HttpServer};
    /// use bailiwick::prelude::*;
    ///
    /// # async fn run() -> anyhow::Result<()> {
    /// let panel = Panel::builder(Config::load("bailiwick.toml")?).start().await?;
    /// HttpServer::new(move || App::new().service(panel.scope()))
    ///     .bind("127.0.0.1:8080")?
    ///     .run()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn scope(&self) -> Scope {
        let (panel, urls) = (self.clone(), self.site.urls.clone());
        web::scope("")
            .guard(fn_guard(move |context| {
                is_own(&urls, context.head().uri.path())
            }))
            .configure(move |app| panel.register_all(app, false))
    }

    /// The routes of a server that serves only the panel: it responds at every address.
    pub(crate) fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let panel = self.clone();
        move |app| panel.register_all(app, true)
    }

    fn register_all(&self, app: &mut ServiceConfig, is_alone: bool) {
        let root = self.site.urls.root();
        if !root.is_empty() {
            // A proxy may remove the prefix or not.
            self.register(app, root, is_alone);
        }
        self.register(app, "", is_alone);
    }

    fn register(&self, app: &mut ServiceConfig, prefix: &str, is_alone: bool) {
        let urls = self.site.urls.clone();
        let mount = urls.mount_inside();
        let inside = web::scope(mount)
            .guard(fn_guard(access::admitted))
            .configure(panel::routes)
            // Otherwise, the application's would respond.
            .default_service(web::to(HttpResponse::NotFound));
        let outside = web::scope(mount)
            .configure(panel::routes_for_anybody)
            .default_service(web::to(panel::denied::turned_away));
        let keys = self.keys.clone();
        // Routes with a session, and so with the database. Those that must work without it are
        // outside.
        let panel = web::scope("")
            .wrap(from_fn(identify::identify))
            .wrap(from_fn(sso::freshness::recheck))
            .wrap(from_fn(step_up::lead))
            .wrap(from_fn(kept::keep))
            .wrap(from_fn(middleware::failures))
            .wrap(session::middleware(
                self.sessions.clone(),
                self.keys.first().clone(),
                &urls,
            ))
            .wrap(from_fn({
                let of_session = (self.sessions.clone(), keys, urls.clone());
                move |request, next| session::tidy_cookie(of_session.clone(), request, next)
            }))
            .configure(|app| {
                if is_alone {
                    app.route("", web::get().to(panel::home::from_root))
                        .route("/", web::get().to(panel::home::from_root));
                }
            })
            .configure(sso::routes)
            .service(inside)
            .service(outside)
            .default_service(web::to(HttpResponse::NotFound));
        let below = |path: &str| format!("{mount}{path}");
        app.service(
            web::scope(prefix)
                .app_data(self.site.clone())
                .app_data(self.sign_in.clone())
                .app_data(self.rates.clone())
                .app_data(self.ground.clone())
                .app_data(self.proxies.clone())
                .app_data(self.health.clone())
                .app_data(self.freshness.clone())
                .wrap(Compress::default())
                .wrap(from_fn(middleware::security))
                .wrap(from_fn({
                    let urls = urls.clone();
                    move |request, next| departure::mark(urls.clone(), request, next)
                }))
                .wrap(from_fn(middleware::head))
                .wrap(from_fn(middleware::log))
                .wrap(from_fn(language::choose))
                .configure(|app| {
                    if is_alone {
                        app.route("/healthz", web::get().to(health::healthz))
                            .route("/readyz", web::get().to(health::readyz))
                            .route("/metrics", web::get().to(health::metrics));
                    }
                })
                .service(web::resource(below("/healthz")).get(health::healthz))
                .service(web::resource(below("/readyz")).get(health::readyz))
                .service(web::resource(below("/metrics")).get(health::metrics))
                .service(web::resource(below("/static/{name}")).get(assets::serve))
                .configure(sso::backchannel_routes)
                .service(panel),
        );
    }
}

/// Whether a path belongs to the panel inside an application.
fn is_own(urls: &Urls, path: &str) -> bool {
    let below_root = path.strip_prefix(urls.root());
    urls.is_panel(path) || [Some(path), below_root].into_iter().flatten().any(sso::has)
}
