"""What dicomtest costs those who do not use it: `--help`, and the plugin in a foreign pytest run.

    python tests/benchmarks/startup.py [--runs 9]

Each figure is the median of whole processes, as a ratio to the same without dicomtest.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median


def seconds(command: list[str], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "dicomtest --help": [sys.executable, "-m", "dicomtest", "--help"],
        "pytest without the plugin": [*pytest, "-p", "no:dicomtest"],
        "pytest with the plugin": pytest,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_one.py").write_text("def test_one(): pass\n", encoding="utf-8")
        found: dict[str, list[float]] = {each: [] for each in commands}
        for _ in range(runs):
            for each, command in commands.items():
                found[each].append(seconds(command, folder))
    for each, times in found.items():
        print(f"{each:<28} {median(times) * 1000:7.0f} ms")  # noqa: T201 -- a report
    plugin = median(
        one - other
        for one, other in zip(
            found["pytest with the plugin"], found["pytest without the plugin"], strict=True
        )
    )
    print(f"{'the plugin adds (paired)':<28} {plugin * 1000:7.1f} ms")  # noqa: T201 -- a report


if __name__ == "__main__":
    main()
