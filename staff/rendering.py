"""Pages: templates filled in, with the headers every page carries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from staff import masking
from staff.wording import Languages

HERE = Path(__file__).parent
TYPES = {".svg": "image/svg+xml", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))  # embeddings, overrides, isolates, their ends


@dataclass(frozen=True, slots=True)
class Asset:
    """A style sheet or script. `version` changes with its content, so that browsers may keep it."""

    body: bytes
    media_type: str
    version: str


class Pages:
    """The templates, the languages and the assets, read once."""

    def __init__(self) -> None:
        self.languages = Languages()
        self.assets = {path.name: _asset(path) for path in sorted((HERE / "static").iterdir()) if path.suffix in TYPES}
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["asset"] = self._url
        self._templates.globals["languages"] = list(self.languages)
        self._templates.globals["masking"] = masking
        self._templates.filters["isolated"] = isolated

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A filled-in page."""
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    def asset(self, name: str) -> Response | None:
        """A style sheet or script by its name."""
        found = self.assets.get(name)
        if found is None:
            return None
        return Response(found.body, media_type=found.media_type, headers={"Cache-Control": "public, max-age=31536000"})

    def _url(self, name: str) -> str:
        return f"/desk/static/{name}?v={self.assets[name].version}"


def isolated(text: str) -> str:
    """A stranger's words as part of a sentence of ours: however they are written, they turn nothing around them.

    They stand between U+2068 and U+2069; characters of their own that could end that (Unicode's UAX 9) are taken out.
    """
    return f"\u2068{text.translate(TURNING)}\u2069"


def protect(response: Response) -> Response:
    """Add the headers every answer of the desk carries, where it has not set its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body, TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:12])
