-- One text for SQLite and PostgreSQL. Ids are UUIDv7 as text, times microseconds since 1970, JSON is text.
-- {serial} is the only word that differs: an integer key that the database counts up.

CREATE TABLE installation (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY,
    secret_sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    full_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    is_superuser BOOLEAN NOT NULL,
    email_proven_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_email_key ON users (email_key);

CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    status TEXT NOT NULL,
    settings TEXT NOT NULL,
    is_legacy BOOLEAN NOT NULL,
    provider TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tenants_slug ON tenants (slug);

CREATE TABLE memberships (
    user_id TEXT NOT NULL REFERENCES users (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    role TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, tenant_id)
);
CREATE INDEX memberships_tenant_id ON memberships (tenant_id, joined_at, user_id);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    role TEXT NOT NULL,
    invited_by TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX invitations_email_key ON invitations (email_key);
CREATE INDEX invitations_tenant_id ON invitations (tenant_id, created_at);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    told_job TEXT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE INDEX sessions_user_id ON sessions (user_id, created_at);

CREATE TABLE refresh_tokens (
    token_hash TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    successor_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT
);
CREATE INDEX refresh_tokens_session_id ON refresh_tokens (session_id, created_at);

CREATE TABLE throttles (
    name TEXT PRIMARY KEY,
    count BIGINT NOT NULL,
    strikes BIGINT NOT NULL,
    window_ends_at BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL
);
CREATE INDEX throttles_window_ends_at ON throttles (window_ends_at);

CREATE TABLE plans (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    description TEXT,
    price_monthly BIGINT NOT NULL,
    price_yearly BIGINT NOT NULL,
    currency TEXT NOT NULL,
    limits TEXT NOT NULL,
    features TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    is_default BOOLEAN NOT NULL,
    sort_order BIGINT NOT NULL
);
CREATE UNIQUE INDEX plans_slug ON plans (slug);

CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    plan_id TEXT NOT NULL REFERENCES plans (id),
    status TEXT NOT NULL,
    billing_period TEXT NOT NULL,
    trial_ends_at BIGINT,
    trial_moved_at BIGINT,
    current_period_start BIGINT NOT NULL,
    current_period_end BIGINT NOT NULL,
    cancelled_at BIGINT,
    cancel_at_period_end BOOLEAN NOT NULL,
    cancel_reason TEXT,
    provider TEXT,
    provider_reference TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX subscriptions_tenant_id ON subscriptions (tenant_id);

CREATE TABLE checkouts (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    plan_id TEXT NOT NULL REFERENCES plans (id),
    billing_period TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    provider TEXT NOT NULL,
    is_live BOOLEAN NOT NULL,
    success_url TEXT NOT NULL,
    cancel_url TEXT NOT NULL,
    checkout_url TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX checkouts_tenant_id ON checkouts (tenant_id, created_at);

CREATE TABLE provider_events (
    provider TEXT NOT NULL,
    event_id TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    handled_at BIGINT,
    outcome TEXT,
    PRIMARY KEY (provider, event_id)
);

CREATE TABLE payment_events (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    checkout_id TEXT REFERENCES checkouts (id),
    provider TEXT NOT NULL,
    provider_reference TEXT NOT NULL,
    event_type TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX payment_events_provider_reference ON payment_events (provider, provider_reference);
CREATE INDEX payment_events_tenant_id ON payment_events (tenant_id, created_at);

CREATE TABLE sites (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    key_sealed TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ready_at BIGINT
);
CREATE UNIQUE INDEX sites_tenant_id ON sites (tenant_id);
CREATE UNIQUE INDEX sites_name ON sites (name);
CREATE UNIQUE INDEX sites_key_hash ON sites (key_hash);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    site_id TEXT,
    requested_by TEXT NOT NULL REFERENCES users (id),
    job_type TEXT NOT NULL,
    status TEXT NOT NULL,
    progress BIGINT NOT NULL,
    message TEXT,
    error TEXT,
    step TEXT,
    attempt BIGINT NOT NULL,
    direction TEXT NOT NULL,
    done_steps TEXT NOT NULL,
    begun_step TEXT,
    reason TEXT,
    is_irrevocable BOOLEAN NOT NULL,
    cancel_requested_at BIGINT,
    cancelled_by TEXT,
    result TEXT,
    leak TEXT,
    started_at BIGINT,
    completed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX jobs_tenant_id ON jobs (tenant_id, created_at, id);
CREATE INDEX jobs_status ON jobs (status, job_type);

CREATE TABLE work (
    id TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    subject TEXT NOT NULL,
    lane TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    lease_id TEXT,
    lease_host TEXT,
    lease_boot TEXT,
    lease_until BIGINT,
    fence BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX work_queue_subject ON work (queue, subject);
CREATE INDEX work_queue_run_at ON work (queue, run_at);
CREATE INDEX work_lane ON work (lane, id);
CREATE INDEX work_lease_host ON work (lease_host);

CREATE TABLE sso_tokens (
    token_hash TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    site_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    session_id TEXT NOT NULL REFERENCES sessions (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX sso_tokens_expires_at ON sso_tokens (expires_at);

CREATE TABLE notifications (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    tenant_id TEXT REFERENCES tenants (id),
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    read_at BIGINT
);
CREATE INDEX notifications_user_id ON notifications (user_id, created_at, id);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL;

CREATE TABLE outbox (
    id {serial},
    event_id TEXT NOT NULL,
    tenant_id TEXT,
    user_id TEXT,
    session_id TEXT,
    news TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX outbox_created_at ON outbox (created_at);

CREATE TABLE audit_events (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_id TEXT,
    session_id TEXT,
    address TEXT,
    action TEXT NOT NULL,
    tenant_id TEXT,
    target TEXT,
    change TEXT NOT NULL
);
CREATE INDEX audit_events_tenant_id ON audit_events (tenant_id, at);
CREATE INDEX audit_events_at ON audit_events (at);

CREATE TABLE refused_logins (
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    minute BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (account, address, minute)
);

CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL REFERENCES users (id),
    route TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, route, idempotency_key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
