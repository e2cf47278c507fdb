"""Circumstances that change who handles a message: somebody writes for another, is a child, or has died."""

from __future__ import annotations

import pytest

from intents import tables
from intents.ages import AgeReader
from intents.fold import fold

AGES = AgeReader()
SIGNS = tables.Finders(tables.read("signs"))

SAID: dict[str, dict[str, tuple[str, ...]]] = {
    "agent": {
        "en": ("this is for my mother, delete her data", "as her lawyer I request her file",
            "I'm writing on behalf of my father", "we act for Mr Otieno", "I'm his son, he asked me to write",
            "I am her attorney", "my client wants his data", "I'm the secretary of Mr Kamau and write for him",
            "I have power of attorney", "on behalf of our client", "acting for my wife", "I represent Mrs Smith",
            "please delete my husband's data, he asked me to", "I am the legal guardian of Tom",),
        "es": ("soy la abogada de la señora Ruiz", "en nombre de mi madre", "mi mandante solicita",
            "mi cliente quiere sus datos", "actúo en representación de", "es para mi mamá, borren sus datos",
            "escribo por mi papá", "soy su apoderado", "mi poderdante",),
        "fr": ("c'est pour ma mère", "au nom de mon père", "je suis l'avocat de M. Diallo", "mon mandant demande",
            "mon client souhaite", "j'écris pour mon mari", "pour le compte de ma société mandante",
            "en qualité de mandataire", "je représente Mme Ba",),
        "pt": ("é para a minha mãe", "em nome do meu pai", "sou advogado da senhora Silva",
            "o meu constituinte requer", "meu cliente quer", "escrevo pelo meu marido", "sou procurador de",
            "represento o Sr. João", "em representação de",),
        "ru": ("это для моей мамы", "пишу за отца", "я адвокат Иванова", "от имени моей матери", "по доверенности",
            "мой доверитель просит", "действую в интересах клиента", "я представитель гражданина Петрова",
            "представляю интересы",),
        "sw": ("ni kwa ajili ya mama yangu", "kwa niaba ya baba yangu", "mimi ni wakili wa Juma",
            "mteja wangu anataka taarifa zake", "naandika kwa niaba ya mke wangu", "ninamwakilisha bwana Ali",),
        "ar": ("هذا لوالدتي", "نيابة عن أبي", "أنا محامي السيد أحمد", "موكلي يطلب", "بالوكالة عن زوجتي",
            "أكتب باسم والدي", "معي توكيل", "أمثل السيد علي",),
        "ja": ("母の代わりに連絡しています", "代理人の弁護士です", "父に代わってお願いします", "依頼人の情報",
            "夫の代理です", "委任状があります",),
    },
    "minor": {
        "en": ("im 15 delete my data", "I'm 14 years old", "i am only 16", "I'm 17, please remove me",
            "i'm 13 lol", "am 15 and my mum didnt know", "I'm a minor", "I'm under 18",
            "my son is 12 and signed up", "Im fifteen", "I am underage", "i'm still in high school and 16",),
        "es": ("tengo 14", "tengo 15 años", "tengo 16 años y quiero que borren todo", "soy menor de edad",
            "mi hija tiene 13 años",),
        "fr": ("j'ai 15 ans", "j'ai 14 ans supprimez mes données", "je suis mineur", "mon fils a 12 ans",),
        "pt": ("tenho 15 anos", "tenho 16", "sou menor", "minha filha tem 14 anos", "tenho 13 anos e quero apagar",),
        "ru": ("мне 15 лет", "мне 14", "я несовершеннолетний", "моему сыну 13 лет", "мне всего 16, удалите",),
        "sw": ("nina miaka 15", "mimi ni mtoto", "nina umri wa miaka 14 tu", "mwanangu ana miaka 13",),
        "ar": ("عمري 15 سنة", "عمري ١٤", "أنا قاصر", "ابني عمره 13 سنة", "عندي 16 سنة",),
        "ja": ("15歳です", "まだ14歳なので", "中学生です", "未成年です", "息子は12歳です", "高校1年生です",
            "私は16歳",),
    },
    "deceased": {
        "en": ("my father died last year", "my late husband's account", "he passed away", "she is deceased",
            "my mum is no longer with us", "my brother has passed", "the owner is dead", "we lost our dad in May",
            "my late uncle",),
        "es": ("mi padre falleció", "mi difunto esposo", "mi mamá murió", "mi abuelo ya no está con nosotros",
            "el titular falleció", "mi finado papá", "perdimos a mi papá",),
        "fr": ("mon père est décédé", "feu mon mari", "ma mère est morte", "mon défunt oncle", "il nous a quittés",
            "décès de mon père", "mon frère est mort",),
        "pt": ("meu pai faleceu", "minha falecida mãe", "meu marido morreu", "o titular já não está entre nós",
            "óbito do meu pai", "perdi o meu marido",),
        "ru": ("мой отец умер", "муж скончался", "покойный отец", "мама умерла", "его больше нет в живых",
            "отец погиб", "умершего отца",),
        "sw": ("baba yangu amefariki", "marehemu mume wangu", "mama alifariki", "amefariki dunia", "ametutoka",
            "amekufa",),
        "ar": ("توفي والدي", "المرحوم أبي", "أبي توفى", "ماتت أمي", "وفاة زوجي", "والدي متوفى",
            "انتقل إلى رحمة الله", "جدي مات",),
        "ja": ("父が亡くなりました", "故人の情報", "夫は他界しました", "母が死去", "祖父が死にました", "亡き父の",),
    },
}  # fmt: skip

NOT_SAID: dict[str, dict[str, tuple[str, ...]]] = {
    "minor": {
        "en": ("the car is 15 years old", "I'm 15 minutes away", "price 15 thousand", "i am 12 hours ahead",
            "I have been a customer for 15 years", "im 15,000 short", "a 2015 model",
            "the van is only 14 years old", "I'm 35 years old", "I'm 45", "I am 15 km from port",
            "im 12 days waiting", "I bought 15 cars", "call me at 15:00", "I am 16 years in this business",),
        "es": ("tengo 14 autos", "tengo 15 días esperando", "tengo 35 años", "el auto tiene 15 años",
            "tengo 12 años comprando con ustedes", "tengo 15 mil dólares", "tengo 10 minutos", "pagué 15",),
        "fr": ("j'ai 15 voitures", "j'ai 12 ans d'expérience", "la voiture a 15 ans", "j'ai 40 ans",
            "j'ai 15 jours", "j'ai 10 minutes", "j'ai 15 000 euros",),
        "pt": ("tenho 15 carros", "o carro tem 14 anos", "tenho 40 anos", "tenho 12 dias à espera", "tenho 15 mil",),
        "ru": ("мне 15 дней не отвечают", "машине 15 лет", "мне 40 лет", "мне 2 машины", "мне 15 тысяч",
            "мне 10 минут",),
        "sw": ("nina magari 15", "gari lina miaka 15", "nina miaka 40", "nina siku 15", "nina dola 15",),
        "ar": ("عندي 15 سيارة", "السيارة عمرها 15 سنة", "عمري 40 سنة", "عندي 10 دقائق", "السعر 15 الف",),
        "ja": ("15年落ちの車", "15年前に", "35歳です", "15台あります", "15万円です",),
    },
    "deceased": {
        "en": ("the battery died", "the car is dead", "my phone is dead", "the late delivery", "the engine died",
            "old sim is dead",),
        "es": ("el motor murió", "la batería está muerta", "llegó tarde",),
        "fr": ("la batterie est morte", "le moteur est mort", "le mail est mort", "mon ancien numéro est mort",),
        "pt": ("a bateria morreu", "o motor morreu", "o email morreu",),
        "ru": ("аккумулятор умер", "двигатель сдох", "мотор умер",),
        "sw": ("betri imekufa", "simu imekufa", "injini imekufa",),
        "ar": ("البطارية ماتت", "المحرك مات",),
        "ja": ("エンジンが死んだ", "バッテリーが死んでる",),
    },
    "agent": {
        "en": ("your agent shared my number", "the clearing agent is late", "delete my data", "my wife's car",
            "change my husband's name to mine", "which agent has my data",),
        "es": ("su agente me llamó", "quiero mis datos",),
        "fr": ("votre agent m'a appelé", "mes données",),
        "sw": ("wakala wenu amenipigia",),
        "ru": ("ваш агент звонил", "удалите мои данные",),
        "ja": ("代理店から電話がありました", "私のデータ",),
    },
}  # fmt: skip


def signs(text: str, language: str) -> set[str]:
    folded = fold(text)
    return {*SIGNS.names(folded, language), *(["minor"] if AGES.minor(folded, language) else [])}


@pytest.mark.parametrize("sign", SAID)
def test_a_circumstance_is_seen_in_every_language(sign: str) -> None:
    said = SAID[sign].items()
    assert [text for language, texts in said for text in texts if sign not in signs(text, language)] == []


@pytest.mark.parametrize("sign", NOT_SAID)
def test_a_price_a_car_or_a_machine_is_no_circumstance(sign: str) -> None:
    other = NOT_SAID[sign].items()
    assert [text for language, texts in other for text in texts if sign in signs(text, language)] == []


@pytest.mark.parametrize("age", range(5, 18))
def test_every_age_below_eighteen_is_a_minor(age: int) -> None:
    assert AGES.minor(f"im {age} delete my data", "en")
    assert AGES.minor(f"{age}歳です", "ja")


@pytest.mark.parametrize("age", [0, 4, 18, 19, 35, 99])
def test_no_other_age_is_one(age: int) -> None:
    assert not AGES.minor(f"im {age} delete my data", "en")
    assert not AGES.minor(f"tengo {age} anos", "es")


def test_a_long_text_is_read_in_bounds() -> None:
    assert not AGES.minor("im only only " * 9_000, "en")
