//! Resolves a query against a resource, limited by a permit.

use super::{DEFAULT_SIZE, ListQuery, QueryContext, condition, invalid, no_column, order};
use crate::access::{Cover, Permit, Verb};
use crate::catalog::{Filter, FilterError, Sort};
use crate::data::{Cursor, CursorError, PageQuery, Path, Position};
use crate::texts::text;
use crate::web::Failure;
use std::collections::BTreeMap;

/// The maximum number of sort columns.
const MAX_SORTED: usize = 8;
/// The maximum number of columns of referenced rows that a list shows or sorts by.
const MAX_PATHS: usize = 20;

impl ListQuery {
    /// Resolves the query against a resource.
    ///
    /// # Errors
    /// The invalid parameter.
    pub fn resolve<V: Verb>(
        &self,
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
    ) -> Result<PageQuery, Failure> {
        let mut paths = Vec::new();
        for (name, _) in order::read(&self.columns) {
            add_path(permit, around, &name, &mut paths);
        }
        let sort = self.order(permit, around, &mut paths)?;
        if paths.len() > MAX_PATHS {
            return Err(Failure::Invalid(text!(
                "parameter-paths",
                name = "columns",
                count = MAX_PATHS
            )));
        }
        let searched = permit.resource().search_paths.iter();
        Ok(PageQuery {
            sort,
            paths,
            searched: match self.q.trim() {
                "" => Vec::new(),
                _ => searched
                    .filter_map(|name| around.path(permit, name))
                    .collect(),
            },
            filter: self.filter(permit, around)?,
            search: self.q.clone(),
            size: self.size.unwrap_or(DEFAULT_SIZE),
            position: self.place_in_list()?,
        })
    }

    /// The requested columns, in that order; none for the default.
    ///
    /// # Errors
    /// A column that does not exist or may not be read.
    pub fn chosen<V: Verb>(
        &self,
        permit: &Permit<V>,
        paths: &[Path],
    ) -> Result<Option<Vec<usize>>, Failure> {
        let mut chosen = Vec::new();
        for (name, has_sign) in order::read(&self.columns) {
            if has_sign {
                return Err(Failure::Invalid(text!("parameter-sign", name = "columns")));
            }
            let column = known(permit, &name)
                .or_else(|| path_of(permit, paths, &name))
                .ok_or_else(|| no_column("columns", &name))?;
            if !chosen.contains(&column) {
                chosen.push(column);
            }
        }
        Ok(Some(chosen).filter(|chosen| !chosen.is_empty()))
    }

    /// The requested order.
    fn order<V: Verb>(
        &self,
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
        paths: &mut Vec<Path>,
    ) -> Result<Vec<Sort>, Failure> {
        let columns = order::read(&self.sort);
        if columns.len() > MAX_SORTED {
            return Err(Failure::Invalid(text!(
                "parameter-columns",
                name = "sort",
                count = MAX_SORTED
            )));
        }
        columns
            .into_iter()
            .map(|(name, descending)| {
                let column = known(permit, &name)
                    .or_else(|| {
                        add_path(permit, around, &name, paths);
                        path_of(permit, paths, &name)
                    })
                    .ok_or_else(|| no_column("sort", &name))?;
                Ok(Sort { column, descending })
            })
            .collect()
    }

    fn filter<V: Verb>(
        &self,
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
    ) -> Result<Filter, Failure> {
        let mut all = Vec::new();
        let mut groups: BTreeMap<&str, Vec<Filter>> = BTreeMap::new();
        for (name, value) in &self.conditions {
            let (group, test) = self
                .condition(permit, around, name, value)
                .map_err(|error| invalid(name, &error.to_string()))?;
            match group {
                Some(group) => groups.entry(group).or_default().push(test),
                None => all.push(test),
            }
        }
        all.extend(groups.into_values().map(Filter::Any));
        Ok(Filter::All(all))
    }

    /// A condition, with its group of alternatives.
    pub(super) fn condition<'n, V: Verb>(
        &self,
        permit: &Permit<V>,
        around: &QueryContext<'_, V>,
        name: &'n str,
        value: &str,
    ) -> Result<(Option<&'n str>, Filter), FilterError> {
        let (group, _) = condition::split(name)?;
        let test = condition::read(permit, around, (name, value))?;
        let test = test.filter(self.zone, around.now())?;
        Ok((group, test))
    }

    fn place_in_list(&self) -> Result<Position, Failure> {
        let Some((name, value)) = &self.position else {
            return Ok(Position::First);
        };
        let cursor = || {
            // A position in one order is invalid in another.
            let (place, mark) = value.split_once('.').unwrap_or((value, ""));
            Cursor::decode(place)
                .ok()
                .filter(|_| mark == self.order_mark())
                .ok_or_else(|| invalid(name, &CursorError.to_string()))
        };
        Ok(match *name {
            "after" => Position::After(cursor()?),
            "before" => Position::Before(cursor()?),
            _ => match value.parse() {
                Ok(number) if number > 0 => Position::Number(number),
                _ => return Err(Failure::Invalid(text!("parameter-page", name = name))),
            },
        })
    }
}

/// The column with that name; an invisible one counts as missing.
pub(super) fn known<V: Verb>(permit: &Permit<V>, name: &str) -> Option<usize> {
    let column = permit.resource().index_of(name)?;
    (permit.reads(column) != Cover::Nowhere).then_some(column)
}

/// Adds the path with that name, unless it is there already.
fn add_path<V: Verb>(
    permit: &Permit<V>,
    around: &QueryContext<'_, V>,
    name: &str,
    paths: &mut Vec<Path>,
) {
    // A few more than the maximum are enough to report the error.
    let is_known = known(permit, name).is_some() || path_of(permit, paths, name).is_some();
    if !is_known && paths.len() <= MAX_PATHS {
        paths.extend(around.path(permit, name));
    }
}

/// The column index of a path: paths continue after the resource's columns.
fn path_of<V: Verb>(permit: &Permit<V>, paths: &[Path], name: &str) -> Option<usize> {
    let at = paths.iter().position(|path| path.field.name == name)?;
    Some(permit.resource().fields.len() + at)
}
