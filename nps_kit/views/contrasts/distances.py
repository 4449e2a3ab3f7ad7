"""How far two scores lie apart, in words."""

from nps_kit.views.wording import is_number, write_count

_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_LEAST = 0.5


def write_number(number: int) -> str:
    """Write a number of things as a word up to twelve."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def write_distance(change: float, *, up: str = "above", down: str = "below") -> str:
    """Write a difference in words: "14 points below", "level with"."""
    size = abs(change)
    words = "less than 1 point" if size < _LEAST else write_count(round(size), "point")
    return f"{words} {up if change > 0 else down}"


def write_bounds(
    low: float | None, high: float | None, *, up: str = "above", down: str = "below"
) -> str:
    """Write an interval of differences in words: "9 to 19 below", "3 below to 12 above"."""
    if not (is_number(low) and is_number(high)):
        return ""
    # A bound on either side of zero must not read as if it were zero.
    fine = any(bound and not round(bound) for bound in (low, high))
    near, far = (_write_bound(bound, fine=fine) for bound in sorted((low, high), key=abs))
    if low >= 0 or high <= 0:
        return f"{near} to {far} {up if low >= 0 else down}"
    return f"{_write_bound(low, fine=fine)} {down} to {_write_bound(high, fine=fine)} {up}"


def _write_bound(bound: float, *, fine: bool) -> str:
    if not fine:
        return str(round(abs(bound)))
    text = f"{abs(bound):.1f}"
    return "under 0.1" if bound and not float(text) else text
