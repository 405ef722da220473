-- How often an invitation was sent again. Its links are derived from its id and this number, and kept nowhere: a new number
-- ends the links before.
ALTER TABLE invitations ADD COLUMN renewals BIGINT NOT NULL DEFAULT 0;

-- The own company of somebody who came by an invitation, until it is first used: it has no subscription, and its trial has
-- not begun.
ALTER TABLE tenants ADD COLUMN is_dormant BOOLEAN NOT NULL DEFAULT FALSE;
