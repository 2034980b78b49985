"""Showing where the elements of containers are. Notebooks draw containers by themselves."""

from typing import Any


def show_layout(container: Any) -> None:
    """Prints which rank has which elements of a container.

    Every rank knows it, so that this prints on each rank that calls it, without communication.
    """
    print(container.layout_text())
