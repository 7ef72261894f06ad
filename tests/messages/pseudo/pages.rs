//! Pages that are opened, and their error messages.

use super::{PSEUDO, Walk, reader};
use crate::support::{Client, TestApp};
use reqwest::Method;
use reqwest::header::ACCEPT;
use std::collections::BTreeMap;

/// The person who opens each page.
const PAGES: [(&str, &str); 38] = [
    ("alice", "/admin/"),
    ("alice", "/admin/me"),
    ("alice", "/admin/sessions"),
    ("alice", "/admin/sessions?q=nobody"),
    ("alice", "/admin/access"),
    ("alice", "/admin/access?find=nothing"),
    ("alice", "/admin/access?role=editor"),
    ("alice", "/admin/access?show=people"),
    ("alice", "/admin/access?groups=editors"),
    ("alice", "/admin/roles"),
    ("alice", "/admin/roles/new"),
    ("alice", "/admin/roles/editor"),
    ("alice", "/admin/roles/editor/groups"),
    ("alice", "/admin/data/orders"),
    ("alice", "/admin/data/orders?f.status=eq:paid&q=1"),
    ("alice", "/admin/data/orders?f.status=eq:nothing"),
    (
        "alice",
        "/admin/data/orders?f.id=in:1,2&f.total=between:1,9&f.notes=null&f.placed_at=this:month",
    ),
    (
        "alice",
        "/admin/data/orders?f.placed_at=last:30d&f.placed_at=gt:2020-01-01T00:00&f.placed_at=past",
    ),
    (
        "alice",
        "/admin/data/orders?or.1.express=eq:true&or.1.total=gt:5&has.order_items=ge:1&has.order_items=any",
    ),
    (
        "alice",
        "/admin/data/orders?f.notes=contains:a&f.notes=notnull&f.id=nin:1,2,3",
    ),
    (
        "alice",
        "/admin/data/orders?count=no&size=25&columns=id,total&sort=-total",
    ),
    ("alice", "/admin/data/orders?sort=customer_id"),
    ("alice", "/admin/data/orders?page=190"),
    ("alice", "/admin/data/orders?page=2"),
    ("alice", "/admin/data/tags?q=nothing"),
    ("alice", "/admin/data/audit"),
    ("alice", "/admin/data/orders/row/1"),
    ("alice", "/admin/data/orders/new"),
    ("alice", "/admin/data/orders/row/1/edit"),
    ("alice", "/admin/data/products/row/1/edit"),
    ("alice", "/admin/data/orders/row/1/delete"),
    ("alice", "/admin/data/orders/row/1/history"),
    ("alice", "/admin/data/tags/import"),
    ("alice", "/admin/nothing"),
    ("bob", "/admin/data/settings"),
    ("dave", "/admin/"),
    ("nobody", "/auth/signed-out"),
    ("nobody", "/auth/callback"),
];

/// Invalid queries of a list; some are reported on the list, others on a separate page.
const WRONG: [&str; 33] = [
    "f.nope=eq:1",
    "f.total=eq:x",
    "f.total=nope:1",
    "f.total=contains:1",
    "f.total=last:5d",
    "f.status=eq:payd",
    "f.status=eq:zzzzzzzz",
    "f.placed_at=last:5x",
    "f.placed_at=last:99999y",
    "f.placed_at=this:age",
    "f.placed_at=eq:x",
    "f.ship_by=last:5h",
    "f.ship_by=eq:x",
    "f.express=eq:x",
    "f.id=eq:x",
    "f.total=between:1",
    "has.nope=any",
    "has.order_items=zz",
    "or.x=eq:1",
    "size=0",
    "tz=x",
    "page=0",
    "page=1000",
    "page=1&after=x",
    "after=x",
    "count=yes",
    "sort=nope",
    "columns=nope",
    "columns=-id",
    "nope=1",
    "sort=a,b,c,d,e,f,g,h,i",
    "f.id=eq:99999999999999999999",
    "f.total=eq:1.234",
];

/// Addresses of the same resource with a query, for which these are invalid.
const ADDRESSES: [&str; 7] = [
    "filter?column=total&op=eq&value=x",
    "filter?column=total&op=nope&value=1",
    "facets?column=nope",
    "lookup?column=nope",
    "lookup?nope=1",
    "export.csv?labels=nope",
    "export.csv?header=nope",
];

#[tokio::test]
async fn pages_show_messages_and_data_only() {
    let app = TestApp::start().await;
    let mut walk = Walk::begin(&app).await;
    let mut people: BTreeMap<&str, Client> = BTreeMap::new();
    for (person, path) in PAGES {
        if !people.contains_key(person) {
            let client = match person {
                "nobody" => app.stranger().reading(PSEUDO),
                name => reader(&app, name).await,
            };
            people.insert(person, client);
        }
        let request = people[person].request(Method::GET, path);
        let request = request.header(ACCEPT, "text/html");
        let answer = people[person].send(request).await;
        walk.page(path, &answer);
    }
    walk.end();
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_told_in_messages() {
    let app = TestApp::start().await;
    let mut walk = Walk::begin(&app).await;
    let alice = reader(&app, "alice").await;
    let typed = ["nope", "zz", "payd", "zzzzzzzz", "age"];
    walk.known.extend(typed.map(str::to_owned));
    let lists = WRONG
        .iter()
        .map(|query| format!("/admin/data/orders?{query}"));
    let others = ADDRESSES
        .iter()
        .map(|rest| format!("/admin/data/orders/{rest}"));
    for path in lists.chain(others) {
        let answer = alice.get(&path).await.expect(400);
        walk.page(&path, &answer);
        // The same as JSON.
        let answer = alice.get_json(&path).await.expect(400);
        walk.problem(&path, &answer);
    }
    walk.end();
}
