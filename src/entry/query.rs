//! The query of a list, in the form used in URLs.
//!
//! `?q=&sort=-a,b&columns=a,b&size=&page=&after=&before=&tz=&count=no&view=ID&f.COLUMN=OP:VALUE&or.N.COLUMN=OP:VALUE`

mod around;
pub mod condition;
mod resolve;
pub mod view;

pub use around::QueryContext;
use resolve::known;

pub use crate::catalog::order;

use crate::access::{Permit, Verb};
use crate::catalog::FilterError;
use crate::catalog::zone::Zone;
use crate::data::Cursor;
use crate::texts::text;
use crate::web::Failure;
use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;
use view::{ALL, CurrentView, Saved};

/// The default number of rows on a page.
pub const DEFAULT_SIZE: u32 = 50;
/// The page sizes that lists offer.
pub const SIZES: [u32; 4] = [25, 50, 100, 200];
/// The largest page.
const MAX_SIZE: u32 = 500;
/// The maximum number of conditions in a query.
const MAX_CONDITIONS: usize = 50;

/// The maximum length of a search text, in characters.
pub const MAX_SEARCHED: usize = 500;

/// The parameters of a list, most of which stay the same from page to page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListQuery {
    /// The search text.
    pub q: String,
    /// The order, as written.
    pub sort: String,
    /// The columns to show, as written; empty for the default.
    pub columns: String,
    /// Whether to skip counting the rows.
    pub is_uncounted: bool,
    /// The number of rows on a page, if not the default.
    pub size: Option<u32>,
    /// `f.`, `or.` and `has.` parameters, in their original order.
    pub conditions: Vec<(String, String)>,
    /// `page`, `after` or `before`.
    pub position: Option<(&'static str, String)>,
    /// The time zone of moments in the conditions.
    pub zone: Zone,
    /// A message about a completed action, shown above the list.
    pub done: Option<String>,
    /// The view it was opened with; the other parameters are then complete.
    pub view: Option<CurrentView>,
}

/// A condition that is invalid here.
#[derive(Debug, Clone, PartialEq)]
pub struct UnusableCondition {
    /// The parameter: `f.COLUMN` or `or.GROUP.COLUMN`.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The reason, as a sentence.
    pub reason: String,
}

impl UnusableCondition {
    /// The column, as written.
    pub fn column(&self) -> Option<&str> {
        column_of(&self.name)
    }
}

impl ListQuery {
    /// Removes conditions that are invalid here; the others stay.
    pub fn without_wrong<V: Verb>(
        &mut self,
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
    ) -> Vec<UnusableCondition> {
        let mut wrong = Vec::new();
        for (name, value) in std::mem::take(&mut self.conditions) {
            match self.condition(permit, around, &name, &value) {
                Ok(_) => self.conditions.push((name, value)),
                Err(error) => wrong.push(UnusableCondition {
                    reason: error.to_string(),
                    name,
                    value,
                }),
            }
        }
        wrong
    }

    /// Removes conditions on columns with that label, whose value the database refuses.
    pub fn without_label<V: Verb>(
        &mut self,
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
        label: &str,
        reason: &str,
    ) -> Vec<UnusableCondition> {
        let mut wrong = Vec::new();
        self.conditions.retain(|(name, value)| {
            let read = condition::read(permit, around, (name, value));
            // The database names only the column, not the path to it.
            let is_it = read
                .is_ok_and(|it| it.label() == label || it.label().ends_with(&format!(": {label}")));
            if is_it {
                wrong.push(UnusableCondition {
                    name: name.clone(),
                    value: value.clone(),
                    reason: reason.to_owned(),
                });
            }
            !is_it
        });
        wrong
    }

    /// Parses a query string without a view.
    ///
    /// # Errors
    /// The first parameter that is unknown or invalid.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::parse_with(text, None)
    }

    /// Parses a query string that may name this view. Its parameters replace those of the view with
    /// the same name; an empty one removes it.
    ///
    /// # Errors
    /// As [`ListQuery::parse`].
    pub fn parse_with(text: &str, saved: Option<Saved>) -> Result<Self, Failure> {
        let given: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        let is_given = |name: &str| given.iter().any(|(known, _)| known == name);
        let of_view = saved.as_ref().map(|saved| saved.pairs.to_vec());
        let mut of_view = of_view.unwrap_or_default();
        of_view.retain(|(name, _)| !is_given(name));
        let mut query = Self::default();
        for (name, value) in of_view.into_iter().chain(given) {
            match (name.as_str(), &saved) {
                ("view", _) if value.is_empty() => {}
                ("view", _) if value == ALL => query.view = Some(CurrentView::All),
                ("view", Some(saved)) if value == saved.id.to_string() => {
                    query.view = Some(CurrentView::Saved(saved.clone()));
                }
                ("view", _) => {
                    return Err(Failure::Invalid(text!("parameter-view")));
                }
                (_, Some(_)) if value.is_empty() => {}
                (name, _) => query.put(name, value)?,
            }
        }
        if query.conditions.len() > MAX_CONDITIONS {
            Err(Failure::Invalid(text!(
                "parameter-conditions",
                count = MAX_CONDITIONS
            )))
        } else {
            Ok(query)
        }
    }

    /// Sets a parameter.
    fn put(&mut self, name: &str, value: String) -> Result<(), Failure> {
        match name {
            "q" => self.q = searched("q", value)?,
            "sort" => self.sort = value,
            // A form sends one for each ticked box.
            "columns" if value.is_empty() => {}
            "columns" if self.columns.is_empty() => self.columns = value,
            "columns" => self.columns = format!("{},{value}", self.columns),
            "count" if value.is_empty() => {}
            "count" if value == "no" => self.is_uncounted = true,
            "count" => return Err(takes("count", "no")),
            "size" if value.is_empty() => {}
            "size" => self.size = Some(read_size(&value)?),
            "page" => self.place("page", value)?,
            "after" => self.place("after", value)?,
            "before" => self.place("before", value)?,
            "tz" if value.is_empty() => {}
            "tz" => {
                let unknown = || Failure::Invalid(text!("parameter-zone", name = name));
                self.zone = Zone::named(&value).ok_or_else(unknown)?;
            }
            "done" => self.done = Some(value),
            name if ["f.", "or.", "has."].iter().any(|it| name.starts_with(it)) => {
                self.conditions.push((name.to_owned(), value));
            }
            name => return Err(unknown(name)),
        }
        Ok(())
    }

    fn place(&mut self, name: &'static str, value: String) -> Result<(), Failure> {
        if value.is_empty() {
            return Ok(());
        }
        if let Some((other, _)) = &self.position {
            return Err(Failure::Invalid(text!(
                "parameter-one-place",
                name = name,
                other = other
            )));
        }
        self.position = Some((name, value));
        Ok(())
    }

    /// A position in this list for a URL: the cursor, and a mark of its order.
    pub fn place_of(&self, cursor: &Cursor) -> String {
        match self.order_mark() {
            mark if mark.is_empty() => cursor.encode(),
            mark => format!("{}.{mark}", cursor.encode()),
        }
    }

    /// A short hash of the requested order; empty for the default order.
    fn order_mark(&self) -> String {
        if self.sort.is_empty() {
            return String::new();
        }
        let hash = Sha256::digest(&self.sort);
        hash.iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The parameters without the position: the view that was opened, and the differences from it.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let pairs = self.own_pairs();
        match &self.view {
            None => pairs,
            Some(CurrentView::All) => {
                let all = ("view".to_owned(), ALL.to_owned());
                std::iter::once(all).chain(pairs).collect()
            }
            Some(CurrentView::Saved(saved)) => saved.written(&pairs),
        }
    }

    /// The parameters without a view.
    fn own_pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                pairs.push((name.to_owned(), value.to_owned()));
            }
        };
        add("q", &self.q);
        add("sort", &self.sort);
        add("columns", &self.columns);
        if self.is_uncounted {
            add("count", "no");
        }
        if let Some(size) = self.size {
            add("size", &size.to_string());
        }
        // UTC is the default, and without conditions the zone has no effect.
        if self.zone != Zone::UTC && !self.conditions.is_empty() {
            pairs.push(("tz".to_owned(), self.zone.name().to_owned()));
        }
        pairs.extend(self.conditions.iter().cloned());
        pairs
    }

    /// The address of a list with this query, plus more parameters.
    pub fn url(&self, list: &str, more: &[(&str, &str)]) -> String {
        let mut pairs = Serializer::new(String::new());
        pairs.extend_pairs(self.pairs());
        pairs.extend_pairs(more);
        match pairs.finish() {
            query if query.is_empty() => list.to_owned(),
            query => format!("{list}?{query}"),
        }
    }
}

/// The column in a condition's parameter.
fn column_of(parameter: &str) -> Option<&str> {
    match parameter.strip_prefix("or.") {
        Some(rest) => rest.split_once('.').map(|(_, column)| column),
        None if parameter.starts_with("has.") => Some(parameter),
        None => parameter.strip_prefix("f."),
    }
}

/// Checks a search text.
///
/// # Errors
/// When it is too long.
pub fn searched(name: &str, text: String) -> Result<String, Failure> {
    match text.chars().nth(MAX_SEARCHED) {
        None => Ok(text),
        Some(_) => Err(Failure::Invalid(text!(
            "parameter-length",
            name = name,
            count = MAX_SEARCHED
        ))),
    }
}

fn read_size(value: &str) -> Result<u32, Failure> {
    match value.parse() {
        Ok(size @ 1..=MAX_SIZE) => Ok(size),
        _ => Err(Failure::Invalid(text!(
            "parameter-number",
            name = "size",
            least = "1",
            most = MAX_SIZE.to_string()
        ))),
    }
}

/// An invalid parameter; the reason is a sentence.
fn invalid(parameter: &str, reason: &str) -> Failure {
    Failure::Invalid(text!("parameter-wrong", name = parameter, reason = reason))
}

/// A parameter with a column that does not exist or may not be read.
pub fn no_column(parameter: &str, column: &str) -> Failure {
    invalid(
        parameter,
        &FilterError::Column(column.to_owned()).to_string(),
    )
}

/// An unknown parameter.
pub fn unknown(parameter: &str) -> Failure {
    Failure::Invalid(text!("parameter-unknown", name = parameter))
}

/// A parameter that accepts only other values.
pub fn takes(parameter: &str, values: &str) -> Failure {
    Failure::Invalid(text!("parameter-takes", name = parameter, values = values))
}
