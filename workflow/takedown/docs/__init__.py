"""``python -m takedown.docs``: the reference pages that are rendered from their source of truth."""
