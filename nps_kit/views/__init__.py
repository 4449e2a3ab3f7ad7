"""Small table in, something to look at out: charts, tables and sentences."""
