"""Stage models: does posting volume move with the news?

Each module takes a daily series (pandas, indexed by day) and a calendar, and returns interface
tables; none reads a file or the configuration. Estimates are associations, never causes.
"""
