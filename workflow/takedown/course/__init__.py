"""The course in ``notebooks/``: what its cells share, its exercises, and how it is executed."""
