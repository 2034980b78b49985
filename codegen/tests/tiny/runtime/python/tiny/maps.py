"""Maps of the places of ranks."""
