//! Rows of a file, created and changed in one transaction, each independently.

use super::changes::SHOP;
use super::*;
use crate::access::{Assurance, Policy};
use crate::data::write::import::{self, Outcome, Plan, Source};
use crate::data::{Changes, Refusal};
use bench::{given, person};

/// Rows as written in a test; `NULL` means NULL.
struct Written<'w> {
    resource: Arc<Resource>,
    key: Vec<usize>,
    rows: &'w [&'w [(&'w str, &'w str)]],
}

impl Source for Written<'_> {
    fn count(&self) -> usize {
        self.rows.len()
    }

    fn line(&self, at: usize) -> u64 {
        u64::try_from(at).unwrap() + 2
    }

    fn key(&mut self, _: &mut AnyConnection, at: usize) -> Result<Vec<Value>, Refusal> {
        let changes = given(&self.resource, self.rows[at]);
        let values = self.key.iter();
        Ok(values
            .map(|column| changes.get(column).cloned().unwrap_or(Value::Null))
            .collect())
    }

    fn values(
        &mut self,
        _: &mut AnyConnection,
        at: usize,
        row: Option<&Row>,
    ) -> Result<Changes, Refusal> {
        let mut changes = given(&self.resource, self.rows[at]);
        if row.is_some() {
            changes.retain(|column, _| !self.resource.key.contains(column));
        }
        Ok(changes)
    }
}

fn run(
    bench: &mut Bench,
    policy: &Policy,
    key: &[&str],
    rows: &[&[(&str, &str)]],
) -> Result<Outcome, Refusal> {
    let resource = bench.resource("people");
    let key: Vec<usize> = key
        .iter()
        .map(|name| resource.index_of(name).unwrap())
        .collect();
    let nobody = Assurance::none();
    let plan = Plan {
        create: policy.permit_import(&person(), "people", &nobody).ok(),
        edit: policy.permit_import(&person(), "people", &nobody).ok(),
        key: key.clone(),
    };
    let mut source = Written {
        resource,
        key,
        rows,
    };
    bench.change(policy, |conn, context| {
        import::run(conn, &plan, &mut source, context)
    })
}

fn counts(outcome: &Outcome) -> (u64, u64, u64, Vec<usize>) {
    let refused = outcome.refused.iter().map(|(at, _)| *at).collect();
    (outcome.created, outcome.updated, outcome.unchanged, refused)
}

const PEOPLE: &str = "SELECT email || ' ' || name AS t FROM people ORDER BY email";

#[test]
fn rows_are_made_changed_or_left_and_bad_ones_leave_nothing_behind() {
    on_every_database(SHOP, |bench| {
        let policy = bench.policy(&[grant("people regions", "view create edit import")]);
        let rows: &[&[(&str, &str)]] = &[
            &[("email", "ann@x"), ("name", "Anne")],
            &[("email", "bob@x"), ("name", "Bob")],
            &[("email", "cid@x"), ("name", "Cid"), ("region_id", "1")],
            &[("email", "dan@x"), ("name", "Dan"), ("region_id", "99")],
            &[("email", "eve@x"), ("name", "Eve"), ("credit", "-1")],
            &[("email", "cid@x"), ("name", "Again")],
            &[("email", "fay@x")],
            &[("email", "gus@x"), ("name", "Gus"), ("mood", "bad")],
        ];
        let outcome = run(bench, &policy, &["email"], rows).unwrap();
        assert_eq!(counts(&outcome), (2, 1, 1, vec![3, 4, 5, 6]));
        let why = outcome.refused[2].1.to_string();
        assert!(why.starts_with("Line 4 is about this row"), "{why}");
        assert_eq!(
            bench.column(PEOPLE),
            ["ann@x Anne", "bob@x Bob", "cid@x Cid", "gus@x Gus"]
        );
        let events = bench.number("SELECT count(*) AS n FROM bailiwick_audit");
        assert_eq!(events, 3);
        // The same again.
        let outcome = run(bench, &policy, &["email"], &rows[..3]).unwrap();
        assert_eq!(counts(&outcome), (0, 0, 3, vec![]));
        // By the table's key, and without a key: then all rows are new.
        let by_key: &[&[(&str, &str)]] = &[&[("id", "2"), ("name", "Rob")]];
        let outcome = run(bench, &policy, &["id"], by_key).unwrap();
        assert_eq!(counts(&outcome), (0, 1, 0, vec![]));
        let outcome = run(bench, &policy, &[], &rows[..3]).unwrap();
        assert_eq!(counts(&outcome), (0, 0, 0, vec![0, 1, 2]));
    });
}

#[test]
fn a_grant_of_import_and_one_of_the_write_must_cover_row_and_column() {
    on_every_database(SHOP, |bench| {
        let mut writes = grant("people", "view create edit");
        writes.rows = vec!["region=in:emea,amer".into()];
        let mut imports = grant("people", "import");
        imports.rows = vec!["region=in:emea,apac".into()];
        imports.read_only = vec!["credit".into()];
        let policy = bench.policy(&[writes, imports, grant("regions", "view")]);
        let rows: &[&[(&str, &str)]] = &[
            &[("email", "ann@x"), ("name", "Anne")],
            // The row is not visible, so its value counts as taken.
            &[("email", "bob@x"), ("name", "Rob")],
            &[("email", "ann@x"), ("credit", "1")],
            &[("email", "cid@x"), ("name", "Cid"), ("region", "emea")],
            &[("email", "dan@x"), ("name", "Dan"), ("region", "amer")],
            &[("email", "eve@x"), ("name", "Eve"), ("credit", "1")],
        ];
        let outcome = run(bench, &policy, &["email"], rows).unwrap();
        assert_eq!(counts(&outcome), (1, 1, 0, vec![1, 2, 4, 5]));
        assert_eq!(
            bench.column(PEOPLE),
            ["ann@x Anne", "bob@x Bob", "cid@x Cid"]
        );
        // Without the right to import there is no permit, whatever other rights exist.
        let policy = bench.policy(&[grant("people", "view create edit")]);
        let denied =
            policy.permit_import::<crate::access::Edit>(&person(), "people", &Assurance::none());
        assert_eq!(denied.unwrap_err().what(), "import");
    });
}
