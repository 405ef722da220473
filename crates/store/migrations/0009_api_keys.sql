-- Keys with which a tenant's programs call. `scopes` and `networks` are lists in JSON; no networks: any. `hint` is the end of the
-- text that was shown.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    scopes TEXT NOT NULL,
    networks TEXT,
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT,
    last_used_address TEXT,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX api_keys_key_hash ON api_keys (key_hash);
CREATE INDEX api_keys_tenant_id ON api_keys (tenant_id, created_at);
CREATE INDEX api_keys_created_by ON api_keys (created_by);
CREATE INDEX api_keys_expires_at ON api_keys (expires_at);

-- The key that the actor of an event came with; none for a person in a session. No reference: a key is forgotten before what it did.
ALTER TABLE audit_events ADD COLUMN api_key_id TEXT;
