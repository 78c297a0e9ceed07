"""The shipped data is found in a checkout and in an installed wheel."""

from __future__ import annotations

from dicomtest import resources


def test_the_folders_are_there():
    assert resources.scenarios_dir().is_dir()
    assert (resources.simulators_dir() / "pacs.yaml").is_file()
    assert resources.reports_dir().name == "reports"


def test_in_a_wheel_they_are_in_the_package(monkeypatch, tmp_path):
    (tmp_path / "_data" / "simulators").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path)

    assert resources.simulators_dir() == tmp_path / "_data" / "simulators"
