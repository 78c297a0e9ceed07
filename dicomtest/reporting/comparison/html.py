"""A comparison as one self-contained HTML file, like the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dicomtest.reporting.html import environment, head
from dicomtest.reporting.text import scrub
from dicomtest.reporting.translations import choose


def comparison_page(changes: Mapping[str, Any], *, language: str | None = None) -> str:
    """Give the page of a comparison; raises UsageError when there is no such language."""
    tongue = choose(language, None)
    page = environment(tongue).get_template("comparison.html.j2")
    return page.render(changes=scrub(changes), places={}, **head(tongue))
