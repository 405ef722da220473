page-refused = Не вдалося

page-checkout_notice = Пісочниця – тестовий режим. Жодних справжніх грошей.
page-checkout_open = Тариф { $plan }
    .text = для компанії: { $company }
page-checkout_pay = Сплатити
    .button = Сплатити
page-checkout_cancel = Скасувати
    .button = Скасувати
page-checkout_continue = Далі
page-checkout_paid = Сплачено
    .text = Оплату отримано. Дякуємо. Зараз ви повернетеся назад.
page-checkout_cancelled = Не сплачено
    .text = Оплату скасовано, нічого не списано. Зараз ви повернетеся назад.
page-checkout_expired = Запізно
    .text = Строк цієї оплати минув. Почніть, будь ласка, знову в застосунку.
page-checkout_closed = Запізно
    .text = Це вже не можна сплатити. Почніть, будь ласка, знову в застосунку.
