-- How far a subscription is in its life. `next_step_at` is when somebody has to look at it again: 0 is at once, as for every
-- subscription of before, null is never. `deadline_at` is the end of the grace, or when the site of a subscription that is over is
-- deleted. `reminded_days` is the last reminder that was told, so many days before `reminded_of`.
ALTER TABLE subscriptions ADD COLUMN next_step_at BIGINT DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN deadline_at BIGINT;
ALTER TABLE subscriptions ADD COLUMN reminded_of BIGINT;
ALTER TABLE subscriptions ADD COLUMN reminded_days BIGINT NOT NULL DEFAULT 0;
CREATE INDEX subscriptions_next_step_at ON subscriptions (next_step_at) WHERE next_step_at IS NOT NULL;

-- Whether a site is to be closed until a payment; jobs make it so.
ALTER TABLE sites ADD COLUMN is_suspended BOOLEAN NOT NULL DEFAULT FALSE;

-- Whether nobody asked for a job but the life of the subscription.
ALTER TABLE jobs ADD COLUMN is_automatic BOOLEAN NOT NULL DEFAULT FALSE;
