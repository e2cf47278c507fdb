"""How mail programs announce a quote, in the languages customers write: pieces of regular expressions, in lower case.

Adding a language is adding its pieces here and a case to tests/payloads/mail/replies.toml.
"""

from __future__ import annotations

# The line above a mail that is shown, not answered.
FORWARDED = (
    "begin forwarded message|forwarded message|forwarded by",
    "weitergeleitete nachricht|anfang der weitergeleiteten nachricht",
    "mensaje reenviado|inicio del mensaje reenviado",
    "message transféré|début du message (?:transféré|réexpédié)",
    "mensagem encaminhada|início da mensagem (?:re)?encaminhada",
    "пересылаемое сообщение|пересланное сообщение|начало переадресованного сообщения",
    "رسالة معاد توجيهها|الرسالة المحولة|رسالة محوّلة",
    "転送メッセージ|転送されたメッセージ|転送された?メール",
    "转发的?邮件|已转发的?邮件|轉寄郵件",
    "전달된 메(?:시지|일)",
    "messaggio inoltrato|doorgestuurd bericht",
)
FORWARDED_SUBJECT = ("fwd?|wg|tr|rv|enc|пересл|转发|轉寄|転送|إعادة توجيه|تحويل",)
ANSWER_SUBJECT = ("re|aw|antw|sv|vs|odp|ris|rif|res|ответ|回复|答复|回覆|返信",)

# The line between hyphens above the mail that is answered.
ORIGINAL = (
    "original message|original-nachricht|ursprüngliche nachricht",
    "mensaje original|message d'origine|message original|mensagem original",
    "исходное сообщение|оригинальное сообщение",
    "الرسالة الأصلية",
    "元のメッセージ|オリジナルメッセージ",
    "原始邮件|原始郵件|원본 메(?:시지|일)",
    "messaggio originale|oorspronkelijk bericht",
)

# The first word of "On ... wrote:", and what such a line says.
OPENERS = (
    "on|am|le|el|em|il|op|den|dne|dnia|w dniu|på|vào|mnamo|tarehe|في",
    "mon|tue|wed|thu|fri|sat|sun",
    "пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье",
)
WROTE = (
    r"(?:wrote|schrieb|escribi[óo]|a écrit|escreveu|написала?|пишет|كتب|aliandika)\s*[:：]?\s*$",
    r"(?:のメール|書きました|写道|寫道|작성|scritto|schreef|skrev|napisał(?:\(a\))?)\s*[:：]?\s*$",
    r"(?:\bschrieb\b|(?<![^\s])от\s|تمت كتابة ما يلي بواسطة).{0,120}[:：]\s*$",
)

# The labels of a mail header that is quoted line by line, without spaces.
LABELS = {
    "from": "from von de da van от من 差出人 送信者 发件人 寄件者 보낸사람 fra från od kimden",
    "sent": "sent date gesendet datum enviado enviadoel enviadoem enviada enviadaem fecha data envoyé le "
    "отправлено дата أرسلت تمالإرسال تاريخالإرسال التاريخ 送信日時 日時 日付 发送时间 日期 寄件日期 보낸날짜 "
    "inviato verzonden wysłano sendt skickat dato gönderildi",
    "to": "to an para à a кому إلى 宛先 收件人 받는사람 aan till til do kime",
    "cc": "cc kopie copie копия 抄送 참조 副本",
    "subject": "subject betreff asunto objet assunto тема الموضوع 件名 主题 主旨 제목 oggetto onderwerp ämne emne konu",
}

# Words of a person who has answered inside the quote.
BELOW = (
    r"\b(?:see|answers?|comments?|repl(?:y|ies)|responses?) (?:\w+ ){0,3}below\b|\bin-?line\b|\bin red\b",
    r"siehe unten|\bin rot\b|(?:más|mas|ver|vea) abajo|en rojo|ci-dessous|en rouge|abaixo|em vermelho",
    "ниже|красным|أدناه|بالأحمر|hapa chini",
    "赤字|下記に(?:回答|返信)|見下|见下|红色|아래",
)

# The line that a telephone adds below what was written.
SENT_FROM = (
    "sent (?:from|with|via)|get outlook|von meinem|gesendet (?:von|mit)|enviado (?:desde|do|de|com)",
    "obt(?:ener|er) outlook|envoyé (?:de|depuis|à partir)|télécharger outlook|отправлено (?:с|из)",
    "imetumwa kutoka|أُ?رسلت? من|مُ?رسل(?:ة)? من|inviato da|verzonden vanaf",
)
DEVICES = (
    "iphone|ipad|android|galaxy|samsung|blackberry|phone|mobile|outlook|huawei|xiaomi|redmi|pixel|handy|móvil|celular",
    "smartphone|tablet|yahoo|proton|windows|mail|mac|почт|الهاتف|simu",
)
SENT_FROM_WHOLE = (
    r"(?:iphone|ipad|android|スマートフォン|outlook)[^\n]{0,20}から送信",
    r"从我的[^\n]{1,20}发送|나의[^\n]{1,20}에서 보냄",
)
