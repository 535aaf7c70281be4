"""Trains the usual models of tables and saves each as an MLflow model directory: train.py FOLDER. Beside each, FOLDER/<name>.json: rows, and what the library that trained the
model answers to them: labels, probabilities or values."""
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")

import lightgbm as lgb
import mlflow.lightgbm
import mlflow.xgboost
import onnx
import xgboost as xgb
from mlflow.models import Model, infer_signature
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification, make_regression
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier, BaggingClassifier, ExtraTreesClassifier, GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor, StackingClassifier, VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LogisticRegression, PoissonRegressor, Ridge, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer, KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, Normalizer, OneHotEncoder, OrdinalEncoder, PolynomialFeatures, RobustScaler, StandardScaler,
)
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

out = Path(sys.argv[1])
ROWS = 1000
COLUMNS = 8
rng = np.random.default_rng(0)
names = [f"x{at}" for at in range(COLUMNS)]


def frame(values):
    return pd.DataFrame(values.astype(np.float32), columns=names)


def binary():
    x, y = make_classification(ROWS, COLUMNS, n_informative=5, random_state=1)
    return frame(x), y


def many():
    x, y = make_classification(ROWS, COLUMNS, n_informative=6, n_classes=4, random_state=2)
    return frame(x), y


def numbers():
    x, y = make_regression(ROWS, COLUMNS, noise=3, random_state=3)
    return frame(x), y / 100


def with_missing(x):
    return x.mask(rng.random(x.shape) < 0.1)


def people():
    table = pd.DataFrame({
        "age": rng.normal(40, 10, ROWS).astype(np.float32), "fare": rng.exponential(30, ROWS).astype(np.float32),
        "city": rng.choice(["ams", "ber", "par", "rom"], ROWS), "sex": rng.choice(["m", "f"], ROWS),
    })
    y = ((table.age > 42).astype(int) + (table.city == "ams") + (rng.random(ROWS) < 0.2) >= 1).astype(int)
    table.loc[rng.random(ROWS) < 0.1, "age"] = np.nan
    table.loc[rng.random(ROWS) < 0.02, "city"] = "oslo"
    return table, y


def record(name, x, labels=None, probabilities=None, values=None, contributions=None):
    plain = lambda array: None if array is None else np.asarray(array).tolist()
    cells = x.astype(object).where(x.notna(), None)
    body = {"columns": list(x.columns), "rows": cells.to_numpy().tolist(), "labels": plain(labels), "probabilities": plain(probabilities), "values": plain(values), "contributions": plain(contributions)}
    (out / f"{name}.json").write_text(json.dumps(body))


def answers_of(model, x):
    if hasattr(model, "predict_proba"):
        return {"labels": model.predict(x), "probabilities": model.predict_proba(x)}
    return {"labels": model.predict(x)} if hasattr(model, "classes_") else {"values": model.predict(x)}


def save_onnx(name, model, x, y, types=None, zipmap=False):
    # Converted models compare in single precision: the library is asked about the same numbers.
    model.fit(x if types else x.to_numpy(), y)
    options = {id(model): {"zipmap": zipmap}} if hasattr(model, "predict_proba") else None
    converted = to_onnx(model, None if types else x[:1].to_numpy(), initial_types=types, options=options, target_opset={"": 18, "ai.onnx.ml": 3})
    folder = out / name
    folder.mkdir()
    (folder / "model.onnx").write_bytes(converted.SerializeToString())
    # As mlflow.onnx.save_model writes it, which wants ONNX Runtime for Python installed.
    package = Model(signature=infer_signature(x[:50]))
    package.add_flavor("onnx", data="model.onnx", onnx_version=onnx.__version__)
    package.save(str(folder / "MLmodel"))
    record(name, x, **answers_of(model, x if types else x.to_numpy()))


def simple():
    b, m, r = binary(), many(), numbers()
    gaps = with_missing(b[0])
    words = np.array(["ant", "bee", "cow", "dog"])
    yield "logistic", LogisticRegression(), *b
    yield "logistic_many", LogisticRegression(), *m
    yield "logistic_words", LogisticRegression(), m[0], words[m[1]]
    yield "sgd", SGDClassifier(loss="log_loss", random_state=0), *b
    yield "ridge", Ridge(), *r
    yield "lasso", Lasso(alpha=0.01), *r
    yield "poisson", PoissonRegressor(), r[0], np.abs(r[1])
    yield "tree", DecisionTreeClassifier(max_depth=6, random_state=0), *b
    yield "tree_numbers", DecisionTreeRegressor(max_depth=8, random_state=0), *r
    yield "forest", RandomForestClassifier(40, max_depth=8, random_state=0), *b
    yield "forest_many", RandomForestClassifier(20, max_depth=8, random_state=0), *m
    yield "forest_numbers", RandomForestRegressor(20, max_depth=8, random_state=0), *r
    yield "forest_two_targets", RandomForestRegressor(10, max_depth=6, random_state=0), r[0], np.c_[r[1], 1 - r[1]]
    yield "extra_trees", ExtraTreesClassifier(20, max_depth=8, random_state=0), *b
    yield "boosting", GradientBoostingClassifier(n_estimators=40, random_state=0), *b
    yield "boosting_many", GradientBoostingClassifier(n_estimators=15, random_state=0), *m
    yield "boosting_numbers", GradientBoostingRegressor(n_estimators=40, random_state=0), *r
    yield "bagging", BaggingClassifier(n_estimators=8, random_state=0), *b
    yield "voting", VotingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier(max_depth=5, random_state=0))], voting="soft", flatten_transform=False), *b
    yield "stacking", StackingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier(max_depth=5, random_state=0))], cv=3), *b
    yield "bayes", GaussianNB(), *m
    yield "bernoulli", make_pipeline(Binarizer(), BernoulliNB()), *b
    yield "discriminant", LinearDiscriminantAnalysis(), *m
    yield "neighbours", KNeighborsClassifier(5), *b
    yield "neighbours_numbers", KNeighborsRegressor(5), *r
    yield "vectors", SVC(), b[0][:400], b[1][:400]
    yield "vectors_numbers", SVR(), r[0][:400], r[1][:400]
    yield "net", MLPClassifier((16, 8), max_iter=60, random_state=0), *b
    yield "net_many", MLPClassifier((16,), max_iter=60, random_state=0), *m
    yield "net_numbers", MLPRegressor(hidden_layer_sizes=(16,), max_iter=60, random_state=0), *r
    yield "standard_logistic", make_pipeline(StandardScaler(), LogisticRegression()), *b
    yield "imputed_boosting", make_pipeline(SimpleImputer(), GradientBoostingClassifier(n_estimators=15, random_state=0)), gaps, b[1]
    yield "minmax_logistic", make_pipeline(MinMaxScaler(), LogisticRegression()), *b
    yield "maxabs_ridge", make_pipeline(MaxAbsScaler(), Ridge()), *r
    yield "robust_ridge", make_pipeline(RobustScaler(), Ridge()), *r
    yield "normalised", make_pipeline(Normalizer(), LogisticRegression()), *b
    yield "bins", make_pipeline(KBinsDiscretizer(5, encode="onehot-dense", quantile_method="averaged_inverted_cdf"), LogisticRegression()), *b
    yield "polynomials", make_pipeline(StandardScaler(), PolynomialFeatures(2), LogisticRegression(max_iter=300)), *b


for name, model, x, y in simple():
    save_onnx(name, model, x, y)
save_onnx("zip_map", RandomForestClassifier(10, max_depth=5, random_state=0), *many(), zipmap=True)

table, y = people()
types = [(name, FloatTensorType([None, 1]) if table[name].dtype.kind == "f" else StringTensorType([None, 1])) for name in table]
encoded = lambda: ColumnTransformer([
    ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["age", "fare"]),
    ("words", OneHotEncoder(handle_unknown="ignore"), ["city", "sex"]),
])
ordinal = ColumnTransformer([("numbers", SimpleImputer(), ["age", "fare"]), ("words", OrdinalEncoder(), ["city", "sex"])])
save_onnx("people_logistic", make_pipeline(encoded(), LogisticRegression()), table, y, types)
save_onnx("people_forest", make_pipeline(encoded(), RandomForestClassifier(20, max_depth=6, random_state=0)), table, y, types)
save_onnx("people_boosting", make_pipeline(ordinal, GradientBoostingClassifier(n_estimators=20, random_state=0)), table, y, types)

for name, objective, (x, y) in [("binary", "binary", binary()), ("many", "multiclass", many()), ("numbers", "regression", numbers())]:
    gaps = with_missing(x)
    settings = {"num_class": 4} if name == "many" else {}
    booster = lgb.train({"objective": objective, "verbose": -1, "seed": 0, **settings}, lgb.Dataset(gaps, y), 30)
    mlflow.lightgbm.save_model(booster, str(out / f"lightgbm_{name}"), signature=infer_signature(x), pip_requirements=[])
    found = booster.predict(gaps)
    contributions = booster.predict(gaps[:20], pred_contrib=True).reshape(20, -1, COLUMNS + 1)
    record(f"lightgbm_{name}", gaps, **({"values": found} if name == "numbers" else {"probabilities": found}), contributions=contributions)
for name, kind, (x, y) in [("binary", xgb.XGBClassifier, binary()), ("many", xgb.XGBClassifier, many()), ("numbers", xgb.XGBRegressor, numbers())]:
    gaps = with_missing(x)
    model = kind(n_estimators=30, random_state=0).fit(gaps, y)
    mlflow.xgboost.save_model(model, str(out / f"xgboost_{name}"), signature=infer_signature(x), pip_requirements=[], model_format="json")
    record(f"xgboost_{name}", gaps, **answers_of(model, gaps))
    booster = model.get_booster()
    mlflow.xgboost.save_model(booster, str(out / f"xgboost_raw_{name}"), signature=infer_signature(x), pip_requirements=[])
    found = booster.inplace_predict(gaps)
    contributions = booster.predict(xgb.DMatrix(gaps[:20]), pred_contribs=True).reshape(20, -1, COLUMNS + 1)
    record(f"xgboost_raw_{name}", gaps, **({"values": found} if name == "numbers" else {"probabilities": found}), contributions=contributions)
