//! User interactions in a real browser. Without `BAILIWICK_TEST_WEBDRIVER` these tests are skipped,
//! unless `BAILIWICK_TEST_DEMAND=1`.

use crate::support::{Browser, DOWN, ENTER, TestApp};

const EDIT: &str = "/admin/data/orders/row/1/edit";
/// The number of drafts that the browser keeps for forms.
const DRAFTS: &str =
    "return Object.keys(sessionStorage).filter(key => key.startsWith('draft ')).length";

#[tokio::test]
async fn alice_gives_an_order_to_another_customer() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE customers SET name = 'Giraffe House' WHERE id = 8");
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("alice", EDIT).await;
    browser.fill("#field-notes", "Changed in a browser").await;
    // A click selects the current name; typing replaces it.
    browser.click("#field-customer_id").await;
    browser.press("giraffe").await;
    browser
        .wait_until(
            "return document.querySelector('[role=option]')?.textContent === 'Giraffe House'",
        )
        .await;
    browser.press(&format!("{DOWN}{ENTER}")).await;
    browser
        .wait_until(
            "return document.querySelector('input[type=hidden][name=customer_id]').value === '8'",
        )
        .await;
    browser.click("[data-save]").await;
    browser.wait_for_element(".notice.good").await;
    assert!(browser.text("main").await.contains("Giraffe House"));
    assert_eq!(
        app.db.number("SELECT customer_id FROM orders WHERE id = 1"),
        8
    );
    let notes = app.db.text("SELECT notes FROM orders WHERE id = 1");
    assert_eq!(notes.as_deref(), Some("Changed in a browser"));
    for path in [
        "/admin/",
        "/admin/data/orders?f.status=eq:paid",
        "/admin/data/audit",
        "/admin/me",
        "/admin/data/settings/new",
    ] {
        browser.visit(path).await;
        assert_eq!(browser.count("h1").await, 1, "{path}");
    }
    browser.close().await;
}

#[tokio::test]
async fn lines_are_edited_in_the_form_of_their_order() {
    let app = TestApp::start().await;
    app.db.execute(
        "DELETE FROM order_items WHERE order_id = 1;
         INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price)
         VALUES (1, 1, 1, 3, 10.50), (1, 2, 2, 4, 20.00);
         UPDATE products SET name = 'Giraffe Lamp' WHERE id = 3",
    );
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("alice", EDIT).await;
    let cell =
        |line: usize, column: &str| format!("#field-child-2e-order_items-2e-{line}-2e-{column}");
    browser.fill(&cell(0, "quantity"), "5").await;
    browser
        .run("document.querySelector('[name=\"line.order_items.1.off\"]').click()")
        .await;
    browser.click(&cell(2, "product_id")).await;
    browser.press("giraffe").await;
    browser
        .wait_until(
            "return document.querySelector('[role=option]')?.textContent === 'Giraffe Lamp'",
        )
        .await;
    browser.press(&format!("{DOWN}{ENTER}")).await;
    browser.fill(&cell(2, "quantity"), "7").await;
    browser.fill(&cell(2, "unit_price"), "1.25").await;
    browser.click("[data-save]").await;
    browser.wait_for_element(".notice.good").await;
    let lines = "SELECT line_no || ':' || product_id || ':' || quantity FROM order_items
                 WHERE order_id = 1 ORDER BY line_no";
    let lines: Vec<String> = app.db.texts(lines).into_iter().flatten().collect();
    assert_eq!(lines, ["1:1:5", "2:3:7"]);
    browser.close().await;
}

#[tokio::test]
async fn bob_edits_a_customer_of_his_region() {
    let app = TestApp::start().await;
    let id = app
        .db
        .number("SELECT min(id) FROM customers WHERE region = 'emea'");
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser
        .sign_in("bob", &format!("/admin/data/customers/row/{id}"))
        .await;
    browser.click("a[data-key=e]").await;
    browser.wait_for("/edit").await;
    browser.fill("#field-city", "Lyon").await;
    browser.click("[data-save]").await;
    browser.wait_for_element(".notice.good").await;
    let city = app
        .db
        .text(&format!("SELECT city FROM customers WHERE id = {id}"));
    assert_eq!(city.as_deref(), Some("Lyon"));
    assert!(app.audit("update")[0].starts_with("Bob Berger|editor|customers"));
    browser.close().await;
}

#[tokio::test]
async fn carol_reads_and_sees_nothing_to_change() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("carol", "/admin/data/orders").await;
    browser.click("table.rows tbody tr td a").await;
    browser.wait_for("/row/").await;
    for selector in [
        "a[href$='/edit']",
        "a[href$='/delete']",
        "a[href$='/history']",
        "[data-save]",
    ] {
        assert_eq!(browser.count(selector).await, 0, "{selector}");
    }
    browser.close().await;
}

#[tokio::test]
async fn dave_is_told_that_he_has_no_role_and_becomes_someone_else() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("dave", "/admin/").await;
    let page = browser.text("main").await;
    assert!(
        page.contains("have no role here") && page.contains("Dave Novak"),
        "{page}"
    );
    browser.click("main a.primary").await;
    browser.wait_for("/authorize").await;
    browser.click("button[value=carol]").await;
    browser.wait_for("/admin/").await;
    assert!(browser.text("header.top").await.contains("Carol"));
    // The denied page has status 403, which the console reports.
    browser.close_but_for("403 (Forbidden)").await;
}

#[tokio::test]
async fn everything_is_done_by_keyboard() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.visit(EDIT).await;
    browser.wait_for("/authorize").await;
    browser.tab_to("button[value=alice]").await;
    browser.press(ENTER).await;
    browser.wait_for(EDIT).await;
    browser.tab_to("#field-notes").await;
    browser.press(" By keyboard").await;
    browser.tab_to("[data-save]").await;
    browser.press(ENTER).await;
    browser.wait_for_element(".notice.good").await;
    let notes = app
        .db
        .text("SELECT notes FROM orders WHERE id = 1")
        .unwrap();
    assert!(notes.contains("By keyboard"), "{notes}");
    browser.tab_to("button.who").await;
    browser.press(ENTER).await;
    browser.tab_to("#person form button").await;
    browser.press(ENTER).await;
    browser.wait_for("/auth/signed-out").await;
    browser.close().await;
}

#[tokio::test]
async fn everything_is_done_without_scripts() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE customers SET name = 'Giraffe House' WHERE id = 8");
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.without_scripts().await;
    browser.sign_in("alice", EDIT).await;
    assert_eq!(browser.count("[role=combobox]").await, 0, "scripts are on");
    browser.fill("#field-notes", "Without scripts").await;
    browser.fill("[name='find.customer_id']", "giraffe").await;
    browser.click("button[name=pick][value=customer_id]").await;
    browser
        .click("select[name=customer_id] option[value='8']")
        .await;
    browser.click("[data-save]").await;
    browser.wait_for_element(".notice.good").await;
    assert_eq!(
        app.db.number("SELECT customer_id FROM orders WHERE id = 1"),
        8
    );
    let notes = app.db.text("SELECT notes FROM orders WHERE id = 1");
    assert_eq!(notes.as_deref(), Some("Without scripts"));
    browser.visit("/admin/data/orders").await;
    browser.click("details[data-filter] summary").await;
    browser.click("#filter-column option[value='id']").await;
    browser.fill("#filter-value", "1").await;
    browser.click("form.filter button").await;
    browser.wait_for("f.id=eq%3A1").await;
    browser.close().await;
}

#[tokio::test]
async fn what_was_typed_survives_a_session_that_ended() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE customers SET name = 'Giraffe House' WHERE id = 8");
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("alice", EDIT).await;
    // Once by a lookup of the script, and once by the button.
    for by_script in [true, false] {
        let words = if by_script { "By script" } else { "By button" };
        browser.fill("#field-notes", words).await;
        if !by_script {
            browser.click("#field-customer_id").await;
            browser.press("giraffe").await;
            browser
                .wait_until("return document.querySelector('[role=option]')?.textContent === 'Giraffe House'")
                .await;
            browser.press(&format!("{DOWN}{ENTER}")).await;
        }
        app.db.execute("DELETE FROM bailiwick_sessions");
        if by_script {
            browser.click("#field-customer_id").await;
            browser.press("a").await;
        } else {
            browser.click("[data-save]").await
        }
        // The provider still knows her, so the redirect leads straight back.
        browser.wait_for("unsaved=1").await;
        browser.wait_for_element(".notice.bad").await;
        let notice = browser.text(".notice.bad").await;
        assert!(notice.contains("filled in again"), "{notice}");
        let typed = browser
            .run("return document.querySelector('#field-notes').value")
            .await;
        assert_eq!(typed, words);
    }
    let customer = "return document.querySelector('input[type=hidden][name=customer_id]').value";
    assert_eq!(browser.run(customer).await, "8");
    browser.click("[data-save]").await;
    browser.wait_for_element(".notice.good").await;
    let notes = app.db.text("SELECT notes FROM orders WHERE id = 1");
    assert_eq!(notes.as_deref(), Some("By button"));
    assert_eq!(
        app.db.number("SELECT customer_id FROM orders WHERE id = 1"),
        8
    );
    // No draft is left for the next form.
    browser.visit(EDIT).await;
    assert_eq!(browser.run(DRAFTS).await, 0);
    // The console reports the lookup with status 401.
    browser.close_but_for("401 (Unauthorized)").await;
}

#[tokio::test]
async fn what_somebody_else_typed_is_not_filled_in() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("alice", EDIT).await;
    browser.fill("#field-notes", "Of alice alone").await;
    // Her session ends, she submits the form, and closes the tab at the provider.
    app.db.execute("DELETE FROM bailiwick_sessions");
    let leave = "const form = document.querySelector('form[data-record]');\
                 form.dispatchEvent(new Event('submit'))";
    browser.run(leave).await;
    assert_eq!(browser.run(DRAFTS).await, 1);
    let other = format!("/auth/login?prompt=select_account&return_to={EDIT}%3Funsaved%3D1");
    browser.visit(&other).await;
    browser.wait_for("/authorize").await;
    browser.click("button[value=bob]").await;
    browser.wait_for("unsaved=1").await;
    browser.wait_for_element("#field-notes").await;
    let typed = "return document.querySelector('#field-notes').value";
    assert_ne!(browser.run(typed).await, "Of alice alone");
    assert_eq!(browser.run(DRAFTS).await, 0);
    browser.close().await;
}

#[tokio::test]
async fn going_back_from_the_preview_of_a_role_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("alice", "/admin/roles/new").await;
    browser.fill("#field-name", "helpers").await;
    browser.fill("#field-label", "Helpers").await;
    for box_of in [
        "on'][value='tags",
        "on'][value='settings",
        "may'][value='view",
    ] {
        browser.click(&format!("[name='grant.0.{box_of}']")).await;
    }
    browser.click("[data-save]").await;
    browser.wait_for_element("[data-preview]").await;
    browser.run("history.back()").await;
    browser.wait_for_element("#field-name").await;
    browser
        .wait_until(
            "return [...document.querySelectorAll('#field-name, #field-label, :checked')]\
                 .map(control => control.value).join(' ') === 'helpers Helpers settings tags view'",
        )
        .await;
    // Going back after saving asks nothing, and does not show the saved draft again.
    browser.click("[data-save]").await;
    browser.click("[name=confirm]").await;
    browser.wait_for("/admin/roles/helpers").await;
    browser.wait_for_element(".notice.good").await;
    browser.run("history.back()").await;
    browser.wait_for("/admin/roles/new").await;
    browser.wait_for_element("#field-name").await;
    let name = "return document.querySelector('#field-name').value";
    assert_eq!(browser.run(name).await, "");
    // No draft is kept for a saved row, even if its page has no form to take it.
    browser.visit("/admin/data/tags/new").await;
    browser.fill("#field-name", "once").await;
    browser.fill("#field-colour", "#123456").await;
    browser.click("[data-save]").await;
    browser.wait_for_element(".notice.good").await;
    assert_eq!(browser.run(DRAFTS).await, 0);
    browser.close().await;
}

#[tokio::test]
async fn going_back_after_signing_out_shows_nothing() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("alice", "/admin/data/orders").await;
    browser.click("button.who").await;
    browser.click("#person form button").await;
    browser.wait_for("/auth/signed-out").await;
    browser.run("history.back()").await;
    browser.wait_for("/authorize").await;
    assert!(!browser.text("body").await.contains("SO-1"));
    browser.close().await;
}

/// The form policy of the panel's pages must not block the redirects after them.
#[tokio::test]
async fn signing_out_leads_to_the_provider_and_back() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("alice", "/admin/").await;
    let submit = "document.querySelector(\"form[action$='/auth/logout']\").requestSubmit()";
    browser.run(submit).await;
    browser.wait_for("/auth/signed-out?state=").await;
    assert!(browser.text("main").await.contains("You are signed out"));
    browser.close().await;
}

#[tokio::test]
async fn a_save_whose_page_must_be_confirmed_at_the_provider_comes_back_to_it() {
    let app = TestApp::builder()
        .own_provider()
        .without_refresh()
        .start()
        .await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("alice", EDIT).await;
    app.wait(6);
    browser
        .fill("#field-notes", "Saved after six minutes")
        .await;
    browser.click("[data-save]").await;
    browser.wait_for_element(".notice.good").await;
    let notes = app.db.text("SELECT notes FROM orders WHERE id = 1");
    assert_eq!(notes.as_deref(), Some("Saved after six minutes"));
    // A silent re-check is not recorded as an event.
    assert_eq!(app.audit("sign-in").len(), 1);
    browser.close().await;
}

#[tokio::test]
async fn a_view_is_saved_and_opened_by_keyboard() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    let list = "/admin/data/orders?f.status=eq:paid";
    browser.sign_in("alice", list).await;
    browser.tab_to(".viewline details > summary").await;
    // Opening the menu focuses the name field.
    browser.press(ENTER).await;
    browser
        .wait_until("return document.activeElement.id === 'view-name'")
        .await;
    browser.press(&format!("Paid ones{ENTER}")).await;
    browser.wait_for("view=").await;
    let open = ".viewline .tabs a[aria-current]";
    assert_eq!(browser.text(open).await, "Paid ones");
    browser.visit("/admin/data/orders").await;
    browser.click(".viewline .tabs li:nth-child(2) a").await;
    browser.wait_for("view=").await;
    assert!(browser.text(".chips").await.contains("Status is paid"));
    browser.close().await;
}

#[tokio::test]
async fn everything_is_searched_from_any_page_by_keyboard() {
    let app = TestApp::start().await;
    app.db
        .execute("UPDATE customers SET name = 'Giraffe House' WHERE id = 8");
    let Some(browser) = Browser::open(&app).await else {
        return;
    };
    browser.sign_in("alice", "/admin/data/orders").await;
    browser
        .run("dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, cancelable: true }))")
        .await;
    browser.wait_for_element("dialog.palette[open]").await;
    browser.press("giraffe").await;
    browser
        .wait_until("return document.querySelector('.palette [role=option][aria-selected=true]')?.textContent.includes('Giraffe House')")
        .await;
    let told = browser
        .run("const input = document.querySelector('.palette input');
              return document.getElementById(input.getAttribute('aria-activedescendant'))?.textContent ?? ''")
        .await;
    assert_eq!(told, "Giraffe House");
    browser.press(ENTER).await;
    browser.wait_for("/admin/data/customers/row/8").await;
    assert!(browser.text("h1").await.contains("Giraffe House"));
    browser.close().await;
}
