"""Whatever a file holds, a loader gives a model or says what is wrong: nothing else is raised."""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dicomtest.errors import SpecError
from dicomtest.resources import scenarios_dir, simulators_dir
from dicomtest.spec.profile import load_profile
from dicomtest.spec.scenario import load_scenarios
from dicomtest.spec.site import load_site
from dicomtest.spec.yaml import read
from dicomtest.transactions import step_models

SITE = """\
site: S
language: en
systems:
  pacs: {ae_title: P, host: 10.0.0.5, port: 104, serves: [store], claims: {sop_classes: [ct]}}
  ct: {actor: modality, ae_title: C, host: h, port: 104, trigger: {operator: true}}
simulators: {workstation: {profile: workstation, ae_title: W, port: 11114}}
limits: {connect: 5 s}
deviations:
  - {check: c, system: pacs, why: w, accepted_by: p, until: 2030-01-01}
"""

any_file = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
yaml_bits = st.lists(
    st.sampled_from(
        ["a", ": ", ":", "- ", "\n", "  ", "\t", "{", "}", "[", "]", ", ", '"', "'", "|\n", ">",
         "&a ", "*a", "<<: ", "!x ", "# ", "---\n", "? ", "~", ".inf", "0x1", "1e9", "${env:X}",
         "%YAML 1.1\n", "é", "测", "\ufeff", "\x00", "\x85", "\u2028", "no", "2027-01-01"]
    ),
    max_size=30,
).map("".join)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@any_file
@given(content=yaml_bits.map(lambda text: text.encode()) | st.binary(max_size=60))
@example(content=b"a: .inf\nb: .nan\n")
@example(content=b"[" * 600)
@example(content=b"a: !!set {x}\n")
@example(content=b"%YAML 1.1\n---\na: yes\n")
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "any.yaml"
    path.write_bytes(content)

    with contextlib.suppress(SpecError):
        document = read(path)
        json.dumps(document.documents)


def mutated(value: object, rng: random.Random, put: object) -> object:
    """The value with one part of it, chosen at random, replaced."""
    if rng.random() < 0.2 or not isinstance(value, dict | list) or not value:
        return put
    if isinstance(value, list):
        index = rng.randrange(len(value))
        return [mutated(v, rng, put) if i == index else v for i, v in enumerate(value)]
    chosen = rng.choice(list(value))
    if rng.random() < 0.2:
        return {(str(put)[:9] if k == chosen else k): v for k, v in value.items()}
    return {k: mutated(v, rng, put) if k == chosen else v for k, v in value.items()}


@any_file
@given(seed=st.integers(0, 2**31), put=values)
def test_a_site_with_anything_in_any_place_is_read_or_refused(tmp_path: Path, seed, put):
    path = tmp_path / "site.yaml"
    path.write_text(SITE, encoding="utf-8")
    (good,) = read(path).documents
    changed = mutated(good, random.Random(seed), put)
    path.write_text(json.dumps(changed), encoding="utf-8")

    with contextlib.suppress(SpecError):
        load_site(path, checks=["c"], steps=["store"])


@pytest.mark.parametrize("name", ["pacs-basics", "pacs-query"])
@any_file
@given(seed=st.integers(0, 2**31), put=values)
def test_a_scenario_with_anything_in_any_place_is_read_or_refused(tmp_path: Path, name, seed, put):
    good = read(scenarios_dir() / f"{name}.dicomtest.yaml").documents[0]
    changed = mutated(good, random.Random(seed), put)
    path = tmp_path / "x.dicomtest.yaml"
    path.write_text(json.dumps(changed), encoding="utf-8")

    with contextlib.suppress(SpecError):
        load_scenarios(path, step_models())


@any_file
@given(seed=st.integers(0, 2**31), put=values)
def test_a_profile_with_anything_in_any_place_is_read_or_refused(tmp_path: Path, seed, put):
    good = read(simulators_dir() / "pacs.yaml").documents[0]
    path = tmp_path / f"{seed}.yaml"
    path.write_text(json.dumps(mutated(good, random.Random(seed), put)), encoding="utf-8")

    with contextlib.suppress(SpecError):
        load_profile(path)
