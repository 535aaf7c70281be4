"""The list that golden cases are collected in, and how numbers are written down."""

import math

CASES = []


def plain(value):
    """A JSON value: NumPy and mpmath numbers become floats, infinities become strings."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        return [plain(item) for item in value]
    if isinstance(value, (bool, str, int)) or value is None:
        return value
    number = float(value)
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if math.isnan(number):
        raise ValueError("an oracle gave NaN")
    return number


def case(fn, args, expect, oracle, rel=1e-10, abs_=None):
    number = sum(1 for item in CASES if item["fn"] == fn) + 1
    tol = {"rel": rel}
    if abs_ is not None:
        tol["abs"] = abs_
    CASES.append(
        {"id": f"{fn}-{number:02d}", "fn": fn, "args": plain(args), "expect": plain(expect), "oracle": oracle, "tol": tol}
    )
