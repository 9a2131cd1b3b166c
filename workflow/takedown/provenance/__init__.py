"""Stage provenance: that results show nobody, where they come from, and how others check them."""
