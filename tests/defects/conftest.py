"""Which of the systems are played by default."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the exhaustive tests out unless the marker expression names them."""
    if "exhaustive" in config.option.markexpr:
        return
    left_out = [each for each in items if each.get_closest_marker("exhaustive")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [each for each in items if not each.get_closest_marker("exhaustive")]
