//! Pending sign-ins: one row for each attempt, used once, bound to the browser that began it.

use super::tables::bailiwick_sign_ins as sign_ins;
use super::{AnyConnection, made};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// A pending sign-in.
#[derive(Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = sign_ins)]
pub struct Pending {
    /// The hash of the `state` sent to the provider.
    pub state_hash: String,
    /// The hash of the browser's cookie.
    pub browser_hash: String,
    /// The issuer it was begun at.
    pub issuer: String,
    /// The nonce that the ID token must contain.
    pub nonce: String,
    /// The PKCE verifier (RFC 7636).
    pub verifier: String,
    /// Where to go afterwards: a path that has been validated.
    pub return_to: String,
    /// When it was begun.
    pub created_at: NaiveDateTime,
    /// Its purpose besides signing in, as JSON.
    pub purpose: Option<String>,
}

/// The maximum number of pending sign-ins.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// For one browser.
    pub per_browser: i64,
    /// In total.
    pub in_total: i64,
}

/// The result of looking up a returned `state`.
pub enum ConsumeOutcome {
    /// It matched this sign-in, which is now used up.
    Won(Box<Pending>),
    /// It belongs to another browser, and stays unchanged.
    Foreign,
    /// It is unknown, used up or expired.
    Unknown,
}

/// Stores a pending sign-in; deletes those begun before `expired_before`, and the oldest beyond the
/// caps.
///
/// # Errors
/// When a statement fails.
pub fn begin(
    conn: &mut AnyConnection,
    pending: &Pending,
    expired_before: NaiveDateTime,
    caps: Caps,
) -> QueryResult<()> {
    conn.change(|conn| {
        diesel::delete(sign_ins::table.filter(sign_ins::created_at.lt(expired_before)))
            .execute(conn)?;
        let written = diesel::insert_into(sign_ins::table)
            .values(pending)
            .execute(conn);
        made::one("bailiwick_sign_ins", written)?;
        drop_oldest(conn, Some(&pending.browser_hash), caps.per_browser)?;
        drop_oldest(conn, None, caps.in_total)
    })
}

/// Deletes the oldest pending sign-ins beyond `keep`, for one browser or in total.
fn drop_oldest(conn: &mut AnyConnection, browser: Option<&str>, keep: i64) -> QueryResult<()> {
    let mut surplus = sign_ins::table
        .select(sign_ins::state_hash)
        .order((sign_ins::created_at.desc(), sign_ins::state_hash))
        .offset(keep)
        .limit(100)
        .into_boxed();
    if let Some(browser) = browser {
        surplus = surplus.filter(sign_ins::browser_hash.eq(browser));
    }
    let surplus: Vec<String> = surplus.load(conn)?;
    if !surplus.is_empty() {
        diesel::delete(sign_ins::table.filter(sign_ins::state_hash.eq_any(surplus)))
            .execute(conn)?;
    }
    Ok(())
}

/// Uses up the sign-in with this state. Of several concurrent callbacks exactly one wins: the one
/// whose DELETE found the row.
///
/// # Errors
/// When a statement fails.
pub fn consume(
    conn: &mut AnyConnection,
    state_hash: &str,
    browser_hashes: &[String],
    expired_before: NaiveDateTime,
) -> QueryResult<ConsumeOutcome> {
    conn.change(|conn| {
        let found: Option<Pending> = sign_ins::table
            .find(state_hash)
            .filter(sign_ins::created_at.ge(expired_before))
            .select(Pending::as_select())
            .first(conn)
            .optional()?;
        let Some(pending) = found else {
            return Ok(ConsumeOutcome::Unknown);
        };
        if !browser_hashes.contains(&pending.browser_hash) {
            return Ok(ConsumeOutcome::Foreign);
        }
        let deleted = diesel::delete(sign_ins::table.find(state_hash)).execute(conn)?;
        Ok(match deleted {
            0 => ConsumeOutcome::Unknown,
            _ => ConsumeOutcome::Won(Box::new(pending)),
        })
    })
}
