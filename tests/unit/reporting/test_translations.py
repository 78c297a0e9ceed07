"""The catalogues of the report."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from dicomtest.errors import UsageError
from dicomtest.reporting.translations import catalogue, choose, languages, read_po
from dicomtest.resources import reports_dir

CATALOGUE = reports_dir() / "locale" / "zh" / "LC_MESSAGES" / "dicomtest.po"


def test_every_text_of_the_report_has_a_chinese_translation(messages):
    assert messages.report_messages() - messages.translated("zh") == set()


def test_the_catalogue_holds_no_text_that_the_report_lacks(messages):
    assert set(read_po(CATALOGUE)) - {""} - messages.report_messages() == set()


def test_the_extraction_finds_templates_code_and_plurals(messages):
    found = messages.report_messages()

    assert "Acceptance test report" in found  # of a template
    assert "tool error" in found  # of a table in the code
    assert "%(num)s check\0%(num)s checks" in found
    assert len(found) > 150


def test_placeholders_are_the_same_in_both_languages():
    for msgid, msgstr in read_po(CATALOGUE).items():
        if msgid:
            wanted = set(re.findall(r"%\(\w+\)s", msgid))
            assert set(re.findall(r"%\(\w+\)s", msgstr)) == wanted, msgid
            assert "%" not in re.sub(r"%\(\w+\)s", "", msgstr), msgid


def test_plural_and_singular_come_from_the_catalogue():
    chinese, english = catalogue("zh"), catalogue("en")

    assert chinese.gettext("passed") == "通过"
    assert chinese.ngettext("%(num)s check", "%(num)s checks", 1) == "%(num)s 个检查项"
    assert chinese.gettext("no such text") == "no such text"
    assert english.ngettext("%(num)s check", "%(num)s checks", 1) == "%(num)s check"


def test_several_files_make_one_catalogue(tmp_path, monkeypatch):
    folder = tmp_path / "locale" / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    shutil.copy(CATALOGUE, folder)
    (folder / "checks.po").write_text('msgid "A requirement."\nmsgstr "一项要求。"\n', "utf-8")
    monkeypatch.setattr("dicomtest.reporting.translations.reports_dir", lambda: tmp_path)
    catalogue.cache_clear()

    try:
        assert catalogue("zh").gettext("A requirement.") == "一项要求。"
        assert catalogue("zh").gettext("passed") == "通过"
    finally:
        catalogue.cache_clear()


def test_fuzzy_obsolete_and_empty_entries_are_left_out(tmp_path):
    path = tmp_path / "x.po"
    path.write_text(
        '#, fuzzy\nmsgid "a"\nmsgstr "A"\n\n#~ msgid "b"\n#~ msgstr "B"\n\n'
        'msgid "c"\nmsgstr ""\n\nmsgid "d"\nmsgstr ""\n"D "\n"\\"quoted\\""\n'
        'msgid "e"\nmsgid_plural "es"\nmsgstr[0] "E"\nmsgstr[1] "ES"\n',
        "utf-8",
    )

    assert read_po(path) == {"d": 'D "quoted"', "e\0es": "E\0ES"}


@pytest.mark.parametrize("text", ['msgid "a', "nonsense", 'msgid "a"\nmsgstr 1', '"alone"'])
def test_a_line_that_is_no_catalogue_is_named(tmp_path, text):
    path = tmp_path / "x.po"
    path.write_text(text, "utf-8")

    with pytest.raises(ValueError, match=r"x\.po:[12]: not a line"):
        read_po(path)


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="msgfmt of GNU gettext is not installed")
def test_gnu_gettext_accepts_the_catalogue():
    done = subprocess.run(
        ["msgfmt", "--check-format", "-o", "-", str(CATALOGUE)], capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr.decode()


def test_the_language_asked_for_wins_over_that_of_the_site():
    assert languages() == ["en", "zh"]
    assert choose(None, "zh") == choose("zh_CN", "en") == choose("zh-Hans", None) == "zh"
    assert choose("en", "zh") == choose(None, None) == choose(None, "tlh") == "en"
    with pytest.raises(UsageError, match="tlh"):
        choose("tlh", "en")


def test_a_phrase_of_a_check_is_translated_and_the_same_word_of_a_system_is_not():
    chinese = catalogue("zh")

    assert chinese.pgettext("value", "absent") == "不存在"
    assert chinese.gettext("absent") == "absent"
    assert chinese.pgettext("value", "Ma^Wei") == "Ma^Wei"


def test_the_texts_of_the_checks_are_translated_but_for_a_few_new_ones(messages):
    """A new check need not wait for its translation; `messages.py zh` lists what is missing."""
    every = messages.check_messages()

    assert len(every) > 800
    assert len(every - messages.translated("zh")) < len(every) / 20
