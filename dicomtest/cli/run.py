"""dicomtest run: build pytest's arguments and run it with our progress."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from dicomtest.errors import UsageError

SUFFIX = ".dicomtest.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `dicomtest run`."""
    parser.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help="scenario file, folder, or name of a shipped scenario file "
        "(default: every shipped scenario with a real system of the site)",
    )
    parser.add_argument("--site", metavar="FILE", help="site file; default: all is simulated")
    parser.add_argument("--output", metavar="DIR", help="folder of the run")
    parser.add_argument("-k", dest="keyword", metavar="EXPR", help="only checks that match")
    parser.add_argument("-m", dest="mark", metavar="EXPR", help="only checks with these marks")
    parser.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first failure")
    parser.add_argument("--lf", action="store_true", help="only the checks that failed last time")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of patients and pixels")
    parser.add_argument(
        "--baseline",
        metavar="DIR",
        help="folder of an earlier run: the report tells what changed since; its seed is used",
    )
    parser.add_argument(
        "--attended", action="store_true",
        help="somebody is at the systems: ask in the terminal and on a local web page",
    )  # fmt: skip
    parser.add_argument(
        "--lan", nargs="?", const="auto", metavar="ADDRESS",
        help="with --attended: let a phone or tablet open the page, on this address of ours",
    )  # fmt: skip
    parser.add_argument("--operator", metavar="NAME", help="who answers; default: the login name")
    parser.add_argument(
        "--answers", metavar="FILE", help="replay recorded answers: answers.jsonl of an earlier run"
    )
    parser.add_argument(
        "--resume", metavar="DIR", help="go on with an interrupted run where it stopped"
    )
    parser.add_argument("--plan", action="store_true", help="say what would be sent; send nothing")
    parser.add_argument("-v", "--verbose", action="store_true", help="name every check")


def main(arguments: argparse.Namespace) -> int:
    """Run; the exit status is the contract's."""
    from dicomtest.session import read_site

    if arguments.lan and not arguments.attended:
        raise UsageError("--lan opens the operator's page to others; add --attended")
    if arguments.resume:
        _go_on(arguments)
    if arguments.baseline:
        from dicomtest.reporting.record import read_record

        read_record(Path(arguments.baseline))  # before anything is sent: is it one?
    site = read_site(Path(arguments.site) if arguments.site else None)
    paths = scenario_paths(
        arguments.scenarios, {each.actor for each in site.systems.values() if each.actor}
    )
    if arguments.plan:
        from dicomtest.cli.plan import show_plan

        return show_plan(paths, site)
    import pytest

    from dicomtest.progress import Progress

    progress = Progress(verbose=arguments.verbose)
    status = int(pytest.main(pytest_options(arguments, paths), plugins=[progress]))
    progress.close()
    return status


def _go_on(arguments: argparse.Namespace) -> None:
    """Take site, scenarios and selection from the run that is resumed."""
    from dicomtest.resume import read_begun

    given = (arguments.scenarios, arguments.site, arguments.output, arguments.seed)
    if any(each not in (None, []) for each in given):
        raise UsageError(
            "--resume takes scenarios, site, folder and seed from the run; leave them out"
        )
    begun = read_begun(Path(arguments.resume))
    arguments.scenarios = list(begun.scenarios)
    arguments.site = begun.site or None
    arguments.keyword = arguments.keyword or begun.keyword or None
    arguments.mark = arguments.mark or begun.mark or None


def pytest_options(arguments: argparse.Namespace, paths: list[Path]) -> list[str]:
    """What pytest is told; our progress takes the place of its terminal reporter."""
    options = ["-p", "no:terminal", "-s", "-W", "ignore"]
    options += ["-c", str(Path(__file__).with_name("pytest.ini"))]
    options += ["--rootdir", str(common_root(paths))]
    options += ["-o", f"cache_dir={Path('dicomtest-runs', '.cache').absolute()}"]
    for flag, value in (
        ("--dicom-site", arguments.site),
        ("--dicom-output", arguments.output),
        ("--dicom-seed", arguments.seed),
        ("--dicom-baseline", arguments.baseline),
        ("--dicom-lan", arguments.lan),
        ("--dicom-operator", arguments.operator),
        ("--dicom-answers", arguments.answers),
        ("--dicom-resume", arguments.resume),
        ("-k", arguments.keyword),
        ("-m", arguments.mark),
    ):
        if value is not None:
            options += [flag, str(value)]
    options += [
        flag
        for flag, wanted in (
            ("-x", arguments.exitfirst),
            ("--lf", arguments.lf),
            ("--dicom-attended", arguments.attended),
        )
        if wanted
    ]
    return [*options, *(str(path) for path in paths)]


def scenario_paths(wanted: list[str], real_actors: set[str]) -> list[Path]:
    """The files to run; raises UsageError for a name that is neither a file nor shipped."""
    if not wanted:
        return default_paths(real_actors)
    return [path for each in wanted for path in _find(each)]


def default_paths(real_actors: set[str]) -> list[Path]:
    """Every shipped scenario file in which a real system takes part; all without a site."""
    from dicomtest.resources import scenarios_dir
    from dicomtest.spec.scenario import load_scenarios
    from dicomtest.transactions import step_models

    every = sorted(scenarios_dir().glob(f"*{SUFFIX}"))
    if not real_actors:
        return every
    models = step_models()
    return [
        path
        for path in every
        if any(each.actors() & real_actors for each in load_scenarios(path, models))
    ]


def _find(name: str) -> list[Path]:
    from difflib import get_close_matches

    from dicomtest.resources import scenarios_dir

    path = Path(name)
    if path.is_dir():
        found = sorted(path.rglob(f"*{SUFFIX}"))
        if not found:
            raise UsageError(f"there is no *{SUFFIX} in the folder {name}")
        return found
    if path.is_file():
        if not path.name.endswith((SUFFIX, ".dicomtest.yml")):
            raise UsageError(
                f"{name} is not named like a scenario file; rename it to {path.stem}{SUFFIX}"
            )
        return [path]
    shipped = {each.name.removesuffix(SUFFIX): each for each in scenarios_dir().glob(f"*{SUFFIX}")}
    if name.removesuffix(SUFFIX) in shipped:
        return [shipped[name.removesuffix(SUFFIX)]]
    close = get_close_matches(name, shipped, n=1)
    hint = f"; did you mean {close[0]}?" if close else f"; shipped are {', '.join(sorted(shipped))}"
    raise UsageError(f"there is no scenario {name!r}{hint}")


def common_root(paths: list[Path]) -> Path:
    """The folder that node ids are relative to."""
    parents = [str(path.resolve().parent) for path in paths]
    return Path(os.path.commonpath(parents))
