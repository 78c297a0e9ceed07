"""init: the file it writes is sound, and it says what to register where."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from dicomtest.cli.site_text import scalar
from dicomtest.spec.base import ACTORS
from dicomtest.spec.profile import profile_names
from dicomtest.spec.site import load_site
from dicomtest.spec.yaml import read


@pytest.fixture(autouse=True)
def in_a_fresh_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def answers(monkeypatch):
    def give(*lines: str):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return give


def test_flags_write_a_file_that_loads(dicomtest):
    said = dicomtest("init", "--system", "pacs=ORTHANC@127.0.0.1:4242", "--name", "St. Märien")

    site = load_site(Path("site.yaml"))
    assert said.status == 0
    assert site.site == "St. Märien"
    pacs = site.systems["pacs"]
    assert (pacs.ae_title, pacs.host, pacs.port) == ("ORTHANC", "127.0.0.1", 4242)
    assert set(site.simulators) == {each for each in ACTORS if each in profile_names()} - {"pacs"}


def test_the_editor_finds_the_schema_beside_the_file(dicomtest, tmp_path):
    dicomtest("init", "there/site.yaml", "--system", "pacs=P@10.0.0.5:104")

    first = (tmp_path / "there" / "site.yaml").read_text(encoding="utf-8").splitlines()[0]
    _, _, named = first.partition("# yaml-language-server: $schema=")
    schema = json.loads((tmp_path / "there" / named).read_text(encoding="utf-8"))
    assert schema["properties"]["systems"]


def test_the_table_names_title_host_and_port_of_each_simulator(dicomtest):
    said = dicomtest("init", "--system", "pacs=ORTHANC@127.0.0.1:4242")

    lines = [line.split()[:3] for line in said.out.splitlines()]
    assert "Register in ORTHANC (pacs, 127.0.0.1:4242)" in said.out
    assert ["DT_MOD", "127.0.0.1", "11113"] in lines
    assert ["DT_MOD_2", "127.0.0.1", "11123"] in lines
    assert ["DT_WS", "127.0.0.1", "11114"] in lines
    assert "TCP port 11113 and 11114" in said.out  # of reports, and of what is moved
    assert "you report to it (storage commitment)" in said.out


def test_the_table_of_a_ris_names_the_modality(dicomtest):
    said = dicomtest("init", "--system", "ris=WORKLIST@127.0.0.1:4243")

    site = load_site(Path("site.yaml"))
    assert site.systems["ris"].orders is not None
    assert "serves: [verify, worklist]" in Path("site.yaml").read_text(encoding="utf-8")
    assert "Register in WORKLIST (ris, 127.0.0.1:4243)" in said.out
    assert "C-FIND (worklist), N-CREATE, N-SET (MPPS)" in said.out


def test_commented_hints_are_true_when_they_are_uncommented(dicomtest, tmp_path):
    dicomtest("init", "--system", "pacs=ORTHANC@127.0.0.1:4242")
    for name in ("ca.pem", "own.pem", "own-key.pem"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    path = Path("site.yaml")
    keys = ("product", "version", "serves", "claims", "tls", "limits", "patient_prefix", "seed")
    keys += ("testers", "reason", "deviations", "-", "system", "why", "accepted_by", "until")
    lines = path.read_text(encoding="utf-8").splitlines()
    hints = [
        line
        for line in lines
        if line.lstrip().removeprefix("# ").split(":")[0].strip().split(" ")[0] in keys
        and line.lstrip().startswith("# ")
    ]
    whole = [line.replace("# ", "", 1) if line in hints else line for line in lines]
    path.write_text("\n".join(whole) + "\n", encoding="utf-8")

    site = load_site(path)

    assert len(hints) > 12
    assert site.deviations[0].check == "query.case-insensitive-name"
    assert site.systems["pacs"].limits and site.systems["pacs"].claims and site.systems["pacs"].tls


def test_questions_are_asked_again_until_the_answer_can_be_used(dicomtest, answers):
    answers(
        "Mercy", "zh", "maybe", "y", "TOO_LONG_FOR_AN_AE_TITLE", "PACS", "", "10.0.0.5",
        "99999", "11112", "Orthanc: 1.10 \"final\"", *["n"] * len(ACTORS),
    )  # fmt: skip

    said = dicomtest("init")

    pacs = load_site(Path("site.yaml")).systems["pacs"]
    assert said.status == 0
    assert (pacs.ae_title, pacs.host, pacs.port) == ("PACS", "10.0.0.5", 11112)
    assert pacs.product == 'Orthanc: 1.10 "final"'
    assert load_site(Path("site.yaml")).language == "zh"
    assert "16 is the most" in said.out
    assert "from 1 to 65535" in said.out


def test_with_nobody_to_answer_it_says_how_to_answer_beforehand(dicomtest, answers):
    answers("Mercy")

    said = dicomtest("init")

    assert said.status == 4
    assert "--system pacs=" in said.err
    assert not Path("site.yaml").exists()


def test_a_file_that_is_there_is_not_overwritten_without_force(dicomtest):
    Path("site.yaml").write_text("mine", encoding="utf-8")

    assert "--force" in dicomtest("init", "--system", "pacs=P@h:104").err
    assert Path("site.yaml").read_text(encoding="utf-8") == "mine"
    assert dicomtest("init", "--force", "--system", "pacs=P@10.0.0.5:104").status == 0
    assert load_site(Path("site.yaml")).systems


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ("pacs", "write ACTOR=AE@HOST:PORT"),
        ("pacs=A@host", "write ACTOR=AE@HOST:PORT"),
        ("pasc=A@host:104", 'did you mean "pacs"'),
        ("pacs=A@host:0", "from 1 to 65535"),
        ("pacs=A\\B@host:104", "must not have the character"),
        ("pacs=A@:104", "blank"),
    ],
)
def test_a_system_that_cannot_be_is_refused(dicomtest, system, words):
    said = dicomtest("init", "--system", system)

    assert said.status == 4
    assert words in said.err
    assert not Path("site.yaml").exists()


def test_an_actor_is_given_once(dicomtest):
    said = dicomtest("init", "--system", "pacs=A@h:104", "--system", "pacs=B@h:104")

    assert (said.status, Path("site.yaml").exists()) == (4, False)


def test_simulators_get_out_of_the_way_of_a_system_on_this_machine(dicomtest):
    assert dicomtest("init", "--system", "pacs=DT_WS@127.0.0.1:11113").status == 0

    site = load_site(Path("site.yaml"))
    assert site.simulator("modality").port != 11113
    assert site.simulator("workstation").ae_title != "DT_WS"


def test_a_folder_that_cannot_be_written_is_said_in_words(dicomtest, tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")

    said = dicomtest("init", "taken/site.yaml", "--system", "pacs=P@10.0.0.5:104")

    assert said.status == 4
    assert "could not be written" in said.err


@pytest.mark.parametrize(
    "text",
    ["PACS", "CT 1", "1234", "007", "1e5", "true", "null", "~", "a: b", "# x", "-", "测试",
     'say "hi"', "back\\slash", "10.0.0.5", "fe80::1", "", " x ", "St. Elsewhere", "@x", "1.10"],
)  # fmt: skip
def test_any_text_survives_being_written(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_text(f"a: {scalar(text)}\nb: {{c: {scalar(text)}}}\n", encoding="utf-8")

    assert read(path).documents == [{"a": text, "b": {"c": text}}]
