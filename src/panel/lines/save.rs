//! Saves lines in the transaction of their parent row.

use super::{LineAction, Lines};
use crate::access::{Create, Delete, Denied, Edit, Permit, Verb};
use crate::catalog::Key;
use crate::catalog::child::Child;
use crate::data::write;
use crate::data::write::lines::{self, Parent};
use crate::data::{DataError, Refusal};
use crate::entry::Entered;
use crate::panel::form;
use crate::store::AnyConnection;
use crate::texts::text;

/// The operations on the lines of a form, with their permits.
#[derive(Default)]
pub struct LineOperations {
    parts: Vec<Part>,
}

struct Part {
    /// The index of these lines in the form.
    at: usize,
    child: Child,
    create: Option<Permit<Create>>,
    edit: Option<Permit<Edit>>,
    delete: Option<Permit<Delete>>,
    steps: Vec<Step>,
}

struct Step {
    /// The position of the line.
    line: usize,
    key: Option<Key>,
    digest: String,
    deed: LineAction,
}

/// A line that was refused.
pub struct RefusedLine {
    at: usize,
    line: usize,
    why: Refusal,
}

/// Why nothing was saved.
pub enum SaveStop {
    /// The row was refused.
    Row(Refusal),
    /// Some of its lines were refused.
    Lines(Vec<RefusedLine>),
}

impl<E: Into<Refusal>> From<E> for SaveStop {
    fn from(error: E) -> Self {
        Self::Row(error.into())
    }
}

impl LineOperations {
    /// The operations that the lines of a form request.
    ///
    /// # Errors
    /// A right is missing, or step-up is required first.
    pub fn of(entered: &Entered, all: &[Lines]) -> Result<Self, Denied> {
        let mut parts = Vec::new();
        for (at, lines) in all.iter().enumerate() {
            let steps: Vec<Step> = lines
                .lines
                .iter()
                .enumerate()
                .filter_map(|(place, line)| {
                    Some(Step {
                        line: place,
                        key: line.key.clone(),
                        digest: line.digest.clone().unwrap_or_default(),
                        deed: line.deed.clone()?,
                    })
                })
                .collect();
            if steps.is_empty() {
                continue;
            }
            let name = &lines.child.resource;
            let any = |is: fn(&LineAction) -> bool| steps.iter().any(|step| is(&step.deed));
            parts.push(Part {
                at,
                child: lines.child.clone(),
                create: permit(entered, name, any(|it| matches!(it, LineAction::Add(_))))?,
                edit: permit(entered, name, any(|it| matches!(it, LineAction::Change(_))))?,
                delete: permit(entered, name, any(|it| matches!(it, LineAction::Remove)))?,
                steps,
            });
        }
        Ok(Self { parts })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The number of lines to write.
    pub fn count(&self) -> usize {
        self.parts.iter().map(|part| part.steps.len()).sum()
    }

    /// Whether lines reference one of these columns of the row.
    pub fn points_at(&self, is_it: &dyn Fn(usize) -> bool) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| {
            part.child
                .parent_columns
                .iter()
                .any(|column| is_it(*column))
        })
    }

    /// Writes the lines of the row with that key.
    ///
    /// # Errors
    /// The refused lines.
    pub fn run_all<V: Verb>(
        &self,
        conn: &mut AnyConnection,
        of: (&Permit<V>, &Key),
        context: &write::Context<'_>,
    ) -> Result<(), SaveStop> {
        let refused = self.run(conn, of, context)?;
        if refused.is_empty() {
            Ok(())
        } else {
            Err(SaveStop::Lines(refused))
        }
    }

    /// Continues after a refused line, so that all of them are reported.
    fn run<V: Verb>(
        &self,
        conn: &mut AnyConnection,
        (permit, key): (&Permit<V>, &Key),
        context: &write::Context<'_>,
    ) -> Result<Vec<RefusedLine>, Refusal> {
        let mut refused = Vec::new();
        if self.is_empty() {
            return Ok(refused);
        }
        let parent = Parent::find(conn, permit, key)?;
        for part in &self.parts {
            // Deletes come first, to free values for new lines.
            let (first, then): (Vec<&Step>, Vec<&Step>) = part
                .steps
                .iter()
                .partition(|step| matches!(step.deed, LineAction::Remove));
            for step in first.into_iter().chain(then) {
                match conn.part(|conn| part.step(conn, &parent, step, context)) {
                    Ok(()) => {}
                    // The same as for a row edited directly.
                    Err(Refusal::Data(DataError::Missing)) => {
                        return Err(DataError::Missing.into());
                    }
                    Err(why) if why.is_of_row() => refused.push(RefusedLine {
                        at: part.at,
                        line: step.line,
                        why,
                    }),
                    Err(why) => return Err(why),
                }
            }
        }
        Ok(refused)
    }
}

fn permit<V: Verb>(
    entered: &Entered,
    name: &str,
    is_needed: bool,
) -> Result<Option<Permit<V>>, Denied> {
    is_needed.then(|| entered.permit(name)).transpose()
}

impl Part {
    fn step(
        &self,
        conn: &mut AnyConnection,
        parent: &Parent,
        step: &Step,
        context: &write::Context<'_>,
    ) -> Result<(), Refusal> {
        let of = (parent, &self.child);
        match (&step.deed, &step.key) {
            (LineAction::Add(changes), _) => {
                let permit = self.create.as_ref().ok_or(DataError::Missing)?;
                lines::add(conn, permit, of, changes, context).map(drop)
            }
            (LineAction::Change(changes), Some(key)) => {
                let permit = self.edit.as_ref().ok_or(DataError::Missing)?;
                let line = (key, step.digest.as_str());
                lines::change(conn, permit, of, line, changes, context).map(drop)
            }
            (LineAction::Remove, Some(key)) => {
                let permit = self.delete.as_ref().ok_or(DataError::Missing)?;
                lines::remove(conn, permit, of, (key, step.digest.as_str()), context)
            }
            (_, None) => Err(DataError::Missing.into()),
        }
    }
}

/// Assigns refusals to the lines.
///
/// # Errors
/// Returns a refusal that the form cannot show.
pub fn show(all: &mut [Lines], refused: Vec<RefusedLine>) -> Result<(), Refusal> {
    for RefusedLine { at, line, why } in refused {
        let found = all.get_mut(at).and_then(|lines| lines.lines.get_mut(line));
        let Some(line) = found else { continue };
        let problem = match why {
            Refusal::Stale(_) => Some(text!("line-changed-late")),
            why => form::shown_in_form(why, &mut line.shown)?,
        };
        line.problem = problem.or(line.problem.take());
    }
    Ok(())
}
