date = { $day } { $month ->
    [1] січня
    [2] лютого
    [3] березня
    [4] квітня
    [5] травня
    [6] червня
    [7] липня
    [8] серпня
    [9] вересня
    [10] жовтня
    [11] листопада
   *[12] грудня
} { $year } р.
date_time = { $date }, { $time } UTC
money = { $currency ->
    [UAH] { $amount } ₴
    [EUR] { $amount } €
    [USD] { $amount } $
    [GBP] { $amount } £
    [JPY] { $amount } ¥
    [PLN] { $amount } zł
   *[other] { $amount } { $currency }
}
seconds = { $seconds ->
    [one] { $seconds } секунда
    [few] { $seconds } секунди
   *[other] { $seconds } секунд
}
minutes = { $minutes ->
    [one] { $minutes } хвилина
    [few] { $minutes } хвилини
   *[other] { $minutes } хвилин
}
hours = { $hours ->
    [one] { $hours } година
    [few] { $hours } години
   *[other] { $hours } годин
}
days = { $days ->
    [one] { $days } день
    [few] { $days } дні
   *[other] { $days } днів
}

language_name = Українська
skip_to_content = До змісту
menu = Меню
theme = Вигляд
theme_light = Світлий
theme_dark = Темний
theme_system = Як на пристрої
language = Мова
apply = Застосувати
back = Назад
go_on = Далі
page_moves_on = Якщо нічого не відбувається, скористайтеся цим посиланням.
sandbox = Пісочниця: тут нічого справжнього, і гроші не рухаються.

problem_heading = Не вдалося
problem_not_found = За цією адресою нічого немає
problem_not_found_text = Посилання могло застаріти, або сторінка належить іншій компанії.
problem_forbidden_origin = Цю форму надіслано з іншого сайту, тому нічого не зроблено. Відкрийте сторінку знову й надішліть звідти.
problem_unexpected = У нас щось пішло не так. Спробуйте, будь ласка, за мить ще раз.
problem_reference = Якщо це повториться, назвіть нам цей номер: { $id }
problem_too_fast = Забагато спроб. Зачекайте, будь ласка: { $time }.
problem_fields = Перевірте, будь ласка, позначені поля.

nav_home = Огляд
nav_billing = Тариф
nav_sign_out = Вийти
nav_company = Компанія
nav_switch = Перейти
