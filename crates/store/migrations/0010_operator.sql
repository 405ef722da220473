-- When an operator may sign in to a tenant's site, why, and when that was ended early: by whom.
CREATE TABLE support_accesses (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    operator_id TEXT NOT NULL REFERENCES users (id),
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT REFERENCES users (id)
);
CREATE INDEX support_accesses_tenant_id ON support_accesses (tenant_id, created_at, id);
CREATE INDEX support_accesses_operator_id ON support_accesses (operator_id, expires_at);

-- A pass of a support access gives what that access gives; every other one what its person's membership gives.
ALTER TABLE sso_tokens ADD COLUMN support_access_id TEXT REFERENCES support_accesses (id);

-- Whether operators may sign in to the tenant's site. Rights are never read from `settings`; this is what its key
-- `allow_support_access` says.
ALTER TABLE tenants ADD COLUMN allows_support_access BOOLEAN NOT NULL DEFAULT TRUE;

-- What operators search by: the beginning of a name in small letters, of a slug, of a site's label, of a member's address. A
-- name from before may keep its great letters here on SQLite, which folds only Latin ones; its slug is found all the same.
ALTER TABLE tenants ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE tenants SET name_key = LOWER(name);
CREATE INDEX tenants_created_at ON tenants (created_at, id);
{sqlite} CREATE INDEX tenants_name_key ON tenants (name_key);
{postgres} CREATE INDEX tenants_name_key ON tenants (name_key COLLATE "C");
{postgres} CREATE INDEX tenants_slug_beginning ON tenants (slug COLLATE "C");
{postgres} CREATE INDEX sites_name_beginning ON sites (name COLLATE "C");
{postgres} CREATE INDEX users_email_key_beginning ON users (email_key COLLATE "C");
CREATE INDEX jobs_status_updated_at ON jobs (status, updated_at, id);
CREATE INDEX users_is_superuser ON users (email_key) WHERE is_superuser;

-- The one way to take audit events away for a role that may only add them: those older than a year, whatever it asks for.
{postgres} DO $$ BEGIN EXECUTE format('CREATE FUNCTION prune_audit_events(before BIGINT, most BIGINT) RETURNS BIGINT LANGUAGE sql SECURITY DEFINER SET search_path = %I, pg_temp AS $prune$ WITH gone AS (DELETE FROM audit_events WHERE id IN (SELECT id FROM audit_events WHERE at < LEAST(before, CAST(EXTRACT(EPOCH FROM now() - INTERVAL ''365 days'') * 1000000 AS BIGINT)) ORDER BY at LIMIT most) RETURNING 1) SELECT COUNT(*) FROM gone $prune$', current_schema()); END $$;
