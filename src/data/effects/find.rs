//! Finds the affected rows, step by step along the foreign keys. Each row is followed once, so that
//! cycles end.

use super::pointing::{self, Parents};
use super::{Affected, Cause, Consequence, Effects, Group, Ident, MOST, Rights};
use crate::access::{Cover, Denied};
use crate::catalog::{Filter, Reference, ReferentialAction, Resource};
use crate::data::DataError;
use crate::data::count::{CAP, Count};
use crate::data::row::Row;
use crate::store::AnyConnection;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The number of rows whose children are queried in one statement.
const AT_ONCE: usize = 100;
/// The number of rows of a group that are named.
const NAMED: usize = 5;

/// Rows of a table that are deleted, or in which these columns change.
struct Step {
    table: Arc<Resource>,
    rows: Vec<Row>,
    changed: Option<Vec<usize>>,
    lock: bool,
}

struct Finder<'f> {
    conn: &'f mut AnyConnection,
    rights: &'f dyn Rights,
    steps: VecDeque<Step>,
    /// Foreign keys that refuse the delete, with the deleted rows; checked once all deleted rows
    /// are known.
    refusing: Vec<(Reference, Arc<Resource>, Vec<Row>)>,
    /// The deleted rows, with the number of identical ones: rows without a key may be identical.
    gone: HashMap<Ident, usize>,
    /// The changed rows, by the columns that change.
    changed: HashMap<(Ident, Vec<usize>), usize>,
    total: usize,
    effects: Effects,
}

/// The rows of a table that a person may delete or change, and those they see.
struct Right {
    may: Filter,
    sees: Filter,
    unconfirmed: Option<Denied>,
}

pub(super) fn run(
    conn: &mut AnyConnection,
    rights: &dyn Rights,
    (table, row): (&Arc<Resource>, &Row),
    changed: Option<Vec<usize>>,
    lock: bool,
) -> Result<Effects, DataError> {
    let mut finder = Finder {
        conn,
        rights,
        steps: VecDeque::new(),
        refusing: Vec::new(),
        gone: HashMap::new(),
        changed: HashMap::new(),
        total: 0,
        effects: Effects::default(),
    };
    if changed.is_none() {
        finder.gone.insert(ident(table, row), 1);
    }
    finder.steps.push_back(Step {
        table: Arc::clone(table),
        rows: vec![row.clone()],
        changed,
        lock: lock && !table.locked.edit,
    });
    while let Some(step) = finder.steps.pop_front() {
        finder.follow(&step)?;
        if finder.effects.is_too_much {
            return Ok(finder.effects);
        }
    }
    finder.sum_up();
    finder.count_refusing()?;
    Ok(finder.effects)
}

/// Identifies a row by its key, or by its whole content.
pub(in crate::data) fn ident(table: &Resource, row: &Row) -> Ident {
    let key = row.key(table).map(|key| key.encode(table));
    (table.name.clone(), key.unwrap_or_else(|| row.digest()))
}

impl Finder<'_> {
    fn follow(&mut self, step: &Step) -> Result<(), DataError> {
        let rights = self.rights;
        for reference in rights.catalog().references_to(&step.table.name) {
            let action = match &step.changed {
                None => reference.on_delete,
                Some(columns) if columns.iter().any(|c| reference.target_columns.contains(c)) => {
                    reference.on_update
                }
                Some(_) => continue,
            };
            let consequence = match (action, step.changed.is_none()) {
                (ReferentialAction::Refuse, false) => continue,
                (ReferentialAction::Refuse, true) => {
                    let refusing = (reference.clone(), step.table.clone(), step.rows.clone());
                    self.refusing.push(refusing);
                    continue;
                }
                (ReferentialAction::Cascade, true) => Consequence::Goes,
                (ReferentialAction::Cascade, false) => Consequence::Follows,
                (ReferentialAction::SetNull, _) => Consequence::LosesLink,
                (ReferentialAction::SetDefault, _) => Consequence::TakesDefault,
            };
            let source = rights.catalog().known(&reference.source).cloned();
            match source.filter(|_| reference.is_readable()) {
                Some(source) => self.take(step, reference, &source, consequence)?,
                None => self.effects.is_unknown = true,
            }
        }
        Ok(())
    }

    /// Adds the rows of `source` that reference those of a step.
    fn take(
        &mut self,
        step: &Step,
        reference: &Reference,
        source: &Arc<Resource>,
        consequence: Consequence,
    ) -> Result<(), DataError> {
        let right = self.right(reference, source, consequence);
        let tests = [right.may.clone(), right.sees.clone()];
        let lock = step.lock && reference.matching.lockable;
        let (mut rows, mut alike) = (Vec::new(), HashMap::new());
        // The new value of each row is known only if referenced rows are queried one by one.
        let at_once = if step.changed.is_some() { 1 } else { AT_ONCE };
        for parents in step.rows.chunks(at_once) {
            let parents = Parents::new(reference, source, &step.table, parents);
            let limit = MOST + 1 - self.total;
            let found = pointing::rows(self.conn, &parents, &tests, limit, lock)?;
            let cause = Cause {
                reference: reference.clone(),
                parent: parents.first(),
            };
            for row in found {
                let number: &mut usize = alike.entry(ident(source, &row)).or_default();
                *number += 1;
                if self.add((source, consequence), &right, (&row, *number), &cause) {
                    rows.push(row);
                }
                if self.total > MOST {
                    self.effects.is_too_much = true;
                    return Ok(());
                }
            }
        }
        if !rows.is_empty() {
            let goes = consequence == Consequence::Goes;
            self.steps.push_back(Step {
                table: Arc::clone(source),
                rows,
                changed: (!goes).then(|| reference.columns.clone()),
                lock,
            });
        }
        Ok(())
    }

    /// Adds a row, numbered among identical ones; returns whether it is new.
    fn add(
        &mut self,
        (source, consequence): (&Arc<Resource>, Consequence),
        right: &Right,
        (row, number): (&Row, usize),
        cause: &Cause,
    ) -> bool {
        let of = ident(source, row);
        let known = match consequence {
            Consequence::Goes => self.gone.entry(of).or_default(),
            _ => {
                let columns = cause.reference.columns.clone();
                self.changed.entry((of, columns)).or_default()
            }
        };
        if number <= *known {
            return false;
        }
        *known = number;
        self.keep((source, consequence), right, row, cause)
    }

    fn keep(
        &mut self,
        (source, consequence): (&Arc<Resource>, Consequence),
        right: &Right,
        row: &Row,
        cause: &Cause,
    ) -> bool {
        self.total += 1;
        if let Some(group) = self.group(source, consequence) {
            group.unconfirmed = group.unconfirmed.take().or(right.unconfirmed.clone());
            group.rows.push(Affected {
                before: row.clone(),
                cause: cause.clone(),
            });
        }
        true
    }

    /// Counts the rows of each group. A deleted row does not count as changed.
    fn sum_up(&mut self) {
        for group in &mut self.effects.groups {
            if group.consequence != Consequence::Goes {
                let gone = &self.gone;
                let table = Arc::clone(&group.table);
                group
                    .rows
                    .retain(|row| !gone.contains_key(&ident(&table, &row.before)));
            }
            let seen = || group.rows.iter().filter(|row| row.before.flag(1));
            group.count = Count::Exact(number(group.rows.len()));
            group.seen = Count::Exact(number(seen().count()));
            group.is_refused = group.rows.iter().any(|row| !row.before.flag(0));
            let keys = seen().filter_map(|row| row.before.key(&group.table));
            group.seen_keys = keys.take(NAMED).collect();
        }
        self.effects.groups.retain(|group| !group.rows.is_empty());
    }

    fn group(&mut self, table: &Arc<Resource>, consequence: Consequence) -> Option<&mut Group> {
        let is_shown = self.rights.catalog().get(&table.name).is_some();
        let groups = &mut self.effects.groups;
        let is_it =
            |group: &Group| group.table.name == table.name && group.consequence == consequence;
        if !groups.iter().any(is_it) {
            // Groups that prevent the change come first.
            let at = match consequence {
                Consequence::Prevents => 0,
                _ => groups.len(),
            };
            groups.insert(at, Group::new(Arc::clone(table), is_shown, consequence));
        }
        groups.iter_mut().find(|group| is_it(group))
    }

    fn right(&self, reference: &Reference, source: &Resource, consequence: Consequence) -> Right {
        let (rows, unconfirmed) = match consequence {
            Consequence::Prevents => (Filter::everything(), None),
            Consequence::Goes => match self.rights.delete_beside(&source.name) {
                Ok(permit) => (permit.rows(), None),
                Err(denied) => denied_rows(denied),
            },
            _ => match self.rights.edit_beside(&source.name) {
                Ok(permit) => {
                    let columns = reference.columns.iter();
                    let columns = columns.map(|column| covered(permit.writes(*column)));
                    let rows = std::iter::once(permit.rows()).chain(columns);
                    (Filter::All(rows.collect()), None)
                }
                Err(denied) => denied_rows(denied),
            },
        };
        Right {
            may: rows,
            sees: self.in_sight(reference, source),
            unconfirmed,
        }
    }

    /// The rows that the person sees, including their foreign key.
    fn in_sight(&self, reference: &Reference, source: &Resource) -> Filter {
        let Some(view) = self.rights.view(&source.name) else {
            return Filter::nothing();
        };
        let columns = reference.columns.iter();
        let columns = columns.map(|column| covered(view.tests(*column)));
        Filter::All(std::iter::once(view.rows()).chain(columns).collect())
    }

    /// Counts the rows that prevent the change, without those that are deleted themselves.
    fn count_refusing(&mut self) -> Result<(), DataError> {
        for (reference, target, rows) in std::mem::take(&mut self.refusing) {
            let source = self.rights.catalog().known(&reference.source).cloned();
            let Some(source) = source.filter(|_| reference.is_readable()) else {
                // The panel cannot read these rows; the database will refuse the change.
                continue;
            };
            for parents in rows.chunks(AT_ONCE) {
                self.count_at(
                    &reference,
                    &source,
                    &Parents::new(&reference, &source, &target, parents),
                )?;
            }
        }
        Ok(())
    }

    fn count_at(
        &mut self,
        reference: &Reference,
        source: &Arc<Resource>,
        parents: &Parents<'_>,
    ) -> Result<(), DataError> {
        let (all, sees) = (Filter::everything(), self.in_sight(reference, source));
        let tests = [all.clone(), sees.clone()];
        let some_go = self.gone.keys().any(|(table, _)| *table == source.name);
        let limit = if some_go { MOST + 1 } else { NAMED };
        let first = pointing::rows(self.conn, parents, &tests, limit, false)?;
        let left: Vec<Row> = first
            .into_iter()
            .filter(|row| !self.gone.contains_key(&ident(source, row)))
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        let (count, seen) = if some_go {
            (
                Count::Exact(number(left.len())),
                Count::Exact(number(left.iter().filter(|row| row.flag(1)).count())),
            )
        } else {
            (
                pointing::count(self.conn, parents, &all, CAP)?,
                pointing::count(self.conn, parents, &sees, CAP)?,
            )
        };
        let named: Vec<Row> = if left.iter().any(|row| row.flag(1)) || seen.value() == 0 {
            left.into_iter().filter(|row| row.flag(1)).collect()
        } else {
            pointing::seen(self.conn, parents, &tests, NAMED)?
        };
        let Some(group) = self.group(source, Consequence::Prevents) else {
            return Ok(());
        };
        group.count = sum(group.count, count);
        group.seen = sum(group.seen, seen);
        let keys = named.iter().filter_map(|row| row.key(source));
        let room = NAMED.saturating_sub(group.seen_keys.len());
        group.seen_keys.extend(keys.take(room));
        Ok(())
    }
}

impl Group {
    fn new(table: Arc<Resource>, is_shown: bool, consequence: Consequence) -> Self {
        Self {
            table,
            is_shown,
            consequence,
            count: Count::Exact(0),
            seen: Count::Exact(0),
            unconfirmed: None,
            is_refused: false,
            rows: Vec::new(),
            seen_keys: Vec::new(),
        }
    }
}

/// No row without the right. If only step-up is missing, it is required first.
fn denied_rows(denied: Denied) -> (Filter, Option<Denied>) {
    match denied.demand {
        Some(_) => (Filter::everything(), Some(denied)),
        None => (Filter::nothing(), None),
    }
}

pub(in crate::data) fn covered(cover: Cover) -> Filter {
    match cover {
        Cover::Everywhere => Filter::everything(),
        Cover::Where(rows) => rows,
        Cover::Nowhere => Filter::nothing(),
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn sum(one: Count, other: Count) -> Count {
    let value = one.value().saturating_add(other.value());
    match (one, other) {
        (Count::Exact(_), Count::Exact(_)) => Count::Exact(value),
        _ => Count::AtLeast(value),
    }
}
