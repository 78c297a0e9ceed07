"""dicomtest schema KIND: the JSON Schema of a kind of YAML file, for editors, or of run.json."""

from __future__ import annotations

import argparse
import json

from dicomtest import console

KINDS = ("site", "scenario", "simulator", "run")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The kind of file."""
    parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))


def main(arguments: argparse.Namespace) -> int:
    """Print the schema (draft-07) as ASCII, so that it survives any redirection."""
    console.write(text(arguments.kind).rstrip("\n"))
    return 0


def text(kind: str) -> str:
    """The schema of a kind of file as JSON text."""
    from dicomtest.spec.schema import json_schema
    from dicomtest.transactions import step_models

    models = step_models() if kind == "scenario" else {}
    return json.dumps(json_schema(kind, models), indent=2) + "\n"
