-- How far a session's sockets certainly heard: the number of an event. Null until it has had a socket.
ALTER TABLE sessions ADD COLUMN heard_event BIGINT;

-- Whoever comes back is told what concerns the tenant or the person.
CREATE INDEX outbox_tenant_id ON outbox (tenant_id, id) WHERE tenant_id IS NOT NULL;
CREATE INDEX outbox_user_id ON outbox (user_id, id) WHERE user_id IS NOT NULL;
