"""Autologging of three libraries, as their users switch it on."""

import mlflow
import numpy as np
from world import equal


def _data():
    random = np.random.default_rng(7)
    x = random.normal(size=(200, 4))
    return x, (x[:, 0] + random.normal(scale=0.3, size=200) > 0).astype(int)


def _only_run(world, experiment):
    runs = world.client.search_runs([experiment.experiment_id])
    equal(len(runs), 1)
    equal(runs[0].info.status, "FINISHED")
    return runs[0]


def sklearn(world):
    """scikit-learn: parameters, training metrics, plots, a model that predicts the same"""
    from sklearn.linear_model import LogisticRegression

    experiment = mlflow.set_experiment(world.name())
    mlflow.sklearn.autolog(silent=True)
    x, y = _data()
    model = LogisticRegression(C=0.5).fit(x, y)
    mlflow.sklearn.autolog(disable=True, silent=True)
    run = _only_run(world, experiment)
    equal(run.data.params["C"], "0.5")
    assert {"training_accuracy_score", "training_f1_score", "training_log_loss", "training_roc_auc"} <= set(run.data.metrics)
    assert {"estimator.html", "training_confusion_matrix.png"} <= {one.path for one in world.client.list_artifacts(run.info.run_id)}
    equal(len(run.inputs.dataset_inputs), 1)
    loaded = mlflow.sklearn.load_model(f"models:/{run.outputs.model_outputs[0].model_id}")
    equal(list(loaded.predict(x)), list(model.predict(x)))


def sklearn_search(world):
    """A grid search: a parent with the best, its children below"""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    experiment = mlflow.set_experiment(world.name())
    mlflow.sklearn.autolog(silent=True, log_models=False, log_datasets=False)
    x, y = _data()
    GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(x, y)
    mlflow.sklearn.autolog(disable=True, silent=True)
    runs = world.client.search_runs([experiment.experiment_id])
    parents = [one for one in runs if "mlflow.parentRunId" not in one.data.tags]
    equal((len(runs), len(parents)), (4, 1))
    assert "best_cv_score" in parents[0].data.metrics and "best_C" in parents[0].data.params


def lightgbm(world):
    """LightGBM: a metric for each round, importance, a model that predicts the same"""
    import lightgbm

    experiment = mlflow.set_experiment(world.name())
    mlflow.lightgbm.autolog(silent=True)
    x, y = _data()
    train = lightgbm.Dataset(x, y)
    options = {"objective": "binary", "metric": "binary_logloss", "num_leaves": 7, "verbose": -1, "num_threads": 1}
    model = lightgbm.train(options, train, num_boost_round=20, valid_sets=[train], valid_names=["train"])
    mlflow.lightgbm.autolog(disable=True, silent=True)
    run = _only_run(world, experiment)
    equal((run.data.params["num_leaves"], run.data.params["num_boost_round"]), ("7", "20"))
    history = world.client.get_metric_history(run.info.run_id, "train-binary_logloss")
    equal([one.step for one in history], list(range(20)))
    assert "feature_importance_gain.json" in {one.path for one in world.client.list_artifacts(run.info.run_id)}
    loaded = mlflow.lightgbm.load_model(f"models:/{run.outputs.model_outputs[0].model_id}")
    assert np.array_equal(loaded.predict(x), model.predict(x))


def xgboost(world):
    """XGBoost: a metric for each round, importance, a model that predicts the same"""
    import xgboost

    experiment = mlflow.set_experiment(world.name())
    mlflow.xgboost.autolog(silent=True)
    x, y = _data()
    train = xgboost.DMatrix(x, label=y)
    options = {"objective": "binary:logistic", "max_depth": 3, "eval_metric": "logloss", "nthread": 1}
    model = xgboost.train(options, train, num_boost_round=15, evals=[(train, "train")], verbose_eval=False)
    mlflow.xgboost.autolog(disable=True, silent=True)
    run = _only_run(world, experiment)
    equal(run.data.params["max_depth"], "3")
    history = world.client.get_metric_history(run.info.run_id, "train-logloss")
    equal([one.step for one in history], list(range(15)))
    assert "feature_importance_weight.json" in {one.path for one in world.client.list_artifacts(run.info.run_id)}
    loaded = mlflow.xgboost.load_model(f"models:/{run.outputs.model_outputs[0].model_id}")
    assert np.array_equal(loaded.predict(xgboost.DMatrix(x)), model.predict(train))
