"""Stage clean: from the bytes of an archive to typed rows, every row accounted for."""
