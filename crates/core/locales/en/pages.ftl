page-refused = This did not work

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
