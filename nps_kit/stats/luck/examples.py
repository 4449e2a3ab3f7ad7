"""The made-up contact centre of the exercises, for those who have no answers of their own yet."""

EXAMPLE = {0: 42, 1: 12, 2: 18, 3: 24, 4: 26, 5: 48, 6: 50, 7: 108, 8: 152, 9: 176, 10: 344}
"""Answers by score: a thousand, at a score of +30."""
