field_email = E-mail
field_password = Password
field_full_name = Your name
field_company = Company
field_code = Code

sign_in_title = Sign in
sign_in_text = Welcome back.
sign_in_button = Sign in
sign_in_forgot = Forgot your password?
sign_in_to_sign_up = No account yet? Create one

sign_up_title = Start with ERPNext
sign_up_text = Your company gets its own ERPNext, free for 14 days. No card needed.
sign_up_button = Create account and site
sign_up_to_sign_in = Already have an account? Sign in
sign_up_address = Your site will be at about
password_hint = At least 8 characters. A few words are better than one with digits.
password_weak = Too short or easy to guess
password_fair = Fair: a longer one is safer
password_strong = Strong

code_title = Enter your code
code_hint = Six digits from your authenticator app, or one of your recovery codes.
code_button = Sign in
code_too_late = That took too long, or there were too many tries. Please sign in again.
