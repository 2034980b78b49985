"""Every file of the specification is valid under the JSON Schema that its first line names.

The generator reads the files with serde; here an independent YAML parser and an independent validator read them, so that
the schemas that editors use and the parser that decides cannot disagree.
"""

import copy
import json
import pathlib
import re

import jsonschema
import pytest
import yaml

SPEC = pathlib.Path(__file__).resolve().parents[2] / "spec"
FILES = sorted(SPEC.rglob("*.yaml"))


def schema_of(path: pathlib.Path) -> dict:
    """The schema that the first line names."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert match, f"the first line of {path.name} names no schema: {first!r}"
    return json.loads((path.parent / match[1]).read_text(encoding="utf-8"))


def validator(path: pathlib.Path) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SPEC)))
def test_file_is_valid(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    problems = [f"{error.json_path}: {error.message}" for error in validator(path).iter_errors(document)]
    assert problems == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SPEC)))
def test_unknown_and_missing_keys_are_refused(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert not validator(path).is_valid({**document, "surprise": 1})
    required = schema_of(path)["required"]
    assert required
    for key in required:
        lacking = copy.copy(document)
        del lacking[key]
        assert not validator(path).is_valid(lacking), key


@pytest.mark.parametrize("path", sorted((SPEC / "schema").glob("*.json")), ids=lambda path: path.name)
def test_schema_is_a_schema(path):
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_every_schema_is_used():
    used = {schema_of(path)["title"] for path in FILES}
    made = {json.loads(path.read_text(encoding="utf-8"))["title"] for path in (SPEC / "schema").glob("*.json")}
    assert used == made
