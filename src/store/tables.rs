//! The panel's own tables. Times are UTC.

diesel::table! {
    bailiwick_people (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        name -> Text,
        email -> Nullable<Text>,
        first_seen_at -> Timestamp,
        last_seen_at -> Timestamp,
        provider -> Nullable<Text>,
        groups -> Nullable<Text>,
        groups_note -> Nullable<Text>,
        claims -> Nullable<Text>,
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
        reference -> Text,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        ends_at -> Nullable<Timestamp>,
        refreshing_until -> Nullable<Timestamp>,
        refresh_failed_at -> Nullable<Timestamp>,
        provider -> Nullable<Text>,
        name -> Text,
        email -> Nullable<Text>,
        groups -> Text,
        claims -> Text,
        as_role -> Nullable<Text>,
        groups_came -> BigInt,
        groups_note -> Text,
        groups_checked_at -> Nullable<Timestamp>,
        rules -> Text,
        roles -> Text,
        csrf_token -> Text,
        id_token -> Nullable<Text>,
        refresh_token -> Nullable<Text>,
        nonce -> Nullable<Text>,
        authenticated_at -> Nullable<Timestamp>,
        acr -> Nullable<Text>,
        vouched_at -> Nullable<Timestamp>,
        look -> Nullable<Text>,
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
        purpose -> Nullable<Text>,
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
    bailiwick_logouts (issuer, kind, value) {
        issuer -> Text,
        kind -> Text,
        value -> Text,
        issued_at -> Timestamp,
        kept_until -> Timestamp,
    }
}

diesel::table! {
    bailiwick_roles (name) {
        name -> Text,
        label -> Nullable<Text>,
        grants -> Text,
        manage -> Text,
        step_up -> Text,
    }
}

diesel::table! {
    bailiwick_group_rules (id) {
        id -> BigInt,
        role -> Text,
        rule -> Text,
    }
}

diesel::table! {
    bailiwick_access (id) {
        id -> Integer,
        version -> BigInt,
    }
}

diesel::table! {
    bailiwick_break_glass (token_hash) {
        token_hash -> Text,
        role -> Text,
        reason -> Text,
        made_by -> Text,
        made_at -> Timestamp,
        use_before -> Timestamp,
        session_minutes -> BigInt,
    }
}

diesel::table! {
    bailiwick_views (id) {
        id -> BigInt,
        resource -> Text,
        name -> Text,
        query -> Text,
        issuer -> Text,
        subject -> Text,
        role -> Nullable<Text>,
        starts -> Bool,
    }
}

diesel::table! {
    bailiwick_lists (issuer, subject, resource) {
        issuer -> Text,
        subject -> Text,
        resource -> Text,
        view_id -> Nullable<BigInt>,
        shown -> Nullable<Text>,
    }
}

diesel::table! {
    bailiwick_migrations (version) {
        version -> Text,
        run_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(bailiwick_people, bailiwick_sessions);
