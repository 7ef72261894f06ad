//! The audit log as a resource: read-only, and granted like any other.

pub mod event;

pub use event::Action;

use super::{
    AUDIT, Display, DisplayPart, Field, Generated, Kind, Locked, Resource, Sort, TableName, naming,
};
use crate::texts::text;

/// The resource that shows the panel's own table of audit entries.
pub fn resource() -> Resource {
    let fields = fields();
    let at = |names: &[&str]| -> Vec<usize> {
        let index = |name: &&str| fields.iter().position(|field| field.name == *name);
        names.iter().filter_map(index).collect()
    };
    let key = at(&["id"]);
    let parts = |name: &str| at(&[name]).into_iter().map(DisplayPart::Column);
    let display = parts("actor_name")
        .chain([DisplayPart::Text(": ".into())])
        .chain(parts("action"))
        .chain([DisplayPart::Text(" ".into())])
        .chain(parts("row_label"))
        .collect();
    Resource {
        name: AUDIT.into(),
        table: TableName {
            schema: None,
            name: "bailiwick_audit".into(),
        },
        writable: false,
        locked: Locked::default(),
        label: text!("audit-log"),
        label_one: text!("audit-entry"),
        group: text!("audit-menu"),
        help: text!("audit-log-help"),
        list: at(&[
            "at",
            "actor_name",
            "action",
            "resource",
            "row_label",
            "details",
        ]),
        search_paths: Vec::new(),
        search: at(&["actor_name", "row_label", "row_key"]),
        sort: key
            .iter()
            .map(|column| Sort {
                column: *column,
                descending: true,
            })
            .collect(),
        display: Display(display),
        key,
        unique: Vec::new(),
        relations: Vec::new(),
        children: Vec::new(),
        estimate: None,
        actions: Vec::new(),
        tabs: Vec::new(),
        form: Vec::new(),
        fields,
    }
}

fn fields() -> Vec<Field> {
    let mut id = field("id", "", Kind::Int, "bigint", "");
    id.generated = Generated::ByDefault;
    let mut action = field(
        "action",
        &text!("audit-column-action"),
        Kind::Choice,
        "text",
        "",
    );
    let names = Action::ALL.iter().map(|action| action.name().to_owned());
    action.choices = names.collect();
    vec![
        id,
        // Stored as naive UTC, so that every database stores the same text; shown with a zone.
        field(
            "at",
            &text!("audit-column-when"),
            Kind::Instant,
            "timestamp",
            "",
        ),
        field(
            "actor_issuer",
            &text!("audit-column-issuer"),
            Kind::Text,
            "text",
            &text!("audit-column-issuer-help"),
        ),
        field(
            "actor_subject",
            &text!("audit-column-subject"),
            Kind::Text,
            "text",
            &text!("audit-column-subject-help"),
        ),
        field(
            "actor_name",
            &text!("audit-column-who"),
            Kind::Text,
            "text",
            "",
        ),
        field(
            "roles",
            &text!("audit-column-roles"),
            Kind::Text,
            "text",
            &text!("audit-column-roles-help"),
        ),
        action,
        nullable(field(
            "resource",
            &text!("audit-column-resource"),
            Kind::Text,
            "text",
            "",
        )),
        nullable(field(
            "row_key",
            &text!("audit-column-row-key"),
            Kind::Text,
            "text",
            "",
        )),
        nullable(field(
            "row_label",
            &text!("audit-column-row"),
            Kind::Text,
            "text",
            "",
        )),
        field(
            "request_id",
            &text!("audit-column-request"),
            Kind::Text,
            "text",
            &text!("audit-column-request-help"),
        ),
        nullable(field(
            "address",
            &text!("audit-column-address"),
            Kind::Text,
            "text",
            &text!("audit-column-address-help"),
        )),
        nullable(field(
            "details",
            &text!("audit-column-details"),
            Kind::Json,
            "text",
            &text!("audit-column-details-help"),
        )),
        nullable(field(
            "changes",
            &text!("audit-column-changes"),
            Kind::Json,
            "text",
            &text!("audit-column-changes-help"),
        )),
    ]
}

fn field(name: &str, label: &str, kind: Kind, sql_type: &str, help: &str) -> Field {
    Field {
        name: name.into(),
        label: match label {
            "" => naming::label(name),
            label => label.into(),
        },
        help: help.into(),
        kind,
        sql_type: sql_type.into(),
        nullable: false,
        default: None,
        generated: Generated::No,
        max_length: None,
        choices: Vec::new(),
        long: false,
    }
}

fn nullable(field: Field) -> Field {
    Field {
        nullable: true,
        ..field
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_named_column_is_there() {
        let audit = resource();
        assert!(audit.is_audit() && !audit.writable);
        assert_eq!(audit.list.len(), 6);
        assert_eq!(audit.search.len(), 3);
        assert_eq!(audit.display.columns().count(), 3);
        assert_eq!(
            audit.sort,
            [Sort {
                column: 0,
                descending: true
            }]
        );
        assert_eq!(audit.field("at").unwrap().kind, Kind::Instant);
        assert_eq!(audit.field("id").unwrap().label, "ID");
    }
}
