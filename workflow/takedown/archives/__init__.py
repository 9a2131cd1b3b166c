"""The released archives: what is known of each, of their columns, and of the files they come in."""
