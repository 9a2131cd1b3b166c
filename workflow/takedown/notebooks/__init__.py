"""The course in ``notebooks/``: what its cells share, its exercises, and how it is executed."""

#: Environment variables of a notebook that a study executes: its folder of results, and that nobody
#: is there to move a slider.
RESULTS, STATIC = "TAKEDOWN_RESULTS", "TAKEDOWN_STATIC"
