"""Transcripts as text files, in nearly the notation of the spec: read, played in a town, and compared line by line.

    == T01 title | whatsapp | on file: this number, asha@example.com
    C: ...            the customer writes; `C: [Title]` taps a button; (in brackets) something else than a message
    B: ...            the answer: ` ⏎ ` parts lines, `[Title]` is a button, `<ids>` its text ids; `B: *` any answer
    -> code to X      a one-time code arrives there; without this line nothing may arrive but the answers
    S: ...            what the system holds afterwards        D: ...   what staff do
    wait 61 seconds   the clock moves                         C2, B2   another customer

`{access}` is the reference of the ticket of that right, `{access2}` of the second one; `{code1}` the first code sent,
`{wrong}` none of them, `{link}` the link of the newest code mail. `(first line)` is what the bot says first of all.
Right after what a customer did stand all the messages that follow from it, and no other may have been sent.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx
from sqlalchemy import select

from staff import work
from storage import conversations, optouts
from storage import staff as people
from storage.addresses import EMAIL, WHATSAPP
from storage.codes import proofs
from storage.tables import audit
from storage.tickets import Ticket
from tests.town import PUBLIC_URL, Customer, Received, Town, letter

FOLDER = Path(__file__).parent
FIRST_LINE = "I am the automated privacy assistant of KM Auto Export. Write PERSON at any time to reach a person."
MARKER = "##- Please write your reply above this line -##"
FOOTER = (
    "Automated privacy assistant of KM Auto Export. To reach a person, reply PERSON or use our official contact"
    " channels listed on our website. Privacy policy: our official channels"
)
CODES = (["code_mail"], ["code_whatsapp"])
STRANGER = ("+447700900999", "stranger@example.org")
LINK = re.compile(rf"{re.escape(PUBLIC_URL)}/confirm/[\w-]+\.[\w-]+\.[\w-]+")


@dataclass(frozen=True, slots=True)
class Transcript:
    """One file: its name and title, how it begins, and its lines."""

    name: str
    channel: str
    given: str
    lines: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Transcript:
        """One transcript of this folder."""
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        name, channel, given = head.removeprefix("== ").split(" | ")
        kept = (line for line in lines if line and not line.startswith("#"))
        return cls(name, channel, given, tuple(kept))


def all_transcripts() -> dict[str, Transcript]:
    """Every transcript by its number: t01, t05b."""
    return {path.stem: Transcript.read(path) for path in sorted(FOLDER.glob("t*.txt"))}


@dataclass
class Stage:
    """One transcript being played."""

    town: Town
    transcript: Transcript
    said: list[str] = field(default_factory=list)  # what the asker got, references and codes blanked
    _arrived: deque[Received] = field(default_factory=deque)
    _codes: list[str] = field(default_factory=list)
    _pages: deque[httpx.Response] = field(default_factory=deque)

    def __post_init__(self) -> None:
        hidden = "number hidden" in self.transcript.channel
        self.customers = {
            "": Customer("GB.8842000162" if hidden else "+447700900101", "customer@example.net", "Somebody"),
            "2": Customer("+447700900202", "second@example.net", "Somebody else"),
        }
        if self.transcript.given != "no directory":
            self.town.put_on_file(*STRANGER, number="S1")
            known = self.transcript.given.removeprefix("on file: ").removeprefix("nobody")
            if known:
                self.town.put_on_file(*(self._address(one) for one in known.split(", ")))
        if any(line.startswith("D: ") for line in self.transcript.lines):
            self.town.hire()

    @property
    def mail(self) -> bool:
        return self.transcript.channel == "mail"

    def play(self) -> None:
        """Every line in turn; a line that does not hold raises AssertionError with its number."""
        for number, line in enumerate(self.transcript.lines, start=2):
            try:
                self._line(line)
            except AssertionError as wrong:
                raise AssertionError(f"{self.transcript.name}, line {number}: {line}\n{wrong}") from None
        self._nothing_left()

    def _line(self, line: str) -> None:
        kind, _, rest = line.partition(" ")
        if kind in ("wait", "C:", "C2:", "D:"):
            self._nothing_left()
        match kind:
            case "wait":
                number, unit = rest.split()
                self.town.clock.forward(**{unit if unit.endswith("s") else f"{unit}s": float(number)})
            case "C:" | "C2:":
                self._act(self.customers[kind[1:-1]], self._filled(rest))
                self._take_in()
            case "B:" | "B2:":
                self._hear(self.customers[kind[1:-1]], rest)
            case "->":
                self._code_to(self._address(rest.removeprefix("code to ")))
            case "S:":
                self._holds(self._filled(rest))
            case "D:":
                self._staff(self._filled(rest))
            case _:
                raise AssertionError("no such kind of line")

    # --- the customer

    def _act(self, who: Customer, text: str) -> None:
        aside, _, words = text.removeprefix("(").partition(")") if text.startswith("(") else ("", "", text)
        if aside in ("opens the link", "presses Confirm", "presses I did not ask"):
            self._browse(aside)
        elif "/" in aside:
            self.town.write(who, "", NumMedia="1", MediaContentType0=aside, MediaUrl0="https://media.example/1")
        elif aside == "by itself":
            self._machine_mail(who, words.strip())
        elif "to the code mail" in aside:
            address = aside.partition(",")[0] if "@" in aside else who.mailbox
            self.town.mail(Customer(mailbox=address), words.strip(), reply_to=self._code_mail())
        elif "@" in aside:
            other = Customer(mailbox=aside)
            self.town.mail(other, words.strip(), reply_to=self._thread_mail(other))
        elif self.mail:
            self.town.mail(who, text.strip("[]"), reply_to=self._thread_mail(who))
        elif text.startswith("["):
            self.town.tap(who, text.strip("[]"))
        else:
            self.town.write(who, text)

    def _browse(self, what: str) -> None:
        link = LINK.findall(self._code_mail().text)[-1]
        with self.town.browser() as web:
            if what == "opens the link":
                self._pages.append(web.get(link))
            else:
                choice = "btn:not_me" if "not" in what else "btn:confirm"
                self._pages.append(web.post(link, data={"choice": choice}))
        self.town.settle()

    def _machine_mail(self, who: Customer, text: str) -> None:
        raw = letter(who, text, self.town.clock.now, reply_to=self._thread_mail(who))
        answer = self.town.post_mail(b"Auto-Submitted: auto-replied\r\n" + raw)
        assert answer.status_code == 200
        self.town.settle()

    def _thread_mail(self, who: Customer) -> Received | None:
        mails = [one for one in self.town.inbox(who.mailbox) if self.town.names(one) not in CODES]
        return mails[-1] if mails else None

    def _code_mail(self) -> Received:
        mails = [one for _, to, _ in self.town.post_office.taken for one in self.town.inbox(to[0])]
        found = [one for one in mails if self.town.names(one) == ["code_mail"]]
        assert found, "no code mail was sent"
        return max(found, key=lambda one: one.id)

    # --- what arrives

    def _take_in(self) -> None:
        for one in self.town.news():
            lines = [line for line in one.text.splitlines() if line]
            assert len(lines) == len(set(lines)), f"something is said twice: {one.text}"
            self._arrived.append(one)
            if self.town.names(one) in CODES:
                self._codes.append(one.code)

    def _next(self, address: str, *, codes: bool) -> Received:
        fitting = (one for one in self._arrived if one.to == address and (self.town.names(one) in CODES) == codes)
        one = next(fitting, None)
        assert one, f"nothing arrived at {address}; only: {[(x.to, x.text) for x in self._arrived]}"
        self._arrived.remove(one)
        return one

    def _hear(self, who: Customer, wanted: str) -> None:
        own = who.mailbox if self.mail else who.number
        if wanted == "(no message)":
            self._nothing_left()
            return
        if wanted == "*":
            self.said.append(self._blanked(shown(self._next(own, codes=False))))
            return
        wanted, _, ids = wanted.rpartition("  <")
        names = ids.removesuffix(">").split("+")
        if wanted.startswith("(web) "):
            self._read_page(wanted.removeprefix("(web) "))
            return
        found = re.match(r"\(to (\S+)\) ", wanted)
        address = found[1] if found else own
        one = self._next(address, codes=names in CODES)
        if address == own:
            self.said.append(self._blanked(shown(one)))
        wanted = wanted[found.end() :] if found else wanted
        wanted = self._filled(wanted, one).replace("(first line)", FIRST_LINE)
        assert shown(one) == wanted, f"came:   {shown(one)}\nwanted: {wanted}"
        assert self.town.names(one) == names, f"it was made of {self.town.names(one)}"

    def _read_page(self, wanted: str) -> None:
        page = self._pages.popleft()
        text, _, buttons = self._filled(wanted).partition(" Buttons: ")
        seen = " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<body")[2])).split())
        assert page.status_code == 200, f"the page has status {page.status_code}"
        assert text in seen, f"the page says {seen}"
        titles = [title.strip() for title in re.findall(r"<button[^>]*>([^<]*)<", page.text)]
        assert titles == (buttons.split(" / ") if buttons else []), f"the buttons are {titles}"

    def _code_to(self, address: str) -> None:
        one = self._next(address, codes=True)
        assert self.town.names(one) in CODES
        assert one.code in self._codes

    def _nothing_left(self) -> None:
        assert not self._arrived, f"more was sent: {[(one.to, shown(one)) for one in self._arrived]}"

    # --- what is held, and what staff do

    def _holds(self, fact: str) -> None:
        match fact.split():
            case ["audit", event]:
                assert event in self._audit(), "that was not recorded"
            case ["no", "audit", event]:
                assert event not in self._audit(), "that was recorded"
            case [number, "ticket" | "tickets"]:
                assert len(self.town.tickets()) == int(number), f"there are {len(self.town.tickets())}"
            case ["out:", *value]:
                assert self._is_out(self._address(" ".join(value))), "marketing goes on"
            case ["not", "out:", *value]:
                assert not self._is_out(self._address(" ".join(value))), "marketing was stopped"
            case ["with", "staff" | "staff:", *reason]:
                held = self._conversation()
                assert held.staff_since, "the bot still answers"
                assert not reason or held.staff_reason == reason[0], f"the reason is {held.staff_reason}"
            case [reference, right, state, *more]:
                self._ticket_is(next(t for t in self.town.tickets() if t.reference == reference), right, state, more)
            case _:
                raise AssertionError("no such fact")

    def _ticket_is(self, ticket: Ticket, right: str, state: str, more: list[str]) -> None:
        assert (ticket.right, ticket.state) == (right, state), f"it is {ticket.right} {ticket.state}"
        for one in more:
            name, given, value = one.partition("=")
            if name == "customer":
                with self.town.store.read() as tx:
                    assert (ticket.customer_id is None) == (value == "nobody")
                    assert proofs(tx, ticket.conversation_id or "")
            else:
                held = ticket.detail[name] if name in ticket.detail else getattr(ticket, name)
                assert str(held) == (value if given else "True"), f"{name} is {held}"

    def _audit(self) -> set[str]:
        with self.town.store.read() as tx:
            return set(tx.conn.scalars(select(audit.c.event)))

    def _is_out(self, value: str) -> bool:
        with self.town.store.read() as tx:
            return optouts.check(tx, EMAIL if "@" in value else WHATSAPP, value)

    def _conversation(self) -> conversations.Conversation:
        who = self.customers[""]
        with self.town.store.read() as tx:
            found = conversations.get(tx, self.town.talk(who.mailbox if self.mail else who.number)[0].conversation_id)
        assert found
        return found

    def _staff(self, doing: str) -> None:
        with self.town.store.write() as tx:
            who = people.everybody(tx)[0]
            if doing == "hand back":
                work.hand_back(tx, self._conversation().id, who)
                return
            what, reference = doing.split()
            one = next(ticket for ticket in self.town.tickets() if ticket.reference == reference)
            if what == "claim":
                work.claim(tx, one.id, who)
            else:
                work.refuse(tx, one.id, who, work.GROUNDS[0], "No.")
        self.town.settle()
        self.town.news()

    # --- placeholders

    def _address(self, written: str) -> str:
        own = self.customers[""]
        plain = {"this number": own.number, "this mailbox": own.mailbox}.get(written, written)
        return plain if "@" in plain else plain.replace(" ", "")

    def _filled(self, line: str, heard: Received | None = None) -> str:
        return re.sub(r"\{([a-z_]+)(\d?)(?::(\w+))?\}", lambda found: self._value(found, heard), line)

    def _value(self, written: re.Match[str], heard: Received | None) -> str:
        name, place, how = written[1], int(written[2] or 1) - 1, written[3]
        if name == "code":
            assert len(self._codes) > place, "that code was never sent"
            code = self._codes[place]
            return f"{code[:3]} {code[3:]}" if how == "spaced" else code
        if name == "wrong":
            return next(f"{n:06d}" for n in range(100_000, 1_000_000, 7) if f"{n:06d}" not in self._codes)
        if name == "link":
            link = LINK.search(heard.text if heard else self._code_mail().text)
            assert link, "there is no link"
            return link[0]
        fitting = [ticket.reference for ticket in self.town.tickets() if ticket.right == name]
        assert len(fitting) > place, f"no ticket for {name}"
        return _spoiled(fitting[place]) if how == "off" else fitting[place]

    def _blanked(self, text: str) -> str:
        return re.sub(r"PR-[0-9A-Z]{9}", "PR-", text)


def shown(one: Received) -> str:
    """A message as the transcripts write it. A mail must stand between its marker and its footer."""
    if "@" in one.to:
        marker, *paragraphs, footer = one.text.split("\n\n")
        assert (marker, footer) == (MARKER, FOOTER), f"the mail is {one.text}"
        return " ⏎ ".join(paragraphs)
    text = one.text.replace("\n", " ⏎ ")
    if one.list_title:
        lists = {choice.partition(":")[0] for choice, _ in one.choices} - {"btn"}
        return f"{text} [{one.list_title}: list {'+'.join(sorted(lists))}]"
    buttons = "".join(f"[{title}]" for _, title in one.choices)
    return f"{text} {buttons}" if buttons else text


def _spoiled(reference: str) -> str:
    """The same reference with a check character that does not fit."""
    return reference[:-1] + ("2" if reference[-1] != "2" else "3")
