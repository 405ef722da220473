field_email = Електронна пошта
field_password = Пароль
field_full_name = Ваше ім’я
field_company = Компанія
field_code = Код

sign_in_title = Вхід
sign_in_text = З поверненням.
sign_in_button = Увійти
sign_in_forgot = Забули пароль?
sign_in_to_sign_up = Ще немає облікового запису? Створіть його

sign_up_title = Почніть роботу з ERPNext
sign_up_text = Ваша компанія отримає власний ERPNext, 14 днів безкоштовно. Картка не потрібна.
sign_up_button = Створити обліковий запис і сайт
sign_up_to_sign_in = Уже маєте обліковий запис? Увійдіть
sign_up_address = Ваш сайт буде приблизно за адресою
password_hint = Щонайменше 8 символів. Кілька слів краще, ніж одне з цифрами.
password_weak = Закороткий або його легко вгадати
password_fair = Задовільний: довший надійніший
password_strong = Надійний

code_title = Введіть код
code_hint = Шість цифр із вашої програми-автентифікатора або один із кодів відновлення.
code_button = Увійти
code_too_late = Це тривало задовго, або спроб було забагато. Увійдіть, будь ласка, ще раз.
