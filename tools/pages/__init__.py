"""``python -m pages``: the reference pages that are rendered from their source of truth."""
