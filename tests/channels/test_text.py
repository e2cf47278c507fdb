"""Bytes and HTML to text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from channels import markup, tags
from channels.charsets import decode
from channels.markup import to_text
from tests.channels.limits import run_within_limits

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
        ("a < b <3 <b\n>c</b>", "a < b <3 c"),
        ("<a title='</p>\"<b>' href=x>a</a><o:p>b</o:p><img alt='<p>c'>", "ab"),
        ("a<!--><p hidden>b--><!-- <!-- c --!>d</p>e", "ae"),
        ("<svg/>a<svg><td>b</svg><title>c</title><select><option>d</select>e", "ae"),
        ("<script><!-- </b> '</p>\" </script >a<style>b", "a"),
        ("<p class=x STYLE = \"display:none\" style=''>a</p><i style=display:none>b</i>c", "c"),
        ("<b hidden/>a</b><span style='content:\"'>b</span>", "b"),
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


OPEN_BOLD = '"<p>" + "".join(f"<b id={number}>" for number in range(990))'
COSTLY = {
    "formatting that every paragraph opens again": OPEN_BOLD + ' + "<p>x" * 20_000',
    "end tags that end nothing": '("<div>" * 990 + "</i>" * 990) * 80',
    "end tags that a block stops": '"<span><div></span>" * 50_000',
    "end tags in comments": '"<div><!--</div>-->" * 50_000',
    "elements below elements of another kind": '"<svg>" + "<td><p>" * 100_000',
    "one tag of many attributes": '"<div " + " ".join(f"a{number}" for number in range(130_000)) + ">"',
    "attributes compared again and again": (
        '"<html " + " ".join(f"a{number}" for number in range(60_000)) + ">" + "<html zz>" * 50_000'
    ),
    "tags without an end": '"<a b=\'<!--" * 90_000',
    "one line of many pieces": '"<i>aaaaaaaaaaaaa</i>" * 50_000',
}


@pytest.mark.parametrize("html", COSTLY.values(), ids=COSTLY)
def test_no_html_costs_more_than_its_length(html: str) -> None:
    code = f"from channels.markup import to_text; print(len(to_text({html} + '<p>' + 'end')) <= 1_000_000)"
    assert run_within_limits(code) == "True"


def test_of_html_that_nests_too_deep_all_text_is_kept() -> None:
    deep = "<div>" * 9000
    assert to_text(deep + "a &amp; b<p hidden>c<script>d</script>&#" + "1" * 5000 + ";") == "a & b\nc\n\ufffd"
    assert to_text("<div>" * 900 + "a<p hidden>c") == "a"


def test_a_parser_that_gives_up_leaves_all_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(html: str) -> None:
        raise SelectolaxError("out of memory")

    monkeypatch.setattr(markup, "LexborHTMLParser", give_up)
    assert to_text("<p>a<b>b</b></p>") == "a\nb"


NAMES = st.sampled_from(["a", "div", "form", "h1", "li", "object", "p", "span", "svg", "table", "td", "tr", "x:y"])
MOTIFS = st.lists(st.builds("<{}{}>".format, st.sampled_from(["", "/"]), NAMES), min_size=1, max_size=8).map("".join)


@settings(max_examples=300)
@given(st.lists(NAMES, max_size=3), MOTIFS)
def test_no_order_of_tags_nests_deeper_than_it_looks(before: list[str], motif: str) -> None:
    pieces = tags.taken_apart("".join(f"<{name}>" for name in before) + motif * 100)
    written = tags.written_anew(pieces)
    assert written is not None
    # An element brings at most three: a table's cell its row and its body.
    assert _depth(LexborHTMLParser(written).root) <= 3 * max(tags.open_at_each(pieces), default=0) + 8


def _depth(root: LexborNode | None) -> int:
    level, depth = [root] if root else [], 0
    while level:
        level, depth = [child for node in level for child in node.iter(include_text=False)], depth + 1
    return depth
