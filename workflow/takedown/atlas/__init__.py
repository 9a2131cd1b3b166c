"""Stage atlas: the campaigns of a study side by side, and what they have in common."""
