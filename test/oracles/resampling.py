"""Golden numbers of the BCa interval: SciPy's own levels on resamples that are written down."""

import numpy as np
from scipy.stats import norm
from scipy.stats._resampling import _bca_interval

from cases import case


def write():
    for n, resamples, alpha in ((12, 60, 0.05), (25, 99, 0.1)):
        rows = np.array([((i * i * 7) % 23) ** 2 / 50 for i in range(n)])
        picks = np.array([[(i * i * 31 + b * 17 + i * b * 7) % n for i in range(n)] for b in range(resamples)])
        replicates = rows[picks].mean(axis=1)
        jackknife = np.array([np.delete(rows, i).mean() for i in range(n)])
        low, high, acceleration = _bca_interval((rows,), lambda x, axis: np.mean(x, axis=axis), axis=-1, alpha=alpha / 2, theta_hat_b=replicates, batch=None, xp=np)
        share = (np.sum(replicates < rows.mean()) + np.sum(replicates <= rows.mean())) / (2 * resamples)
        case(
            "bcaFromReplicates",
            [{"estimate": rows.mean(), "replicates": replicates, "jackknife": jackknife, "alpha": alpha}],
            {
                "z0": norm.ppf(share), "acceleration": np.ravel(acceleration)[0], "levels": [low, high],
                "low": np.percentile(replicates, low * 100), "high": np.percentile(replicates, high * 100),
            },
            "scipy _bca_interval, numpy percentile", 1e-9, 1e-12,
        )
