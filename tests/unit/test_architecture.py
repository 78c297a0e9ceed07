"""What the shape of the code promises: direction of imports, portability, what a wheel holds."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dicomtest"
DATA_FOLDERS = ("scenarios", "simulators", "reports")

GROUND = {"dicomtest", "errors", "evidence", "findings", "resources"}
KNOWLEDGE = GROUND | {"dicom"}
# Each part with everything it may import. A part that is not named here is on top: it may
# import all of these, and none of these may import it.
MAY_IMPORT = {
    "dicomtest": set(),
    **dict.fromkeys(("errors", "evidence", "findings", "resources"), GROUND),
    "evidence_json": GROUND,
    "timings": GROUND,
    "observed": KNOWLEDGE,
    "character_sets": KNOWLEDGE,
    "inventory": GROUND,
    "films": GROUND,
    "dicom": KNOWLEDGE,
    "studies": KNOWLEDGE,
    "saved": KNOWLEDGE,
    "spec": KNOWLEDGE | {"spec"},
    "dimse": KNOWLEDGE | {"spec", "dimse"},
    "actors": KNOWLEDGE | {"spec", "dimse", "actors"},
    "casting": KNOWLEDGE | {"spec", "dimse", "actors", "casting"},
    "hl7": KNOWLEDGE | {"hl7"},
    "transactions": KNOWLEDGE
    | {"studies", "saved", "spec", "dimse", "hl7", "actors", "casting", "transactions"},
    "trace_sources": KNOWLEDGE,
    "trace": KNOWLEDGE | {"trace_sources"},
    "checks": {"evidence", "findings", "dicom", "trace", "trace_sources", "checks"},
    "record": KNOWLEDGE
    | {"evidence_json", "timings", "observed", "trace", "trace_sources", "spec", "record"}
    | {"character_sets", "inventory", "films"},
    "reporting": KNOWLEDGE | {"evidence_json", "timings", "spec", "record", "reporting"},
}
# What a run of pytest without a scenario must not pay for.
HEAVY = ("pynetdicom", "pydicom", "hypothesis", "numpy", "faker", "jinja2", "pydantic", "ruamel")
NOT_ON_WINDOWS = {
    "os": {
        *("fork", "forkpty", "killpg", "setsid", "getuid", "geteuid", "getpgid", "wait4", "mkfifo"),
        *("uname", "chown", "getloadavg", "openpty", "nice", "sched_getaffinity"),
    },
    "signal": {"SIGKILL", "SIGALRM", "alarm", "SIGHUP", "SIGUSR1", "SIGUSR2", "pthread_sigmask"},
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
    "time": {"tzset", "clock_settime"},
}
POSIX_MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty", "readline"}
POSIX_PATHS = ("/tmp", "/dev/", "/proc/", "/usr/", "/var/", "/etc/")


def modules(*parts: str) -> list[Path]:
    """Every Python file of the package, or of these parts of it."""
    found = sorted(PACKAGE.rglob("*.py"))
    return [path for path in found if not parts or part_of(path) in parts]


def part_of(path: Path) -> str:
    """The first name below the package: `dimse` for dicomtest/dimse/scp.py."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "dicomtest" if first == "__init__" else first


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path, *, types_too: bool = True) -> Iterator[tuple[int, str]]:
    """Every import of a module, wherever it stands, as (line, dotted name of what is imported).

    Without `types_too`, what `if TYPE_CHECKING:` holds is left out: it is never carried out.
    """
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    never_run = set() if types_too else type_checking_blocks(tree)
    for node in ast.walk(tree):
        if node in never_run:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*up, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def type_checking_blocks(tree: ast.Module) -> set[ast.AST]:
    """Every node that stands in the body of an `if TYPE_CHECKING:`."""
    guarded = [
        statement
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
    ]
    return {node for statement in guarded for node in ast.walk(statement)}


def part_of_import(name: str) -> str | None:
    """The part of the package that an imported dotted name lies in; None: not of the package."""
    first, *rest = name.split(".")
    if first != "dicomtest":
        return None
    if rest and ((PACKAGE / rest[0]).is_dir() or (PACKAGE / f"{rest[0]}.py").is_file()):
        return rest[0]
    return "dicomtest"


def where(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}: {what}"


def test_imports_go_one_way():
    wrong = [
        where(path, line, f"{part_of(path)} must not import {name}")
        for path in modules(*MAY_IMPORT)
        for line, name in imports_of(path, types_too=False)
        if (part := part_of_import(name)) is not None
        and part != part_of(path)
        and part not in MAY_IMPORT[part_of(path)]
    ]

    assert not wrong, "\n".join(wrong)


def test_every_part_that_has_rules_exists():
    parts = {part_of(path) for path in modules()}

    assert set(MAY_IMPORT) <= parts


def test_only_dimse_imports_pynetdicom():
    wrong = [
        where(path, line, name)
        for path in modules()
        for line, name in imports_of(path)
        if name.split(".")[0] == "pynetdicom" and part_of(path) != "dimse"
    ]

    assert not wrong, "\n".join(wrong)


def test_checks_open_no_socket():
    wrong = [
        where(path, line, name)
        for path in modules("checks")
        for line, name in imports_of(path)
        if name.split(".")[0] in ("socket", "ssl", "subprocess", "urllib", "http", "asyncio")
    ]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "module",
    ["dicomtest.plugin", "dicomtest.cli", "dicomtest.evidence", "dicomtest.findings"],
)
def test_light_modules_import_nothing_heavy(module: str):
    program = (
        f"import sys, {module}\n"
        f"heavy = {HEAVY!r}\n"
        "print(*sorted({n.split('.')[0] for n in sys.modules} & set(heavy)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []


@pytest.mark.parametrize("folder", DATA_FOLDERS)
def test_data_folders_hold_no_python(folder: str):
    assert (ROOT / folder).is_dir()
    assert sorted(path.name for path in (ROOT / folder).rglob("*.py*")) == []


def test_modules_have_one_purpose():
    limits = ((PACKAGE, 400), (ROOT / "tests", 600))
    too_long = [
        f"{path.relative_to(ROOT).as_posix()}: {lines} lines, at most {limit}"
        for folder, limit in limits
        for path in sorted(folder.rglob("*.py"))
        if "node_modules" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > limit
    ]

    assert not too_long, "\n".join(too_long)


def test_the_package_runs_on_windows_and_macos():
    wrong = []
    for path in modules():
        wrong += [
            where(path, line, f"{name} is not on Windows")
            for line, name in imports_of(path)
            if name.split(".")[0] in POSIX_MODULES
            or name.rpartition(".")[2] in NOT_ON_WINDOWS.get(name.rpartition(".")[0], ())
        ]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.attr in NOT_ON_WINDOWS.get(node.value.id, ())
            ):
                wrong.append(where(path, node.lineno, f"{node.value.id}.{node.attr}"))
            elif isinstance(node, ast.Constant) and str(node.value).startswith(POSIX_PATHS):
                wrong.append(where(path, node.lineno, f"path {node.value!r}"))

    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names in the wheel built from a copy of this checkout with generated output in it."""
    tree = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        (tree / name).write_bytes((ROOT / name).read_bytes())
    for folder in ("dicomtest", *DATA_FOLDERS):
        for source in (ROOT / folder).rglob("*"):
            if source.is_file() and "__pycache__" not in source.parts:
                target = tree / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
    for generated in ("reports/out/site.html", "dicomtest-runs/1/run.json", "site.yaml"):
        (tree / generated).parent.mkdir(parents=True, exist_ok=True)
        (tree / generated).write_text("Zhang^San", encoding="utf-8")
    built = next(WheelBuilder(str(tree)).build(directory=str(tree / "dist")))
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


def test_the_wheel_carries_code_and_data(wheel: list[str]):
    for source in (*modules(), *(p for f in DATA_FOLDERS for p in (ROOT / f).rglob("*"))):
        name = source.relative_to(ROOT).as_posix()
        if not source.is_file() or name.startswith(("reports/out/", "reports/sample.")):
            continue
        expected = name if name.startswith("dicomtest/") else f"dicomtest/_data/{name}"

        assert expected in wheel


def test_the_wheel_carries_nothing_else(wheel: list[str]):
    others = [name for name in wheel if not name.startswith(("dicomtest/", "dicomtest-0"))]

    assert others == []
    assert [
        name for name in wheel if "/out/" in name or name.endswith(("run.json", "site.html"))
    ] == []
