"""Saves models that only Python opens: python_models.py FOLDER. Beside the first two, rows and what they answer."""
import json
import os
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")

import mlflow.pyfunc
import mlflow.sklearn
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ParamSchema, ParamSpec
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

out = Path(sys.argv[1])
rng = np.random.default_rng(0)
table = pd.DataFrame({"age": rng.normal(40, 10, 300), "city": rng.choice(["ams", "ber", "rom"], 300), "visits": rng.integers(0, 9, 300)})
y = np.where((table.age > 42) | (table.city == "ams"), "buys", "leaves")
table.loc[rng.random(300) < 0.1, "age"] = np.nan
table.loc[rng.random(300) < 0.05, "city"] = None


def record(name, x, model):
    cells = x.astype(object).where(x.notna(), None)
    answers = {"labels": model.predict(x).tolist(), "probabilities": model.predict_proba(x).tolist()}
    (out / f"{name}.json").write_text(json.dumps({"columns": list(x.columns), "rows": cells.to_numpy().tolist(), **answers}))


words = ColumnTransformer([("words", OneHotEncoder(handle_unknown="ignore"), ["city"])], remainder="passthrough", sparse_threshold=0)
buyers = make_pipeline(words, HistGradientBoostingClassifier(max_iter=20, random_state=0)).fit(table, y)
mlflow.sklearn.save_model(buyers, str(out / "buyers"), signature=infer_signature(table.dropna(), y), input_example=table.dropna()[:3], pip_requirements=[], serialization_format="cloudpickle")
record("buyers", table, buyers)

numbers = table[["age", "visits"]].fillna(0).to_numpy()
plain = LogisticRegression().fit(numbers, y)
mlflow.sklearn.save_model(plain, str(out / "plain"), pip_requirements=[], serialization_format="cloudpickle")


class Odd(mlflow.pyfunc.PythonModel):
    """Does what models do on bad days, by what it is asked."""

    def predict(self, context, model_input, params=None):
        what = str(model_input["what"].iloc[0])
        print("was asked to", what)
        if what == "die":
            os._exit(3)
        if what == "sleep":
            time.sleep(60)
        if what == "eat":
            self.eaten = bytearray(8 << 30)
        if what == "raise":
            raise ValueError("this is\nnot to be")
        return pd.DataFrame({"what": model_input["what"], "times": (params or {}).get("times", 0), "pid": os.getpid()})


signature = ModelSignature(
    inputs=infer_signature(pd.DataFrame({"what": ["x"]})).inputs,
    params=ParamSchema([ParamSpec("times", "long", 2)]),
)
mlflow.pyfunc.save_model(str(out / "odd"), python_model=Odd(), signature=signature, pip_requirements=[])
