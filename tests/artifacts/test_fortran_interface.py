"""The Fortran modules say what the C interface and the specification say.

`dtl_c.f90` is compared with the list of the binary interface: functions, parameters, constants. `dtl.f90` is compared with
the YAML files: names, dummy arguments, intents. Both are read here by a parser of their own, not by the generator.
"""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FORTRAN = ROOT / "generated" / "fortran"
(INTERFACE,) = (ROOT / "generated" / "c" / "abi").glob("dtl-*.txt")
SOURCES = sorted(FORTRAN.glob("*.f90"))

INT_TYPES = {"int", "dtl_status", "dtl_rank_t", "dtl_tag_t"}
LONG_TYPES = {"dtl_size_t", "dtl_index_t", "int64_t", "uint64_t"}
KINDS = yaml.safe_load((ROOT / "spec/kinds.yaml").read_text())
CALLBACKS = {callback["name"]: callback for callback in KINDS["callbacks"]}
C_CALLBACKS = {callback.get("c", f"dtl_{name}_t") for name, callback in CALLBACKS.items()}


def is_passed(kind, callback):
    """True if a function of the caller is passed parameters of this kind."""
    return any(param["kind"] == kind for param in CALLBACKS[callback]["params"])


def statements(name):
    """The statements of a source file: comments dropped, continued lines joined."""
    code = [line for line in (FORTRAN / name).read_text().splitlines() if not line.lstrip().startswith("!")]
    return [line.strip() for line in re.sub(r" &\n\s*", " ", "\n".join(code)).splitlines() if line.strip()]


def procedures(name):
    """Each procedure of a source file: its dummy arguments in order, and the declaration of each."""
    found, open_name = {}, None
    for line in statements(name):
        head = re.match(
            r"(?:pure |impure elemental |recursive )*([\w()]+ )?(function|subroutine) (\w+)\(([^)]*)\)", line
        )
        if head and not line.startswith("end "):
            open_name = head.group(3)
            found[open_name] = ([arg.strip() for arg in head.group(4).split(",") if arg.strip()], {})
            if head.group(1):
                found[open_name][1][open_name] = f"{head.group(1)}:: {open_name}"
        elif line.startswith(("end function", "end subroutine")):
            open_name = None
        elif open_name and " :: " in line:
            attributes, declared = line.split(" :: ", 1)
            for one in re.split(r",\s*(?![^()]*\))", declared):
                found[open_name][1][re.match(r"\w+", one).group()] = f"{attributes} :: {one}"
    return found


def interface(kind):
    """The lines of one kind in the list of the binary interface, without that word."""
    lines = INTERFACE.read_text().splitlines()
    return [line[len(kind) + 1 :] for line in lines if line.startswith(kind + " ")]


def expected(c_type):
    """The declaration that a C parameter must have in Fortran, as a pattern."""
    if c_type in LONG_TYPES:
        return r"integer\(c_int64_t\), value"
    if c_type == "const char*":
        return r"character\(kind=c_char\), intent\(in\)"
    if c_type in {"void*", "const void*", "char***", "int*", "int32_t*", "uint8_t*"} or c_type.startswith("const int"):
        # An address of elements, or the place of an int.
        return r"type\(c_ptr\), value|integer\(c_int\), intent\(out\)"
    if struct := re.fullmatch(r"(const )?(dtl_\w+_options|dtl_shape|dtl_message_info)(?:_t)?(\*?)", c_type):
        attributes = r"intent\((in|out)\)" if struct.group(3) else "value"
        return rf"type\({struct.group(2)}\), {attributes}"
    if re.fullmatch(r"const [a-z_0-9]+\*", c_type):
        # An array, whose length is another argument or is known.
        return r"type\(c_ptr\), value|integer\(c_int(64_t)?\), intent\(in\) :: \w+\(\*\)"
    if c_type.endswith("*"):
        inner = c_type[:-1]
        if inner in LONG_TYPES:
            return r"integer\(c_int64_t\), intent\(out\)|type\(c_ptr\), value"
        if is_address(inner):
            # A handle that comes back, or a list of them.
            return r"type\(c_ptr\), (intent\(out\)|value)"
        return r"integer\(c_int\), intent\(out\)"
    if c_type == "double":
        return r"real\(c_double\), value"
    if c_type in C_CALLBACKS:
        return r"type\(c_funptr\), value"
    return r"type\(c_ptr\), value" if is_address(c_type) else r"integer\(c_int\), value"


def is_address(c_type):
    """True for pointers and handles."""
    return c_type.endswith("*") or (c_type.endswith("_t") and c_type not in INT_TYPES | LONG_TYPES)


RAW = procedures("dtl_c.f90")
PUBLIC = procedures("dtl.f90")


def test_the_raw_module_binds_every_function_and_no_other():
    text = (FORTRAN / "dtl_c.f90").read_text()
    bound = re.findall(r"bind\(C,\s*(?:&\s*)?name='(\w+)'\)", text)
    functions = [re.search(r"(\w+)\(", line).group(1) for line in interface("function")]
    assert len(bound) == len(set(bound))
    assert sorted(bound) == sorted(functions)


@pytest.mark.parametrize("prototype", interface("function"))
def test_a_function_has_the_parameters_of_c(prototype):
    returns, name, args = re.fullmatch(r"(.+?)\s*(\w+)\((.*)\)", prototype).groups()
    dummies, declarations = RAW[name]
    c_types = [] if args == "void" else [arg.strip() for arg in args.split(",")]
    assert len(dummies) == len(c_types)
    for dummy, c_type in zip(dummies, c_types):
        assert re.match(expected(c_type), declarations[dummy]), f"{dummy} is {declarations[dummy]}, in C {c_type}"
    if returns == "void":
        assert name not in declarations
    else:
        size = r"integer\(c_int64_t\)" if returns in LONG_TYPES else r"integer\(c_int\)"
        size = r"type\(dtl_shape\)" if returns == "dtl_shape" else size
        assert re.match(r"type\(c_ptr\)" if is_address(returns) else size, declarations[name])


def test_constants_have_the_values_of_c():
    text = (FORTRAN / "dtl_c.f90").read_text()
    fortran = re.findall(r"integer\((\w+)\), parameter, public :: (\w+) = (-?\d+)_", re.sub(r" &\n\s*", " ", text))
    values = {name: int(value) % 2**64 for _, name, value in fortran}
    c = dict(line.split(" = ") for line in interface("constant") + interface("enumerator"))
    # One past the last value of an enumeration is for C alone, where it sizes arrays.
    wanted = {name: int(value) % 2**64 for name, value in c.items() if not name.endswith("_COUNT")}
    missing = {name: value for name, value in wanted.items() if values.get(name) != value}
    assert not missing
    assert set(values) <= set(wanted)


def objects():
    """Every object as the specification has it, by name."""
    documents = [yaml.safe_load(path.read_text()) for path in (ROOT / "spec" / "objects").glob("*.yaml")]
    return {document["object"]["name"]: document["object"] for document in documents}


OBJECTS = objects()


def holders(owner, operation):
    """The types that have an operation: of an abstract one those that extend it, where pointers or the result depend on which it is."""
    depends = operation.get("result", {}).get("kind") in ("view", "<object>")
    if not (owner and OBJECTS[owner].get("abstract") and depends):
        return [owner]
    return [name for name, other in OBJECTS.items() if other.get("extends") == owner]


def keyword(owner):
    """How an object of this kind is passed to a function."""
    return "class" if OBJECTS[owner].get("abstract") else "type"


def specified():
    """Object (or none) and entry of every operation, without those that Fortran skips."""
    skipped = {
        skip["operation"] for skip in yaml.safe_load((ROOT / "spec/lang/fortran.yaml").read_text()).get("skips", [])
    }
    for path in sorted((ROOT / "spec" / "objects").glob("*.yaml")) + sorted((ROOT / "spec" / "ops").glob("*.yaml")):
        document = yaml.safe_load(path.read_text())
        name = document.get("object", {}).get("name")
        included = [ROOT / "spec" / "shared" / f"{file}.yaml" for file in document.get("include", [])]
        shared = [operation for file in included for operation in yaml.safe_load(file.read_text())["operations"]]
        for operation in document.get("operations", []) + shared:
            if f"{name}.{operation['name']}" not in skipped and operation["name"] not in skipped:
                for holder in holders(name, operation):
                    yield holder, operation


def behind(name):
    """The procedures behind a generic name."""
    lines = statements("dtl.f90")
    start = lines.index(f"interface {name}")
    return re.split(r",\s*", lines[start + 1].removeprefix("module procedure "))


def implementations(owner, operation):
    """The procedures behind the public name of an operation."""
    lines = statements("dtl.f90")
    if owner is None or operation.get("role") == "static":
        name = f"dtl_{operation['name']}" if owner is None else f"dtl_{owner}_{operation['name']}"
        # The name may be that of an operation on containers, too.
        of_containers = {f"{other}_{one['name']}" for other, one in specified() if "function_of" in one}
        return [found for found in behind(name) if found not in of_containers]
    if "function_of" in operation:
        # One name for several objects.
        return [name for name in behind(f"dtl_{operation['name']}") if name.startswith(f"{owner}_")]
    object_ = OBJECTS[owner]
    attribute = ", abstract" if object_.get("abstract") else ""
    attribute = f", extends(dtl_{object_['extends']})" if "extends" in object_ else attribute
    start = lines.index(f"type{attribute} :: dtl_{owner}")
    body = lines[start : lines.index(f"end type dtl_{owner}")]
    binding = re.compile(rf"(?:procedure|generic), public :: {operation['name']} => (.*)")
    (found,) = [match.group(1) for match in map(binding.match, body) if match]
    return re.split(r",\s*", found)


def passed(operation):
    """The parameters that Fortran passes: a number of elements that is the extent of an array is the array's size."""
    arrays = [*operation.get("params", []), operation.get("result", {})]
    extents = {shape[1:-2] for shape in (array.get("shape", "") for array in arrays) if re.fullmatch(r"\(\w+,\)", shape)}
    return [param for param in operation.get("params", []) if param["name"] not in extents]


@pytest.mark.parametrize(
    "owner, operation", list(specified()), ids=lambda value: value["name"] if isinstance(value, dict) else str(value)
)
def test_an_operation_has_the_arguments_of_the_specification(owner, operation):
    found = implementations(owner, operation)
    assert found
    for name in found:
        dummies, declarations = PUBLIC[name]
        if "function_of" in operation:
            assert dummies[0] == operation["function_of"]["name"]
            assert declarations[dummies[0]].startswith(f"{keyword(owner)}(dtl_{owner}), ")
        params = [param["name"] for param in passed(operation)]
        assert [dummy for dummy in dummies if dummy in params] == params
        cannot_fail = operation.get("infallible") or operation.get("role") == "property"
        assert ("ierr" in dummies) == (not cannot_fail)
        if not cannot_fail:
            assert dummies[-1] == "ierr"
            assert declarations["ierr"] == "integer(c_int), intent(out), optional :: ierr"
        for param in passed(operation):
            if param["kind"] in CALLBACKS and is_passed("value", param["kind"]):
                # It is made of a procedure for one element type.
                assert declarations[param["name"]].startswith(f"type(dtl_{param['kind']}), intent(in) :: ")
                continue
            if param["kind"] in CALLBACKS:
                # The procedure for an element type takes a procedure for that type.
                element = "_" + name.rsplit("_", 1)[1] if is_passed("buffer", param["kind"]) else ""
                assert declarations[param["name"]].startswith(f"procedure(dtl_{param['kind']}{element})")
                continue
            # Of a list only C makes handles null.
            written = param.get("direction") in ("inout", "kept", "out") and not param.get("list")
            intent = "inout" if written else "in"
            assert f"intent({intent})" in declarations[param["name"]]
            # Where a name has an optional form of one width, the other width must be given.
            if "default" in param and "c_int64_t" not in declarations[param["name"]]:
                assert "optional" in declarations[param["name"]]
        assert not [text for text in declarations.values() if "c_ptr" in text and ", intent" in text]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_sources_keep_their_form(source):
    lines = source.read_text().splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > 100 and "Generated by" not in line] == []
    assert "  implicit none" in lines
    assert "  private" in lines
