//! The difference between two states of a role, as a structure. The confirmation page shows it as
//! sentences, the audit log as notes.

use crate::texts::{all_of, text};

/// Something that is added to a role or removed from it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Difference {
    /// Its label on pages.
    Label {
        was: Option<String>,
        is: Option<String>,
    },
    /// The parts of the panel itself that it may manage, in words.
    Manage { was: Vec<String>, is: Vec<String> },
    /// It grants this.
    Gives(Rights),
    /// It now grants this, and nothing similar before.
    GivesNow(Rights),
    /// It granted this before.
    GivesNoMore(Rights),
    /// People of a group get it.
    GroupAdded(String),
    /// People of a group lose it; none if the group is unreadable.
    GroupRemoved(Option<String>),
}

/// Rights that belong together, by labels or by names.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rights {
    pub(super) verbs: Vec<String>,
    pub(super) resources: Vec<String>,
    /// The columns they concern; empty for all.
    pub(super) columns: Vec<String>,
    pub(super) rows: Rows,
    /// Columns they do not cover.
    pub(super) without: Vec<String>,
    /// Columns that are read-only.
    pub(super) read_only: Vec<String>,
}

/// The rows that rights apply to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Rows {
    /// All rows, which need not be said.
    #[default]
    All,
    /// All rows, which must be said.
    Every,
    /// The rows that match this.
    Where(String),
}

impl Rights {
    /// "view and edit on Orders in rows where Region is emea, without Margin".
    pub(super) fn in_words(&self) -> String {
        let (verbs, resources) = (all_of(&self.verbs), all_of(&self.resources));
        let mut words = if self.columns.is_empty() {
            text!("rights-on", verbs = verbs, resources = resources)
        } else {
            text!(
                "rights-columns",
                verbs = verbs,
                columns = all_of(&self.columns),
                resources = resources
            )
        };
        match &self.rows {
            Rows::All => {}
            Rows::Every => words = text!("rights-every-row", rights = words),
            Rows::Where(rows) => words = text!("rights-rows", rights = words, rows = rows),
        }
        if !self.without.is_empty() {
            let columns = all_of(&self.without);
            words = text!("rights-without", rights = words, columns = columns);
        }
        if !self.read_only.is_empty() {
            let columns = all_of(&self.read_only);
            words = text!("rights-read-only", rights = words, columns = columns);
        }
        words
    }

    /// In short form: "view, edit on orders, where id=eq:1".
    fn in_short(&self) -> String {
        let mut words = text!(
            "note-rights",
            verbs = self.verbs.join(", "),
            resources = self.resources.join(", ")
        );
        if !self.without.is_empty() {
            let columns = self.without.join(", ");
            words = text!("rights-without", rights = words, columns = columns);
        }
        if !self.read_only.is_empty() {
            let columns = self.read_only.join(", ");
            words = text!("note-rights-read-only", rights = words, columns = columns);
        }
        if let Rows::Where(rows) = &self.rows {
            words = text!("note-rights-rows", rights = words, rows = rows);
        }
        words
    }
}

impl Difference {
    /// The sentences for the confirmation page.
    pub(super) fn sentences(&self) -> Vec<String> {
        vec![match self {
            Self::Label { was, is } => match (was, is) {
                (_, None) => text!("change-no-label", was = was.as_deref().unwrap_or_default()),
                (None, Some(is)) => text!("change-label", label = is),
                (Some(was), Some(is)) => text!("change-new-label", label = is, was = was),
            },
            Self::Manage { was, is } => return managed(was, is),
            Self::Gives(rights) => text!("change-gives", rights = rights.in_words()),
            Self::GivesNow(rights) => text!("change-gives-now", rights = rights.in_words()),
            Self::GivesNoMore(rights) => {
                text!("change-gives-no-more", rights = rights.in_words())
            }
            Self::GroupAdded(group) => text!("change-group", group = group),
            Self::GroupRemoved(Some(group)) => text!("change-no-group", group = group),
            Self::GroupRemoved(None) => text!("change-unreadable-group"),
        }]
    }

    /// The notes for the audit log.
    pub(super) fn note(&self) -> String {
        let or_dash = |text: &str| {
            if text.is_empty() {
                "\u{2014}".to_owned()
            } else {
                text.to_owned()
            }
        };
        match self {
            Self::Label { was, is } => text!(
                "note-label",
                was = or_dash(was.as_deref().unwrap_or_default()),
                label = or_dash(is.as_deref().unwrap_or_default())
            ),
            Self::Manage { was, is } => text!(
                "note-manage",
                was = or_dash(&was.join(", ")),
                what = or_dash(&is.join(", "))
            ),
            Self::Gives(rights) | Self::GivesNow(rights) => {
                text!("note-gives", rights = rights.in_short())
            }
            Self::GivesNoMore(rights) => text!("note-gives-no-more", rights = rights.in_short()),
            Self::GroupAdded(group) => text!("note-group", group = group),
            Self::GroupRemoved(Some(group)) => text!("note-no-group", group = group),
            Self::GroupRemoved(None) => text!("note-unreadable-group"),
        }
    }
}

fn managed(was: &[String], is: &[String]) -> Vec<String> {
    let beyond = |these: &[String], those: &[String]| {
        let beyond = these.iter().filter(|what| !those.contains(what));
        let beyond: Vec<&String> = beyond.collect();
        (!beyond.is_empty()).then(|| all_of(&beyond))
    };
    let gone = beyond(was, is).map(|what| text!("change-manages-no-more", what = what));
    let come = beyond(is, was).map(|what| text!("change-manages", what = what));
    gone.into_iter().chain(come).collect()
}
