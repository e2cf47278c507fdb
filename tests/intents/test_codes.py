from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.codes import CodeReader
from intents.words import WordReader

READER = CodeReader()
WORDS = WordReader()
SIX = st.text("0123456789", min_size=6, max_size=6)

CODES = (
    "482917", "482 917", "48 29 17", "4-8-2-9-1-7", "4829 17", "4.8.2.9.1.7", "4, 8, 2, 9, 1, 7",
    "my code: 482-917", "code 482917 pls go on", "it says 482917", "here u go 482917 👍", "OTP 482917",
    "482917 thanks", "*482917*", "'482917'", "the pin is 482917 ok?", "not 111222, it is 482917",
    "111222 was the old one, new is 482917", "sorry typed 111222 before, its 482917", "482917 not 111222",
    "ignore 111222 use 482917", "the code 111222 expired, now 482917", "four eight two nine one seven",
    "forty eight twenty nine seventeen", "el codigo es 482917", "no 111222, es 482917", "es el 482917",
    "cuatro ocho dos nueve uno siete", "mon code 482917", "c'est 482917 pas 111222",
    "quatre cent quatre-vingt-deux neuf cent dix-sept", "o código é 482917", "não é 111222, é 482917",
    "quatro oito dois nove um sete", "код 482917", "не 111222, а 482917",
    "четыреста восемьдесят два девятьсот семнадцать", "вот код: 482 917", "msimbo ni 482917",
    "si 111222 ni 482917", "nne nane mbili tisa moja saba", "الرمز 482917", "الرمز ٤٨٢٩١٧", "۴۸۲۹۱۷",
    "مش 111222، هو 482917", "اربعة ثمانية اثنين تسعة واحد سبعة", "４８２９１７です", "コードは４８２−９１７です",
    "コード：482917", "111222ではなく482917です", "四八二九一七", "よん はち に きゅう いち なな",
    "482917が届きました", "認証コード482917", "482917\nSent from my iPhone",
    "Code is 482917. My phone number is +44 7700 900102", "482917 my order is KM-4829", "I got 482917 by mail",
    "the number they sent is 482917", "code recu: 482917", "Le code que j'ai reçu est le 482917", "recebi 482917",
    "получила 482917", "nimepata 482917", "وصلني 482917", "ok 482917", "482917?", "my pin 482917 sir",
    "hello, the digits are 482 917", "I think 482917", "yes 482917", "sms said: Your code is 482917", "4 82 917",
    "48 2917", "482917 is what came", "the first one was wrong, 482917", "old code 111222 sorry. 482917",
    "aqui esta 482917", "el que me llegó dice 482917", "te paso el codigo 4 8 2 9 1 7", "voici: 482917",
    "j'ai 482917 sur mon tel", "está aqui 482917", "é 482 917", "вот 482917", "пришел код 482917, ввожу",
    "482917 это код", "hii hapa 482917", "nimeona 482917", "هذا هو 482917", "الكود وصل 482917", "تفضل ٤٨٢ ٩١٧",
    "これです→482917", "482917でお願いします", "届きました。482917", "こちら　４８２９１７", "482917 (from email)",
    "Kodi ni nne nane mbili, tisa moja saba", "quatre huit deux neuf un sept",
    "cuatrocientos ochenta y dos, novecientos diecisiete", "four, eight, two, nine, one, seven",
)  # fmt: skip
TWO = (
    "482917 or 105586", "482917, 105586", "which one? 482917 105586", "482917 / 105586", "482917 o 105586",
    "482917 و 105586",
)  # fmt: skip
NO_CODE = (
    "48291", "4829175", "invoice 482917", "I paid 482917 yen", "price is 482,917 yen", "lot 482917",
    "stock no 482917", "482917 USD", "$482917", "KES 482917", "482917円です", "born 12-08-86",
    "my birthday is 12 08 1986", "date 08-12-26 ok", "order number is 482917", "call me 0712 482 917",
    "+254 712 482917", "chassis NHP10-482917", "odometer 482917 km", "pasaporte 482917", "factura 482917",
    "pagué 482917 pesos", "facture n° 482917", "482 917 FCFA", "fatura nº 482917", "482917 meticais",
    "счет 482917", "заказ № 482917", "482917 руб", "пробег 482917", "ankara namba 482917", "bei ni 482917",
    "shilingi 482917", "فاتورة رقم 482917", "السعر 482917", "482917 ريال", "請求書番号482917",
    "注文番号は482917です", "走行距離482917キロ", "PR-482917ABC", "my number ends with 482917",
    "why do you need it", "what is this for?", "later", "who are you", "I have a question", "wait", "un momento",
    "подождите", "subiri kidogo", "لحظة", "ちょっと待って", "combien de temps ca prend", "is it safe?", "12:34:56",
    "192.168.482917", "https://x.com/482917", "10:30 2026", "1 250 000", "how long does it take",
    "my lot 482917 arrived?", "can I talk to someone", "is this a scam?", "amount 482917",
    "the total is 482917 shillings", "reserva 482917", "réf 482917", "pedido nº 482917", "номер кузова 482917",
    "oda namba 482917", "رقم الحساب 482917", "ロット482917", "価格は482917円", "whats my order status",
    "cuánto cuesta el envío", "combien coûte", "quando chega o carro", "сколько стоит", "gari langu liko wapi",
    "أين سيارتي", "車はいつ届きますか", "1/2/2026", "48291 7000",
)  # fmt: skip
RESEND = (
    "no code", "i dont see any code", "havent got the code yet", "code not received", "resend code pls",
    "can you send it again", "the code has expired", "need a new code", "code never arrived", "where's the code??",
    "nothing in my inbox", "I deleted the sms", "otp nahi aaya, resend", "still waiting for the code",
    "code no dey come", "abeg send another code", "didn't get nothing", "please send new otp", "it didn't come",
    "i lost the code", "send me the code again please", "code expired before I could enter",
    "no me llega el código", "todavía no llega", "mándame otro código", "el código venció", "reenvíen por favor",
    "no recibí nada", "se me borró el mensaje", "no encuentro el código", "puede enviarlo de nuevo",
    "otro código porfa", "je n'ai rien reçu", "le code n'arrive pas", "renvoyez le code svp", "pas reçu",
    "code expiré", "j'ai perdu le code", "un autre code svp", "toujours rien", "envoyez un nouveau code",
    "não chegou nada", "o código expirou", "manda outro código", "ainda não recebi", "reenviem por favor",
    "apaguei o sms", "cadê o código", "não recebi o sms", "код не приходит", "не получила код", "пришлите ещё раз",
    "код устарел", "вышлите новый код", "смс нет", "повторите пожалуйста", "где код", "еще не пришло",
    "удалила сообщение с кодом", "sijapata code", "msimbo haujafika", "tuma tena", "nitumie code nyingine",
    "code ime expire", "bado sijapokea", "nimefuta ujumbe", "naomba msimbo mpya", "hakuna code iliyokuja",
    "ما وصلني الكود", "لم أستلم الرمز", "ابعت الكود تاني", "ارسل رمز جديد", "انتهت صلاحية الرمز", "ماجاني شي",
    "فين الكود", "عاودو صيفطو الكود", "مسحت الرسالة", "لسه ما وصل", "コードが来ない", "コードが届かないんですけど",
    "もう一度送ってください", "期限切れになりました", "再送お願いします", "まだ届いてません",
    "新しいコードをください", "メールが来てません", "コードをなくしました", "もう一回お願いします",
    "hasn't come through", "code not working, another one pls", "nothing yet", "I can't find the code",
    "my phone was off, send again", "didnt recieve sms", "could you resend?", "it says expired",
    "pls resend otp sir", "a mi no me llega nada", "me puede volver a mandar el código", "caducó",
    "borré el correo sin querer", "j'ai pas reçu de code", "pouvez-vous me le renvoyer", "ça n'est pas arrivé",
    "le sms est introuvable", "não recebi nada ainda", "pode mandar outra vez?", "o código não funciona",
    "expirou", "ничего не пришло", "можно ещё раз код", "код не работает", "время вышло, новый код",
    "haijaja bado", "nitumie tena", "msimbo umeisha muda", "sioni msimbo", "لم يصل شيء", "الكود منتهي",
    "ممكن ترسل الكود مرة ثانية", "ما جاني الكود للحين", "まだ来ていません", "コードの期限が切れました",
    "再度送信してください", "メール届いてないです",
)  # fmt: skip
CANCEL = (
    "cancel", "cancel it please", "I want to cancel", "forget it", "never mind thanks", "stop the process",
    "I changed my mind", "no leave it", "i dont want it anymore", "don't continue", "cancel my request",
    "please cancel the whole thing", "let's drop it", "ok never mind then", "cancela", "cancelar por favor",
    "olvídelo", "ya no quiero", "mejor déjalo", "quiero cancelar", "cancelen mi solicitud", "cambié de opinión",
    "déjalo así", "annulez", "annuler svp", "laisse tomber", "je ne veux plus", "j'ai changé d'avis", "oubliez ça",
    "je veux annuler ma demande", "cancelar", "deixa pra lá", "esquece", "desisto", "já não quero",
    "quero cancelar o pedido", "mudei de ideia", "cancele por favor", "отмена", "отмените пожалуйста",
    "я передумал", "не надо", "забудьте", "отмените мой запрос", "больше не надо", "хочу отменить", "ghairi",
    "sitisha ombi langu", "acha tu", "nimebadili mawazo", "sitaki tena", "futa ombi", "naomba kughairi",
    "achana nayo", "إلغاء", "ألغي الطلب", "خلاص ما أبي", "غيرت رأيي", "انسى الموضوع", "لا أريد",
    "الغوا العملية من فضلكم", "بلاش", "キャンセル", "キャンセルしてください", "やめます", "やっぱりやめたいです",
    "中止してください", "もういいです", "取り消してください", "請求を取り下げます", "キャンセルでお願いします",
    "please stop this", "abort", "actually never mind", "I don't want to do this anymore", "cancel everything",
    "quit", "no gracias, cancela", "paren todo", "ya no sigo", "dejémoslo", "abandonne", "stop tout",
    "non laissez tomber merci", "je renonce", "para tudo", "não quero continuar", "pode cancelar", "esqueça isso",
    "стоп, отмена", "не хочу продолжать", "давайте отменим", "отзываю запрос", "acheni tu", "basi acha",
    "ghairi hiyo", "وقف الطلب", "ما عاد أبغى", "لا أريد المتابعة", "もう結構です", "なかったことにしてください",
)  # fmt: skip
OTHER_CONTACT = (
    "use my other email", "send it to another number", "otro correo", "autre numéro", "outro email",
    "другая почта", "namba nyingine", "رقم آخر", "別のメール",
)  # fmt: skip
NOT_ME = (
    "it wasn't me", "i didn't request this", "no fui yo", "ce n'est pas moi", "não fui eu", "это не я запрашивал",
    "sikuomba", "مش أنا", "私じゃないです",
)  # fmt: skip


def act(text: str) -> str:
    return READER.read(text, WORDS.keyword(text)).act


@pytest.mark.parametrize("text", CODES)
def test_a_code_is_read_in_the_words_of_every_language(text: str) -> None:
    assert READER.read(text).code == "482917"


@pytest.mark.parametrize(
    ("text", "code"),
    [("double four eight two nine one", "448291"), ("four eight double two one seven", "482217"),
     ("triple five one two three", "555123"), ("soixante-dix-sept, quatre-vingt-dix-neuf, douze", "779912"),
     ("doscientos tres, cuatrocientos cinco", "203405"), ("сто один двести два", "101202")],
)  # fmt: skip
def test_a_code_is_read_as_it_is_dictated(text: str, code: str) -> None:
    assert READER.read(text).code == code


@pytest.mark.parametrize("text", TWO)
def test_two_codes_are_neither_in_any_language(text: str) -> None:
    assert READER.read(text).act == "two"


@pytest.mark.parametrize("text", NO_CODE)
def test_prices_dates_and_business_numbers_are_no_code(text: str) -> None:
    assert act(text) == "other"


@pytest.mark.parametrize("text", RESEND)
def test_a_code_that_did_not_come_is_asked_for_again(text: str) -> None:
    assert act(text) == "resend"


@pytest.mark.parametrize("text", CANCEL)
def test_who_wants_no_more_of_it_cancels(text: str) -> None:
    assert act(text) == "cancel"


@pytest.mark.parametrize(
    "text",
    ["cancel my order and send the invoice", "I do not want to lose my data", "cancelen el pedido de la Hilux",
     "отмените заказ на машину", "注文をキャンセルしたいのですが車はいつ届きますか"],
)  # fmt: skip
def test_a_message_that_says_more_does_not_cancel(text: str) -> None:
    assert READER.read(text).act != "cancel"


@pytest.mark.parametrize("text", OTHER_CONTACT)
def test_another_contact_is_named_in_every_language(text: str) -> None:
    assert act(text) == "other_contact"


@pytest.mark.parametrize("text", NOT_ME)
def test_who_did_not_ask_says_so_in_every_language(text: str) -> None:
    assert act(text) == "not_me"


@pytest.mark.parametrize(
    "text", ["code " * 25_000, "4 8 2 9 1 7 " * 9_000, "cancel please " * 7_000, "one " * 25_000, "コード" * 30_000]
)
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    # A catastrophic expression would never come back from here.
    assert READER.read(text).act in ("other", "resend", "two", "code")


@pytest.mark.parametrize(
    "text",
    ["482917", "482 917", "482-917", "4 8 2 9 1 7", "48 29 17", "code: 482917 thanks", "The code is 482917.",
     "４８２９１７", "٤٨٢٩١٧", "482917 or 482 917", "482917\n\nOn Monday you wrote", "コードは482917です"],
)  # fmt: skip
def test_a_code_is_read_however_it_is_typed(text: str) -> None:
    found = READER.read(text)
    assert (found.act, found.code) == ("code", "482917")


@pytest.mark.parametrize("text", ["482917 or 105586", "482917 105586", "482917, 105 586"])
def test_two_different_codes_are_neither(text: str) -> None:
    found = READER.read(text)
    assert (found.act, found.code) == ("two", "")


@pytest.mark.parametrize(
    "text",
    ["4829175", "48291", "+44 7700 900145", "invoice 482917", "order no. 482917", "PR-482917ABC", "NHP10-482917",
     "a482917@example.com", "3.482917", "482917 USD invoice"[7:], "https://example.com/482917"],
)  # fmt: skip
def test_other_numbers_are_no_code(text: str) -> None:
    assert READER.read(text).code == ""


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("no code came", "resend"),
        ("I did not get it", "resend"),
        ("please send me another code", "resend"),
        ("the code expired", "resend"),
        ("Je préfère en français, le code ne vient pas", "resend"),
        ("no me llegó el código", "resend"),
        ("não recebi o código", "resend"),
        ("код не пришёл", "resend"),
        ("code haijafika", "resend"),
        ("لم يصلني الرمز", "resend"),
        ("コードが届きません", "resend"),
        ("use another email", "other_contact"),
        ("it wasn't me, I never asked for this", "not_me"),
        ("later, no time now", "other"),
        ("what is this", "other"),
        ("", "other"),
    ],
)
def test_what_people_write_instead_of_a_code(text: str, act: str) -> None:
    assert READER.read(text).act == act


@pytest.mark.parametrize(
    ("keyword", "wish", "act"),
    [("cancel", "", "cancel"), ("not_me", "", "not_me"), ("new_code", "", "resend"), ("", "withdraw", "cancel"),
     ("stop", "", "other"), ("", "deletion", "other")],
)  # fmt: skip
def test_a_keyword_or_a_sure_wish_decides_before_the_patterns(keyword: str, wish: str, act: str) -> None:
    assert READER.read("please send it again", keyword, wish).act == act


@given(SIX, st.sampled_from(["{}", "code {}", "{}!", "it is {} ok", "«{}»", "\u2066{}\u2069"]))
def test_any_six_digits_come_back_as_typed(code: str, frame: str) -> None:
    assert READER.read(frame.format(code)).code == code


@given(SIX, SIX)
def test_a_code_is_returned_only_where_there_is_one(first: str, second: str) -> None:
    found = READER.read(f"{first} or {second}")
    assert found.code == (first if first == second else "")


@given(st.text(max_size=300))
def test_a_code_is_six_ascii_digits_or_nothing(text: str) -> None:
    found = READER.read(text)
    assert (found.act == "code") == (len(found.code) == 6 and found.code.isascii() and found.code.isdigit())
