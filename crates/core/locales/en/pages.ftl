page-refused = This did not work

page-field_email = E-mail
page-field_password = Password
page-field_new_password = New password
page-field_full_name = Your name

page-verify_email = Confirm your e-mail address
    .text = Is { $address } yours? Then confirm it with your password.
    .button = Confirm address
page-verify_email_anew = You do not know the password, or did not register yourself? Choose a new one. Every other sign-in and everything set up in the account before ends.
    .button = Set password and confirm
page-verify_email_done = Your address is confirmed
    .text = Thank you. You can close this page and go on in the app.
page-change_email = Confirm your new e-mail address
    .text = Shall { $address } be the address of your account from now on? Then confirm it with your password.
    .button = Confirm address
page-change_email_done = Your address was changed
    .text = Sign in with the new address from now on. You can close this page.
page-forgot_password = Forgot your password?
    .text = Enter your e-mail address. If it has an account, a link to choose a new password goes there.
    .button = Send link
page-forgot_password_done = Look into your mail
    .text = If the address has an account, a link is on its way there. It works once, within 30 minutes.

        Nothing came? Look among unwanted mail, or ask again in some minutes.
page-reset_password = Choose a new password
    .text = For the account with the address { $address }. At least 8 characters. All devices are signed out.
    .button = Set password
page-reset_password_done = Your password is set
    .text = Sign in with it in the app. You can close this page.

page-role_owner = owner
page-role_admin = administrator
page-role_user = user

page-invitation = You are invited to { $company }
    .text = { $inviter } ({ $inviter_role }) invites you, with the role { $role }.

        The invitation is for { $email }.
page-invitation_account = To join, make yourself an account. The password has at least 8 characters.
    .button = Make an account and join
page-invitation_join = You have an account; the button is enough.
    .button = Join
page-invitation_password = This address has an account. Join with its password.
    .button = Join
page-invitation_anew = You do not know the password, or it was not you who registered? Choose a new one. All other sessions, and whatever was set up in the account before, end.
    .button = Set a password and join
page-invitation_accepted = Welcome to { $company }
    .text = You are a member now. Open the app and sign in with the address { $email }.
page-invitation_gone = This invitation is good no more
    .text = It was accepted, taken back or sent again, or its time is over.

        If you have joined already, sign in in the app. Otherwise ask whoever invited you to send it again.

page-checkout_notice = Sandbox – test mode. No money moves.
page-checkout_open = Plan { $plan }
    .text = for { $company }
page-checkout_pay = Pay
    .button = Pay
page-checkout_cancel = Cancel
    .button = Cancel
page-checkout_continue = Continue
page-checkout_paid = Paid
    .text = This is paid. Thank you. You are taken back.
page-checkout_cancelled = Not paid
    .text = This was cancelled, and nothing was taken. You are taken back.
page-checkout_expired = Too late
    .text = This checkout has expired. Please begin again in the app.
page-checkout_closed = Too late
    .text = This checkout can no longer be paid. Please begin again in the app.
