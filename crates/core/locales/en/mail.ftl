mail-greeting = Hello { $name },
mail-greeting_nameless = Hello,
mail-link_hint = If the button does not work, open this address in your browser:
mail-footer = Sent by ERPMax at { $url }.

mail-a_company = your company
mail-a_person = a colleague
mail-a_device = a device that does not say what it is
mail-a_reason = You find the reason in ERPMax.

mail-role_owner = owner
mail-role_admin = administrator
mail-role_user = user
mail-job_create_site = creating the site
mail-job_delete_site = deleting the site
mail-job_backup_site = backing up the site
mail-job_suspend_site = closing the site
mail-job_resume_site = opening the site

mail-day = { $day } { $month } { $year }
mail-moment = { $day }, { $clock } UTC
mail-month_1 = January
mail-month_2 = February
mail-month_3 = March
mail-month_4 = April
mail-month_5 = May
mail-month_6 = June
mail-month_7 = July
mail-month_8 = August
mail-month_9 = September
mail-month_10 = October
mail-month_11 = November
mail-month_12 = December

mail-verify_address = Confirm your e-mail address
    .text = Please confirm that this address is yours. It keeps others from using it, and lets us reach you.
    .button = Confirm the address
    .note = The link works once, within 24 hours. If you did not ask for it, you need not do anything.
mail-verify_new_address = Confirm your new e-mail address
    .text = Somebody, most likely you, wants this to be the address of an ERPMax account from now on.

        Please confirm it with the account's password.
    .button = Confirm address
    .note = The link works once, within 24 hours. If you did not ask for this, do nothing: the account keeps its address.
mail-address_change_asked = Another e-mail address was asked for
    .text = Somebody, most likely you, asked for your ERPMax account to have the address { $new_address } from now on. It counts as soon as it is confirmed there.
    .button = Open ERPMax
    .note = If this was not you, change your password now: that ends the request.
mail-address_changed = Your e-mail address was changed
    .text = Your ERPMax account now has the address { $new_address }. Before, it was { $old_address }.

        From now on you sign in with the new address, and all mails go there.
    .button = Open ERPMax
    .note = If this was not you, answer this mail at once or turn to whoever runs ERPMax for you.
mail-password_reset = Choose a new password
    .text = Somebody, most likely you, asked for a new password for this address.
    .button = Choose a password
    .note = The link works once, within 30 minutes. If you did not ask for it, your password stays as it is.
mail-password_changed = Your password was changed
    .text = The password of your ERPMax account was changed. All other devices were signed out.
    .button = Open ERPMax
    .note = If this was not you, choose a new password at once by “Forgot password” on the sign-in page.
mail-invitation = You are invited to ERPMax
    .text = { $inviter } invites you to { $company }, with the role { $role }.
    .button = Accept the invitation
    .note = The invitation is good until { $until }. If you do not know who sent it, you need not do anything.
mail-joined = You are a member now
    .text = You now belong to { $company }, with the role { $role }.
    .button = Open ERPMax
    .note = If you do not want this, you can leave the company at any time.
mail-role_changed = Your role was changed
    .text = In { $company } your role is now: { $role }.
    .button = Open ERPMax
    .note = If you wonder why, ask an owner of the company.
mail-removed = You are no longer a member
    .text = You no longer belong to { $company }. Your account and your other companies stay as they are.
    .button = Open ERPMax
    .note = If you wonder why, ask an owner of the company.
mail-job_failed = Something did not work out
    .text = For { $company }, { $job } failed.

        { $reason }
    .button = Have a look
    .note = In ERPMax you see how things stand, and can try again.
mail-payment_received = We received your payment
    .text = Thank you. We received { $amount } from { $company } for the plan { $plan }.
    .button = See payments
    .note = You find all payments under “Billing”.
mail-payment_failed = Your payment did not go through
    .text = The payment of { $amount } from { $company } for the plan { $plan } was declined.
    .button = Pay again
    .note = Please check your card or choose another way to pay, so that your site stays open.
mail-payment_refunded = Your money is on its way back
    .text = { $amount } for the plan { $plan } goes back to { $company }.
    .button = See payments
    .note = Depending on your bank this takes a few days.
mail-subscription_changed = Your subscription was changed
    .text = { $company } now has the plan { $plan }. It is paid until { $until }.
    .button = See the subscription
    .note = If you did not expect this, look who belongs to your company and may pay for it.
mail-subscription_cancelled = Your subscription is cancelled
    .text = The subscription of { $company } is cancelled, and its site is closed.
    .button = See the subscription
    .note = Your data is still there. With a payment everything opens again.
mail-subscription_over = Your subscription is over
    .text = The subscription of { $company } is over, because it is not paid for.
    .button = Choose a plan
    .note = With a plan you can build a site at any time.
mail-subscription_ends = Your subscription will end
    .text = The subscription of { $company } ends on { $until }. Until then everything stays open.
    .button = See the subscription
    .note = If you change your mind, you can resume it until that day.
mail-subscription_resumed = Your subscription goes on
    .text = The subscription of { $company } goes on. It is paid until { $until }.
    .button = See the subscription
    .note = Thank you for staying.
mail-trial_ends = Your trial ends soon
    .text = { $days ->
            [one] The trial of { $company } ends in { $days } day, on { $until }.
           *[other] The trial of { $company } ends in { $days } days, on { $until }.
        }
    .button = Choose a plan
    .note = When it is over the site is closed. Your data is kept, and with a plan everything opens again.
mail-period_ends = Your period ends soon
    .text = { $days ->
            [one] The paid period of { $company } ends in { $days } day, on { $until }.
           *[other] The paid period of { $company } ends in { $days } days, on { $until }.
        }
    .button = See the subscription
    .note = Pay in time, so that your site stays open.
mail-grace_began = Your payment is overdue
    .text = We are missing a payment for { $company }. Your site stays open until { $until }.
    .button = Pay now
    .note = If you have paid in the meantime, you need not do anything.
mail-site_suspended = Your site is closed
    .text = The site of { $company } is closed, because it is not paid for. We keep your data until { $until }.
    .button = Pay now
    .note = With a payment everything opens again as you left it.
mail-deletion_soon = Your data will be deleted
    .text = The data of { $company } will be deleted on { $until }, because it has not been paid for a long time.
    .button = Pay now
    .note = With a payment before that day you keep everything. You can also download a backup.
mail-ownership_given = You handed a company over
    .text = { $company } now belongs to { $person }. You remain an administrator.
    .button = Open ERPMax
    .note = If this was not you, answer this mail at once or turn to whoever runs ERPMax for you.
mail-ownership_received = A company is yours now
    .text = { $person } handed { $company } over to you. You are its owner now.
    .button = Open ERPMax
    .note = As the owner you decide about members, payments and the site.
mail-new_device = A new device signed in
    .text = On { $at }, somebody signed in to your account with a device that we had not seen before: { $device }, from the network address { $address }.
    .button = See your devices
    .note = If this was you, all is well. If not, end that session and change your password.
mail-sessions_ended = Devices were signed out
    .text = Sessions of your ERPMax account were ended. Those devices have to sign in again.
    .button = See your devices
    .note = If this was not you, change your password.
mail-second_factor_on = Two-step sign-in is on
    .text = From now on, signing in to your account asks for your password and a code.
    .button = Open ERPMax
    .note = Keep the recovery codes in a safe place: they let you in without your telephone.
mail-second_factor_off = Two-step sign-in is off
    .text = From now on, signing in to your account asks for your password alone.
    .button = Open ERPMax
    .note = If this was not you, change your password and switch it on again.
mail-support_access = Support looks into your site
    .text = Our support has access to the site of { $company } until { $until }.

        The reason given: { $reason }
    .button = Have a look
    .note = You can see what was done and forbid it at any time.
mail-test = Mail from ERPMax works
    .text = This is the mail that you asked for. Your customers' mails will go the same way.
    .button = Open ERPMax
    .note = Did it land among junk? Look whether SPF, DKIM and DMARC are set up for the sender's domain.
