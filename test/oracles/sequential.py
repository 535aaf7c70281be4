"""Golden numbers of what is looked at more than once: sequences, event test, detectors, the seeded generator."""

import math

import mpmath as mp
import numpy as np

from cases import case


def factor(n, alpha, side):
    """The half-width of the reference, in mpmath."""
    alpha = mp.mpf(alpha)
    level = alpha if side == "two" else 2 * alpha
    rho2 = (-2 * mp.log(level) + mp.log(-2 * mp.log(level) + 1)) / 5000
    t = n * rho2
    log = mp.log(mp.sqrt(t + 1) / alpha) if side == "two" else mp.log(1 + mp.sqrt(t + 1) / (2 * alpha))
    return mp.sqrt(2 * (t + 1) / t * log)


def sequence(rows, alpha, side):
    seen, values = [], []
    for y, candidate, weight in rows:
        centre = np.mean(seen) if seen else 0.0
        values.append((y - centre) * (1 / weight if candidate else -1 / (1 - weight)))
        seen.append(y)
    se = np.std(values, ddof=1) / math.sqrt(len(values))
    half = se * float(factor(len(values), alpha, side))
    mean = float(np.mean(values))
    return {
        "estimate": mean, "se": se, "halfWidth": half, "n": len(rows),
        "lower": -math.inf if side == "upper" else mean - half,
        "upper": math.inf if side == "lower" else mean + half,
    }


def event_test(r0, r1, batches):
    def share(ratio, w):
        return w * ratio / (w * ratio + 1 - w)

    def mean_bet(ratios, base):
        total = mp.mpf(0)
        for ratio in ratios:
            product = mp.mpf(1)
            for batch in batches:
                w = mp.mpf(batch["weight"])
                product *= (share(ratio, w) / share(base, w)) ** batch["candidate"]
                product *= ((1 - share(ratio, w)) / (1 - share(base, w))) ** batch["stable"]
            total += product
        return total / len(ratios)

    harm = [mp.mpf(text) * r0 for text in ("1.1", "1.25", "1.5", "2", "3", "5", "10")]
    fine = [mp.mpf(text) for text in ("1.25", "1", "0.8", "0.5", "0.2")]
    return {"harm": mean_bet(harm, r0), "noWorse": mean_bet([ratio for ratio in fine if ratio < r1], mp.mpf(r1))}


def betting(values, alpha):
    """Hedged betting from its definition, with products instead of logs."""
    grid = np.arange(1001) / 1000
    up, down = np.ones(1001), np.ones(1001)
    squares, total = 0.0, 0.0
    with np.errstate(divide="ignore"):
        for t, x in enumerate(values, start=1):
            variance = (0.25 + squares) / t
            size = math.sqrt(2 * math.log(2 / alpha) / (variance * t * math.log(1 + t)))
            up *= 1 + np.minimum(size, 0.5 / grid) * (x - grid)
            down *= 1 - np.minimum(size, 0.5 / (1 - grid)) * (x - grid)
            total += x
            squares += (x - (0.5 + total) / (t + 1)) ** 2
    left = np.where(np.maximum(up, down) / 2 < 1 / alpha)[0]
    return {"mean": total / len(values), "lower": max(0, (left[0] - 1) / 1000), "upper": min(1, (left[-1] + 1) / 1000)}


def xoshiro(seed, count):
    mask = 0xFFFFFFFF
    at = seed & mask
    words = []
    for _ in range(4):
        at = (at + 0x9E3779B9) & mask
        mixed = at ^ (at >> 16)
        mixed = mixed * 0x21F0AAAD & mask
        mixed ^= mixed >> 15
        mixed = mixed * 0x735A2D97 & mask
        words.append(mixed ^ (mixed >> 15))

    def rotate(value, by):
        return (value << by | value >> (32 - by)) & mask

    def bits():
        a, b, c, d = words
        result = rotate(b * 5 & mask, 7) * 9 & mask
        c ^= a
        d ^= b
        words[:] = [a ^ d, b ^ c, c ^ (b << 9 & mask), rotate(d, 11)]
        return result

    return [((bits() >> 5) * 2**26 + (bits() >> 6)) / 2**53 for _ in range(count)]


def bernoulli(seed, parts):
    """0/1 values: `parts` is a list of (count, probability)."""
    length = sum(count for count, _ in parts)
    draws = iter(xoshiro(seed, length))
    return [1 if next(draws) < p else 0 for count, p in parts for _ in range(count)]


class Adwin:
    """ADWIN (Bifet & Gavaldà 2007) kept as the plain list of its buckets, newest first, and searched by brute force."""

    def __init__(self, delta=0.002, clock=32, side=5, grace=10):
        self.delta, self.clock, self.side, self.grace = delta, clock, side, grace
        self.rows, self.ticks = [[]], 0

    def buckets(self):
        """(size, values) from the oldest to the newest."""
        return [bucket for row in reversed(self.rows) for bucket in row]

    def add(self, x):
        self.ticks += 1
        self.rows[0].append([x])
        for level in range(64):
            if len(self.rows[level]) <= 5:
                break
            if level + 1 == len(self.rows):
                self.rows.append([])
            first, second = self.rows[level].pop(0), self.rows[level].pop(0)
            self.rows[level + 1].append(first + second)
        drift = False
        if self.ticks % self.clock == 0:
            while self.cut():
                drift = True
        return drift

    def cut(self):
        buckets = self.buckets()
        values = [x for bucket in buckets for x in bucket]
        width = len(values)
        if width <= self.grace:
            return False
        log = math.log(2 * math.log(width) / self.delta)
        variance = float(np.var(values))
        left = 0
        for bucket in buckets:
            left += len(bucket)
            right = width - left
            if left < self.side or right < self.side:
                continue
            r = 1 / (left - self.side + 1) + 1 / (right - self.side + 1)
            gap = abs(np.mean(values[:left]) - np.mean(values[left:]))
            if gap > math.sqrt(2 * r * variance * log) + 2 / 3 * r * log:
                for row in reversed(self.rows):
                    if row:
                        row.pop(0)
                        break
                while len(self.rows) > 1 and not self.rows[-1]:
                    self.rows.pop()
                return True
        return False


def write():
    for n in (100, 500, 2000, 10000):
        for side in ("lower", "two"):
            case("sequenceFactor", [n, 0.05, side], factor(n, 0.05, side), "mpmath", 1e-12)
    for n, expect in ((100, 6.607), (500, 3.679), (2000, 2.886), (10000, 2.801)):
        case("sequenceFactor", [n, 0.05, "upper"], expect, "reference sheet", 0, 6e-4)
    case("sequenceFactor", [700, 0.0125, "lower"], factor(700, 0.0125, "lower"), "mpmath", 1e-12)
    rows = [[(i * 13) % 7 / 7, 1 if (i * 11) % 10 < 3 else 0, 0.3] for i in range(200)]
    ramp = [[1 if (i * 17) % 23 == 0 else 0, 1 if (i * 7) % 20 < (1 if i < 100 else 10) else 0, 0.05 if i < 100 else 0.5] for i in range(300)]
    for side in ("two", "lower", "upper"):
        case("meanSequenceBounds", [rows, 0.05, side], sequence(rows, 0.05, side), "numpy, from the definition", 1e-10)
        case("meanSequenceBounds", [ramp, 0.01, side], sequence(ramp, 0.01, side), "numpy, from the definition", 1e-10, 1e-13)

    def single(w, a, b):
        return [{"weight": w, "candidate": a, "stable": b}]

    for w, a, b, expect in ((0.5, 12, 3, 8.4275096), (0.1, 8, 20, 14.5572136), (0.05, 3, 7, 9.3538415), (0.5, 3, 3, 0.5961669)):
        case("eventTest", [{"r0": 1, "r1": 1.5}, single(w, a, b)], {"harm": expect}, "reference sheet", 1e-7)
    grids = (
        (1, 1.5, single(0.5, 12, 3)), (1, 1.5, single(0.1, 1, 60)), (1.1, 1.5, single(0.05, 30, 200)), (1, 1.2, single(0.3, 5, 90)),
        (1, 2, [*single(0.05, 2, 30), *single(0.25, 9, 21), *single(0.5, 14, 40)]),
    )
    for r0, r1, batches in grids:
        case("eventTest", [{"r0": r0, "r1": r1}, batches], event_test(mp.mpf(r0), mp.mpf(r1), batches), "mpmath, from the definition", 1e-11)
    case("bettingBounds", [[(i * 7) % 10 / 10 for i in range(50)], 0.05], betting([(i * 7) % 10 / 10 for i in range(50)], 0.05), "numpy, from the definition", 1e-12)
    case("bettingBounds", [[1 if i % 4 == 0 else 0 for i in range(200)], 0.01], betting([1 if i % 4 == 0 else 0 for i in range(200)], 0.01), "numpy, from the definition", 1e-12)
    case("bettingBounds", [[0.5] * 100, 0.05], betting([0.5] * 100, 0.05), "numpy, from the definition", 1e-12)
    case("bettingBounds", [[1.0] * 30, 0.05], betting([1.0] * 30, 0.05), "numpy, from the definition", 1e-12)
    for seed in (0, 1, 123456789):
        case("createRandom", [seed, 5], xoshiro(seed, 5), "Python integers", 0)

    from river._river_rust.drift import AdaptiveWindowing
    from river.drift.binary import HDDMA

    streams = (
        (1, [(2000, 0.2), (1000, 0.4)]), (2, [(1500, 0.1), (1500, 0.2)]), (3, [(3000, 0.2)]), (4, [(500, 0.5), (300, 0.9), (700, 0.3)]),
        (5, [(800, 0.05), (400, 0.5)]), (6, [(64, 0.0), (64, 1.0)]),
    )
    for seed, parts in streams:
        values = bernoulli(seed, parts)
        adwin = Adwin()
        found = [index for index, x in enumerate(values) if adwin.add(x)]
        # River's kernel is asked, not its wrapper, which throws the whole window away after a drift.
        kernel = AdaptiveWindowing(0.002, 32, 5, 5, 10)
        width = sum(len(bucket) for bucket in adwin.buckets())
        assert found == [index for index, x in enumerate(values) if kernel.update(x)] and width == kernel.get_width()
        case("adwin", [seed, parts], {"drifts": found, "width": width}, "river AdaptiveWindowing, and brute force over the values", 0)
        detector = HDDMA()
        drifts, warnings = [], 0
        for index, x in enumerate(values):
            detector.update(x)
            warnings += detector.warning_detected
            if detector.drift_detected:
                drifts.append(index)
        case("hddmA", [seed, parts], {"drifts": drifts, "warnings": warnings}, "river HDDMA", 0)
