"""Stage fetch: get an archive on any connection, and prove what it is."""
