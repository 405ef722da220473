date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
date_time = { $date }, { $time } UTC
money = { $currency ->
    [UAH] ₴{ $amount }
    [EUR] €{ $amount }
    [USD] ${ $amount }
    [GBP] £{ $amount }
    [JPY] ¥{ $amount }
    [PLN] { $amount } zł
   *[other] { $currency } { $amount }
}
seconds = { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}
minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
hours = { $hours ->
    [one] { $hours } hour
   *[other] { $hours } hours
}
days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}

language_name = English
skip_to_content = Skip to content
menu = Menu
theme = Appearance
theme_light = Light
theme_dark = Dark
theme_system = As the device
language = Language
apply = Apply
back = Back
go_on = Continue
page_moves_on = If nothing happens, use this link.
sandbox = Sandbox: nothing here is real, and no money moves.

problem_heading = That did not work
problem_not_found = There is nothing at this address
problem_not_found_text = The link may be old, or the page belongs to another company.
problem_forbidden_origin = This form was sent from another site, so nothing was done. Open the page again and send it from there.
problem_unexpected = Something went wrong on our side. Please try again in a moment.
problem_reference = If it happens again, tell us this number: { $id }
problem_too_fast = Too many attempts. Please wait { $time } and try again.
problem_fields = Please look at the marked fields.

nav_home = Overview
nav_billing = Plan
nav_sign_out = Sign out
nav_company = Company
nav_switch = Switch
