"""Choices on the screen, and what answers them."""
