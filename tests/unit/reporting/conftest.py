"""Sample records and a reader of HTML for the tests of the report."""

from __future__ import annotations

import runpy
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "rect", "line", "path"}


class Page(HTMLParser):
    """Every element with its attributes, the text, and whether the tags nest properly."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.open: list[str] = []
        self.mistakes: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def links(self) -> list[str]:
        return [attributes["href"] for _, attributes in self.elements if "href" in attributes]


@pytest.fixture(scope="session")
def sample() -> SimpleNamespace:
    """The functions of sample.py."""
    return SimpleNamespace(**runpy.run_path(str(HERE / "sample.py")))


@pytest.fixture(scope="session")
def messages() -> SimpleNamespace:
    """The functions of messages.py."""
    return SimpleNamespace(**runpy.run_path(str(HERE / "messages.py")))


@pytest.fixture(scope="session")
def read_page() -> type[Page]:
    """The reader of HTML."""
    return Page
