"""Writes figures.json: small cases, and what scikit-learn and numpy give for them.

Needs scikit-learn (1.9.1 wrote the file):

    python3 test/evaluation/figures.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

random = np.random.default_rng(11)


def numbers(values):
    return [float(value) for value in values]


def ranking(labels, scores):
    far, hit, roc_thresholds = metrics.roc_curve(labels, scores, drop_intermediate=False)
    precision, recall, thresholds = metrics.precision_recall_curve(labels, scores)
    return {
        "labels": [int(label) for label in labels],
        "scores": numbers(scores),
        "area": float(metrics.roc_auc_score(labels, scores)),
        "averagePrecision": float(metrics.average_precision_score(labels, scores)),
        "roc": {"far": numbers(far), "hit": numbers(hit), "thresholds": numbers(roc_thresholds[1:])},
        # scikit-learn begins with the lowest threshold, and ends with a point (1, 0) that has none.
        "precisionRecall": {
            "precision": numbers(precision[:-1]),
            "recall": numbers(recall[:-1]),
            "thresholds": numbers(thresholds),
        },
    }


def scores(count, digits):
    labels = random.random(count) < 0.3
    values = 1 / (1 + np.exp(-(random.normal(size=count) + 1.2 * labels)))
    return labels, np.round(values, digits).astype(np.float32)


def confusion(labels, predicted, classes):
    every = list(range(classes))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, predicted, labels=every, zero_division=np.nan
    )
    known = [None if np.isnan(value) else float(value) for value in np.concatenate([precision, recall, f1])]
    return {
        "labels": [int(label) for label in labels],
        "predicted": [int(label) for label in predicted],
        "classes": classes,
        "rows": metrics.confusion_matrix(labels, predicted, labels=every).tolist(),
        "accuracy": float(metrics.accuracy_score(labels, predicted)),
        "balancedAccuracy": float(metrics.balanced_accuracy_score(labels, predicted)),
        "macroF1": float(metrics.f1_score(labels, predicted, average="macro")),
        "correlation": float(metrics.matthews_corrcoef(labels, predicted)),
        "precision": known[:classes],
        "recall": known[classes : 2 * classes],
        "f1": known[2 * classes :],
        "support": [int(count) for count in support],
    }


def guessed(labels, classes, share):
    return np.where(random.random(len(labels)) < share, labels, random.integers(classes, size=len(labels)))


def regression(values, targets):
    return {
        "values": numbers(values),
        "targets": numbers(targets),
        "mae": float(metrics.mean_absolute_error(targets, values)),
        "rmse": float(metrics.root_mean_squared_error(targets, values)),
        "bias": float(np.mean(values - targets)),
        "largestError": float(metrics.max_error(targets, values)),
        "r2": float(metrics.r2_score(targets, values)),
    }


def distribution(values):
    return {
        "values": numbers(values),
        "mean": float(np.mean(values, dtype=np.float64)),
        "std": float(np.std(values, dtype=np.float64)),
        "edges": numbers(np.quantile(values.astype(np.float64), np.linspace(0, 1, 11)).astype(np.float32)),
        "median": float(np.quantile(values.astype(np.float64), 0.5)),
    }


three = random.integers(3, size=150)
without_last = random.integers(3, size=80)  # the fourth class is absent, and predicted
targets = (300 * random.random(60)).astype(np.float32).astype(np.float64)
figures = {
    "scikit-learn": sklearn.__version__,
    "numpy": np.__version__,
    "rankings": [ranking(*scores(120, 7)), ranking(*scores(160, 1))],
    "confusions": [confusion(three, guessed(three, 3, 0.6), 3), confusion(without_last, guessed(without_last, 4, 0.5), 4)],
    "regressions": [regression(targets + random.normal(2, 9, size=60), targets)],
    "distributions": [distribution(random.normal(1000, 3, size=203).astype(np.float32))],
}
path = Path(__file__).with_name("figures.json")
path.write_text(json.dumps(figures) + "\n")
