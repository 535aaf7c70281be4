"""Small models that LightGBM and XGBoost saved, with what the libraries themselves answer.

    pip install lightgbm xgboost-cpu numpy pandas scikit-learn
    python boosters.py > boosters.json
"""

import base64
import json
import math
import sys
import tempfile

import lightgbm
import numpy as np
import xgboost

rng = np.random.default_rng(11)
ROWS, COLUMNS = 400, 5
x = np.round(rng.normal(size=(ROWS, COLUMNS)), 2)
x[:, 4] = rng.integers(0, 6, ROWS)
signal = x[:, 0] - 2 * x[:, 1] * (x[:, 2] > 0) + np.where(np.isin(x[:, 4], [1, 4]), 1.5, -0.5)
gaps = x.copy()
gaps[rng.random(x.shape) < 0.15] = np.nan
gaps[:, 4] = x[:, 4]
binary = (signal + rng.normal(size=ROWS) > 0).astype(int)
classes = np.digitize(signal, [-1, 1])
counts = rng.poisson(np.exp(signal / 3))
probe = gaps[:30].copy()
probe[0] = np.nan
probe[1] = 0
probe[2, 4] = 99
probe[3, 4] = -1
probe[4, 4] = 2.7
cases = []


def plain(value):
    return "nan" if math.isnan(value) else value


def add(name, library, model, answers, rows, **more):
    answers = np.asarray(answers, dtype=np.float64)
    cases.append(
        {
            "name": name,
            "library": library,
            "model": base64.b64encode(model).decode(),
            "columns": COLUMNS,
            "rows": [plain(v) for v in np.asarray(rows, dtype=np.float64).ravel().tolist()],
            "answers": answers.ravel().tolist(),
            "width": 1 if answers.ndim == 1 else answers.shape[1],
            **more,
        }
    )


def light(name, target, data=gaps, categorical=None, group=None, **parameters):
    settings = {"verbose": -1, "num_leaves": 6, "min_data_in_leaf": 5, "num_threads": 1, "seed": 1, **parameters}
    sets = lightgbm.Dataset(data, target, categorical_feature=categorical or "auto", group=group, free_raw_data=False)
    booster = lightgbm.train(settings, sets, num_boost_round=5)
    add(f"LightGBM {name}", "lightgbm", booster.model_to_string().encode(), booster.predict(probe), probe)


light("binary", binary, objective="binary")
light("binary sigmoid", binary, objective="binary", sigmoid=0.7)
light("binary without missing values", binary, data=x, objective="binary")
light("binary, zero as missing", binary, objective="binary", zero_as_missing=True)
light("binary, missing values not used", binary, objective="binary", use_missing=False)
light("categories", binary, categorical=[4], objective="binary", min_data_per_group=5, cat_smooth=1)
light("multiclass", classes, objective="multiclass", num_class=3)
light("one against all", classes, objective="multiclassova", num_class=3)
light("cross entropy", np.clip(binary * 0.8 + 0.1, 0, 1), objective="cross_entropy")
for objective in ["regression", "regression_l1", "huber", "fair", "quantile", "mape"]:
    light(objective, signal + 5, objective=objective)
light("regression of roots", signal * 10, objective="regression", reg_sqrt=True)
light("poisson", counts, objective="poisson")
light("gamma", np.abs(signal) + 0.1, objective="gamma")
light("tweedie", np.abs(signal), objective="tweedie")
light("random forest", binary, objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.7, feature_fraction=0.7)
light("dart", binary, objective="binary", boosting="dart")
light("ranking", np.clip(classes, 0, 2), group=[40] * 10, objective="lambdarank")
light("a constant", np.ones(ROWS), objective="regression")


def extreme(name, target, data=gaps, rounds=5, types=None, evaluate=None, best=False, **parameters):
    settings = {"nthread": 1, "seed": 1, "max_depth": 3, "verbosity": 0, **parameters}
    matrix = xgboost.DMatrix(data, target, feature_types=types, enable_categorical=types is not None)
    extra = {} if evaluate is None else {"evals": [(xgboost.DMatrix(data, evaluate), "test")], "early_stopping_rounds": 3, "verbose_eval": False}
    booster = xgboost.train(settings, matrix, num_boost_round=rounds, **extra)
    rows = probe.astype(np.float32)
    if types is not None:
        rows = rows[5:]
    given = xgboost.DMatrix(rows, feature_types=types, enable_categorical=types is not None)
    span = (0, booster.best_iteration + 1) if best else (0, 0)
    margin = parameters.get("objective") == "multi:softmax"
    answers = booster.predict(given, iteration_range=span)
    if margin:
        sums = booster.predict(given, iteration_range=span, output_margin=True)
        power = np.exp(sums - sums.max(axis=1, keepdims=True))
        answers = power / power.sum(axis=1, keepdims=True)
    for kind in ["json", "ubj"]:
        add(f"XGBoost {name} {kind}", "xgboost", bytes(booster.save_raw(kind)), answers, rows, best=best)


extreme("binary", binary, objective="binary:logistic")
extreme("raw", binary, objective="binary:logitraw")
extreme("hinge", binary, objective="binary:hinge")
extreme("logistic regression", binary, objective="reg:logistic")
extreme("multiclass", classes, objective="multi:softprob", num_class=3)
extreme("multiclass labels", classes, objective="multi:softmax", num_class=3)
extreme("squared error", signal + 5, objective="reg:squarederror")
extreme("absolute error", signal + 5, objective="reg:absoluteerror")
extreme("two targets", np.c_[signal, -signal * 2], objective="reg:squarederror")
extreme("quantiles", signal, objective="reg:quantileerror", quantile_alpha=[0.1, 0.9])
extreme("poisson", counts, objective="count:poisson")
extreme("gamma", np.abs(signal) + 0.1, objective="reg:gamma")
extreme("tweedie", np.abs(signal), objective="reg:tweedie")
extreme("base score", binary, objective="binary:logistic", base_score=0.2)
extreme("forest", binary, objective="binary:logistic", num_parallel_tree=4, subsample=0.7, rounds=3)
extreme("dart", binary, objective="binary:logistic", booster="dart", rate_drop=0.3)
extreme("categories", binary, types=["q"] * 4 + ["c"], objective="binary:logistic", max_cat_to_onehot=1)
extreme("stopped early", binary, objective="binary:logistic", rounds=40, evaluate=rng.permutation(binary), best=True)

json.dump({"lightgbm": lightgbm.__version__, "xgboost": xgboost.__version__, "cases": cases}, sys.stdout, separators=(",", ":"))
