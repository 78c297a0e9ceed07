"""Fixtures of the spec tests: files in a fresh folder, and what is said about bad ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dicomtest.errors import Problem, SpecError


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a YAML file, text or bytes, and give its path."""

    def write_file(content: str | bytes, name: str = "file.yaml") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def problems() -> Callable[..., tuple[Problem, ...]]:
    """Call a loader that must refuse, and give the problems it names."""

    def collect(load: Callable[..., object], *args: object, **kwargs: object) -> tuple:
        with pytest.raises(SpecError) as caught:
            load(*args, **kwargs)
        return caught.value.problems

    return collect
