"""Stage provenance: privacy of the results, where they come from, and how others check them."""
