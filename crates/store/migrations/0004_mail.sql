-- What is said in a mail is sealed, because letters hold one-time links, and is emptied once the mail is sent.

CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES users (id),
    tenant_id TEXT REFERENCES tenants (id),
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    kind TEXT NOT NULL,
    content_sealed TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX mails_status ON mails (status, created_at);
CREATE INDEX mails_created_at ON mails (created_at);
