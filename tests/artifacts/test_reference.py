"""Whatever is public in the header, the Fortran module or the stubs of Python is in the reference of its language.

The public names are read from what users compile against, by parsers of this file's own; the reference is text, in which a name
counts where it stands as code or in a heading.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "generated" / "docs"
STUBS = ROOT / "stubs" / "dtl"
HEADERS = ROOT / "generated" / "c" / "include"


def code(text):
    """The words of a Markdown text that stand as code: in headings, between backticks or in fenced blocks."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    outside = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", outside, flags=re.MULTILINE)
    return set(re.findall(r"\w+", " ".join([*fenced, *headings, *re.findall(r"`([^`\n]+)`", outside)])))


def reference(language):
    return (DOCS / f"{language}.md").read_text()


def chapters(language):
    """The text of each chapter, by its heading."""
    parts = re.split(r"^## ", reference(language), flags=re.MULTILINE)
    return {part.split("\n", 1)[0].strip("`"): part for part in parts[1:]}


def header_text():
    """The header as a C compiler sees it, without what the system's headers add, and the macros that it defines."""
    header = HEADERS / "dtl" / "dtl.h"
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", header.read_text(), flags=re.DOTALL)
    return re.sub(r"^\s*#.*$", " ", text, flags=re.MULTILINE)


def header_macros():
    """The macros that a compiler knows after the header and not before."""

    def defined(source):
        command = ["cc", "-dM", "-E", "-I", str(HEADERS), "-x", "c", "-"]
        found = subprocess.run(command, input=source, check=True, capture_output=True, text=True)
        return set(re.findall(r"^#define (\w+)", found.stdout, flags=re.MULTILINE))

    return defined("#include <dtl/dtl.h>\n") - defined("#include <stdint.h>\n") - {"DTL_DTL_H"}


def public_in_c():
    text = header_text()
    functions = set(re.findall(r"\b(dtl_\w+)\s*\([^*]", text))
    types = set(re.findall(r"\b(dtl_\w+)\s*;", re.sub(r"\{[^}]*\}", "", text)))
    callbacks = set(re.findall(r"\(\*(dtl_\w+)\)", text))
    enumerators = set(re.findall(r"\b(DTL_\w+)\s*=", text))
    # Programs write neither what handles point to nor the enumerations that only hold enumerators.
    hidden = {name for name in types if name.endswith("_s")} | {f"{name}_value" for name in types}
    return sorted((functions | types | callbacks | enumerators | header_macros()) - hidden)


def public_in_fortran():
    text = re.sub(r"&\s*\n\s*", " ", (ROOT / "generated" / "fortran" / "dtl.f90").read_text())
    names = re.findall(r"^  public :: (.*)$", text, flags=re.MULTILINE)
    return sorted({name.strip() for line in names for name in line.split(",")})


def bound_in_fortran():
    """Each type with the names that are bound to it."""
    text = re.sub(r"&\s*\n\s*", " ", (ROOT / "generated" / "fortran" / "dtl.f90").read_text())
    for name, body in re.findall(r"^  type :: (dtl_\w+)\n(.*?)^  end type", text, flags=re.DOTALL | re.MULTILINE):
        for bound in re.findall(r"(?:procedure|generic), public :: (\w+)", body):
            yield name, bound


def members(path):
    """Each class of a stub with the names that it defines; the functions and other names of the module under `None`."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            yield None, node.name
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    yield node.name, member.name
                elif isinstance(member, ast.AnnAssign):
                    yield node.name, member.target.id
                elif isinstance(member, ast.Assign):
                    yield node.name, member.targets[0].id
        elif isinstance(node, ast.FunctionDef):
            yield None, node.name


def package():
    """`__all__` of the package."""
    for node in ast.parse((STUBS / "__init__.pyi").read_text()).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            return [element.value for element in node.value.elts]
    raise AssertionError("the stub has no __all__")


def test_c_reference_has_everything_in_the_header():
    known = code(reference("c"))
    names = public_in_c()
    assert len(names) > 600, "the header is read"
    assert [name for name in names if name not in known] == []


def test_fortran_reference_has_every_public_name():
    known = code(reference("fortran"))
    names = public_in_fortran()
    assert len(names) > 100, "the module is read"
    assert [name for name in names if name not in known] == []


def test_fortran_reference_has_every_binding():
    texts = chapters("fortran")
    bound = list(bound_in_fortran())
    assert len(bound) > 100, "the module is read"
    shown = {name: code(texts[f"type({name})"]) for name in {name for name, _ in bound}}
    assert [f"{name}%{binding}" for name, binding in bound if binding not in shown[name]] == []


def arguments_of(text, signature):
    """The names in the tables below a signature, up to the next heading."""
    below = text[text.index(signature) :].split("\n##", 1)[0]
    return set(re.findall(r"^\| `%?(\w+)` \|", below, flags=re.MULTILINE))


def test_fortran_reference_describes_every_argument():
    text = reference("fortran")
    calls = re.findall(r"^```fortran\n((?:call|answer =) [\w%]+\((.*)\))\n```", text, flags=re.MULTILINE)
    assert len(calls) > 200, "the reference is read"
    missing = [
        f"{call}: {name}"
        for call, arguments in calls
        for name in filter(None, re.split(r",\s*", arguments))
        if name not in arguments_of(text, call)
    ]
    assert missing == []


def test_python_reference_has_everything_in_the_package():
    known = code(reference("python"))
    names = package()
    assert len(names) > 100, "the stub is read"
    assert [name for name in names if name not in known] == []


@pytest.mark.parametrize("stub", sorted(STUBS.glob("*.pyi")), ids=lambda path: path.stem)
def test_python_reference_has_every_member(stub):
    texts = chapters("python")
    whole = reference("python")
    bases = dict(re.findall(r"^class (\w+)\((Distributed\w+)\[", stub.read_text(), flags=re.MULTILINE))
    missing = []
    for owner, name in members(stub):
        if owner is None or any(re.match(r"_(?!_)", part) for part in (owner, name)):
            continue
        # A constructor is shown as a call of its class, and so is what makes a member of an enumeration.
        shown = code(texts.get(f"dtl.{owner}", whole)) | ({"__new__"} if owner else set())
        # What a class has from another one is shown there.
        shown |= code(texts[f"dtl.{bases[owner]}"]) if owner in bases else set()
        if name not in shown:
            missing.append(f"{owner}.{name}")
    assert missing == []
