"""The specification, the C header and the shared library offer the same functions, with the same prototypes.

Three independent sources are compared: the list of the binary interface, which the generator writes from the
specification; the header, which cbindgen reads from the glue; and the symbols that the linker left in the library.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "generated" / "c" / "include" / "dtl" / "dtl.h"
(INTERFACE,) = (ROOT / "generated" / "c" / "abi").glob("dtl-*.txt")
LIBRARY = Path(os.environ.get("DTL_LIBRARY", ROOT / "target" / "debug" / "libdtl.so"))


def entries(kind):
    """The lines of one kind in the list of the binary interface, without that word."""
    lines = INTERFACE.read_text().splitlines()
    return [line[len(kind) + 1 :] for line in lines if line.startswith(kind + " ")]


def spec_prototypes():
    """Name of each specified function, with its canonical prototype."""
    return {re.search(r"(\w+)\(", line).group(1): line for line in entries("function")}


def header_text():
    """The header without comments, preprocessor lines and line breaks."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", HEADER.read_text(), flags=re.DOTALL)
    text = re.sub(r"^#.*$", " ", text, flags=re.MULTILINE)
    text = re.sub(r'extern "C" \{|\bDTL_MUST_USE\b|\bDTL_DEPRECATED\("[^"]*"\)', " ", text)
    return re.sub(r"\s+", " ", text)


def canonical(prototype):
    """A prototype of the header without the names of its parameters, spelled as in the list."""
    returns, name, args = re.fullmatch(r"(.*?)(\w+)\((.*)\)", prototype.strip()).groups()

    def spelled(text):
        # A struct has a typedef of the same name, and cbindgen uses its tag.
        return re.sub(r"\s*\*\s*", "*", re.sub(r"\bstruct ", "", text)).strip()

    def type_of(arg):
        return spelled(arg if arg.strip() == "void" else re.sub(r"\w+$", "", arg.strip()))

    return f"{spelled(returns)} {name}({', '.join(type_of(arg) for arg in args.split(','))})"


def header_prototypes():
    found = re.findall(r"(?:^|[;{}]) ((?:const |struct )?\w+ \**(dtl_\w+)\([^()]*\))(?=;)", header_text())
    return {name: canonical(prototype) for prototype, name in found}


def exported_symbols():
    listing = subprocess.run(
        ["nm", "--dynamic", "--defined-only", str(LIBRARY)], check=True, capture_output=True, text=True
    )
    return {line.split()[-1] for line in listing.stdout.splitlines()}


def test_header_declares_what_is_specified():
    assert header_prototypes() == spec_prototypes()


def test_library_exports_what_is_specified_and_nothing_else():
    if not LIBRARY.exists():
        pytest.fail(f"{LIBRARY} is missing; build it with `cargo build --package dtl-ffi`")
    assert exported_symbols() == set(spec_prototypes())


def test_header_has_every_specified_number():
    defined = dict(re.findall(r"\b(DTL_\w+) = (-?\d+)", header_text()))
    macros = re.findall(r"^#define (DTL_\w+) \(?(-?\w+)\)?$", HEADER.read_text(), flags=re.MULTILINE)
    defined.update(macros)
    defined = {name: str(2**64 - 1) if value == "UINT64_MAX" else value for name, value in defined.items()}
    specified = dict(line.split(" = ") for line in entries("enumerator") + entries("constant"))
    assert {name: defined.get(name) for name in specified} == specified


def test_header_has_every_specified_struct():
    for struct in entries("struct"):
        name, fields = re.fullmatch(r"(\w+) \{ (.*) \}", struct).groups()
        assert f"typedef struct {name} {{ {fields} }} {name};" in header_text()
