"""HTML mail to plain text: what a reader sees, with quoted mail marked by "> " as in plain mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from channels import tags

LONGEST_HTML = 1_000_000  # characters; longer is cut
_SKIPPED = frozenset({"head", "object"})  # `tags` leaves nothing else of what is not shown
_BLOCK_TAGS = (
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "li main nav ol p pre section table tbody tfoot thead tr ul"
)
_SPACED_TAGS = "blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul"
_BLOCKS, _SPACED = frozenset(_BLOCK_TAGS.split()), frozenset(_SPACED_TAGS.split())
_INVISIBLE = re.compile(r"display:none|visibility:hidden|mso-hide:all|(?:^|;)opacity:0(?:\.0{1,4})?(?:;|!|$)")
_FONT_SIZE = re.compile(r"(?:^|;)font-size:([0-9]{1,4}(?:\.[0-9]{1,4})?|\.[0-9]{1,4})")
_RULED = re.compile(r"(?:^|;)border-top(?:-style)?:[^;]{0,60}solid")
# The indented paragraph that Gmail makes of a <blockquote>, which is the only one that is not a quotation.
_INDENT = re.compile(r"border:(?:none|medium|0)|margin:0(?:px)?0(?:px)?0(?:px)?40px")
_QUOTING_CLASSES = re.compile(r"yahoo_quoted|protonmail_quote")
RULE = "_" * 32


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
    line: list[str] = field(default_factory=list)
    quotes: int = 0
    preformatted: bool = False

    def write(self, text: str, look: _Look) -> None:
        if not look.preformatted:
            text = re.sub(r"[ \t\r\n\f]+", " ", text)
            text = text[1:] if text.startswith(" ") and (not self.line or self.line[-1].endswith(" ")) else text
        first, *more = text.split("\n")
        self._append(first, look)
        for part in more:
            self.end_line(force=True)
            self._append(part, look)

    def _append(self, text: str, look: _Look) -> None:
        if text:
            if not self.line:
                self.quotes, self.preformatted = look.quotes, look.preformatted
            self.line.append(text)

    def end_line(self, *, force: bool = False, quotes: int | None = None) -> None:
        """Close the line if anything is on it, or in any case with `force`."""
        line = "".join(self.line)
        if line.strip() or force:
            depth = self.quotes if line.strip() or quotes is None else quotes
            text = line.rstrip() if self.preformatted else line.strip()
            self.lines.append("> " * min(depth, 3) + text.replace("\xa0", " "))
        self.line = []

    def blank(self) -> None:
        self.end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append("")


def to_text(html: str) -> str:
    """The visible text; never raises. HTML that a parser cannot read in good time gives all its text, hidden or not."""
    pieces = tags.taken_apart(html[:LONGEST_HTML].replace("\x00", ""))
    written = tags.written_anew(pieces)
    try:
        return tags.texts(pieces) if written is None else _shown(LexborHTMLParser(written).root)
    except SelectolaxError:  # out of memory, for one
        return tags.texts(pieces)


def _shown(root: LexborNode | None) -> str:
    page = _Page()
    todo: list[tuple[LexborNode, _Look, bool]] = [(root, _Look(), False)] if root else []
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
        page.line.append(" ")


def _is_quote(tag: str, attributes: dict[str, str | None], style: str) -> bool:
    classes = attributes.get("class") or ""
    if tag == "blockquote":
        cited = attributes.get("type") == "cite" or "gmail_quote" in classes
        return cited or not _INDENT.search(style)
    return tag == "div" and bool(_QUOTING_CLASSES.search(classes))
