-- What the broom looks for, and what a swept row may still be pointed at from.

CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);
CREATE INDEX refused_logins_minute ON refused_logins (minute);
CREATE INDEX notifications_created_at ON notifications (created_at);
CREATE INDEX invitations_expires_at ON invitations (expires_at);
CREATE INDEX sessions_over_at ON sessions (COALESCE(ended_at, expires_at));
CREATE INDEX sso_tokens_session_id ON sso_tokens (session_id);
CREATE INDEX checkouts_unpaid ON checkouts (expires_at) WHERE status <> 'paid';
CREATE INDEX payment_events_checkout_id ON payment_events (checkout_id);
CREATE INDEX provider_events_handled_at ON provider_events (handled_at) WHERE handled_at IS NOT NULL;
CREATE INDEX provider_events_unhandled ON provider_events (provider) WHERE handled_at IS NULL;
