//! The panel's own tables. Times are UTC.

diesel::table! {
    bailiwick_people (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        name -> Text,
        email -> Nullable<Text>,
        first_seen_at -> Timestamp,
        last_seen_at -> Timestamp,
    }
}

diesel::table! {
    bailiwick_sessions (id_hash) {
        id_hash -> Text,
        state -> Text,
        issuer -> Nullable<Text>,
        subject -> Nullable<Text>,
        provider_session -> Nullable<Text>,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
    }
}

diesel::table! {
    bailiwick_sign_ins (state_hash) {
        state_hash -> Text,
        browser_hash -> Text,
        issuer -> Text,
        nonce -> Text,
        verifier -> Text,
        return_to -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    bailiwick_secrets (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    bailiwick_audit (id) {
        id -> BigInt,
        at -> Timestamp,
        actor_issuer -> Text,
        actor_subject -> Text,
        actor_name -> Text,
        roles -> Text,
        action -> Text,
        resource -> Nullable<Text>,
        row_key -> Nullable<Text>,
        row_label -> Nullable<Text>,
        request_id -> Text,
        address -> Nullable<Text>,
        details -> Nullable<Text>,
        changes -> Nullable<Text>,
    }
}

diesel::table! {
    bailiwick_migrations (version) {
        version -> Text,
        run_at -> Timestamp,
    }
}
