//! Lists that people saved, and how each has set up their own.
//!
//! What is written here is recorded in the same transaction; whether somebody may write it is
//! asked before.

use super::audit::event::{ListSetUp, SavedView};
use super::audit::{self, Actor, Event, NewEntry};
use super::tables::{bailiwick_lists as lists, bailiwick_views as views};
use super::{AnyConnection, made};
use crate::access::Person;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as QueryError};

/// The most views that a person keeps of one list.
pub const MOST_OWN: i64 = 50;
/// The most views of one list that are shared with a role.
pub const MOST_SHARED: i64 = 50;
/// The longest name, in characters.
pub const LONGEST_NAME: usize = 60;
/// The longest query, in characters.
pub const LONGEST_QUERY: usize = 4_000;

/// In place of a view: the list as it is.
const PLAIN: i64 = 0;

/// A saved list.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = views)]
pub struct View {
    /// Its number.
    pub id: i64,
    /// The resource that it is a list of.
    pub resource: String,
    /// What its owner calls it.
    pub name: String,
    /// The query of the list, as in an address. It is not yet cut to what a reader may see.
    pub query: String,
    /// Who vouches for its owner.
    pub issuer: String,
    /// Its owner's name there.
    pub subject: String,
    /// The role that it is shared with.
    pub role: Option<String>,
    /// Whether lists begin with it for that role.
    pub starts: bool,
}

impl View {
    /// Whether it is this person's.
    pub fn is_of(&self, person: &Person) -> bool {
        self.issuer == person.issuer && self.subject == person.subject
    }
}

/// What a view is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// What it is called.
    pub name: String,
    /// The query of the list.
    pub query: String,
    /// The role that it is shared with.
    pub role: Option<String>,
}

/// What a change writes.
#[derive(AsChangeset)]
#[diesel(table_name = views)]
#[diesel(treat_none_as_null = true)]
struct Changed<'c> {
    name: &'c str,
    query: &'c str,
    role: Option<&'c str>,
    starts: bool,
}

/// Why a view was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unkept {
    /// It is gone, or not as it was read any more.
    Stale,
    /// Its owner has one of that name already.
    Taken,
    /// Its owner has as many as there may be.
    Full,
    /// As many are shared with that role as may be.
    FullForRole,
}

/// What a list begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The list as it is.
    Plain,
    /// The view of that number.
    View(i64),
}

/// How a person has set up a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Own {
    /// What it begins with, if they have chosen.
    pub start: Option<Start>,
    /// The columns it shows, if they have chosen, as in an address.
    pub columns: Option<String>,
}

/// The views of a list that are there for a person: their own and those shared with their roles,
/// by name.
///
/// # Errors
/// When the database refuses.
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

/// The same of every list.
///
/// # Errors
/// When the database refuses.
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
/// When the database refuses.
pub fn shared(conn: &mut AnyConnection, resource: &str) -> QueryResult<Vec<View>> {
    views::table
        .filter(views::resource.eq(resource))
        .filter(views::role.is_not_null())
        .order((views::name, views::id))
        .select(View::as_select())
        .load(conn)
}

/// How a person has set up a list.
///
/// # Errors
/// When the database refuses.
pub fn own(conn: &mut AnyConnection, person: &Person, resource: &str) -> QueryResult<Own> {
    let found: Option<(Option<i64>, Option<String>)> = lists::table
        .find((&person.issuer, &person.subject, resource))
        .select((lists::view_id, lists::shown))
        .first(conn)
        .optional()?;
    let (view, columns) = found.unwrap_or_default();
    Ok(Own {
        start: view.map(|id| match id {
            PLAIN => Start::Plain,
            id => Start::View(id),
        }),
        columns,
    })
}

/// Keeps a new view of who acts, and gives its number.
///
/// # Errors
/// When the database refuses.
pub fn create(
    conn: &mut AnyConnection,
    actor: &Actor,
    resource: &str,
    content: &Content,
    now: NaiveDateTime,
) -> QueryResult<Result<i64, Unkept>> {
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
        return Ok(Err(Unkept::Taken));
    }
    made::one("bailiwick_views", written)?;
    let id = named(conn, person, resource, &content.name)?.ok_or(QueryError::NotFound)?;
    let entry = NewEntry::on(resource, Event::ViewCreate(as_noted(id, content)));
    audit::record(conn, actor, &entry, now)?;
    Ok(Ok(id))
}

/// Makes a view, as it was read, another one. Where it is shared with another role, lists no longer
/// begin with it.
///
/// # Errors
/// When the database refuses.
pub fn change(
    conn: &mut AnyConnection,
    actor: &Actor,
    view: &View,
    content: &Content,
    now: NaiveDateTime,
) -> QueryResult<Result<(), Unkept>> {
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
        return Ok(Err(Unkept::Taken));
    }
    if matches!(written, Ok(0)) {
        return Ok(Err(Unkept::Stale));
    }
    made::one("bailiwick_views", written)?;
    let event = Event::ViewChange(as_noted(view.id, content));
    audit::record(conn, actor, &NewEntry::on(&view.resource, event), now)?;
    Ok(Ok(()))
}

/// Deletes a view; false if it is gone already. Lists that began with it begin as they are.
///
/// # Errors
/// When the database refuses.
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

/// Sets what a list begins with for who acts; `None`: as everybody's.
///
/// # Errors
/// When the database refuses.
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

/// Sets the view that a list begins with for a role; `None`: with none. False if the view is gone, or
/// shared with that role no more.
///
/// # Errors
/// When the database refuses.
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

/// Sets the columns that a list shows to who acts; `None`: the usual ones.
///
/// # Errors
/// When the database refuses.
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

/// The columns by which the row of a person and a list is found.
fn key<'k>(actor: &'k Actor, resource: &'k str) -> Key<'k> {
    (
        lists::issuer.eq(actor.person.issuer.as_str()),
        lists::subject.eq(actor.person.subject.as_str()),
        lists::resource.eq(resource),
    )
}

/// Why a view may not be kept, if it may not.
fn hindrance(
    conn: &mut AnyConnection,
    owner: &Person,
    resource: &str,
    content: &Content,
    before: Option<&View>,
) -> QueryResult<Option<Unkept>> {
    let namesake = named(conn, owner, resource, &content.name)?;
    if namesake.is_some_and(|id| before.is_none_or(|before| before.id != id)) {
        return Ok(Some(Unkept::Taken));
    }
    if before.is_none() {
        let count: i64 = views::table
            .filter(views::issuer.eq(&owner.issuer))
            .filter(views::subject.eq(&owner.subject))
            .filter(views::resource.eq(resource))
            .count()
            .get_result(conn)?;
        if count >= MOST_OWN {
            return Ok(Some(Unkept::Full));
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
    Ok((count >= MOST_SHARED).then_some(Unkept::FullForRole))
}

/// Another request was quicker to take the name.
fn is_taken(written: &QueryResult<usize>) -> bool {
    matches!(
        written,
        Err(QueryError::DatabaseError(
            DatabaseErrorKind::UniqueViolation,
            _
        ))
    )
}

/// A view as the audit log notes it.
fn as_noted(id: i64, content: &Content) -> SavedView {
    SavedView {
        view: id,
        name: content.name.clone(),
        role: content.role.clone(),
    }
}

/// The view of that name among somebody's.
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
