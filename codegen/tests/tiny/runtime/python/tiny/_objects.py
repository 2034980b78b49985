"""Operations on objects."""


def sort_object(things: object) -> object:
    """Sorts objects."""
    return sorted(things)
