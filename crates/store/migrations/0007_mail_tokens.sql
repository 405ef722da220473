-- Tokens of links in mails, by their hash. Each is good once, until it expires, and only while its account has the address that
-- it went to; with the purpose `change_email` that address is the account's next one.
CREATE TABLE mail_tokens (
    token_hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT
);
CREATE INDEX mail_tokens_user_id ON mail_tokens (user_id);
CREATE INDEX mail_tokens_expires_at ON mail_tokens (expires_at);
