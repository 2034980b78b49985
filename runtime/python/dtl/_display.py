"""Showing where the elements of containers are. Notebooks draw containers by themselves."""

from typing import Any


def show_layout(container: Any) -> None:
    """Prints which rank has which elements of a container.

    Every rank knows it, so that this prints on each rank that calls it, without communication. It shows where elements are, not what they
    are: `container.to_numpy()`, and with it Matplotlib's `plot(container)`, has those of the calling rank alone.
    `container.gather_to(0)`, which every rank calls, gives rank 0 all of them.
    """
    print(container.layout_text())
