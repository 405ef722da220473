page-refused = This did not work

page-field_email = E-mail
page-field_password = Password
page-field_new_password = New password

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
