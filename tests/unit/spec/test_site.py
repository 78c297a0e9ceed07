"""Site files: what a good one gives, and what is said about each kind of bad one."""

from __future__ import annotations

from datetime import date

import pytest

from dicomtest.errors import SetupError, UsageError
from dicomtest.spec.site import default_site, load_site

GOOD = """\
site: St. Elsewhere Radiology
language: zh
systems:
  pacs: {ae_title: ORTHANC, host: 127.0.0.1, port: 4242, product: Orthanc, version: 1.10}
  ris: {ae_title: WL, host: 127.0.0.1, port: 4243, serves: worklist}
  ct: {actor: modality, ae_title: CT1, host: 10.0.0.7, port: 104, trigger: {operator: true}}
simulators:
  workstation: {ae_title: DT_VIEW, port: 10414}
limits: {connect: 500 ms, step: 2 min}
deviations:
  - check: query.case
    system: pacs
    why: known
    accepted_by: A. Person
    until: 2027-03-01
"""


def system(**values: object) -> str:
    """A site with one PACS, some of its values replaced."""
    pacs = {"ae_title": "PACS", "host": "10.0.0.5", "port": 104} | values
    inner = ", ".join(f"{key}: {value}" for key, value in pacs.items() if value is not None)
    return f"site: S\nsystems:\n  pacs: {{{inner}}}\n"


def test_a_good_file_is_read_with_its_defaults(write):
    site = load_site(write(GOOD))

    pacs, modality = site.systems["pacs"], site.systems["ct"]
    assert (pacs.ae_title, pacs.port, pacs.actor, pacs.title) == (
        "ORTHANC",
        4242,
        "pacs",
        "Orthanc 1.10",
    )
    assert (modality.actor, site.systems["ris"].serves) == ("modality", ("worklist",))
    assert (site.language, site.environment, site.patient_prefix) == ("zh", "test", "DT")
    assert (site.limits.connect, site.limits.association, site.limits.step) == (0.5, 30.0, 120.0)
    assert site.simulator("workstation").port == 10414
    assert site.simulator("pacs").ae_title == "DT_PACS"


def test_a_deviation_expires_after_its_last_day(write):
    (deviation,) = load_site(write(GOOD)).deviations

    assert not deviation.expired(date(2027, 3, 1))
    assert deviation.expired(date(2027, 3, 2))


def test_the_default_site_has_no_real_system():
    assert default_site().systems == {}


def test_limits_of_a_system_replace_those_of_the_site(write):
    site = load_site(write(system(limits="{response: 5 s}")))

    assert site.limits_of(site.systems["pacs"]).response == 5.0
    assert site.limits_of(site.systems["pacs"]).connect == 10.0


def test_a_further_player_gets_an_ae_title_and_port_of_its_own():
    site = default_site()

    first, second = site.simulator("modality"), site.simulator("modality-2")
    assert first.port != second.port
    assert first.ae_title != second.ae_title
    with pytest.raises(SetupError, match="modality-b has no AE title and port"):
        site.simulator("modality-b")


def test_sop_classes_that_a_system_claims_become_uids(write):
    site = load_site(write(system(claims="{sop_classes: [ct, MRImageStorage, 1.2.3]}")))

    claims = site.systems["pacs"].claims
    assert claims is not None
    assert claims.sop_classes == ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.3")


def test_tls_files_are_found_beside_the_site_file(write, tmp_path):
    (tmp_path / "ca.pem").write_text("x", encoding="utf-8")

    tls = load_site(write(system(tls="{ca: ca.pem}"))).systems["pacs"].tls

    assert tls is not None
    assert (tls.ca, tls.verify) == (str(tmp_path / "ca.pem"), True)


@pytest.mark.parametrize("port", [1, 65535, '"104"'])
def test_ports_that_are_ports(write, port):
    assert load_site(write(system(port=port))).systems["pacs"].port in (1, 104, 65535)


@pytest.mark.parametrize("title", ["A", "SIXTEEN_CHARS_OK", '"CT 1"', "ct-1.room"])
def test_ae_titles_that_are_ae_titles(write, title):
    assert load_site(write(system(ae_title=title))).systems["pacs"].ae_title == title.strip('"')


@pytest.mark.parametrize(
    ("content", "line", "column", "what", "fix"),
    [
        ("site: S\nlangauge: en\n", 2, 1, 'did you mean "language"', "write language"),
        ("site: S\nlanguage: fr\n", 2, 11, 'unknown language "fr"', "en, zh"),
        ("language: en\n", 1, 1, '"site" is missing', "Name of the site"),
        (system(port=0), 3, 48, "from 1 to 65535, found 0", "104"),
        (system(port=65536), 3, 48, "from 1 to 65535, found 65536", "104"),
        (system(port="11112x"), 3, 48, 'found "11112x"', "104"),
        (system(port="true"), 3, 48, "found true", "104"),
        (system(port="104.5"), 3, 48, "whole number", "104"),
        (system(port=None), 3, 3, '"port" is missing', "add   port: ..."),
        (system(ae_title="SEVENTEEN_LETTERS"), 3, 20, "17 characters; 16 is the most", "shorten"),
        (system(ae_title="'A\\B'"), 3, 20, "must not have the character \\", "PS3.5 6.2"),
        (system(ae_title="测试"), 3, 20, "must not have the character 测", "PS3.5 6.2"),
        (system(ae_title='"A\\tB"'), 3, 20, "must not have the character U+0009", "PS3.5 6.2"),
        (system(ae_title='"  "'), 3, 20, "the AE title is blank", "1 to 16"),
        (system(ae_titel="PACS", ae_title=None), 3, 37, 'did you mean "ae_title"', "ae_title"),
        (system(host="[a]"), 3, 32, "host must be a text, found a list", "text"),
        (system(serves="[store, worklst]"), 3, 69, 'did you mean "worklist"', "write worklist"),
        (system(limits="{response: 5 parsec}"), 3, 72, "is not a duration", "500 ms"),
        (system(limits="{response: 0}"), 3, 72, "longer than nothing", "30 s"),
        (system(limits="{response: true}"), 3, 72, "duration", "60 s"),
        (system(trigger="{operator: true, wait: true}"), 3, 62, "exactly one of", "operator"),
        (system(tls="{ca: absent.pem}"), 3, 63, "there is no file", "relative to the site file"),
        (system(tls="{key: k.pem}"), 3, 58, "a key without its certificate", "certificate"),
        (system(claims="{sop_classes: [CTImageStorag]}"), 3, 76, '"CTImageStorage"', "CTImage"),
        ("site: S\nsystems: {pasc: {ae_title: P, host: h, port: 1}}\n", 2, 11, '"pacs"', "actor:"),
        ("site: S\nsystems: {pacs: text}\n", 2, 17, "must be keys and values", "key: value"),
        ("site: S\nsimulators: {modalty: {}}\n", 2, 14, '"modality"', "write modality"),
        ("site: S\nsimulators: {toaster: {}}\n", 2, 14, 'unknown actor "toaster"', "ris"),
        ("site: S\nsimulators: {modality: {profile: ctt}}\n", 2, 34, '"ct"', "write ct"),
        ("site: S\nsimulators: {pacs: {profile: ct}}\n", 2, 30, "profile of a modality", "pacs"),
        ("site: S\npatient_prefix: 'A*'\n", 2, 17, "prefix of test patients", "letter"),
        ("site: S\nseed: abc\n", 2, 7, "seed must be a whole number", "digits only"),
        ("site: S\n---\nsite: T\n", 3, 1, "a second site", "a file for each"),
        ("- site\n", 1, 1, "must be keys and values", "key: value"),
    ],
)
def test_a_bad_site_is_refused_with_place_and_fix(
    write, problems, content, line, column, what, fix
):
    steps = ("store", "worklist")

    (found,) = problems(load_site, write(content), steps=steps)

    assert what in found.what
    assert fix in found.fix
    assert (found.line, found.column) == (line, column)


DEVIATION = """\
site: S
systems:
  pacs: {{ae_title: P, host: h, port: 104}}
deviations:
  - {{check: {check}, system: {system}, why: {why}, accepted_by: x, until: {until}}}
"""


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"check": "store.statu"}, 'did you mean "store.status"'),
        ({"system": "pasc"}, 'did you mean "pacs"'),
        ({"why": '""'}, "why is blank"),
        ({"until": "soon"}, 'until must be a date, found "soon"'),
    ],
)
def test_a_bad_deviation_is_refused(write, problems, change, what):
    good = {"check": "store.status", "system": "pacs", "why": "w", "until": "2030-01-01"}
    assert load_site(write(DEVIATION.format(**good)), checks=["store.status"]).deviations

    (found,) = problems(
        load_site, write(DEVIATION.format(**good | change)), checks=["store.status"]
    )

    assert what in found.what
    assert found.line == 5


@pytest.mark.parametrize(
    ("simulators", "what"),
    [
        ("{modality: {port: 10000}, workstation: {port: 10000}}", "the modality simulator"),
        ("{modality: {port: 11112}}", "port 11112 is also the port of the pacs simulator"),
        ("{modality: {ae_title: X}, workstation: {ae_title: X}}", "title of the modality"),
        ("{modality: {ae_title: DT_WS}}", "title of the workstation simulator"),
    ],
)
def test_simulators_that_cannot_exist_together_are_refused(write, problems, simulators, what):
    (found,) = problems(load_site, write(f"site: S\nsimulators: {simulators}\n"))

    assert what in found.what
    assert "of its own" in found.fix
    assert found.line == 2


def test_a_simulator_may_use_the_port_that_its_real_system_leaves_free(write):
    text = system() + "simulators: {modality: {port: 11112}}\n"

    assert load_site(write(text)).simulator("modality").port == 11112


def test_a_simulator_cannot_share_port_or_title_with_a_real_system(write, problems):
    text = system(host="127.0.0.1", port=11113, ae_title="DT_WS")

    on_title, on_port = problems(load_site, write(text))

    assert "the workstation simulator has this AE title too" in on_title.what
    assert "the modality simulator listens on this port" in on_port.what
    assert "port: ..." in on_port.fix


def test_the_port_of_a_system_elsewhere_is_no_clash(write):
    assert load_site(write(system(port=11113))).systems


def test_all_problems_come_at_once_in_the_order_of_the_file(write, problems):
    text = """\
site: S
colour: red
systems:
  pacs: {ae_title: 'A\\B', host: h, port: 70000}
  toaster: {ae_title: T, host: h}
simulators:
  modality: {port: 11112}
  workstation: {port: 11112}
deviations:
  - {check: nonsense, why: w, accepted_by: p, until: 2030-01-01}
"""

    found = problems(load_site, write(text), checks=["store.status"])

    assert [each.line for each in found] == [2, 4, 4, 5, 5, 7, 8, 10]


def test_the_message_is_file_line_column_what_and_fix(write, problems):
    path = write("site: S\nlangauge: en\n")

    (found,) = problems(load_site, path)

    assert str(found) == (
        f'{path}:2:1: unknown key "langauge"; did you mean "language"?\n  fix: write language'
    )


def test_what_an_environment_variable_holds_is_not_shown(write, problems, monkeypatch):
    monkeypatch.setenv("DT_SECRET", "hunter2")

    (found,) = problems(load_site, write("site: S\nseed: ${env:DT_SECRET}\n"))

    assert "hunter2" not in str(found)
    assert "${env:DT_SECRET}" in found.what


def test_a_site_file_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match=r"no such file"):
        load_site(tmp_path / "site.yaml")
