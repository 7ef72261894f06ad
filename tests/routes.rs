//! Which routes answer whom, and what every answer carries.

use crate::support::TestApp;

#[tokio::test]
async fn the_home_page_opens_for_each_role() {
    let app = TestApp::shared().await;
    for person in ["alice", "bob", "carol"] {
        let client = app.sign_in(person).await;
        let home = client.page("/admin/").await;
        assert!(home.has("nav#menu a[href='/admin/data/orders']"), "{person}");
    }
}
