"""Stage fetch: download an archive over any connection and verify what it is."""
