settings_title = Налаштування
save = Зберегти
account_title = Обліковий запис
account_profile = Профіль
account_password = Пароль
account_change_password = Змінити пароль
account_password_changed = Ваш пароль змінено, і на всіх інших пристроях виконано вихід.
account_sessions = Де ви увійшли
account_this_session = Цей пристрій
account_end_sessions = Вийти всюди, крім цього пристрою
field_current_password = Теперішній пароль
field_new_password = Новий пароль
company_title = Компанія
company_read_only = Змінювати її можуть власники та адміністратори.
members_title = Учасники
members_invite = Запросити колегу
members_invite_button = Надіслати запрошення
members_role = Роль
members_present = У компанії
members_you = Ви
members_remove = Вилучити…
members_leave = Залишити…
members_remove_named = { $name }: вилучити з компанії
members_invited = Запрошені
members_expired = термін минув
members_until = дійсне до
members_resend = Надіслати ще раз
members_revoke = Відкликати
members_link = Тут листи не надсилаються. Передайте це посилання самі: його видно лише тепер, і діє воно один раз.
role_owner_may = Може все.
role_admin_may = Може керувати учасниками, сайтом і платежами та відкривати ERPNext.
role_user_may = Може відкривати ERPNext і бачити, що з сайтом.
two_factor_title = Двоетапний вхід
two_factor_about = Тому, хто знає ваш пароль, усе одно потрібен код із вашого телефона. Потрібна програма-автентифікатор; почніть зі свого пароля.
two_factor_begin = Налаштувати
two_factor_secret = Введіть цей ключ у програму-автентифікатор або відкрийте її за посиланням. Потім введіть код, який вона покаже.
two_factor_open_app = Відкрити програму-автентифікатор
two_factor_activate = Увімкнути
two_factor_codes = Увімкнено. Збережіть ці коди в надійному місці: кожен діє один раз, коли телефона немає поруч. Їх видно лише тепер.
two_factor_kept = Коди збережено
two_factor_is_on = Увімкнено
two_factor_left = { $count ->
    [one] Лишився { $count } код відновлення.
    [few] Лишилося { $count } коди відновлення.
   *[other] Лишилося { $count } кодів відновлення.
}
two_factor_renew = Нові коди відновлення
two_factor_disable = Вимкнути
