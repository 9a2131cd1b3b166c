"""Stage figures: each figure is a function of tables that returns a :class:`style.Drawing`."""
