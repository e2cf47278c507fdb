"""Bytes to text, for mails that say the wrong charset, an unknown one, or none."""

from __future__ import annotations

import codecs

# What mailers call a charset, and the Python codec that decodes what they really send.
_ALIASES = {
    "windows-31j": "cp932",
    "cp943": "cp932",
    "cp943c": "cp932",
    "ms_kanji": "cp932",
    "ms932": "cp932",
    "x-sjis": "cp932",
    "x-ms-cp932": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "x-mac-roman": "mac_roman",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
}
_JAPANESE = {"iso-2022-jp", "iso-2022-jp-ms", "csiso2022jp", "cp50220", "cp50221", "cp50222", "x-windows-iso2022jp"}
_UNKNOWN = {"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "default", "8bit", "binary"}
# Python's codecs that are no charsets of mail; some take quadratic time.
_REFUSED = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "mbcs", "oem"}


def decode(data: bytes, declared: str) -> str:
    """The text of `data`. Never raises; bytes that fit no charset become U+FFFD."""
    name = declared.strip().strip("\"'").lower()[:40]
    if name in _JAPANESE or (name in _UNKNOWN and b"\x1b$" in data):
        return _japanese(data)
    codec = _codec(name)
    return _undeclared(data) if codec is None else _declared(data, codec)


def _codec(name: str) -> str | None:
    if name in _UNKNOWN:
        return None
    try:
        info = codecs.lookup(_ALIASES.get(name, name))
        "a".encode(info.name)  # refuses codecs that are no text encodings, such as base64
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if info.name.replace("-", "_") in {refused.replace("-", "_") for refused in _REFUSED} else info.name


def _undeclared(data: bytes) -> str:
    """UTF-8 if it is that; Windows' western letters otherwise, as browsers do."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _declared(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        text = data.decode(codec, "replace")
    # A few bad bytes in good text stay bad; text that is mostly bad was declared wrongly.
    foreign = sum(not character.isascii() for character in text)
    return text if text.count("\ufffd") * 4 <= foreign else _undeclared(data)


def _japanese(data: bytes) -> str:
    try:
        return data.decode("iso2022_jp_2")
    except UnicodeDecodeError:
        return _bridge(data)


def _bridge(data: bytes) -> str:
    """ISO-2022-JP with Windows' extra characters (circled digits, Roman numerals), which no codec of Python decodes.

    Each run between escape sequences is carried over to Shift JIS, where code page 932 knows the extra rows.
    """
    head, *runs = data.split(b"\x1b")
    text = [_undeclared(head)]
    for run in runs:
        if run[:2] in (b"$B", b"$@"):
            text.append(_two_byte(run[2:]))
        elif run[:2] == b"(I":  # half-width katakana
            text.append(bytes(byte | 0x80 for byte in run[2:]).decode("cp932", "replace"))
        elif run[:3] == b"$(D":  # JIS X 0212
            pairs = b"".join(b"\x8f" + bytes(byte | 0x80 for byte in run[i : i + 2]) for i in range(3, len(run), 2))
            text.append(pairs.decode("euc_jp", "replace"))
        else:
            text.append(_undeclared(run[2:] if run[:1] == b"(" else run))
    return "".join(text)


def _two_byte(run: bytes) -> str:
    shifted = bytearray()
    position = 0
    while position < len(run):
        row, cell = run[position], run[position + 1] if position + 1 < len(run) else 0
        if 0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E:
            lead = ((row - 0x21) >> 1) + 0x81
            shifted.append(lead if lead <= 0x9F else lead + 0x40)
            shifted.append(cell + 0x1F + (cell >= 0x60) if row % 2 else cell + 0x7E)
            position += 2
        else:  # a line break inside the run, which some mailers leave there
            shifted.append(row)
            position += 1
    return shifted.decode("cp932", "replace")
