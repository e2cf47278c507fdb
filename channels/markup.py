"""HTML mail to plain text: what a reader sees, with quoted mail marked by "> " as in plain mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

LONGEST_HTML = 1_000_000  # characters; longer is cut
_SKIPPED_TAGS = "head style script noscript template title iframe object svg select textarea"
_BLOCK_TAGS = (
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "li main nav ol p pre section table tbody tfoot thead tr ul"
)
_SPACED_TAGS = "blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul"
_SKIPPED, _BLOCKS, _SPACED = (frozenset(tags.split()) for tags in (_SKIPPED_TAGS, _BLOCK_TAGS, _SPACED_TAGS))
_INVISIBLE = re.compile(r"display:none|visibility:hidden|mso-hide:all|(?:^|;)opacity:0(?:\.0{1,4})?(?:;|!|$)")
_FONT_SIZE = re.compile(r"(?:^|;)font-size:([0-9]{1,4}(?:\.[0-9]{1,4})?|\.[0-9]{1,4})")
_RULED = re.compile(r"(?:^|;)border-top(?:-style)?:[^;]{0,60}solid")
# The indented paragraph that Gmail makes of a <blockquote>, which is the only one that is not a quotation.
_INDENT = re.compile(r"border:(?:none|medium|0)|margin:0(?:px)?0(?:px)?0(?:px)?40px")
_QUOTING_CLASSES = re.compile(r"yahoo_quoted|protonmail_quote")
RULE = "_" * 32
DEEPEST = 1000  # elements inside each other
_NESTING_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_ANY_TAG = re.compile(r"<[^<>]*>")
# Void elements, and those that close themselves when the next one begins.
_FLAT_TAGS = "area base br col embed hr img input link meta source track wbr p li td th tr dd dt option"
_FLAT = frozenset(_FLAT_TAGS.split())


@dataclass(frozen=True, slots=True)
class _Look:
    """How the text at one place of the tree is shown."""

    quotes: int = 0
    preformatted: bool = False
    tiny: bool = False  # font-size:0, which a child may undo


@dataclass(slots=True)
class _Page:
    """The text written so far."""

    lines: list[str] = field(default_factory=list)
    line: str = ""
    quotes: int = 0
    preformatted: bool = False

    def write(self, text: str, look: _Look) -> None:
        if not look.preformatted:
            text = re.sub(r"[ \t\r\n\f]+", " ", text)
            text = text[1:] if text.startswith(" ") and (not self.line or self.line.endswith(" ")) else text
        first, *more = text.split("\n")
        self._append(first, look)
        for part in more:
            self.end_line(force=True)
            self._append(part, look)

    def _append(self, text: str, look: _Look) -> None:
        if text:
            if not self.line:
                self.quotes, self.preformatted = look.quotes, look.preformatted
            self.line += text

    def end_line(self, *, force: bool = False, quotes: int | None = None) -> None:
        """Close the line if anything is on it, or in any case with `force`."""
        if self.line.strip() or force:
            depth = self.quotes if self.line.strip() or quotes is None else quotes
            text = self.line.rstrip() if self.preformatted else self.line.strip()
            self.lines.append("> " * min(depth, 3) + text.replace("\xa0", " "))
        self.line = ""

    def blank(self) -> None:
        self.end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append("")


def to_text(html: str) -> str:
    """The visible text; never raises. HTML nested too deep to parse in good time gives all its text, hidden or not."""
    html = html[:LONGEST_HTML].replace("\x00", "")
    if _too_deep(html):
        return "\n".join(line.strip() for line in unescape(_ANY_TAG.sub("\n", html)).splitlines() if line.strip())
    tree = LexborHTMLParser(html)
    page = _Page()
    todo: list[tuple[LexborNode, _Look, bool]] = [(tree.root, _Look(), False)] if tree.root else []
    while todo:
        node, look, leaving = todo.pop()
        if leaving:
            _close(page, node.tag or "")
        elif node.tag == "-text":
            page.write("" if look.tiny else node.text_content or "", look)
        elif inside := _open(page, node, look):
            todo.append((node, look, True))
            todo.extend((child, inside, False) for child in reversed(_children(node)))
    page.end_line()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in page.lines)).strip()


def _too_deep(html: str) -> bool:
    """Whether more than 1,000 elements may be open at once: the parser's time grows with the square of that."""
    depth = 0
    for match in _NESTING_TAG.finditer(html):
        if match[2].lower() not in _FLAT:
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > DEEPEST:
                return True
    return False


def _children(node: LexborNode) -> list[LexborNode]:
    children = []
    child = node.first_child
    while child is not None:
        children.append(child)
        child = child.next
    return children


def _open(page: _Page, node: LexborNode, look: _Look) -> _Look | None:
    """Begin an element. Gives the look inside it, None where nothing inside is shown."""
    tag = node.tag or ""
    attributes = node.attributes if tag[:1].isalpha() else {}
    style = re.sub(r"\s+", "", (attributes.get("style") or "")[:2000].lower())
    if tag in _SKIPPED or tag.startswith("-comment") or "hidden" in attributes or _INVISIBLE.search(style):
        return None
    if tag == "br":
        page.end_line(force=True, quotes=look.quotes)
    elif tag == "hr" or (tag == "div" and _RULED.search(style)):  # Outlook's line above the mail it quotes
        page.end_line()
        page.lines.append(RULE)
    elif tag in _SPACED:
        page.blank()
    elif tag in _BLOCKS:
        page.end_line()
    if tag == "li":
        page.write("- ", replace(look, preformatted=True))
    quoted = _is_quote(tag, attributes, style)
    size = _FONT_SIZE.search(style)
    return _Look(
        quotes=look.quotes + quoted,
        preformatted=look.preformatted or tag == "pre",
        tiny=float("0" + size[1]) == 0 if size else look.tiny,
    )


def _close(page: _Page, tag: str) -> None:
    if tag in _SPACED:
        page.blank()
    elif tag in _BLOCKS:
        page.end_line()
    elif tag in ("td", "th"):
        page.line += " "


def _is_quote(tag: str, attributes: dict[str, str | None], style: str) -> bool:
    classes = attributes.get("class") or ""
    if tag == "blockquote":
        cited = attributes.get("type") == "cite" or "gmail_quote" in classes
        return cited or not _INDENT.search(style)
    return tag == "div" and bool(_QUOTING_CLASSES.search(classes))
