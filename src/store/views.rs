//! Saved views of lists, and each person's settings of a list.
//!
//! Every change is recorded in the audit log in the same transaction. Callers must check the
//! person's rights first.

use super::audit::event::{ListSetUp, SavedView};
use super::audit::{self, Actor, Event, NewEntry};
use super::tables::{bailiwick_lists as lists, bailiwick_views as views};
use super::{AnyConnection, made};
use crate::access::Person;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as QueryError};
use sha2::{Digest, Sha256};

/// The maximum number of a person's views of one list.
pub const MOST_OWN: i64 = 50;
/// The maximum number of views of one list shared with a role.
pub const MOST_SHARED: i64 = 50;
/// The maximum length of a name, in characters.
pub const LONGEST_NAME: usize = 60;
/// The maximum length of a query, in characters.
pub const LONGEST_QUERY: usize = 4_000;

/// Stands for the list without a view.
const PLAIN: i64 = 0;

/// A saved view.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = views)]
pub struct View {
    /// Its number.
    pub id: i64,
    /// The resource of the list.
    pub resource: String,
    /// Its name.
    pub name: String,
    /// The query of the list, as in an address. It is not yet reduced to what a reader may see.
    pub query: String,
    /// The issuer of its owner.
    pub issuer: String,
    /// Its owner's subject at the issuer.
    pub subject: String,
    /// The role it is shared with.
    pub role: Option<String>,
    /// Whether lists start with it for that role.
    pub starts: bool,
}

impl View {
    /// Whether it belongs to this person.
    pub fn is_of(&self, person: &Person) -> bool {
        self.issuer == person.issuer && self.subject == person.subject
    }

    /// A digest of its content. A form carries it, so that nobody overwrites what somebody else has
    /// saved in the meantime. Only for people who may change the view: values that a reader may not
    /// see could be guessed from it.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let role = self.role.as_deref().unwrap_or_default();
        for part in [self.name.as_str(), &self.query, role] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

/// The content of a view.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// Its name.
    pub name: String,
    /// The query of the list.
    pub query: String,
    /// The role it is shared with.
    pub role: Option<String>,
}

/// The columns that a change writes.
#[derive(AsChangeset)]
#[diesel(table_name = views)]
#[diesel(treat_none_as_null = true)]
struct Changed<'c> {
    name: &'c str,
    query: &'c str,
    role: Option<&'c str>,
    starts: bool,
}

/// Why a view was not saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewRefusal {
    /// It was deleted or changed since it was read.
    Stale,
    /// Its owner has a view with that name already.
    Taken,
    /// Its owner has the maximum number of views.
    Full,
    /// The role has the maximum number of shared views.
    FullForRole,
}

/// The view that a list starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The list without a view.
    Plain,
    /// The view with that number.
    View(i64),
}

/// A person's settings of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListSettings {
    /// The view it starts with, if they have chosen.
    pub start: Option<Start>,
    /// The columns it shows, as in an address, if they have chosen.
    pub columns: Option<String>,
}

/// The views of a list that a person can use: their own and those shared with their roles, by name.
///
/// # Errors
/// When a statement fails.
pub fn readable(
    conn: &mut AnyConnection,
    person: &Person,
    roles: &[String],
    resource: &str,
) -> QueryResult<Vec<View>> {
    let is_own = views::issuer
        .eq(&person.issuer)
        .and(views::subject.eq(&person.subject));
    views::table
        .filter(views::resource.eq(resource))
        .filter(is_own.or(views::role.assume_not_null().eq_any(roles)))
        .order((views::name, views::id))
        .select(View::as_select())
        .load(conn)
}

/// The views that a person can use, of all lists.
///
/// # Errors
/// When a statement fails.
pub fn of_all_lists(
    conn: &mut AnyConnection,
    person: &Person,
    roles: &[String],
) -> QueryResult<Vec<View>> {
    let is_own = views::issuer
        .eq(&person.issuer)
        .and(views::subject.eq(&person.subject));
    views::table
        .filter(is_own.or(views::role.assume_not_null().eq_any(roles)))
        .order((views::name, views::id))
        .select(View::as_select())
        .load(conn)
}

/// The views of a list that are shared with any role, by name.
///
/// # Errors
/// When a statement fails.
pub fn shared(conn: &mut AnyConnection, resource: &str) -> QueryResult<Vec<View>> {
    views::table
        .filter(views::resource.eq(resource))
        .filter(views::role.is_not_null())
        .order((views::name, views::id))
        .select(View::as_select())
        .load(conn)
}

/// A person's settings of a list.
///
/// # Errors
/// When a statement fails.
pub fn own(conn: &mut AnyConnection, person: &Person, resource: &str) -> QueryResult<ListSettings> {
    let found: Option<(Option<i64>, Option<String>)> = lists::table
        .find((&person.issuer, &person.subject, resource))
        .select((lists::view_id, lists::shown))
        .first(conn)
        .optional()?;
    let (view, columns) = found.unwrap_or_default();
    Ok(ListSettings {
        start: view.map(|id| match id {
            PLAIN => Start::Plain,
            id => Start::View(id),
        }),
        columns,
    })
}

/// Saves a new view of the actor, and returns its number.
///
/// # Errors
/// When a statement fails.
pub fn create(
    conn: &mut AnyConnection,
    actor: &Actor,
    resource: &str,
    content: &Content,
    now: NaiveDateTime,
) -> QueryResult<Result<i64, ViewRefusal>> {
    let person = &actor.person;
    if let Some(unkept) = hindrance(conn, person, resource, content, None)? {
        return Ok(Err(unkept));
    }
    let written = diesel::insert_into(views::table)
        .values((
            views::resource.eq(resource),
            views::name.eq(&content.name),
            views::query.eq(&content.query),
            views::issuer.eq(&person.issuer),
            views::subject.eq(&person.subject),
            views::role.eq(content.role.as_deref()),
            views::starts.eq(false),
        ))
        .execute(conn);
    if is_taken(&written) {
        return Ok(Err(ViewRefusal::Taken));
    }
    made::one("bailiwick_views", written)?;
    let id = named(conn, person, resource, &content.name)?.ok_or(QueryError::NotFound)?;
    let entry = NewEntry::on(resource, Event::ViewCreate(as_noted(id, content)));
    audit::record(conn, actor, &entry, now)?;
    Ok(Ok(id))
}

/// Replaces the content of a view, as it was read. If it is now shared with another role, lists no
/// longer start with it.
///
/// # Errors
/// When a statement fails.
pub fn change(
    conn: &mut AnyConnection,
    actor: &Actor,
    view: &View,
    content: &Content,
    now: NaiveDateTime,
) -> QueryResult<Result<(), ViewRefusal>> {
    let owner = Person {
        issuer: view.issuer.clone(),
        subject: view.subject.clone(),
        ..Person::default()
    };
    if let Some(unkept) = hindrance(conn, &owner, &view.resource, content, Some(view))? {
        return Ok(Err(unkept));
    }
    let changed = Changed {
        name: &content.name,
        query: &content.query,
        role: content.role.as_deref(),
        starts: view.starts && view.role == content.role,
    };
    let as_read = views::table
        .find(view.id)
        .filter(views::name.eq(&view.name))
        .filter(views::query.eq(&view.query))
        .filter(views::starts.eq(view.starts));
    let written = match &view.role {
        Some(role) => diesel::update(as_read.filter(views::role.assume_not_null().eq(role)))
            .set(&changed)
            .execute(conn),
        None => diesel::update(as_read.filter(views::role.is_null()))
            .set(&changed)
            .execute(conn),
    };
    if is_taken(&written) {
        return Ok(Err(ViewRefusal::Taken));
    }
    if matches!(written, Ok(0)) {
        return Ok(Err(ViewRefusal::Stale));
    }
    made::one("bailiwick_views", written)?;
    let event = Event::ViewChange(as_noted(view.id, content));
    audit::record(conn, actor, &NewEntry::on(&view.resource, event), now)?;
    Ok(Ok(()))
}

/// Deletes a view; false if it is gone already. Lists that started with it start without a view.
///
/// # Errors
/// When a statement fails.
pub fn delete(
    conn: &mut AnyConnection,
    actor: &Actor,
    view: &View,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    diesel::update(lists::table.filter(lists::view_id.eq(view.id)))
        .set(lists::view_id.eq(None::<i64>))
        .execute(conn)?;
    let deleted = diesel::delete(views::table.find(view.id)).execute(conn);
    if matches!(deleted, Ok(0)) {
        return Ok(false);
    }
    made::one("bailiwick_views", deleted)?;
    let content = Content {
        name: view.name.clone(),
        query: String::new(),
        role: view.role.clone(),
    };
    let event = Event::ViewDelete(as_noted(view.id, &content));
    audit::record(conn, actor, &NewEntry::on(&view.resource, event), now)?;
    Ok(true)
}

/// Sets the view that a list starts with for the actor; `None` for the default.
///
/// # Errors
/// When a statement fails.
pub fn start_with(
    conn: &mut AnyConnection,
    actor: &Actor,
    resource: &str,
    start: Option<Start>,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let id = start.map(|start| match start {
        Start::Plain => PLAIN,
        Start::View(id) => id,
    });
    if own(conn, &actor.person, resource)?.start == start {
        return Ok(());
    }
    let row = (&actor.person.issuer, &actor.person.subject, resource);
    let updated = diesel::update(lists::table.find(row))
        .set(lists::view_id.eq(id))
        .execute(conn)?;
    if updated == 0 {
        let written = diesel::insert_into(lists::table)
            .values((key(actor, resource), lists::view_id.eq(id)))
            .execute(conn);
        made::one("bailiwick_lists", written)?;
    }
    let set_up = ListSetUp::Start {
        starts_with: id,
        role: None,
    };
    let entry = NewEntry::on(resource, Event::ListSetUp(set_up));
    audit::record(conn, actor, &entry, now)
}

/// Sets the view that a list starts with for a role, or none. False if the view is gone, or no
/// longer shared with that role.
///
/// # Errors
/// When a statement fails.
pub fn start_role_with(
    conn: &mut AnyConnection,
    actor: &Actor,
    (resource, role): (&str, &str),
    view: Option<i64>,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let of_role = views::table
        .filter(views::resource.eq(resource))
        .filter(views::role.assume_not_null().eq(role));
    diesel::update(of_role)
        .set(views::starts.eq(false))
        .execute(conn)?;
    if let Some(id) = view {
        let found = views::table
            .filter(views::id.eq(id))
            .filter(views::resource.eq(resource))
            .filter(views::role.assume_not_null().eq(role));
        let updated = diesel::update(found)
            .set(views::starts.eq(true))
            .execute(conn);
        if matches!(updated, Ok(0)) {
            return Ok(false);
        }
        made::one("bailiwick_views", updated)?;
    }
    let set_up = ListSetUp::Start {
        starts_with: view,
        role: Some(role.to_owned()),
    };
    let entry = NewEntry::on(resource, Event::ListSetUp(set_up));
    audit::record(conn, actor, &entry, now)?;
    Ok(true)
}

/// Sets the columns that a list shows to the actor; `None` for the default.
///
/// # Errors
/// When a statement fails.
pub fn keep_columns(
    conn: &mut AnyConnection,
    actor: &Actor,
    resource: &str,
    columns: Option<&str>,
    now: NaiveDateTime,
) -> QueryResult<()> {
    if own(conn, &actor.person, resource)?.columns.as_deref() == columns {
        return Ok(());
    }
    let row = (&actor.person.issuer, &actor.person.subject, resource);
    let updated = diesel::update(lists::table.find(row))
        .set(lists::shown.eq(columns))
        .execute(conn)?;
    if updated == 0 {
        let written = diesel::insert_into(lists::table)
            .values((key(actor, resource), lists::shown.eq(columns)))
            .execute(conn);
        made::one("bailiwick_lists", written)?;
    }
    let kept = match columns {
        Some(_) => ListSetUp::OWN,
        None => ListSetUp::USUAL,
    };
    let set_up = ListSetUp::Columns {
        columns: kept.to_owned(),
    };
    let entry = NewEntry::on(resource, Event::ListSetUp(set_up));
    audit::record(conn, actor, &entry, now)
}

type Key<'k> = (
    diesel::dsl::Eq<lists::issuer, &'k str>,
    diesel::dsl::Eq<lists::subject, &'k str>,
    diesel::dsl::Eq<lists::resource, &'k str>,
);

/// The key columns of a person's settings of a list.
fn key<'k>(actor: &'k Actor, resource: &'k str) -> Key<'k> {
    (
        lists::issuer.eq(actor.person.issuer.as_str()),
        lists::subject.eq(actor.person.subject.as_str()),
        lists::resource.eq(resource),
    )
}

/// Why a view may not be saved, if so.
fn hindrance(
    conn: &mut AnyConnection,
    owner: &Person,
    resource: &str,
    content: &Content,
    before: Option<&View>,
) -> QueryResult<Option<ViewRefusal>> {
    let namesake = named(conn, owner, resource, &content.name)?;
    if namesake.is_some_and(|id| before.is_none_or(|before| before.id != id)) {
        return Ok(Some(ViewRefusal::Taken));
    }
    if before.is_none() {
        let count: i64 = views::table
            .filter(views::issuer.eq(&owner.issuer))
            .filter(views::subject.eq(&owner.subject))
            .filter(views::resource.eq(resource))
            .count()
            .get_result(conn)?;
        if count >= MOST_OWN {
            return Ok(Some(ViewRefusal::Full));
        }
    }
    let was_shared = before.is_some_and(|before| before.role == content.role);
    let Some(role) = content.role.as_deref().filter(|_| !was_shared) else {
        return Ok(None);
    };
    let count: i64 = views::table
        .filter(views::resource.eq(resource))
        .filter(views::role.assume_not_null().eq(role))
        .count()
        .get_result(conn)?;
    Ok((count >= MOST_SHARED).then_some(ViewRefusal::FullForRole))
}

/// Another request took the name first.
fn is_taken(written: &QueryResult<usize>) -> bool {
    matches!(
        written,
        Err(QueryError::DatabaseError(
            DatabaseErrorKind::UniqueViolation,
            _
        ))
    )
}

/// A view in the form of the audit log.
fn as_noted(id: i64, content: &Content) -> SavedView {
    SavedView {
        view: id,
        name: content.name.clone(),
        role: content.role.clone(),
    }
}

/// The view with that name among those of a person.
fn named(
    conn: &mut AnyConnection,
    owner: &Person,
    resource: &str,
    name: &str,
) -> QueryResult<Option<i64>> {
    views::table
        .filter(views::issuer.eq(&owner.issuer))
        .filter(views::subject.eq(&owner.subject))
        .filter(views::resource.eq(resource))
        .filter(views::name.eq(name))
        .select(views::id)
        .first(conn)
        .optional()
}
