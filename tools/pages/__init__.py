"""The reference pages that are rendered from their source of truth: ``python -m pages``."""
