"""The course in ``notebooks/``: what its cells share, its exercises, and how it is executed."""

#: Environment variables set when a study executes a notebook: its results folder, and a flag that
#: there is no reader to move a slider.
RESULTS, STATIC = "TAKEDOWN_RESULTS", "TAKEDOWN_STATIC"
