"""Rows, wherever they live, to count tables."""
