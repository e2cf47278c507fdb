"""Bytes and HTML to text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.charsets import decode
from channels.markup import to_text

HIGH = bytes((byte | 0x80) for byte in range(256))  # JIS X 0208 as EUC-JP


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("é".encode(), "us-ascii", "é"),
        ("é".encode(), "", "é"),
        (b"caf\xe9", "us-ascii", "café"),
        (b"caf\xe9", "utf-8", "café"),
        (b"\x93x\x94", "iso-8859-1", "\u201cx\u201d"),
        ("①髙".encode("cp932"), "Shift_JIS", "①髙"),
        ("①".encode("cp932"), "windows-31j", "①"),
        ("住所".encode("iso-2022-jp"), "", "住所"),
        (b"\x1b$B-!-5\x1b(B.", "iso-2022-jp", "①Ⅰ."),
        (b"\x1b$B-!N6rO\x1b(B", "iso-2022-jp", "①" + b"N6rO".translate(HIGH).decode("euc_jp")),
        (b"\x1b$B-!\n=j\x1b(B", "iso-2022-jp-ms", "①\n所"),
        (b"\x1b(I1\x1b(B\x1b$B-!\x1b(B", "iso-2022-jp", "\uff71①"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        ("한국".encode("cp949"), "ks_c_5601-1987", "한국"),
        ("привет".encode("koi8-r"), '"KOI8-R"', "привет"),
        (b"abc", "base64", "abc"),
        (b"abc-", "punycode", "abc-"),
        (b"abc", "no-such-charset\x00", "abc"),
    ],
)
def test_mails_are_decoded_as_they_were_meant(data: bytes, charset: str, text: str) -> None:
    assert decode(data, charset) == text


@given(st.binary(max_size=200), st.one_of(st.text(max_size=20), st.sampled_from(["iso-2022-jp", "cp932", "utf-8"])))
def test_any_bytes_in_any_charset_become_text(data: bytes, charset: str) -> None:
    assert isinstance(decode(data, charset), str)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<div>c</div>d", "a\nb\nc\nd"),
        ("<b>wo</b>rd  and\n  space", "word and space"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a<!-- c --><script>d</script><style>e</style>", "a"),
        ("a<span style='DISPLAY : none'>b</span><i hidden>c</i>", "a"),
        ("<div style='font-size:0'>gap<span style='font-size:14px'>shown</span></div>", "shown"),
        ("<p style='font-size:small'>shown</p><p style='opacity:0.9'>too</p>", "shown\n\ntoo"),
        ("<blockquote type=cite>a<br>b<blockquote>c</blockquote></blockquote>", "> a\n> b\n\n> > c"),
        ("<blockquote style='margin:0 0 0 40px;border:none;padding:0'>mine</blockquote>", "mine"),
        ("&lt;b&gt; &amp; &nbsp;x", "<b> &  x"),
        ("", ""),
        ("<div>" * 3000 + "deep", "deep"),
        ("no tags", "no tags"),
    ],
)
def test_html_reads_as_it_looks(html: str, text: str) -> None:
    assert to_text(html) == text


PIECES = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<div style='", "'>", "<table>", "<td>", "<blockquote>", "<!--", "-->", "a", "&", "<"]
    )
)


@given(st.one_of(st.text(max_size=300), PIECES.map("".join)))
def test_any_html_is_taken(html: str) -> None:
    assert "\x00" not in to_text(html)
