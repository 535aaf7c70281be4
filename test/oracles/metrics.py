"""Golden numbers of quantile edges, confusion metrics and score measures."""

import numpy as np
from sklearn import metrics as sk

from cases import case


def edges(values, cells):
    distinct = sorted(set(values))
    if len(distinct) <= cells:
        found = distinct[:-1]
    else:
        quantiles = np.quantile(values, [k / cells for k in range(1, cells)], method="inverted_cdf")
        found = [float(x) for x in sorted(set(quantiles)) if x < max(values)]
    return {"edges": found, "min": min(values), "max": max(values)}


def ece(scores, labels, bins=10):
    n = len(scores)
    pairs = sorted(zip(scores, labels))
    used = max(1, n // 2) if n <= 2 * bins else bins
    total = 0.0
    for bin_ in range(used):
        part = pairs[bin_ * n // used : (bin_ + 1) * n // used]
        total += len(part) / n * abs(np.mean([p for p, _ in part]) - np.mean([y for _, y in part]))
    return total


def write():
    for values, cells in (
        ([(i * 37) % 101 for i in range(500)], 10), ([(i * 37) % 101 for i in range(500)], 256), ([(i * i) % 1009 / 7 for i in range(1000)], 20),
        ([0] * 90 + list(range(1, 11)), 4), ([5] * 3 + [9] * 300 + list(range(400)), 8), ([3.5], 256),
    ):
        case("quantileEdges", [values, cells], edges(values, cells), "numpy quantile(inverted_cdf)", 0)
    for n, a, b, c in ((40, 3, 5, 7), (1000, 7, 11, 13), (17, 2, 3, 9)):
        predicted = [1 if (i * a) % c < c // 2 else 0 for i in range(n)]
        actual = [1 if (i * b + 1) % c < c // 3 + 1 else 0 for i in range(n)]
        tn, fp, fn, tp = sk.confusion_matrix(actual, predicted).ravel()
        expect = {
            "accuracy": sk.accuracy_score(actual, predicted), "precision": sk.precision_score(actual, predicted),
            "recall": sk.recall_score(actual, predicted), "f1": sk.f1_score(actual, predicted),
            "falsePositiveRate": fp / (fp + tn), "specificity": sk.recall_score(actual, predicted, pos_label=0),
        }
        case("classificationMetrics", [predicted, actual], expect, "scikit-learn", 1e-12)
    for n, steps in ((30, 7), (500, 97), (500, 11), (15, 13), (100, 1)):
        scores = [((i * 31) % steps) / steps for i in range(n)]
        labels = [1 if (i * 31) % steps / steps + ((i * 17) % 10) / 10 > 1 or i % 9 == 0 else 0 for i in range(n)]
        expect = {
            "brier": sk.brier_score_loss(labels, scores), "logLoss": sk.log_loss(labels, np.clip(scores, 2**-52, 1 - 2**-52)),
            "auc": sk.roc_auc_score(labels, scores), "ece": ece(scores, labels),
        }
        case("scores", [scores, labels], expect, "scikit-learn; ECE from the definition", 1e-10, 1e-13)
