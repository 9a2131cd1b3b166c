"""The released archives: what is known about each, about their columns, and about their files."""
