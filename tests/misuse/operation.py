"""What is known of a collective operation."""

from typing import Dict, NamedTuple


class Operation(NamedTuple):
    """A collective operation: its parameters with their kinds, and what all ranks must pass alike."""

    name: str
    object: str
    """The object that has it, or nothing."""
    call: str
    """The name of the function, the method or the class."""
    needs: Dict[str, str]
    """The parameters that must be passed."""
    takes: Dict[str, str]
    """Those that may be left out."""
    agrees: Dict[str, str]
    """What all ranks must pass alike, and in which parameter they do."""
    issues: str = ""
    """For a form that does not block, the name of the one that does."""
