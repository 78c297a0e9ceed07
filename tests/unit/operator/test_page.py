"""Who may use the operator's page, and that whoever answers first is heard."""

from __future__ import annotations

import http.client
import json
from time import monotonic
from urllib.parse import urlsplit

import pytest

from dicomtest.awaiting.desk import Answer, Card, Desk, Question
from dicomtest.awaiting.words import Words
from dicomtest.errors import SetupError
from dicomtest.operator.page import Page
from dicomtest.operator.terminal import Terminal

HOSTILE = "</script><script>alert(1)</script>\x00\u2028"


class Somebody(Desk):
    """A desk with somebody at it, that keeps what is said."""

    present, name = True, HOSTILE

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Answer] = []

    def record(self, card, answer) -> None:
        self.told.append(answer)


def a_card(**more) -> Card:
    return Card(
        scenario="s", step="1-verify", title=Words("verify", "验证"), system=HOSTILE,
        task=Words("Press verify", "请按验证"), awaited=Words("a C-ECHO", "C-ECHO"),
        use=[(Words("Port", "端口"), "104")], way="operator", until=monotonic() + 60, limit=60,
        **more,
    )  # fmt: skip


@pytest.fixture
def desk():
    made = Somebody()
    made.show(a_card(questions=[Question("film", Words("Is it there?", "有吗？"))]))
    return made


@pytest.fixture
def page(desk):
    made = Page(desk, site=HOSTILE, language="en")
    made.start(lan="127.0.0.1")
    yield made
    made.stop()


class Visitor:
    """A browser that does what it is told."""

    def __init__(self, address: str) -> None:
        self.parts = urlsplit(address)
        self.host = self.parts.netloc
        self.cookie = ""

    def ask(self, path: str, body=None, method: str = "", **headers: str):
        """Give status, headers and body of the answer."""
        connection = http.client.HTTPConnection(self.parts.hostname, self.parts.port, timeout=5)
        sent = {"Host": self.host, "Cookie": self.cookie, **headers}
        data = None if body is None else json.dumps(body)
        connection.request(method or ("GET" if body is None else "POST"), path, data, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def enter(self) -> int:
        """Follow the link that was printed."""
        status, headers, _ = self.ask(f"/?{self.parts.query}")
        self.cookie = headers.get("Set-Cookie", "").partition(";")[0]
        return status

    def say(self, page: Page, number: int, choice: str = "done", **more):
        body = {"number": number, "choice": choice, "by": "Ann", "questions": {"film": "yes"}}
        headers = {"X-Token": page.token, "Origin": f"http://{self.host}", **more}
        return self.ask("/answer", body, **headers)[0]


@pytest.fixture
def visitor(page):
    made = Visitor(page.url)
    assert made.enter() == 303
    return made


def test_an_answer_of_the_page_is_heard(page, visitor, desk):
    assert visitor.say(page, desk.card.number) == 200
    (answer,) = desk.told
    assert (answer.choice, answer.by, answer.via) == ("done", "Ann", "page")
    assert answer.questions == {"film": "yes"}
    assert desk.said(desk.card) == answer


def test_the_first_answer_counts(page, visitor, desk):
    terminal = Terminal(desk, read=iter(["l\n", ""]).__next__)
    terminal._read_lines()
    assert visitor.say(page, desk.card.number) == 409
    assert [each.choice for each in desk.told] == ["later"]


def test_an_answer_to_a_card_that_is_gone_is_refused(page, visitor, desk):
    before = desk.card.number
    desk.close(Words("done", "已完成"))
    desk.show(a_card())
    assert visitor.say(page, before) == 409
    assert desk.told == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Token": "wrong"},
        {"X-Token": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Cookie": ""},
        {"Cookie": "dt=guess"},
    ],
)
def test_other_sites_cannot_answer(page, visitor, desk, headers):
    assert visitor.say(page, desk.card.number, **headers) == 403
    assert desk.told == []


def test_without_a_link_there_is_nothing_to_see(page):
    stranger = Visitor(page.url)
    for path in ("/", "/state", "/operator.js", "/?key=guess"):
        status, _, text = stranger.ask(path)
        assert (status, "Press" in text) == (403, False)


def test_a_name_that_leads_here_from_elsewhere_is_refused(page, visitor):
    visitor.host = "evil.example"  # DNS rebinding
    assert visitor.ask("/")[0] == 421


def test_the_link_of_a_tablet_works_once(page, visitor):
    link = page.lan_url
    tablet, thief = Visitor(link), Visitor(link)
    assert json.loads(visitor.ask("/state?version=-1")[2])["link"] == link
    assert tablet.enter() == 303
    assert thief.enter() == 403
    assert tablet.ask("/")[0] == 200
    assert page.lan_url != link  # a further device gets its own


def test_everything_is_sent_with_a_strict_policy(page, visitor):
    for path in ("/", "/state?version=-1", "/operator.js", "/operator.css", "/nothing"):
        _, headers, _ = visitor.ask(path)
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_hostile_text_stays_text(page, visitor):
    status, _, html = visitor.ask("/")
    assert status == 200
    assert "<script>alert" not in html
    settings = html.partition('id="settings">')[2].partition("</script>")[0]
    assert json.loads(settings)["site"] == HOSTILE


@pytest.mark.parametrize(
    "body", [[], {"number": 1}, {"number": "x", "choice": "done", "questions": {}},
             {"number": 1, "choice": "dance", "questions": {}}]
)  # fmt: skip
def test_nonsense_is_refused(page, visitor, desk, body):
    headers = {"X-Token": page.token}
    assert visitor.ask("/answer", body, **headers)[0] == 400
    assert visitor.ask("/answer", "x" * 100_000, **headers)[0] == 413
    assert desk.told == []


def test_an_address_that_is_not_ours_is_told(desk):
    page = Page(desk, site="s", language="en")
    with pytest.raises(SetupError, match="an address of this machine"):
        page.start(lan="192.0.2.1")
    page.stop()


@pytest.mark.parametrize(
    ("lines", "choice", "reason", "note"),
    [
        (["f", "2", "E-17"], "fails", "an error message on the screen", "E-17"),
        (["f it smokes"], "fails", "", "it smokes"),
        (["f", "no light"], "fails", "", "no light"),
        (["c no button"], "impossible", "", "no button"),
        (["?", "", "m"], "extend", "", ""),
        (["R"], "repeat", "", ""),
    ],
)
def test_the_terminal_understands(capsys, lines, choice, reason, note):
    desk = Somebody()
    desk.show(a_card())
    Terminal(desk, read=iter([*(f"{each}\n" for each in lines), ""]).__next__)._read_lines()
    (answer,) = desk.told
    assert (answer.choice, answer.reason, answer.note, answer.via) == (
        choice, reason, note, "terminal"
    )  # fmt: skip


def test_the_terminal_asks_the_questions(capsys, desk):
    Terminal(desk, language="zh", read=iter(["d\n", "n\n", ""]).__next__)._read_lines()
    assert desk.told[0].questions == {"film": "no"}
    assert "有吗？" in capsys.readouterr().out


def test_the_terminal_shows_the_card_and_what_is_new(capsys, desk):
    terminal = Terminal(desk, read=iter([""]).__next__)
    terminal._show(desk.card)
    desk.card.seen.append(Words("1 of 2 images\x1b[2J", "1/2"))
    terminal._show(desk.card)
    terminal._show(desk.card)
    shown = capsys.readouterr().out
    assert "Press verify" in shown
    assert "Port: 104" in shown
    assert shown.count("1 of 2 images") == 1
    assert "\x1b" not in shown
