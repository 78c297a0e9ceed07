"""The operator's page: one card at a time, served from this machine to this machine.

A phone or tablet gets a link of its own that works once. Nobody without a link gets in: the link
sets a cookie, and every answer has to carry the token of the page (RFC 6265bis, SameSite=Strict).
"""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import parse_qs, urlsplit

from dicomtest.awaiting.desk import Answer, Choice
from dicomtest.errors import SetupError
from dicomtest.operator.texts import reasons, words
from dicomtest.resources import reports_dir

if TYPE_CHECKING:
    from dicomtest.awaiting.desk import Card, Desk
    from dicomtest.awaiting.words import Words

LONGEST = 64 * 1024  # bytes of a request body
POLL = 20.0  # seconds a question for news is held open
FILES = {
    "/operator.js": ("operator.js", "text/javascript; charset=utf-8"),
    "/operator.css": ("operator.css", "text/css; charset=utf-8"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FAREWELL = 2.0  # seconds in which open pages learn that the run is over


class Page:
    """The page and its servers: one on 127.0.0.1, and one on another address if asked for."""

    def __init__(self, desk: Desk, *, site: str, language: str) -> None:
        """Prepare; nothing is opened before `start`."""
        self.desk = desk
        self.site = site
        self.language = language
        self.token = secrets.token_urlsafe(24)
        self.over = False
        self._key = secrets.token_urlsafe(16)  # of this machine's link
        self._once = ""  # of the other device's link
        self._sessions: set[str] = set()
        self._lock = threading.Lock()
        self._told = threading.Condition(self._lock)
        self._following: set[str] = set()  # sessions that have not been told that it is over
        self._servers: list[_Server] = []
        self.url = self.lan_url = ""

    def start(self, *, lan: str = "", port: int = 0) -> None:
        """Serve; raises SetupError when the other address is not one of this machine."""
        here = self._serve("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{here.server_port}/?key={self._key}"
        if lan:
            self._serve(lan, 0)
            self._renew()

    def stop(self) -> None:
        """Tell the pages that the run is over, and end."""
        self.over = True
        self.desk.changed()
        with self._lock:
            # A page that follows asks again at once; one that was closed long ago does not.
            self._told.wait_for(lambda: not self._following, FAREWELL)
        for each in self._servers:
            each.shutdown()
            each.server_close()
        self._servers.clear()

    def _serve(self, host: str, port: int) -> _Server:
        try:
            server = _Server((host, port), self)
        except OSError as error:
            raise SetupError(
                f"the operator's page cannot be served on {host}: {error.strerror or error}. "
                "Give an address of this machine."
            ) from error
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def _renew(self) -> None:
        """A new link for another device; the one before does not work any more."""
        self._once = secrets.token_urlsafe(16)
        host, port = self._servers[-1].server_address[:2]
        name = f"[{host!s}]" if ":" in str(host) else str(host)
        self.lan_url = f"http://{name}:{port}/?key={self._once}"

    def admit(self, key: str) -> str | None:
        """A session for who has a link; None for a key that is wrong or was used."""
        with self._lock:
            if secrets.compare_digest(key.encode(), self._key.encode()):
                pass
            elif self._once and secrets.compare_digest(key.encode(), self._once.encode()):
                self._renew()
            else:
                return None
            session = secrets.token_urlsafe(24)
            self._sessions.add(session)
        self.desk.changed()
        return session

    def told(self, session: str, *, over: bool) -> None:
        """A page has got the state; the last one says that the run is over."""
        with self._lock:
            (self._following.discard if over else self._following.add)(session)
            self._told.notify_all()

    def knows(self, session: str) -> bool:
        """Whether that session was admitted."""
        with self._lock:
            return session in self._sessions

    def hosts(self) -> set[str]:
        """Values of the Host header under which it is served; others are an attack."""
        found = set()
        for each in self._servers:
            host, port = str(each.server_address[0]), each.server_address[1]
            name = f"[{host}]" if ":" in host else host
            found |= {f"{name}:{port}"} | ({f"localhost:{port}"} if host == "127.0.0.1" else set())
        return found

    def state(self, *, here: bool) -> dict[str, Any]:
        """Everything the page shows; the link for other devices on this machine only."""
        card = self.desk.card
        return {
            "version": self.desk.version,
            "over": self.over,
            "card": None if card is None else card_entry(card),
            "past": [
                {"step": key, "title": both(title), "outcome": both(outcome)}
                for key, title, outcome in self.desk.past
            ],
            "link": self.lan_url if here else "",
        }

    def settings(self) -> dict[str, Any]:
        """What the page needs once."""
        return {
            "site": self.site,
            "language": self.language,
            "token": self.token,
            "name": getattr(self.desk, "name", ""),
            "words": {each: words(each) for each in ("en", "zh")},
            "reasons": {each: reasons(each) for each in ("en", "zh")},
        }


def both(text: Words) -> dict[str, str]:
    """A text in both languages."""
    return {"en": text.en, "zh": text.zh}


def card_entry(card: Card) -> dict[str, Any]:
    """A card as plain JSON values."""
    return {
        "number": card.number,
        "scenario": card.scenario,
        "step": card.step,
        "title": both(card.title),
        "system": card.system,
        "task": both(card.task),
        "awaited": both(card.awaited),
        "use": [[both(name), value] for name, value in card.use],
        "way": card.way,
        "left": round(card.left, 1),
        "limit": card.limit,
        "seen": [both(each) for each in card.seen],
        "near": [both(each) for each in card.near],
        "short": both(card.short),
        "questions": [
            {"id": each.id, "text": both(each.text), "kind": each.kind} for each in card.questions
        ],
    }


class _Server(ThreadingHTTPServer):
    """A server that knows its page."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], page: Page) -> None:
        self.page = page
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "dicomtest", ""
    timeout = 60

    def do_GET(self) -> None:
        """The page, its files, its state."""
        page = self.server.page
        parts = urlsplit(self.path)
        if self.headers.get("Host") not in page.hosts():
            self._refuse(421, "wrong host")
            return
        query = parse_qs(parts.query)
        if parts.path == "/" and "key" in query:
            self._admit(query["key"][0])
        elif not page.knows(self._session()):
            self._refuse(403, "This link does not work any more: ask for a new one.")
        elif parts.path == "/":
            self._send(200, "text/html; charset=utf-8", self._html())
        elif parts.path in FILES:
            name, kind = FILES[parts.path]
            self._send(200, kind, (reports_dir() / name).read_bytes())
        elif parts.path == "/state":
            known = query.get("version", ["-1"])[0]
            page.desk.wait_for_change(int(known) if known.isdigit() else -1, POLL)
            state = page.state(here=self.server.server_address[0] == "127.0.0.1")
            self._json(200, state)
            page.told(self._session(), over=bool(state["over"]))
        else:
            self._refuse(404, "there is nothing here")

    def do_POST(self) -> None:
        """An answer."""
        page = self.server.page
        body = self._body()
        if body is None:
            return
        token = self.headers.get("X-Token", "")
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin")
        good = page.knows(self._session()) and host in page.hosts()
        good = good and secrets.compare_digest(token.encode(), page.token.encode())
        if not good or (origin is not None and origin != f"http://{host}"):
            self._refuse(403, "not from this page")
        elif urlsplit(self.path).path != "/answer":
            self._refuse(404, "there is nothing here")
        else:
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        try:
            told = json.loads(body)
            number, choice = int(told["number"]), str(told["choice"])
            questions = {str(k)[:64]: str(v)[:500] for k, v in dict(told["questions"]).items()}
            by, reason, note = (str(told.get(each, ""))[:1000] for each in ("by", "reason", "note"))
        except (ValueError, KeyError, TypeError):
            self._refuse(400, "this is no answer")
            return
        if choice not in get_args(Choice):
            self._refuse(400, "this is no answer")
            return
        answer = Answer(choice, by, reason, note, questions, "page")  # type: ignore[arg-type]  # looked up just now
        taken = self.server.page.desk.give(number, answer)
        self._json(200 if taken else 409, {"taken": taken})

    def _admit(self, key: str) -> None:
        session = self.server.page.admit(key)
        if session is None:
            self._refuse(403, "This link does not work any more: ask for a new one.")
            return
        self.send_response(303)
        self.send_header("Location", "/")
        port = self.server.server_port  # cookies do not know ports: several runs may go on
        self.send_header("Set-Cookie", f"dt{port}={session}; HttpOnly; SameSite=Strict; Path=/")
        self._headers(0)

    def _session(self) -> str:
        try:
            jar = SimpleCookie(self.headers.get("Cookie", ""))
        except CookieError:
            return ""
        found = jar.get(f"dt{self.server.server_port}")
        return found.value if found else ""

    def _html(self) -> bytes:
        page = self.server.page
        settings = json.dumps(page.settings()).replace("<", "\\u003c")
        html = (reports_dir() / "operator.html").read_text(encoding="utf-8")
        return (
            html.replace("{{language}}", page.language).replace("{{settings}}", settings).encode()
        )

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST:
            self.close_connection = True
            self._refuse(413, "too long")
            return None
        return self.rfile.read(int(length))

    def _json(self, status: int, value: Any) -> None:
        self._send(status, "application/json", json.dumps(value).encode())

    def _refuse(self, status: int, why: str) -> None:
        self._send(status, "text/plain; charset=utf-8", why.encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        with suppress(ConnectionError):  # the page was closed meanwhile
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self._headers(len(body))
            self.wfile.write(body)

    def _headers(self, length: int) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal belongs to the run."""
