"""The HTML report."""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import json
import re

import pytest

from dicomtest.errors import UsageError
from dicomtest.reporting.html import render, write_report
from dicomtest.reporting.numbers import moment, seconds, size

SECTIONS = [
    "decision",
    "site",
    "findings",
    "deviations",
    "requirements",
    "results",
    "capabilities",
    "performance",
    "character-sets",
    "not-run",
    "left-behind",
    "evidence",
    "environment",
    "glossary",
    "limits",
    "sign-off",
]


@pytest.fixture(params=["en", "zh"])
def language(request):
    return request.param


def test_every_section_is_present_in_order(sample, read_page, language):
    page = read_page(render(sample.record(), language=language))

    ids = page.ids()

    assert [each for each in ids if each in SECTIONS] == SECTIONS
    headed = [a.get("aria-labelledby") for tag, a in page.elements if tag == "section"]
    assert all(each in ids for each in headed)


def test_the_page_is_well_formed_and_its_anchors_resolve(sample, read_page, language):
    for record in (sample.record(), sample.hostile(sample.record()), sample.large(400)):
        page = read_page(render(record, language=language))

        ids = page.ids()
        assert page.mistakes == []
        assert page.open == []
        assert len(ids) == len(set(ids))
        assert {each[1:] for each in page.links() if each.startswith("#")} <= set(ids)
        labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
        assert set(labels) <= set(ids)


def test_markup_in_any_field_stays_text(sample, read_page, language):
    honest = read_page(render(sample.record(), language=language))
    page = read_page(render(sample.hostile(sample.record()), language=language))

    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in honest.elements}
    assert not [tag for tag, _ in page.elements if tag in ("script", "img", "iframe", "object")]
    assert not [name for _, a in page.elements for name in a if name.startswith("on")]
    assert "<script>alert(1)</script>" in page.text
    assert "{{7*7}}" in page.text


def test_markup_in_one_field_at_a_time_stays_text(sample):
    """Field by field, because a field that spoils another one could hide behind it."""
    paths = []

    def walk(value, path):
        if isinstance(value, dict):
            for key, each in value.items():
                walk(each, (*path, key))
        elif isinstance(value, list):
            for index, each in enumerate(value):
                walk(each, (*path, index))
        elif isinstance(value, str) and path[-1] not in ("language",):
            paths.append(path)

    walk(sample.record(), ())
    paths = [path for path in paths if "messages" not in path or path[3:4] == (0,)]
    seen = 0
    for path in paths:
        record = sample.record()
        place = record
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = sample.HOSTILE
        source = render(record)
        assert "<script" not in source, path
        assert "<img" not in source, path
        seen += "&lt;script&gt;" in source
    assert seen > len(paths) * 0.6  # and most fields are shown at all


def test_control_and_direction_characters_are_shown_not_obeyed(sample):
    source = render(sample.hostile(sample.record()))

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", source)
    assert "\\x1b[2J" in source
    assert "\\u202e" in source
    source.encode("utf-8")


def test_nothing_is_fetched_and_nothing_can_run(sample, read_page):
    source = render(sample.record())
    page = read_page(source)

    assert not [a for _, a in page.elements if "src" in a or "srcset" in a or "style" in a]
    assert all(each.startswith(("#", "evidence/")) for each in page.links())
    assert "url(" not in source
    assert "@import" not in source
    assert "//" not in re.sub(r"/\*.*?\*/", "", source)


def test_the_policy_allows_the_one_style_and_nothing_else(sample, read_page):
    source = render(sample.record())
    page = read_page(source)

    policy = next(
        a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    style = re.search("<style>(.*?)</style>", source, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize(
    "path", ["javascript:alert(1)", "https://evil.example/", "../../etc/passwd", "/etc/passwd",
             "evidence/../../x", "C:\\x", "evidence"],
)  # fmt: skip
def test_a_path_outside_the_evidence_is_no_link(sample, read_page, path):
    record = sample.record()
    record["evidence"][0]["path"] = record["evidence"][1]["path"] = path
    for each in [*record["checks"], *record["steps"]]:
        each["evidence"] = path

    page = read_page(render(record))

    assert all(each.startswith("#") for each in page.links())


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ({}, "Not accepted", "验收不合格"),
        ({"verdict": "accepted", "keep": ["passed"]}, "Accepted", "验收合格"),
        ({"verdict": "accepted", "keep": ["passed", "warned"]}, "Accepted", "验收合格"),
        (
            {"verdict": "accepted", "keep": ["passed", "accepted"]},
            "Accepted with deviations",
            "验收合格（附已接受的偏差）",
        ),
        ({"verdict": "incomplete", "keep": ["passed", "blocked"]}, "Incomplete", "验收未完成"),
        ({"verdict": "accepted", "keep": []}, "Incomplete", "验收未完成"),
        ({"verdict": "accepted", "keep": ["passed", "failed"]}, "Not accepted", "验收不合格"),
        ({"verdict": "accepted", "keep": ["passed", "not-run"]}, "Incomplete", "验收未完成"),
        (
            {"verdict": "accepted", "keep": ["passed"], "interrupted": True},
            "Incomplete",
            "验收未完成",
        ),
        (
            {"verdict": "accepted", "real_systems": False},
            "No real system was tested",
            "未测试任何真实系统",
        ),
    ],
)
def test_the_decision_is_in_words_and_never_better_than_the_checks(
    sample, changes, english, chinese
):
    record = sample.record()
    keep = changes.pop("keep", None)
    record |= changes
    if keep is not None:
        record["checks"] = [each for each in record["checks"] if each["outcome"] in keep]

    for language, words in (("en", english), ("zh", chinese)):
        source = render(record, language=language)
        assert f'<p class="word">{words}</p>' in source


def test_without_a_real_system_there_is_a_banner_and_nothing_to_sign(sample, read_page):
    record = sample.record(real_systems=False, verdict="accepted")

    page = read_page(render(record))

    assert "No real system was tested" in page.text
    assert "there is nothing to sign" in page.text
    assert "Signature" not in page.text


def test_interruption_and_selection_are_told(sample, read_page):
    record = sample.record(interrupted=True, selected="a selection, 12 checks left out")

    text = read_page(render(record)).text

    assert "Interrupted." in text
    assert "Only a selection" in text
    assert "12 checks were left out." in text


def test_every_outcome_is_named_by_word(sample, read_page):
    text = read_page(render(sample.record())).text

    for word in ("passed", "warned", "failed", "blocked", "not run", "not applicable",
                 "accepted deviation", "tool error"):  # fmt: skip
        assert f"1 {word}" in text or f"2 {word}" in text


def test_an_unknown_outcome_is_a_tool_error_and_not_a_pass(sample):
    record = sample.record(verdict="accepted")
    record["checks"] = [sample.check("store.status", "Passed!")]

    source = render(record)

    assert '<p class="word">Accepted' not in source
    assert "tool error" in source


def test_findings_carry_clause_expected_actual_consequence_fix_and_evidence(sample, read_page):
    page = read_page(render(sample.record()))

    for text in ("PS3.4 B.2.3", "A700", "C-STORE message 3", "Images of an examination may be",
                 "The PACS administrator looks", "3 times"):  # fmt: skip
        assert text in page.text
    assert "evidence/ct-study/2-store.json" in page.links()


def test_site_casting_deviations_leftovers_and_environment_are_told(sample, read_page):
    text = read_page(render(sample.record(), digest="0123abcd")).text

    for each in ("Orthanc 1.10.1", "DT_MOD", "127.0.0.1:4242", "Dr Lin", "2027-03-01", "expired",
                 "DT-1", "12345", "dicomtest run pacs-basics", "2025b", "0123abcd",
                 "no RIS is named", "case-insensitive", "CT Image Storage",
                 "Explicit VR Little Endian", "SOP class not supported", "10.5 MB/s"):  # fmt: skip
        assert each in text, each


def test_titles_and_check_texts_follow_the_language(sample, read_page):
    english = read_page(render(sample.record())).text
    chinese = read_page(render(sample.record(), language="zh")).text

    assert "A CT study reaches the archive" in english
    assert "CT 检查送达归档系统" in chinese
    assert "A CT study reaches the archive" not in chinese


def test_the_language_is_that_of_the_site_unless_another_is_asked_for(sample):
    record = sample.record()
    record["site"]["language"] = "zh"

    assert '<html lang="zh-CN">' in render(record)
    assert '<html lang="en-GB">' in render(record, language="en")
    with pytest.raises(UsageError, match="there are: en, zh"):
        render(record, language="tlh")


def test_tables_have_headers_with_scope_and_svg_have_a_name(sample, read_page):
    page = read_page(render(sample.record()))

    assert [a for tag, a in page.elements if tag == "th" and "scope" not in a] == []
    drawings = [a for tag, a in page.elements if tag == "svg"]
    assert drawings
    assert all(a.get("aria-label") or a.get("aria-hidden") for a in drawings)
    headings = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(headings))
    landmarks = [tag for tag, _ in page.elements if tag in ("header", "nav", "main", "footer")]
    assert landmarks == ["header", "nav", "main", "footer"]


def test_a_bare_record_still_gives_a_report(read_page):
    page = read_page(render({"format": 1}))

    assert page.mistakes == []
    assert "Incomplete" in page.text


def test_checks_without_a_listed_step_are_still_reported(sample, read_page):
    record = sample.record(steps=[], scenarios=[])

    text = read_page(render(record)).text

    for check in record["checks"]:
        assert check["check"] in text


def test_names_that_differ_only_in_punctuation_get_different_anchors(sample, read_page):
    record = sample.record()
    for name in ("2 store", "2_store", "2.store", "<2-store>", "二"):
        record["checks"].append(sample.check("store.status", "failed", step=name))

    ids = read_page(render(record)).ids()

    assert len(ids) == len(set(ids))


def test_long_values_are_cut_and_say_so(sample):
    record = sample.record()
    record["checks"][1]["findings"] = [{"expected": "x" * 100_000, "actual": "y", "where": "z"}]

    source = render(record)

    assert "(+" in source
    assert len(source) < 200_000


def test_ten_thousand_checks_make_a_report_of_bounded_size(sample):
    source = render(sample.large(10_000))

    assert len(source) < 8_000_000
    assert source.count("<tr class=") >= 10_000


def test_the_report_is_a_function_of_the_record(sample):
    record = sample.record()
    before = copy.deepcopy(record)

    assert render(record) == render(record)
    assert record == before


def test_write_report_puts_the_digest_of_the_record_into_the_report(sample, tmp_path):
    data = json.dumps(sample.record()).encode()
    (tmp_path / "run.json").write_bytes(data)

    path = write_report(tmp_path)

    assert path == tmp_path / "report.html"
    assert hashlib.sha256(data).hexdigest() in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [None, b"{", b"[]", b'{"format": 2}', b"\xff"])
def test_a_folder_without_a_readable_record_is_a_usage_error(tmp_path, content):
    if content is not None:
        (tmp_path / "run.json").write_bytes(content)

    with pytest.raises(UsageError, match=r"run\.json"):
        write_report(tmp_path)


def test_numbers_times_and_sizes_are_written_for_people():
    assert moment(0, "en") == "1 January 1970, 00:00:00 UTC"
    assert moment(0, "zh", 28800) == "1970年1月1日 08:00:00 UTC+08:00"
    assert moment(float("inf"), "en") == moment(None, "en") == "–"
    assert [seconds(each) for each in (0.000_085, 0.0004, 0.0123, 3.214, 245, 3725, None)] == [
        "85 µs",
        "0.4 ms",
        "12 ms",
        "3.21 s",
        "4 min 05 s",
        "1 h 02 min",
        "–",
    ]
    assert [size(each) for each in (812, 12_345, 4_100_000, 3e12, None)] == [
        "812 B",
        "12.3 kB",
        "4.1 MB",
        "3000.0 GB",
        "–",
    ]
