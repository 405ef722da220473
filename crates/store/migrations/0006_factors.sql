-- A second factor asks nobody for a code until its first code was shown. `last_step` is the newest 30 seconds whose code was
-- used: no code works twice.
CREATE TABLE second_factors (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    secret_sealed TEXT NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    activated_at BIGINT
);

-- Codes that are not used yet.
CREATE TABLE recovery_codes (
    code_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX recovery_codes_user_id ON recovery_codes (user_id);

-- Sign-ins whose password was right and whose code is still to come. `password_mark` is a hash of the password's hash: another
-- password ends what was begun with the old one.
CREATE TABLE login_challenges (
    challenge_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    password_mark TEXT NOT NULL,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_challenges_user_id ON login_challenges (user_id);
CREATE INDEX login_challenges_expires_at ON login_challenges (expires_at);

-- Whether members need a second factor. Rights are never read from `settings`; this is what its key `require_second_factor` says.
ALTER TABLE tenants ADD COLUMN requires_second_factor BOOLEAN NOT NULL DEFAULT FALSE;
