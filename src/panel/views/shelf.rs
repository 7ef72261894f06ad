//! A person's views and settings of a list.

use crate::access::{Permit, Verb};
use crate::entry::Entered;
use crate::entry::query::view::{self, Saved};
use crate::entry::query::{ListQuery, QueryContext};
use crate::store::views::{self, ListSettings, Start, View};
use crate::store::{AnyConnection, DatabaseError};
use crate::web::Failure;

/// The views of a list for one person.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Their own and those shared with their roles, by name.
    pub views: Vec<View>,
    /// Their settings of the list.
    pub own: ListSettings,
}

/// A query with the view that it names.
pub struct Opening {
    /// The query.
    pub query: ListQuery,
    /// How many parts of the view were left out.
    pub left_out: usize,
}

/// The query in an address, which may name a view.
///
/// # Errors
/// The query is invalid, the view does not exist, or the database fails.
pub async fn query<V: Verb>(
    entered: &Entered,
    permit: &Permit<V>,
    text: &str,
) -> Result<ListQuery, Failure> {
    let shelf = match ListQuery::view_in(text) {
        Some(_) => Shelf::of(entered, &permit.resource().name).await?,
        None => Shelf::default(),
    };
    Ok(shelf.open(permit, &entered.around(), text)?.query)
}

impl Shelf {
    /// The views and settings of the person who makes the request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(entered: &Entered, resource: &str) -> Result<Self, Failure> {
        let (reader, resource) = (entered.clone(), resource.to_owned());
        let read = move |conn: &mut AnyConnection| Self::read(conn, &reader, &resource);
        Ok(entered.site().database.run(read).await?)
    }

    /// The same, on an existing connection.
    ///
    /// # Errors
    /// When the database fails.
    pub fn read(
        conn: &mut AnyConnection,
        entered: &Entered,
        resource: &str,
    ) -> Result<Self, DatabaseError> {
        let person = &entered.actor().person;
        let roles = entered.policy().role_names(entered.person());
        Ok(Self {
            views: views::readable(conn, person, &roles, resource)?,
            own: views::own(conn, person, resource)?,
        })
    }

    /// Reads a query, with the view that it names.
    ///
    /// # Errors
    /// The query is invalid, or the view does not exist.
    pub fn open<V: Verb>(
        &self,
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
        text: &str,
    ) -> Result<Opening, Failure> {
        let Some(id) = ListQuery::view_in(text) else {
            return Ok(Opening {
                query: ListQuery::parse(text)?,
                left_out: 0,
            });
        };
        let view = self.view(id).ok_or(Failure::Missing)?;
        let (saved, left_out) = Saved::cut(permit, around, (id, &view.query));
        Ok(Opening {
            query: ListQuery::parse_with(text, Some(saved))?,
            left_out,
        })
    }

    /// The view with that number.
    pub fn view(&self, id: i64) -> Option<&View> {
        self.views.iter().find(|view| view.id == id)
    }

    /// The view that the list starts with: the person's choice, or that of their first role that
    /// has one.
    pub fn start(&self, entered: &Entered) -> Option<&View> {
        match self.own.start {
            Some(Start::Plain) => return None,
            Some(Start::View(id)) => {
                if let Some(view) = self.view(id) {
                    return Some(view);
                }
            }
            None => {}
        }
        let roles = entered.policy().role_names(entered.person());
        roles.iter().find_map(|role| {
            let mut views = self.views.iter();
            views.find(|view| view.starts && view.role.as_ref() == Some(role))
        })
    }

    /// Adds the person's saved columns to a query without columns.
    pub fn with_columns<V: Verb>(
        &self,
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
        query: &ListQuery,
    ) -> ListQuery {
        let mut query = query.clone();
        if let Some(columns) = self
            .own
            .columns
            .as_deref()
            .filter(|_| query.columns.is_empty())
        {
            (query.columns, _) = view::readable(permit, around, columns, false);
        }
        query
    }
}
