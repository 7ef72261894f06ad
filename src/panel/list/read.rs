//! Reads a list on one connection: the person's views, the query, its page and its counts.

use super::columns;
use crate::access::{Permit, View};
use crate::catalog::{Field, Filter, Op, Resource, Value};
use crate::data::related::Children;
use crate::data::{Count, DataError, Page, PageQuery, Path};
use crate::data::{count, page, path};
use crate::entry::query::condition::{self, Condition};
use crate::entry::query::view::CurrentView;
use crate::entry::query::{ListQuery, UnusableCondition};
use crate::entry::{Entered, Granted};
use crate::panel::frame::was_changed;
use crate::panel::relations::Relations;
use crate::panel::views::tabs::{self, Counting, Tab};
use crate::panel::views::{Opening, Shelf};
use crate::store::{AnyConnection, audit};
use crate::web::Failure;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// The data of a list page.
pub(super) struct ListData {
    /// The resource, with columns of referenced rows appended.
    pub resource: Arc<Resource>,
    /// The parsed conditions of the query.
    pub conditions: Vec<Option<Condition>>,
    pub page: Page,
    /// None if it was not requested.
    pub count: Option<Count>,
    pub relations: Relations,
    /// The columns shown, in order.
    pub shown: Vec<usize>,
    /// Columns of referenced rows, by the label of the foreign key.
    pub near: Vec<(String, Vec<Field>)>,
    /// Rows that reference the listed rows.
    pub children: Vec<(String, Children)>,
    /// The number of rows for each tab, if it was counted.
    pub of_tabs: Vec<Option<Count>>,
    /// The time of reading.
    pub now: DateTime<Utc>,
}

/// The person who requests a list, and the requested format.
pub(super) struct ListRequest {
    pub entered: Entered,
    pub permit: Permit<View>,
    pub wants_json: bool,
}

/// The result of opening an address.
pub(super) enum Target {
    /// Another address: the view that the list starts with.
    Redirect(String),
    List(Box<(Opening, Shelf)>),
}

/// The result of reading.
pub(super) enum Outcome {
    /// The same as [`Target::Redirect`].
    Redirect(String),
    List(Box<ReadList>),
}

/// A list with its data.
pub(super) struct ReadList {
    pub shelf: Shelf,
    /// The query, without the invalid conditions.
    pub query: ListQuery,
    /// How many parts of its view were left out.
    pub left_out: usize,
    /// The invalid conditions.
    pub wrong: Vec<UnusableCondition>,
    pub tabs: Vec<Tab>,
    pub data: ListData,
    /// The person's latest change, if the address says that one was made.
    pub latest: Option<i64>,
}

impl ListRequest {
    pub(super) fn new(granted: Granted<View>, wants_json: bool) -> Self {
        Self {
            entered: granted.entered,
            permit: granted.permit,
            wants_json,
        }
    }

    /// Reads the list that `open` returns.
    ///
    /// # Errors
    /// The query is invalid, or the database fails.
    pub(super) async fn read(
        self,
        open: impl FnOnce(&Self, &mut AnyConnection) -> Result<Target, Failure> + Send + 'static,
    ) -> Result<(Self, Outcome), Failure> {
        let database = self.entered.site().database.clone();
        let read = move |conn: &mut AnyConnection| {
            let answer = match open(&self, conn)? {
                Target::Redirect(address) => Outcome::Redirect(address),
                Target::List(opened) => Outcome::List(Box::new(self.list(conn, *opened)?)),
            };
            Ok((self, answer))
        };
        database.run(read).await
    }

    /// Opens the query of an address, which may name a view.
    pub(super) fn open(&self, conn: &mut AnyConnection, text: &str) -> Result<Target, Failure> {
        let (entered, permit) = (&self.entered, &self.permit);
        let name = &permit.resource().name;
        let shelf = if !self.wants_json || ListQuery::view_in(text).is_some() {
            Shelf::read(conn, entered, name)?
        } else {
            Shelf::default()
        };
        let opening = shelf.open(permit, &entered.around(), text)?;
        let start = shelf.start(entered).filter(|_| !self.wants_json);
        if let Some(start) = start.filter(|_| opening.query.is_bare()) {
            let list = entered.site().urls.list(name);
            let id = start.id.to_string();
            let done = opening.query.done.as_deref().map(|done| ("done", done));
            let more: Vec<(&str, &str)> = [("view", &*id)].into_iter().chain(done).collect();
            return Ok(Target::Redirect(ListQuery::default().url(&list, &more)));
        }
        Ok(Target::List(Box::new((opening, shelf))))
    }

    fn list(
        &self,
        conn: &mut AnyConnection,
        (opening, shelf): (Opening, Shelf),
    ) -> Result<ReadList, Failure> {
        let (entered, permit, wants_json) = (&self.entered, &self.permit, self.wants_json);
        let Opening {
            mut query,
            left_out,
        } = opening;
        let around = entered.around();
        // The person has left a view, so links must not lead back to the starting view.
        if !wants_json && shelf.start(entered).is_some() {
            query.view.get_or_insert(CurrentView::All);
        }
        // A script gets an error if a condition is invalid; people keep the rest of their list.
        let (mut wrong, tabs) = if wants_json {
            (Vec::new(), Vec::new())
        } else {
            (
                query.without_wrong(permit, &around),
                tabs::of(permit, &around),
            )
        };
        let counting = Counting::with_page(entered, permit, &tabs);
        let shown = |query: &ListQuery| shelf.with_columns(permit, &around, query);
        let data = match self.data(conn, &shown(&query), &counting) {
            Err(ListError::Unfit(label)) if !wants_json => {
                let reason = DataError::Unfit(label.clone()).to_string();
                wrong.extend(query.without_label(permit, &around, &label, &reason));
                self.data(conn, &shown(&query), &counting)?
            }
            data => data?,
        };
        let latest = if !wants_json && was_changed(query.done.as_deref()) {
            let (person, name) = (&entered.actor().person, &permit.resource().name);
            audit::latest_of(conn, person, name, None).map_err(DataError::from)?
        } else {
            None
        };
        Ok(ReadList {
            shelf,
            query,
            left_out,
            wrong,
            tabs,
            data,
            latest,
        })
    }

    /// Reads the page of a query, with everything shown of it.
    fn data(
        &self,
        conn: &mut AnyConnection,
        query: &ListQuery,
        counting: &Counting,
    ) -> Result<ListData, ListError> {
        let (entered, permit, wants_json) = (&self.entered, &self.permit, self.wants_json);
        let around = entered.around();
        let now = around.now();
        let wanted = query.resolve(permit, &around).map_err(ListError::Other)?;
        let chosen = query
            .chosen(permit, &wanted.paths)
            .map_err(ListError::Other)?;
        let shown = match (chosen, wants_json) {
            (Some(chosen), _) => chosen,
            (None, true) => permit.readable().collect(),
            (None, false) => columns::usual(permit),
        };
        let resource = path::widened(permit.resource(), &wanted.paths);
        let conditions = query.conditions.iter();
        let conditions = conditions.map(|(name, value)| {
            let read = condition::read(permit, &around, (name, value));
            read.ok().filter(|_| !wants_json)
        });
        let conditions = conditions.collect();
        let (near, children) = if wants_json {
            (Vec::new(), Vec::new())
        } else {
            (
                Path::near(permit, around.others()),
                Children::all(permit, around.others()),
            )
        };
        let columns = columns::read(permit, &shown);
        let relations = if wants_json {
            Relations::default()
        } else {
            Relations::of(
                entered,
                permit.resource(),
                &columns::related(permit, &columns),
            )
            .with_pairs(entered, permit.resource(), &columns)
        };
        let size = entered.site().sizes.get(&permit.resource().name);
        let size = if query.is_uncounted {
            Size::Unwanted
        } else {
            Size::Wanted(size)
        };
        let page = page::read(conn, permit, &wanted, &columns)?;
        let count = counted(conn, permit, &wanted, &page, size)?;
        let mut relations = relations;
        relations.fetch(conn, &page.rows, &filtered_keys(&wanted.filter))?;
        relations.fetch_pairs(conn, permit.resource(), &page.rows)?;
        let of_tabs = counting.run(conn, permit);
        Ok(ListData {
            resource,
            conditions,
            page,
            count,
            relations,
            shown,
            near,
            children,
            of_tabs,
            now,
        })
    }
}

/// Why there is no list.
enum ListError {
    /// The database refuses a value for the column with that label.
    Unfit(String),
    Other(Failure),
}

impl From<DataError> for ListError {
    fn from(error: DataError) -> Self {
        match error {
            DataError::Unfit(label) => Self::Unfit(label),
            error => Self::Other(error.into()),
        }
    }
}

impl From<ListError> for Failure {
    fn from(unfound: ListError) -> Self {
        match unfound {
            ListError::Unfit(label) => DataError::Unfit(label).into(),
            ListError::Other(failure) => failure,
        }
    }
}

/// Whether to count the rows.
enum Size {
    Unwanted,
    /// Count, using the size of the whole table if known.
    Wanted(Option<Count>),
}

/// The count of a list: known from the page itself, from the size of the table, or by a statement.
fn counted(
    conn: &mut AnyConnection,
    permit: &Permit<View>,
    query: &PageQuery,
    page: &Page,
    size: Size,
) -> Result<Option<Count>, DataError> {
    let Size::Wanted(size) = size else {
        return Ok(None);
    };
    let shown = u64::try_from(page.rows.len()).unwrap_or(0);
    if page.next.is_none()
        && let Some(skipped) = page.skipped
        && (shown > 0 || skipped == 0)
    {
        return Ok(Some(Count::Exact(skipped + shown)));
    }
    let whole = query.filter.is_everything()
        && query.search.trim().is_empty()
        && permit.reaches_everything();
    match size {
        Some(size @ Count::Estimate(_) | size @ Count::AtLeast(_)) if whole => Ok(Some(size)),
        _ => count::of_query(conn, permit, query).map(Some),
    }
}

/// The foreign key values in a filter, so that its chips can show labels.
fn filtered_keys(filter: &Filter) -> Vec<(usize, Value)> {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().flat_map(filtered_keys).collect(),
        Filter::Test(test) | Filter::ByMeaning(test)
            if matches!(test.op, Op::Eq | Op::Ne | Op::In | Op::Nin) =>
        {
            let values = test.values.iter().cloned();
            values.map(|value| (test.column, value)).collect()
        }
        Filter::Test(_) | Filter::ByMeaning(_) | Filter::Related(_) => Vec::new(),
    }
}
