-- Archives of sites, one for each job that made one. They outlive their site.
CREATE TABLE backups (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    job_id TEXT NOT NULL REFERENCES jobs (id),
    site_name TEXT NOT NULL,
    file TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    is_last BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX backups_job_id ON backups (job_id);
CREATE INDEX backups_tenant_id ON backups (tenant_id, created_at);

-- Addresses at which an archive is handed out, once each, by their hash.
CREATE TABLE backup_links (
    token_hash TEXT PRIMARY KEY,
    backup_id TEXT NOT NULL REFERENCES backups (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    session_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX backup_links_expires_at ON backup_links (expires_at);
CREATE INDEX backup_links_backup_id ON backup_links (backup_id);
