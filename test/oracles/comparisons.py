"""Golden numbers of tests between two samples or two models, and of the drift rule."""

import math

import mpmath as mp
import numpy as np
import scipy.stats as st
from scipy.stats._stats_py import _attempt_exact_2kssamp
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from cases import case
from special_functions import noncentral_sf


def tango_z(n, b, c, difference):
    """The score statistic from its definition: the restricted maximum likelihood is found numerically, not by Tango's closed form."""
    with mp.workdps(40):
        d = mp.mpf(difference)
        low, high = max(mp.mpf(0), -d), (1 - d) / 2

        def slope(q):
            return (mp.mpf(b) / q if b else 0) + (mp.mpf(c) / (q + d) if c else 0) - 2 * mp.mpf(n - b - c) / (1 - 2 * q - d)

        edge = (high - low) * mp.mpf(10) ** -30
        if slope(low + edge) <= 0:
            q = low
        elif slope(high - edge) >= 0:
            q = high
        else:
            q = mp.findroot(slope, (low + edge, high - edge), solver="anderson", tol=1e-30, maxsteps=500, verify=False)
            left, right = low + edge, high - edge
            for _ in range(130):
                q = (left + right) / 2
                left, right = (q, right) if slope(q) > 0 else (left, q)
        if c - b - n * d == 0:
            return mp.mpf(0)
        return (c - b - n * d) / mp.sqrt(n * (2 * q + d - d * d))


def tango_bound(n, b, c, target):
    left, right = mp.mpf(-1) + mp.mpf(10) ** -12, mp.mpf(1) - mp.mpf(10) ** -12
    for _ in range(60):
        middle = (left + right) / 2
        left, right = (middle, right) if tango_z(n, b, c, middle) > target else (left, middle)
    return middle


def drift(reference, current, delta):
    x, y = np.array(reference, float), np.array(current, float)
    n, m = x.sum(), y.sum()
    keep = (x + y) / (n + m) * min(n, m) >= 5
    rest = ~keep & (x + y > 0)
    px, py = list(x[keep]), list(y[keep])
    if rest.any():
        px.append(x[rest].sum())
        py.append(y[rest].sum())
    table = st.chi2_contingency([px, py], correction=False)
    effective = n * m / (n + m)
    df = len(px) - 1
    smooth_p, smooth_q = (x + 0.5) / (n + len(x) / 2), (y + 0.5) / (m + len(y) / 2)
    return {
        "statistic": table.statistic,
        "df": df,
        "p": noncentral_sf(float(table.statistic), df, effective * delta),
        "effect": max(0.0, (table.statistic - df) / effective),
        "psi": float(np.sum((smooth_p - smooth_q) * np.log(smooth_p / smooth_q))),
        "cells": len(px),
        "pooled": int(rest.sum()),
    }


def kolmogorov_smirnov():
    """D is a step that two samples of these sizes can reach; SciPy counts paths to 10 000 values a side, and takes the one-sample law above."""
    exact = ((5, 50, 60), (20, 50, 60), (300, 50, 60), (3, 7, 7), (20, 50, 50), (45, 50, 50), (300, 1000, 300), (4, 1, 9), (700, 3000, 3000), (9, 9, 20), (60, 9999, 12))
    for steps, n, m in exact:
        lcm = math.lcm(n, m)
        d = steps / lcm
        p = _attempt_exact_2kssamp(n, m, math.gcd(n, m), d, "two-sided")[2]
        case("kolmogorovSmirnov", [d, n, m], {"p": p, "method": "exact"}, "scipy ks_2samp(method='exact')")
    laws = (
        (0.0125, 20000, 30000), (0.004, 20000, 30000), (0.2, 20000, 300), (0.001, 1500000, 1500000), (0.0015, 3000000, 3000000),
        (0.01, 10001, 10001), (0.9, 12000, 20), (0.02, 12000, 20), (0.3, 12000, 20), (0.05, 15000, 200), (0.12, 15000, 145), (0.5, 20000, 40),
        (0.02, 1000000, 10100), (0.04, 10000000, 12000),
    )
    for d, n, m in laws:
        p = st.kstwo.sf(d, np.round(n * m / (n + m)))
        case("kolmogorovSmirnov", [d, n, m], {"p": p, "method": "kstwo"}, "scipy kstwo.sf", rel=1e-9)


def write():
    kolmogorov_smirnov()
    tables = (
        ([10, 20, 30], [12, 18, 33]), ([1000, 0, 3], [900, 5, 0]), ([5, 5], [9, 1]), ([1000000, 500000], [10000, 5300]),
        ([7, 0, 13, 0], [4, 0, 25, 0]), ([400, 300, 200, 100], [100, 200, 300, 400]), ([1], [4]),
    )
    for first, second in tables:
        used = [(x, y) for x, y in zip(first, second) if x + y > 0]
        if len(used) == 1:
            case("chiSquareHomogeneity", [first, second], {"statistic": 0, "p": 1, "df": 0}, "definition")
            continue
        result = st.chi2_contingency(np.array(used).T, correction=False)
        case("chiSquareHomogeneity", [first, second], {"statistic": result.statistic, "p": result.pvalue, "df": result.dof}, "scipy chi2_contingency(correction=False)")
    for a, n, b, m in ((50, 1000, 70, 1000), (5, 100, 1, 30), (1, 7, 6, 9), (3000, 100000, 3400, 90000), (500, 501, 480, 490)):
        z, p = proportions_ztest([b, a], [m, n])
        case("twoProportionZ", [a, n, b, m], {"statistic": z, "p": p}, "statsmodels proportions_ztest")
    for k, n, alpha in ((0, 10, 0.05), (10, 10, 0.05), (3, 50, 0.05), (999, 1000, 0.01), (12345, 1000000, 0.1)):
        low, high = proportion_confint(k, n, alpha, method="wilson")
        case("wilsonInterval", [k, n, alpha], {"low": low, "high": high}, "statsmodels proportion_confint(wilson)", 1e-10, 1e-15)
    for b, c in ((0, 5), (10, 12), (30, 5), (100, 160), (0, 0), (7, 7), (500, 900)):
        expect = 1.0 if b + c == 0 else mcnemar([[3, b], [c, 2]], exact=True).pvalue
        case("mcnemarExact", [b, c], {"p": expect}, "statsmodels mcnemar(exact=True)")
    z95 = st.norm.isf(0.05)
    for n, b, c, margin in ((500, 15, 15, 0.01), (2000, 60, 60, 0.01), (2000, 80, 40, 0.01), (10000, 500, 300, 0.01), (3710, 111, 111, 0.01), (400, 0, 0, 0.01), (50, 3, 0, 0.1), (50, 0, 4, 0.05), (1000, 100, 20, 0.05)):
        z = tango_z(n, b, c, -mp.mpf(margin))
        low, high = tango_bound(n, b, c, z95), tango_bound(n, b, c, -z95)
        verdict = "PASS" if low > -margin else "FAIL" if high < -margin else "INCONCLUSIVE"
        case(
            "nonInferiorityBinary",
            [{"n": n, "championOnly": b, "candidateOnly": c, "margin": margin, "alpha": 0.05}],
            {"statistic": z, "p": mp.erfc(z / mp.sqrt(2)) / 2, "lower": low, "upper": high, "verdict": verdict},
            "mpmath: restricted likelihood maximised numerically", 1e-9, 1e-10,
        )
    case("nonInferiorityRows", [{"discordance": 0.06, "difference": 0, "margin": 0.01, "alpha": 0.05, "power": 0.8}], 3710, "reference sheet", 0)
    case("nonInferiorityRows", [{"discordance": 0.1, "difference": -0.005, "margin": 0.02, "alpha": 0.025, "power": 0.9}], int(np.ceil((st.norm.isf(0.025) + st.norm.isf(0.1)) ** 2 * (0.1 - 0.005**2) / 0.015**2)), "scipy, formula", 0)
    for size, shift, margin in ((12, 0.0, 0.5), (40, -0.4, 0.1), (200, 0.05, 0.2)):
        values = [shift + ((i * 37) % 17 - 8) / 10 for i in range(size)]
        lower = st.ttest_1samp(values, -margin, alternative="greater")
        interval = st.ttest_1samp(values, 0).confidence_interval(0.9)
        case("nonInferiorityMean", [{"differences": values, "margin": margin}], {"statistic": lower.statistic, "p": lower.pvalue, "lower": interval.low, "upper": interval.high}, "scipy ttest_1samp", 1e-9)
    for values in ([0.01, 0.02, 0.03, 0.04, 0.05], [0.9, 0.001, 0.04, 0.039, 1.0, 0.0], [0.2], [0.5, 0.5, 0.01, 1e-300]):
        case("benjaminiHochberg", [values], multipletests(values, method="fdr_bh")[1], "statsmodels multipletests(fdr_bh)", 1e-12)
        case("holm", [values], multipletests(values, method="holm")[1], "statsmodels multipletests(holm)", 1e-12)
    for first, second in (([10, 20, 70], [20, 20, 60]), ([500, 0, 3], [100, 40, 0]), ([5, 5], [5, 5]), ([1, 2, 3, 4], [400, 300, 200, 100])):
        x, y = np.array(first) / sum(first), np.array(second) / sum(second)
        m = (x + y) / 2
        sx, sy = (np.array(first) + 0.5) / (sum(first) + len(first) / 2), (np.array(second) + 0.5) / (sum(second) + len(second) / 2)
        case(
            "distances", [first, second],
            {
                "psi": np.sum((sx - sy) * np.log(sx / sy)),
                "jensenShannonDivergenceBase2": 0.5 * st.entropy(x, m, base=2) + 0.5 * st.entropy(y, m, base=2),
                "hellinger": np.linalg.norm(np.sqrt(x) - np.sqrt(y)) / np.sqrt(2),
                "totalVariation": np.abs(x - y).sum() / 2,
                "largest": np.abs(x - y).max(),
            },
            "numpy and scipy entropy", 1e-10, 1e-12,
        )
    reference = [500] * 10
    for current, delta in (
        ([50] * 10, 0.02), ([20, 30, 40, 50, 50, 50, 50, 60, 70, 80], 0.02), ([500, 480, 530, 510, 470, 520, 505, 495, 490, 500], 0.02),
        ([5, 5, 5, 5, 5, 5, 5, 5, 5, 55], 0.02), ([50] * 10, 0.0),
    ):
        case("minimumEffectDrift", [{"reference": reference, "current": current, "delta": delta}], drift(reference, current, delta), "scipy chi2_contingency, mpmath ncx2")
    zipf = [2000 // (k + 1) for k in range(200)]
    sample = [(600 // (k + 1) + k) % 97 for k in range(200)]
    case("minimumEffectDrift", [{"reference": zipf, "current": sample, "delta": 0.02}], drift(zipf, sample, 0.02), "scipy chi2_contingency, mpmath ncx2")
    case("minimumEffectDrift", [{"reference": [4950, 50], "current": [480, 20], "delta": 0.02}], drift([4950, 50], [480, 20], 0.02), "scipy chi2_contingency, mpmath ncx2")
    case("minimumEffectDrift", [{"reference": [5000], "current": [100]}], {"verdict": "not_enough_data"}, "definition")
