"""Pictures of lists."""


def draw(thing: object) -> None:
    """Draws a list.

    >>> tiny.draw(x)
    [1, 2]
    """
    print(thing)
