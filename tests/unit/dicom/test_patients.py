"""Synthetic patients: recognisable, repeatable, and right in their character set."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dicomtest.dicom.charsets import decode_text, encode_text, problems
from dicomtest.dicom.name_tables import (
    CHINESE_FAMILY,
    CHINESE_GIVEN,
    KOREAN_FAMILY,
    KOREAN_GIVEN,
)
from dicomtest.dicom.patients import SCRIPTS, half_width, hiragana, patient

MANY = range(60)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_name_survives_its_character_set(script):
    for each in (patient("run", n, script) for n in MANY):
        raw = encode_text(each.name, "PN", each.character_set)

        assert decode_text(raw, "PN", each.character_set) == each.name
        assert problems(raw, "PN", each.character_set) == []
        assert all(len(group) <= 64 for group in each.name.split("="))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_patient_is_recognisable_and_complete(script):
    made = [patient(7, n, script, prefix="ZZ") for n in MANY]

    assert all(each.name.startswith("ZZ-") for each in made)
    assert [each.patient_id for each in made] == [f"ZZ-7-{n:04d}" for n in MANY]
    assert {each.sex for each in made} == {"F", "M"}
    assert all(len(each.birth_date) == 8 and each.birth_date.isdigit() for each in made)
    assert len({each.name for each in made}) > 15


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_same_seed_gives_the_same_patient_whatever_was_made_before(script):
    first = patient("run", 3, script)
    patient("other", 9, script)

    assert patient("run", 3, script) == first
    assert patient("run 2", 3, script).patient_id != first.patient_id


def test_another_process_makes_the_same_patients():
    program = (
        "from dicomtest.dicom.patients import patient, SCRIPTS\n"
        "print(*(ascii(patient('run', 1, s)) for s in SCRIPTS), sep='\\n')"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == [ascii(patient("run", 1, s)) for s in SCRIPTS]


def test_scripts_show_what_they_are_for():
    def name(script: str, n: int) -> str:
        return patient("run", n, script, prefix="").name

    for n in MANY:
        assert name("latin", n).isascii()
        assert not name("latin1", n).isascii()
        assert "Ѐ" <= name("cyrillic", n)[0] <= "ӿ"
        assert "Ͱ" <= name("greek", n)[0] <= "Ͽ"
        assert "؀" <= name("arabic", n)[0] <= "ۿ"
        assert "֐" <= name("hebrew", n)[0] <= "׿"
        assert "฀" <= name("thai", n)[0] <= "๿"
        assert name("japanese-kana", n).count("=") == 2
        assert "ｦ" <= name("japanese-kana", n)[0] <= "ﾟ"


def test_component_groups_name_the_same_person():
    hanzi = dict(CHINESE_FAMILY)
    given = {han: pinyin for sex in CHINESE_GIVEN.values() for han, pinyin in sex}
    for script in ("chinese-gb18030", "chinese-utf8", "chinese-gb2312"):
        for n in MANY:
            alphabetic, ideographic = patient("run", n, script, prefix="").name.split("=")
            family, first = ideographic.split("^")
            assert alphabetic == f"{hanzi[family]}^{given[first]}"


def test_korean_groups_name_the_same_person():
    families = {roman: (hanja, hangul) for roman, hanja, hangul in KOREAN_FAMILY}
    given = {row[0]: row[1:] for sex in KOREAN_GIVEN.values() for row in sex}
    for n in MANY:
        name = patient("run", n, "korean", prefix="").name
        alphabetic, ideographic, phonetic = (group.split("^") for group in name.split("="))
        assert (ideographic[0], phonetic[0]) == families[alphabetic[0]]
        assert (ideographic[1], phonetic[1]) == given[alphabetic[1]]


def test_japanese_groups_name_the_same_person():
    for n in MANY:
        name = patient("run", n, "japanese", prefix="").name
        romaji, kanji, kana = name.split("=")
        assert romaji.isascii() and not kanji.isascii()
        assert all(c == "^" or "ぁ" <= c <= "ゖ" or c == "ー" for c in kana)


def test_gb2312_never_draws_what_it_lacks_and_gb18030_does():
    def made(script: str) -> str:
        return "".join(patient("run", n, script).name for n in range(300))

    assert any(c in made("chinese-gb18030") for c in "玥喆堃")
    assert not any(c in made("chinese-gb2312") for c in "玥喆堃")


def test_kana_are_converted_like_the_examples_of_the_standard():
    assert hiragana("ヤマダ^タロウ") == "やまだ^たろう"
    assert half_width("ヤマダ^タロウ") == "ﾔﾏﾀﾞ^ﾀﾛｳ"
    assert half_width("パーッ") == "ﾊﾟｰｯ"


def test_patient_ids_fit_a_long_string_whatever_the_run_is_called():
    for run in ("x" * 200, "St. Elsewhere / 2026", "王", "a\\b*?"):
        each = patient(run, 12345, prefix="ABCDEFGHIJKLMNOP")
        assert len(each.patient_id) <= 64
        assert each.patient_id.isascii() and not set(each.patient_id) & set("\\*?^=/ ")


def test_a_prefix_may_bring_its_hyphen():
    assert patient("run", 1, prefix="DT-") == patient("run", 1, prefix="DT")


@pytest.mark.parametrize("prefix", ["é", "a^b", "a=b", "a\\b", "x" * 17, "a*"])
def test_a_prefix_that_would_break_names_is_refused(prefix):
    with pytest.raises(ValueError, match="prefix"):
        patient(1, 1, prefix=prefix)


def test_an_unknown_script_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"klingon.*latin, latin1"):
        patient(1, 1, "klingon")
