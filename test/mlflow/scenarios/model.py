"""Models: logged, registered, loaded again by every kind of name; logged models of MLflow 3."""

import mlflow
import numpy as np
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression
from world import beyond, equal

_X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 5.0]])
_Y = np.array([0, 0, 1, 1])


def _fitted(scale=1.0):
    return LogisticRegression(C=scale).fit(_X, _Y)


def _logged(world, **options):
    """A run with a model in it: the run, what log_model answered, and the model itself."""
    mlflow.set_experiment(world.name())
    model = _fitted()
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(
            model, name="model", signature=infer_signature(_X, model.predict(_X)), pip_requirements=["scikit-learn"], **options
        )
    return run, info, model


def _same(uri, model):
    loaded = mlflow.pyfunc.load_model(uri)
    equal(list(loaded.predict(_X)), list(model.predict(_X)))


def loaded_by_its_id(world):
    """log_model, then load_model by models:/m-..."""
    _, info, model = _logged(world)
    assert info.model_uri.startswith("models:/m-"), info.model_uri
    _same(info.model_uri, model)
    equal(mlflow.sklearn.load_model(info.model_uri).get_params(), model.get_params())


def loaded_by_its_run(world):
    """load_model by runs:/..."""
    run, _, model = _logged(world)
    _same(f"runs:/{run.info.run_id}/model", model)


def is_a_logged_model(world):
    """A logged model is READY, of its run, with a place for its files"""
    run, info, _ = _logged(world, model_type="classifier")
    got = mlflow.get_logged_model(info.model_id)
    equal((got.name, got.status.value if hasattr(got.status, "value") else str(got.status), got.source_run_id, got.model_type),
          ("model", "READY", run.info.run_id, "classifier"))
    assert got.artifact_location.endswith(f"/models/{info.model_id}/artifacts"), got.artifact_location
    equal(got.experiment_id, run.info.experiment_id)


def run_names_its_models(world):
    """The run's outputs name the model"""
    run, info, _ = _logged(world)
    equal([one.model_id for one in world.client.get_run(run.info.run_id).outputs.model_outputs], [info.model_id])


def registered_when_logged(world):
    """registered_model_name makes the model and its version"""
    name = world.name("model")
    run, info, model = _logged(world, registered_model_name=name)
    version = world.client.get_model_version(name, "1")
    equal((version.run_id, version.status), (run.info.run_id, "READY"))
    equal(str(info.registered_model_version), "1")
    _same(f"models:/{name}/1", model)
    tag = mlflow.get_logged_model(info.model_id).tags["mlflow.modelVersions"]
    assert name in tag


def registered_twice(world):
    """Registering again makes the next version"""
    name = world.name("model")
    _logged(world, registered_model_name=name)
    run, _, model = _logged(world, registered_model_name=name)
    equal(sorted(one.version for one in world.client.search_model_versions(f"name = '{name}'")), ["1", "2"])
    equal(world.client.get_model_version(name, "2").run_id, run.info.run_id)


def registered_from_a_run(world):
    """register_model of runs:/..., with tags"""
    name = world.name("model")
    run, _, model = _logged(world)
    made = mlflow.register_model(f"runs:/{run.info.run_id}/model", name, tags={"a": "1"})
    equal((made.version, made.run_id), ("1", run.info.run_id))
    equal(world.client.get_model_version(name, "1").tags["a"], "1")
    _same(f"models:/{name}/1", model)


def registered_from_a_logged_model(world):
    """register_model of models:/m-..."""
    name = world.name("model")
    _, info, model = _logged(world)
    mlflow.register_model(info.model_uri, name)
    _same(f"models:/{name}/1", model)


def loaded_by_alias(world):
    """load_model by models:/name@alias"""
    name = world.name("model")
    _, _, model = _logged(world, registered_model_name=name)
    world.client.set_registered_model_alias(name, "champion", "1")
    _same(f"models:/{name}@champion", model)


def loaded_by_stage(world):
    """load_model by models:/name/Production"""
    name = world.name("model")
    _, _, model = _logged(world, registered_model_name=name)
    world.client.transition_model_version_stage(name, "1", "Production")
    _same(f"models:/{name}/Production", model)


def loaded_latest(world):
    """load_model by models:/name/latest"""
    name = world.name("model")
    _, _, model = _logged(world, registered_model_name=name)
    _same(f"models:/{name}/latest", model)


def download_of_a_version(world):
    """download_artifacts of a version"""
    import os

    name = world.name("model")
    _logged(world, registered_model_name=name)
    folder = mlflow.artifacts.download_artifacts(f"models:/{name}/1", dst_path=world.folder)
    assert {"MLmodel", "conda.yaml", "requirements.txt"} <= set(os.listdir(folder))


def signature_is_kept(world):
    """The signature and an input example come back"""
    _, info, model = _logged(world, input_example=_X[:1])
    got = mlflow.models.get_model_info(info.model_uri)
    equal(got.signature, infer_signature(_X, model.predict(_X)))
    assert got.saved_input_example_info


def own_python_model(world):
    """A model written in Python"""

    class Doubler(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input: list[float], params=None):
            return [2 * one for one in model_input]

    mlflow.set_experiment(world.name())
    with mlflow.start_run():
        info = mlflow.pyfunc.log_model(name="doubler", python_model=Doubler(), pip_requirements=["mlflow"])
    equal(list(mlflow.pyfunc.load_model(info.model_uri).predict([1.0, 2.5])), [2.0, 5.0])


def metrics_go_to_the_model(world):
    """log_metric with model_id counts for the run and the model; log_model sends the run's metrics again"""
    mlflow.set_experiment(world.name())
    with mlflow.start_run() as run:
        mlflow.log_metric("before", 0.5)
        mlflow.log_params({"C": 1.0})
        info = mlflow.sklearn.log_model(_fitted(), name="model", pip_requirements=["scikit-learn"])
        mlflow.log_metric("after", 0.75, step=1, model_id=info.model_id)
    got = mlflow.get_logged_model(info.model_id)
    equal({one.key: one.value for one in got.metrics}, {"before": 0.5, "after": 0.75})
    equal(got.params, {"C": "1.0"})
    equal(world.client.get_run(run.info.run_id).data.metrics, {"before": 0.5, "after": 0.75})


@beyond
def nan_before_log_model(world):
    """A NaN in the run does not stop log_model"""
    mlflow.set_experiment(world.name())
    with mlflow.start_run():
        mlflow.log_metric("loss", float("nan"))
        info = mlflow.sklearn.log_model(_fitted(), name="model", pip_requirements=["scikit-learn"])
    _same(info.model_uri, _fitted())


def life_of_a_logged_model(world):
    """initialize, finalize, tag, untag, delete"""
    experiment = mlflow.set_experiment(world.name()).experiment_id
    made = mlflow.initialize_logged_model(name="mine", tags={"a": "1"}, params={"p": "2"}, model_type="tree")
    equal(str(made.status.value), "PENDING")
    done = mlflow.finalize_logged_model(made.model_id, "READY")
    equal(str(done.status.value), "READY")
    mlflow.set_logged_model_tags(made.model_id, {"b": "3"})
    mlflow.delete_logged_model_tag(made.model_id, "a")
    got = mlflow.get_logged_model(made.model_id)
    equal((got.name, got.tags.get("b"), "a" in got.tags, got.params, got.experiment_id), ("mine", "3", False, {"p": "2"}, experiment))
    world.client.delete_logged_model(made.model_id)
    world.refused(lambda: mlflow.get_logged_model(made.model_id), "RESOURCE_DOES_NOT_EXIST")


def failed_upload(world):
    """A model whose upload failed says so"""
    mlflow.set_experiment(world.name())
    made = mlflow.initialize_logged_model(name="mine")
    equal(str(mlflow.finalize_logged_model(made.model_id, "FAILED").status.value), "FAILED")


def absent_logged_model(world):
    """One that is not there is RESOURCE_DOES_NOT_EXIST"""
    world.refused(lambda: mlflow.get_logged_model("m-" + "0" * 32), "RESOURCE_DOES_NOT_EXIST", "not found")


def logged_models_are_searched(world):
    """By name, type, parameters, tags and metrics; ordered by a metric"""
    experiment = mlflow.set_experiment(world.name()).experiment_id
    ids = []
    for n in range(4):
        with mlflow.start_run():
            one = mlflow.initialize_logged_model(name=f"m{n}", model_type="tree" if n % 2 else "line", params={"depth": str(n)}, tags={"t": f"t{n}"})
            mlflow.log_metric("acc", n / 10, model_id=one.model_id)
            mlflow.finalize_logged_model(one.model_id, "READY")
        ids.append(one.model_id)

    def found(clause=None, **more):
        page = mlflow.search_logged_models([experiment], filter_string=clause, output_format="list", **more)
        return [ids.index(one.model_id) for one in page]

    equal(found(), [3, 2, 1, 0])
    equal(found("name = 'm2'"), [2])
    equal(found("name LIKE 'm%' AND params.depth = '1'"), [1])
    equal(sorted(found("model_type = 'tree'")), [1, 3])
    equal(sorted(found("metrics.acc >= 0.2")), [2, 3])
    equal(found("tags.t = 't0'"), [0])
    equal(found(order_by=[{"field_name": "metrics.acc", "ascending": False}]), [3, 2, 1, 0])
    equal(found(order_by=[{"field_name": "metrics.acc", "ascending": True}], max_results=2), [0, 1])


def logged_models_are_paged(world):
    """Pages of logged models end"""
    experiment = mlflow.set_experiment(world.name()).experiment_id
    ids = {mlflow.initialize_logged_model(name=f"m{n}").model_id for n in range(7)}
    seen, token = [], None
    while True:
        page = world.client.search_logged_models([experiment], max_results=3, page_token=token)
        seen += [one.model_id for one in page]
        token = page.token
        if not token:
            break
    equal((len(seen), set(seen)), (7, ids))
