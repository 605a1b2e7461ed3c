"""What each command prints is documented in docs/question-bank: a schema, and one example that is run here.

A change of the output is a change of the contract: it shows in the diff of these files, made with `--update-maps`.
"""

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from question_bank.commands import cli

FOLDER = Path(__file__).resolve().parents[3] / "docs/question-bank"
BOUNDS = ["--sum", "minutes=..6", "--number", "type:single_choice=2.."]
COMMANDS = {
    "inspect": (["inspect", "items.txt", "--json"], 1),
    "convert": (["convert", "items.txt", "{folder}/items.xml"], 1),
    "assemble": (["assemble", "pool.txt", "blueprint.json", "--seed", "07" * 32, "--forms", "2"], 0),
    "optimise": (["optimise", "parameters.csv", "--count", "4", "--ability", "0.2", *BOUNDS], 0),
    "score": (["score", "pool.txt", "responses.json"], 1),
    "statistics": (["statistics", "responses.csv", "--key", "A,BD,C"], 0),
}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_example_is_what_the_command_prints(command, monkeypatch, request, tmp_path):
    arguments, exit_code = COMMANDS[command]
    arguments = [argument.format(folder=tmp_path) for argument in arguments]
    monkeypatch.chdir(FOLDER / "examples")
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == exit_code, result.output
    printed = json.loads(result.stdout)
    documented = FOLDER / f"{command}.example.json"
    if request.config.getoption("--update-maps"):
        documented.write_text(result.stdout, encoding="utf-8")
    assert _rounded(printed) == _rounded(json.loads(documented.read_text(encoding="utf-8")))


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_example_obeys_its_schema_and_the_schema_refuses_anything_else(command):
    schema = json.loads((FOLDER / f"{command}.schema.json").read_text(encoding="utf-8"))
    example = json.loads((FOLDER / f"{command}.example.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(example, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**example, "surprise": 1}, schema)
    for member in example:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({name: value for name, value in example.items() if name != member}, schema)


def _rounded(value: object) -> object:
    """Estimates agree on every machine to nine digits; the last bits of a float are the processor's."""
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.9g}") + 0.0 if isinstance(value, float) else value
