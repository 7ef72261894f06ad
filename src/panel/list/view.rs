//! The view of the list template.

use super::body::Body;
use super::bulk::{Bulk, Format, formats};
use super::words;
use super::{ListData, first_row};
use crate::access::{Action, Permit, View};
use crate::catalog::field::Look;
use crate::catalog::{Field, Resource, Value};
use crate::data::{Cursor, page};
use crate::entry::query::{DEFAULT_SIZE, ListQuery, SIZES, UnusableCondition, order};
use crate::entry::{Entered, sizes};
use crate::panel::audit;
use crate::panel::filter_form::FilterForm;
use crate::panel::in_sentence;
use crate::panel::views::Bar;
use crate::texts::text;
use crate::web::markup::Markup;
use serde::Serialize;

/// The list page.
#[derive(Serialize)]
pub struct List {
    label: String,
    help: Option<String>,
    count: String,
    /// The address that counts the rows, if they were not counted.
    count_href: Option<String>,
    new_href: Option<String>,
    new_text: String,
    /// The hint on the button if it requires step-up first.
    new_hint: Option<String>,
    exports: Vec<Link>,
    import_href: Option<String>,
    import_hint: Option<String>,
    export_hint: Option<String>,
    action: String,
    search: Option<Search>,
    kept: Vec<Hidden>,
    chips: Vec<Chip>,
    clear_href: Option<String>,
    filter: FilterForm,
    /// Why conditions were left out, one sentence each.
    wrong: Vec<String>,
    columns: Vec<Column>,
    chooser: Chooser,
    /// The table's body; empty if there are no rows.
    body: Markup,
    /// The bulk operations, if there are any.
    bulk: Option<Bulk>,
    pager: Pager,
    empty: Option<Empty>,
    /// The bar of views above it.
    views: Option<Bar>,
}

#[derive(Serialize)]
struct Link {
    label: String,
    href: String,
}

#[derive(Serialize)]
struct Search {
    placeholder: String,
    value: String,
}

/// A hidden input.
#[derive(Serialize)]
pub struct Hidden {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Chip {
    text: String,
    remove_href: String,
}

#[derive(Serialize)]
struct Column {
    name: String,
    label: String,
    numeric: bool,
    sort: Option<&'static str>,
    sort_href: Option<String>,
    help: Option<String>,
    /// Whether it sorts by the key of the referenced row, not by its label.
    by_key: bool,
}

/// The form to choose columns.
#[derive(Serialize)]
struct Chooser {
    /// The other parameters of the list's address.
    kept: Vec<Hidden>,
    /// The columns, those shown first, in order.
    choices: Vec<Choice>,
    /// Columns of referenced rows, by foreign key.
    beside: Vec<RelatedColumns>,
    /// The list with its default columns, if it has others.
    usual_href: Option<String>,
}

/// Columns of the rows that a foreign key references.
#[derive(Serialize)]
struct RelatedColumns {
    label: String,
    choices: Vec<Choice>,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
    is_shown: bool,
}

#[derive(Serialize)]
struct Pager {
    range: String,
    of: String,
    first_href: Option<String>,
    prev_href: Option<String>,
    next_href: Option<String>,
    sizes: Vec<Size>,
}

#[derive(Serialize)]
struct Size {
    size: u32,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Empty {
    title: String,
    text: String,
    href: Option<String>,
    link: Option<String>,
}

impl List {
    pub(super) fn new(
        entered: &Entered,
        permit: &Permit<View>,
        query: &ListQuery,
        found: &ListData,
        wrong: &[UnusableCondition],
    ) -> Self {
        let resource = permit.resource();
        let action = entered.site().urls.list(&resource.name);
        let shown = &found.shown;
        let new_href = entered
            .may(&resource.name, Action::Create)
            .then(|| format!("{action}/new"));
        let count = found.count.map(sizes::in_words).unwrap_or_default();
        let bulk = Bulk::of(entered, resource, query, &action, &count);
        let counted = ListQuery {
            is_uncounted: false,
            ..query.clone()
        };
        Self {
            count_href: (query.is_uncounted).then(|| counted.url(&format!("{action}/count"), &[])),
            label: resource.label.clone(),
            help: Some(resource.help.clone()).filter(|help| !help.is_empty()),
            new_text: new_text(resource),
            new_hint: entered.hint(&resource.name, Action::Create),
            exports: exports(entered, resource, query, &action),
            export_hint: entered.hint(&resource.name, Action::Export),
            import_href: may_import(entered, resource).then(|| format!("{action}/import")),
            import_hint: entered.hint(&resource.name, Action::Import),
            search: search(entered, permit, query),
            kept: kept(query),
            chips: chips(resource, query, found, &action),
            clear_href: is_narrowed(query).then(|| {
                let bare = ListQuery {
                    sort: query.sort.clone(),
                    columns: query.columns.clone(),
                    is_uncounted: query.is_uncounted,
                    size: query.size,
                    view: query.all(),
                    ..ListQuery::default()
                };
                bare.url(&action, &[])
            }),
            filter: FilterForm::new(entered, permit, query, &action, shown)
                .beside(&found.near, &found.children)
                .mending(wrong),
            wrong: wrong.iter().map(|wrong| wrong.reason.clone()).collect(),
            columns: shown
                .iter()
                .filter_map(|column| column_of(*column, query, found, &action))
                .collect(),
            chooser: chooser(permit, query, found, &action),
            body: body(entered, shown, found, bulk.is_some()),
            bulk,
            pager: pager(query, found, &action, &count),
            empty: empty(resource, query, found, new_href.as_deref(), &action),
            count,
            new_href,
            action,
            views: None,
        }
    }

    /// Adds a bar of views.
    pub(super) fn below(self, views: Option<Bar>) -> Self {
        Self { views, ..self }
    }
}

/// "New order".
fn new_text(resource: &Resource) -> String {
    text!("list-new", resource = in_sentence(&resource.label_one))
}

fn is_narrowed(query: &ListQuery) -> bool {
    !query.conditions.is_empty() || !query.q.trim().is_empty()
}

/// Whether the person may import rows.
fn may_import(entered: &Entered, resource: &Resource) -> bool {
    let may = |action| entered.may(&resource.name, action);
    may(Action::Import) && (may(Action::Create) || may(Action::Edit))
}

fn exports(entered: &Entered, resource: &Resource, query: &ListQuery, action: &str) -> Vec<Link> {
    if !entered.may(&resource.name, Action::Export) {
        return Vec::new();
    }
    let bare = ListQuery {
        size: None,
        is_uncounted: false,
        ..query.in_full()
    };
    let points = resource.relations.iter().any(|relation| {
        entered.view(&relation.target).is_some() && entered.may(&relation.target, Action::Export)
    });
    let plain = formats().map(|format| (format, false));
    let named = [
        ("csv", text!("list-export-csv-names")),
        ("xlsx", text!("list-export-excel-names")),
    ];
    let named = named.map(|(name, label)| (Format { name, label }, true));
    let all = plain
        .into_iter()
        .chain(named.into_iter().filter(|_| points));
    let links = all.map(|(format, has_names)| {
        let more: &[(&str, &str)] = if has_names {
            &[("labels", "both")]
        } else {
            &[]
        };
        Link {
            label: format.label,
            href: bare.url(&format!("{action}/export.{}", format.name), more),
        }
    });
    links.collect()
}

fn search(entered: &Entered, permit: &Permit<View>, query: &ListQuery) -> Option<Search> {
    let fields = &permit.resource().fields;
    let around = entered.around();
    let paths = permit.resource().search_paths.iter();
    let paths = paths.filter_map(|name| around.path(permit, name));
    let own = page::searched(permit).filter_map(|column| fields.get(column));
    let labels: Vec<String> = own
        .map(|field| field.label.to_lowercase())
        .chain(paths.map(|path| path.field.label.to_lowercase()))
        .collect();
    if labels.is_empty() {
        return None;
    }
    Some(Search {
        placeholder: text!("list-search-in", columns = labels.join(", ")),
        value: query.q.clone(),
    })
}

fn kept(query: &ListQuery) -> Vec<Hidden> {
    let mut pairs = query.pairs();
    pairs.retain(|(name, _)| name != "q");
    hidden(pairs)
}

fn hidden(pairs: Vec<(String, String)>) -> Vec<Hidden> {
    let pairs = pairs.into_iter();
    pairs.map(|(name, value)| Hidden { name, value }).collect()
}

fn chips(resource: &Resource, query: &ListQuery, found: &ListData, action: &str) -> Vec<Chip> {
    let conditions = found.conditions.iter().enumerate();
    conditions
        .filter_map(|(index, condition)| {
            let mut without = query.clone();
            without.conditions.remove(index);
            without.position = None;
            Some(Chip {
                text: words::of(resource, query, condition.as_ref()?, found)?,
                remove_href: without.url(action, &[]),
            })
        })
        .collect()
}

fn column_of(column: usize, query: &ListQuery, found: &ListData, action: &str) -> Option<Column> {
    let resource = found.resource.as_ref();
    let field = resource.fields.get(column)?;
    let first = order::read(&query.sort).into_iter().next();
    let (sort, next) = match first {
        Some((name, false)) if name == field.name => (Some("ascending"), order::write(&name, true)),
        Some((name, true)) if name == field.name => {
            (Some("descending"), order::write(&name, false))
        }
        _ => (usual_sort(resource, column, query), first_sort(field)),
    };
    let sorted = ListQuery {
        sort: next,
        position: None,
        ..query.clone()
    };
    Some(Column {
        name: field.name.clone(),
        label: field.label.clone(),
        numeric: is_numeric(resource, column, field, found),
        sort,
        sort_href: field.kind.is_sortable().then(|| sorted.url(action, &[])),
        help: Some(field.help.clone()).filter(|help| !help.is_empty()),
        // A list shows labels of referenced rows, but does not sort by them.
        by_key: resource.relation_at(column).is_some(),
    })
}

fn chooser(permit: &Permit<View>, query: &ListQuery, found: &ListData, action: &str) -> Chooser {
    let shown = &found.shown;
    let usual = ListQuery {
        columns: String::new(),
        ..query.clone()
    };
    let others = permit.readable().filter(|column| !shown.contains(column));
    let all = shown.iter().copied().chain(others);
    let choices = all.filter_map(|column| {
        let field = found.resource.fields.get(column)?;
        Some(Choice {
            value: order::write(&field.name, false),
            label: field.label.clone(),
            is_shown: shown.contains(&column),
        })
    });
    let is_shown = |name: &str| {
        let mut fields = shown.iter().filter_map(|it| found.resource.fields.get(*it));
        fields.any(|field| field.name == name)
    };
    let beside = found.near.iter().map(|(label, fields)| {
        let fields = fields.iter().filter(|field| !is_shown(&field.name));
        let choices = fields.map(|field| Choice {
            value: order::write(&field.name, false),
            label: field.label.clone(),
            is_shown: false,
        });
        RelatedColumns {
            label: label.clone(),
            choices: choices.collect(),
        }
    });
    Chooser {
        choices: choices.collect(),
        beside: beside.collect(),
        kept: hidden(usual.pairs()),
        usual_href: (!query.columns.is_empty()).then(|| usual.url(action, &[])),
    }
}

/// The direction of a column in the list's default order.
fn usual_sort(resource: &Resource, column: usize, query: &ListQuery) -> Option<&'static str> {
    let first = resource.sort.first().filter(|_| query.sort.is_empty())?;
    (first.column == column).then_some(if first.descending {
        "descending"
    } else {
        "ascending"
    })
}

/// The first click sorts as people expect: the latest, the largest, or the first by name.
fn first_sort(field: &Field) -> String {
    order::write(&field.name, field.kind.is_largest_first())
}

fn is_numeric(resource: &Resource, column: usize, field: &Field, found: &ListData) -> bool {
    let is_number = match field.kind.look() {
        // Without a type, the values decide.
        Look::AsStored => {
            let mut values = found.page.rows.iter().filter_map(|row| row.get(column));
            let first = values.find(|value| !value.is_null());
            matches!(first, Some(Value::Int(_) | Value::Float(_)))
        }
        look => look.is_numeric(),
    };
    is_number && resource.relation_at(column).is_none()
}

fn body(entered: &Entered, shown: &[usize], found: &ListData, ticks: bool) -> Markup {
    let resource = found.resource.as_ref();
    let mut body = Body::new(found.page.rows.len(), shown.len());
    let rows = entered.site().urls.row(&resource.name, "");
    let is_log = resource.is_audit();
    for row in &found.page.rows {
        let key = row.key(resource).map(|key| key.encode(resource));
        let href = key.as_ref().map(|key| format!("{rows}{key}"));
        let cells = shown.iter().map(|column| {
            let told = is_log
                .then(|| audit::cell(entered, resource, row, *column))
                .flatten();
            told.unwrap_or_else(|| found.relations.cell_of(resource, row, *column, true))
        });
        let tick = key.as_deref().filter(|_| ticks);
        body.row(href.as_deref(), tick, cells);
    }
    body.finish()
}

fn pager(query: &ListQuery, found: &ListData, action: &str, count: &str) -> Pager {
    let bare = ListQuery {
        position: None,
        ..query.clone()
    };
    let to = |name: &str, cursor: &Option<Cursor>| {
        let cursor = bare.place_of(cursor.as_ref()?);
        Some(bare.url(action, &[(name, &cursor)]))
    };
    let current = query.size.unwrap_or(DEFAULT_SIZE);
    let sizes = SIZES.map(|size| {
        let sized = ListQuery {
            size: (size != DEFAULT_SIZE).then_some(size),
            ..bare.clone()
        };
        Size {
            size,
            href: sized.url(action, &[]),
            current: size == current,
        }
    });
    let shown = u64::try_from(found.page.rows.len()).unwrap_or(0);
    let first = match &query.position {
        None => Some(1),
        Some(_) => first_row(&found.page, &crate::data::Position::Number(0)),
    };
    let range = match first {
        _ if shown == 0 => "0".to_owned(),
        Some(first) => text!(
            "list-range",
            first = sizes::grouped(first),
            last = sizes::grouped(first + shown - 1)
        ),
        None => text!("rows", count = shown),
    };
    Pager {
        range,
        of: count.to_owned(),
        first_href: query.position.as_ref().map(|_| bare.url(action, &[])),
        prev_href: to("before", &found.page.previous),
        next_href: to("after", &found.page.next),
        sizes: sizes.into(),
    }
}

fn empty(
    resource: &Resource,
    query: &ListQuery,
    found: &ListData,
    new_href: Option<&str>,
    action: &str,
) -> Option<Empty> {
    if !found.page.rows.is_empty() {
        return None;
    }
    let everything = ListQuery {
        view: query.all(),
        ..ListQuery::default()
    };
    Some(if is_narrowed(query) {
        Empty {
            title: text!("list-nothing-matches"),
            text: text!("list-nothing-matches-advice"),
            href: Some(everything.url(action, &[])),
            link: Some(text!("list-show-everything")),
        }
    } else if query.position.is_some() {
        Empty {
            title: text!("list-page-empty"),
            text: text!("list-page-empty-advice"),
            href: Some(everything.url(action, &[])),
            link: Some(text!("list-first-page")),
        }
    } else {
        Empty {
            title: text!("list-empty", resource = in_sentence(&resource.label)),
            text: text!("list-empty-advice"),
            href: new_href.map(str::to_owned),
            link: new_href.map(|_| new_text(resource)),
        }
    })
}
