-- When the person behind a session showed the password again; never since the sign-in: null.
ALTER TABLE sessions ADD COLUMN confirmed_at BIGINT;
