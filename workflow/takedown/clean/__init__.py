"""Stage clean: turn the bytes of an archive into typed rows, and account for every row."""
