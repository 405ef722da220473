home_title = Огляд
home_verify = Підтвердьте, будь ласка, свою електронну адресу: ми надіслали листа на { $email }. Після цього можна буде створити сайт.
home_verify_again = Надіслати листа ще раз
home_verify_sent = Новий лист уже в дорозі.

site_heading = Ваш ERPNext
site_missing = Сайту ще немає
site_provisioning = Створюється
site_active = Готовий
site_suspended = Закритий до оплати
site_cancelled = Залишений
site_missing_text = Ваш власний ERPNext створюється за кілька хвилин. Ви зможете спостерігати за цим.
site_suspended_text = Ваші дані в безпеці. Сайт відкриється знову, щойно надійде платіж.
site_create = Створити сайт
site_open = Відкрити ERPNext
site_opening = Відкриваємо ERPNext…
site_watch = Спостерігати
site_failed = Сайт не вдалося створити. Нічого зайвого не лишилося; можна спробувати ще раз.
site_look = Дізнатися чому

plan_heading = Тариф
plan_trial = Пробний період
plan_active = Діє
plan_past_due = Оплату прострочено
plan_cancelled = Скасовано
plan_expired = Завершився
plan_trial_until = Безкоштовно до { $date }
plan_renews = Сплачено до { $date }
plan_ends = Завершується { $date }
plan_past_due_since = Період завершився { $date } Сплатіть, будь ласка, щоб сайт лишився відкритим.
plan_ended = Завершено { $date }

backup_heading = Резервні копії
backup_latest = Остання:
backup_none = Ще жодної.
backup_now = Зробити копію зараз

activity_heading = Останні події
activity_none = Тут видно, що відбувається з вашим сайтом.
notifications_title = Сповіщення
notifications_none = Поки що нічого. Ми напишемо сюди, коли щось потребуватиме вашої уваги.
notifications_all = Усі сповіщення
notifications_read_all = Позначити все прочитаним
notifications_newer = Новіші
notifications_older = Давніші
unread = { $count ->
    [one] { $count } непрочитане
    [few] { $count } непрочитані
   *[other] { $count } непрочитаних
}
is_unread = Нове:

role_owner = Власник
role_admin = Адміністратор
role_user = Користувач
