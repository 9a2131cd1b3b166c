"""Reference pages, rendered from their sources of truth by ``python -m pages``."""
