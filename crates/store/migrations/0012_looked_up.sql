-- What is looked up when accesses are swept, and when a person's invitations are taken back.
CREATE INDEX support_accesses_expires_at ON support_accesses (expires_at);
CREATE INDEX sso_tokens_support_access_id ON sso_tokens (support_access_id) WHERE support_access_id IS NOT NULL;
CREATE INDEX invitations_invited_by ON invitations (invited_by);
