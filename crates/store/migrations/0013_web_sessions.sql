-- Sessions of a client that can keep a secret, such as our own web app: their refresh token stays the same (RFC 9700, section 2.2.2).
ALTER TABLE sessions ADD COLUMN is_confidential BOOLEAN NOT NULL DEFAULT FALSE;
