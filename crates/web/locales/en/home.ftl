home_title = Overview
home_verify = Please confirm your e-mail address: we sent a letter to { $email }. Your site can be built after that.
home_verify_again = Send the letter again
home_verify_sent = A new letter is on its way.

site_heading = Your ERPNext
site_missing = No site yet
site_provisioning = Being built
site_active = Ready
site_suspended = Closed until a payment
site_cancelled = Given up
site_missing_text = Your own ERPNext is built in a few minutes. You can watch it.
site_suspended_text = Your data is safe. The site opens again as soon as a payment arrives.
site_create = Build the site
site_open = Open ERPNext
site_opening = Opening ERPNext…
site_watch = Watch
site_failed = The site could not be built. Nothing was left behind; you can try again.
site_look = See why

plan_heading = Plan
plan_trial = Trial
plan_active = Active
plan_past_due = Payment overdue
plan_cancelled = Cancelled
plan_expired = Expired
plan_trial_until = Free until { $date }.
plan_renews = Paid until { $date }.
plan_ends = Ends on { $date }.
plan_past_due_since = The period ended on { $date }. Please pay, so that the site stays open.
plan_ended = Ended on { $date }.

backup_heading = Backups
backup_latest = The latest one:
backup_none = None yet.
backup_now = Back up now

activity_heading = Recent activity
activity_none = What happens with your site is listed here.
notifications_title = Notifications
notifications_none = Nothing yet. We write to you here when something needs your attention.
notifications_all = All notifications
notifications_read_all = Mark all as read
notifications_newer = Newer
notifications_older = Older
unread = { $count ->
    [one] { $count } unread
   *[other] { $count } unread
}
is_unread = New:

role_owner = Owner
role_admin = Administrator
role_user = User
