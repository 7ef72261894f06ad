//! The schema of the managed database, read again while the panel serves.
//!
//! Every deployment of an application adds or drops columns. The schema is looked at now and then,
//! and at once when a statement fails on a table that has changed. What is new is put in force
//! whole: catalog and policy together. A setting that does not fit any more gives nothing.

use super::Site;
use crate::access::Policy;
use crate::catalog::Catalog;
use crate::catalog::schema::Schema;
use crate::config::ResourceConfig;
use crate::data::schema;
use crate::store::DatabaseError;
use crate::web::Failure;
use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How often the schema is looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(15);
/// An error that need not come of a change leads to a look no more often than this.
const SUSPECT_EVERY: Duration = Duration::from_secs(5);

/// The schema that is in force, and the settings that are put over it.
pub struct Watch {
    schemas: Vec<String>,
    resources: BTreeMap<String, ResourceConfig>,
    known: Mutex<Known>,
}

struct Known {
    schema: Schema,
    looked: Option<Instant>,
}

impl Watch {
    /// Begins with the schema that the panel was started with.
    pub fn new(
        schemas: &[String],
        resources: &BTreeMap<String, ResourceConfig>,
        schema: Schema,
    ) -> Self {
        Self {
            schemas: schemas.to_vec(),
            resources: resources.clone(),
            known: Mutex::new(Known {
                schema: settled(schema),
                looked: None,
            }),
        }
    }

    /// Reads the schema and puts it in force if it is another; says whether it is.
    ///
    /// # Errors
    /// When the database cannot be read; then what was in force stays so.
    pub async fn look(&self, site: &Site) -> Result<bool, DatabaseError> {
        self.look_unless(site, Duration::ZERO).await
    }

    async fn look_unless(&self, site: &Site, since: Duration) -> Result<bool, DatabaseError> {
        let mut known = self.known.lock().await;
        if known.looked.is_some_and(|looked| looked.elapsed() < since) {
            return Ok(false);
        }
        let schemas = self.schemas.clone();
        let read = move |conn: &mut _| schema::read(conn, &schemas).map_err(DatabaseError::from);
        let now = site.database.run(read).await?;
        known.looked = Some(Instant::now());
        let estimated = now.clone();
        let now = settled(now);
        if now == known.schema {
            return Ok(false);
        }
        tell(&known.schema, &now);
        let (catalog, misfits) = Catalog::that_fits(&estimated, &self.resources);
        for misfit in misfits {
            tracing::warn!(setting = %misfit.setting, error = %misfit.message, "a setting does not fit the database any more, and does nothing");
        }
        let (policy, misfits) = Policy::that_fits(Arc::new(catalog), site.keeper.roles());
        for misfit in misfits {
            tracing::warn!(setting = %misfit.path, error = %misfit.reason, "a grant does not fit the database any more, and gives nothing");
        }
        let keeper = &site.keeper;
        keeper
            .reconfigure(policy, &site.database, &site.policies)
            .await?;
        known.schema = now;
        Ok(true)
    }
}

/// A schema without what changes by itself.
fn settled(mut schema: Schema) -> Schema {
    for table in &mut schema.tables {
        table.estimate = None;
    }
    schema
}

fn tell(before: &Schema, after: &Schema) {
    let names = |schema: &Schema| -> BTreeSet<String> {
        let tables = schema.tables.iter();
        tables
            .flat_map(|table| {
                let name = table.name.name.clone();
                let columns = table.columns.iter();
                let columns = columns.map(move |column| format!("{name}.{}", column.name));
                std::iter::once(table.name.name.clone()).chain(columns)
            })
            .collect()
    };
    let (before, after) = (names(before), names(after));
    let list = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        let names: Vec<&str> = one.difference(other).map(String::as_str).collect();
        names.join(", ")
    };
    tracing::info!(
        schema.gone = list(&before, &after),
        schema.new = list(&after, &before),
        "the schema of the database has changed, and is in force as it is now"
    );
}

/// Looks at the schema now and then, for as long as the panel runs.
pub(crate) async fn keep_looking(site: Data<Site>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Err(error) = site.schema.look(&site).await {
            tracing::debug!(error = %error, "the schema could not be read again");
        }
    }
}

/// Where an answer failed because a table has changed: reads the schema, and leads a reader to the
/// same page as it is now.
pub(super) async fn follow(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let failure = response.response().error();
    let failure = failure.and_then(|error| error.as_error::<Failure>());
    let wait = match failure {
        Some(Failure::Changed) => Duration::ZERO,
        Some(Failure::Failed(_)) => SUSPECT_EVERY,
        _ => return response,
    };
    let request = response.request().clone();
    let Some(site) = request.app_data::<Data<Site>>().cloned() else {
        return response;
    };
    match site.schema.look_unless(&site, wait).await {
        Ok(true) if request.method() == Method::GET => {
            let here = site.urls.as_seen(request.uri());
            let again = HttpResponse::TemporaryRedirect()
                .insert_header((LOCATION, here))
                .finish();
            ServiceResponse::new(request, again)
        }
        Ok(_) => response,
        Err(error) => {
            tracing::debug!(error = %error, "the schema could not be read again");
            response
        }
    }
}
