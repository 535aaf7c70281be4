"""Golden numbers of the special functions, from mpmath with 60 digits: an own sum or integral, not a double-precision library."""

import mpmath as mp
import scipy.stats

from cases import case

mp.mp.dps = 60
MP = "mpmath, 60 digits"


def normal_sf(z):
    return mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2


def gamma_q(a, x):
    return mp.gammainc(mp.mpf(a), mp.mpf(x), regularized=True)


def gamma_p(a, x):
    return mp.gammainc(mp.mpf(a), 0, mp.mpf(x), regularized=True)


def noncentral_sf(x, k, lam):
    """Poisson mixture of chi-square tails, summed outward from the largest term."""
    x, k, lam = mp.mpf(x), mp.mpf(k), mp.mpf(lam)
    if lam == 0:
        return gamma_q(k / 2, x / 2)
    mean, half = lam / 2, x / 2

    def term(j):
        return mp.exp(-mean + j * mp.log(mean) - mp.loggamma(j + 1)) * gamma_q(k / 2 + j, half)

    j, best = 0, term(0)
    step = 1 << 12
    while step:
        while term(j + step) > term(j + step - 1):
            j += step
        step >>= 1
    best = total = term(j)
    for direction in (1, -1):
        i = j + direction
        while i >= 0:
            value = term(i)
            total += value
            if value < best * mp.mpf(10) ** -25:
                break
            i += direction
    return total


def binomial_cdf(k, n, p):
    p = mp.mpf(p)
    return mp.fsum(mp.binomial(n, i) * p**i * (1 - p) ** (n - i) for i in range(0, k + 1))


def binomial_sf(k, n, p):
    p = mp.mpf(p)
    return mp.fsum(mp.binomial(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1, n + 1))


def student_sf(t, df):
    t, df = mp.mpf(t), mp.mpf(df)
    tail = mp.betainc(df / 2, mp.mpf("0.5"), 0, df / (df + t * t), regularized=True) / 2
    return tail if t >= 0 else 1 - tail


def write():
    for z in (0, 0.1, -0.1, 1, -1, 1.96, -3, 5, 8, 20, 37.5):
        case("normalSf", [z], normal_sf(z), MP, 1e-12)
    for z in (-8, -1, 0.5, 3):
        case("normalCdf", [z], normal_sf(-z), MP, 1e-12)
    for z in (-2, 3, 38, 100):
        case("normalLogSf", [z], mp.log(normal_sf(z)), MP, 1e-12)
    for p in (1e-300, 1e-20, 0.001, 0.05, 0.2, 0.49, 0.5, 0.75, 0.975, 0.999):
        exact = -mp.sqrt(2) * mp.erfinv(1 - 2 * mp.mpf(p)) if p < 1e-30 else mp.sqrt(2) * mp.erfinv(2 * mp.mpf(p) - 1)
        if p < 1e-30:
            exact = mp.findroot(lambda z: mp.log(normal_sf(-z)) - mp.log(mp.mpf(p)), -37)
        case("normalQuantile", [p], exact, MP, 1e-12, 1e-15)
    for x in (1e-5, 0.1, 0.5, 0.9999, 1, 1.0001, 1.5, 2, 2.00001, 3.7, 9.99, 12, 100.5, 1e6, 1e15):
        case("logGamma", [x], mp.loggamma(mp.mpf(x)), MP, 1e-13)
    for a, x in ((0.5, 0.1), (0.5, 3), (1, 1), (3, 2), (3, 30), (10, 9), (100, 80), (100, 130), (1000, 1300), (1e5, 1e5), (2.5, 700)):
        case("gammaQ", [a, x], gamma_q(a, x), MP, 1e-12)
    for a, x in ((0.5, 0.001), (3, 0.01), (10, 9), (100, 60), (1000, 1000), (1e5, 99000)):
        case("gammaP", [a, x], gamma_p(a, x), MP, 1e-12)
    for x, df in ((100, 5), (0.5, 1), (3.84, 1), (16.9, 9), (1400, 9), (300, 99), (1e6, 999500), (1000, 999)):
        case("chiSquareSf", [x, df], gamma_q(mp.mpf(df) / 2, mp.mpf(x) / 2), MP, 1e-12)
    for x, df in ((5000, 3), (1e5, 99)):
        case("chiSquareLogSf", [x, df], mp.log(gamma_q(mp.mpf(df) / 2, mp.mpf(x) / 2)), MP, 1e-12)
    for x, a, b in ((0.5, 2, 3), (0.01, 0.5, 0.5), (0.99, 20, 1), (0.3, 100, 200), (0.5, 1000, 1100), (0.001, 30, 5), (0.7, 2.5, 0.5)):
        lower = mp.betainc(a, b, 0, mp.mpf(x), regularized=True)
        case("betaTails", [x, a, b], {"lower": lower, "upper": 1 - lower}, MP, 1e-12)
    for k, n, p in ((0, 10, 0.5), (3, 10, 0.5), (9, 10, 0.1), (12, 100, 0.05), (400, 1000, 0.5), (10, 5000, 0.01), (300, 1000, 0.5)):
        case("binomialCdf", [k, n, p], binomial_cdf(k, n, p), MP, 1e-11)
    for k, n, p in ((0, 10, 0.5), (9, 10, 0.1), (12, 100, 0.05), (600, 1000, 0.5), (900, 1000, 0.5), (80, 5000, 0.01)):
        case("binomialSf", [k, n, p], binomial_sf(k, n, p), MP, 1e-11)
    for t, df in ((0, 3), (1, 1), (2.26, 9), (-2.26, 9), (10, 4), (50, 30), (1.645, 1e6), (0.001, 5), (5, 0.5)):
        case("studentSf", [t, df], student_sf(t, df), MP, 1e-12)
    for p, df in ((0.975, 9), (0.95, 1), (0.05, 30), (0.999, 4), (0.6, 2), (1e-10, 7), (0.95, 100000)):
        tail = mp.mpf(p) if p < 0.5 else 1 - mp.mpf(p)
        near = mp.mpf(float(scipy.stats.t.isf(float(tail), df)))
        root = mp.findroot(lambda t: mp.log(student_sf(t, df)) - mp.log(tail), (near, near * (1 + mp.mpf(10) ** -8)), tol=1e-40)
        case("studentQuantile", [p, df], root if p > 0.5 else -root, MP + ", started at scipy's", 1e-11)
    grid = ((0.5, 1, 0.2), (5, 9, 0), (20, 9, 4), (30, 9, 98), (150, 9, 98), (98, 99, 2), (400, 9, 20), (2000, 9, 100), (3000, 99, 500), (24, 1, 1.98), (1200, 19, 1000), (60, 4, 0.001))
    for x, k, lam in grid:
        case("noncentralChiSquareSf", [x, k, lam], noncentral_sf(x, k, lam), MP, 1e-10)
    case("noncentralChiSquareLogSf", [4000, 9, 20], mp.log(noncentral_sf(4000, 9, 20)), MP, 1e-12)
    with mp.workdps(30):
        for x, k in ((20, 9), (60, 9), (500, 19), (12, 1), (3, 9)):
            ends = []
            for target in (mp.mpf("0.025"), mp.mpf("0.975")):
                excess = lambda lam: noncentral_sf(x, k, lam) - target  # noqa: E731
                low, high = mp.mpf(0), mp.mpf(3 * x + 40)
                for _ in range(0 if excess(0) >= 0 else 55):
                    middle = (low + high) / 2
                    low, high = (middle, high) if excess(middle) < 0 else (low, middle)
                ends.append(low)
            case("noncentralityInterval", [x, k], {"low": ends[0], "high": ends[1]}, MP + ", bisection", 1e-9, 1e-9)
