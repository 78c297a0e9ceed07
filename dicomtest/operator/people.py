"""The desk of a run: with people at it, with recorded answers, or with nobody."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest.awaiting.desk import Answer, Card, Desk, as_entry
from dicomtest.operator import journal

if TYPE_CHECKING:
    from dicomtest.spec.site import Site


@dataclass(frozen=True)
class People:
    """Who is there, as the command line says; nobody by default.

    `lan` is the address at which a phone or tablet may open the page ("auto": one of our own),
    "" for none.
    """

    attended: bool = False
    lan: str = ""
    answers: Path | None = None
    name: str = ""


class PeoplesDesk(Desk):
    """A desk that keeps a journal, knows recorded answers and may have people at it."""

    def __init__(
        self, folder: Path, recorded: dict[str, Answer], *, present: bool, name: str
    ) -> None:
        """Prepare; views are opened with the first card."""
        super().__init__()
        self.present = present
        self.name = name
        self._folder = folder
        self._recorded = recorded
        self._used: set[str] = set()
        self._open: Callable[[], Callable[[], None]] | None = None
        self._close: Callable[[], None] | None = None

    def with_views(self, opened: Callable[[], Callable[[], None]]) -> PeoplesDesk:
        """Open these views with the first card; what is called gives what closes them."""
        self._open = opened
        return self

    def show(self, card: Card) -> None:
        """Open the views, if they are not open yet, and show the card."""
        if self._open is not None and self._close is None:
            self._close = self._open()
        super().show(card)

    def expects(self, key: str) -> bool:
        """Whether somebody is there, or has answered beforehand."""
        return self.present or key in self._recorded

    def standing(self, key: str) -> Answer | None:
        """The recorded answer, which the journal gets once."""
        answer = self._recorded.get(key)
        if answer is not None and key not in self._used:
            self._used.add(key)
            scenario, _, step = key.partition("/")
            entry = {
                "at": round(answer.at, 3),
                "by": answer.by,
                "scenario": scenario,
                "step": step,
                "choice": answer.choice,
                "reason": answer.reason,
                "note": answer.note,
                "questions": answer.questions,
                "via": "file",
            }
            journal.append(self._folder, entry)
        return answer

    def record(self, card: Card, answer: Answer) -> None:
        """Write the journal."""
        journal.append(self._folder, as_entry(card, answer))

    def stop(self) -> None:
        """Close the views."""
        close, self._close = self._close, None
        if close is not None:
            close()


def desk_of(people: People, site: Site, folder: Path) -> Desk:
    """The desk of a run; raises UsageError when the recorded answers cannot be read."""
    recorded = journal.read(people.answers) if people.answers else {}
    if not people.attended and not recorded:
        return Desk()
    name = people.name or next(iter(site.testers), "") or _login()
    desk = PeoplesDesk(folder, recorded, present=people.attended, name=name)
    return desk.with_views(lambda: _views(desk, people, site)) if people.attended else desk


def _views(desk: PeoplesDesk, people: People, site: Site) -> Callable[[], None]:
    """Open page and terminal; give what closes them."""
    from dicomtest.console import write
    from dicomtest.operator.page import Page
    from dicomtest.operator.terminal import Terminal

    page = Page(desk, site=site.site, language=site.language)
    page.start(lan=_lan_address(people, site))
    write(f"\noperator's page: {page.url}")
    if page.lan_url:
        write(f"on a phone or tablet (this link works once): {page.lan_url}")
    _open_browser(page.url)
    terminal = None
    if sys.stdin is not None and sys.stdin.isatty():
        terminal = Terminal(desk, language=site.language)
        terminal.start()

    def close() -> None:
        if terminal is not None:
            terminal.stop()
        page.stop()

    return close


def _lan_address(people: People, site: Site) -> str:
    if people.lan != "auto":
        return people.lan
    from dicomtest.casting import address_towards, is_loopback

    others = [each.host for each in site.systems.values() if not is_loopback(each.host)]
    return address_towards(next(iter(others), "192.0.2.1"))  # TEST-NET-1: the default route


def _open_browser(url: str) -> None:
    """Open the page where there is a desktop; never a browser in the terminal."""
    import webbrowser

    desktop = any(os.environ.get(each) for each in ("DISPLAY", "WAYLAND_DISPLAY"))
    if sys.platform in ("win32", "darwin") or desktop:
        with suppress(webbrowser.Error, OSError):
            webbrowser.open(url)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name: a container, or Windows without USERNAME
        return ""
