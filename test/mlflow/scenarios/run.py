"""Runs: life, parameters, tags, inputs; by the fluent API and by the client."""

import time

import mlflow
import numpy as np
import pandas as pd
from mlflow.entities import Metric, Param, RunStatus, RunTag
from world import beyond, equal


def fluent_life(world):
    """with start_run(): logs, and ends FINISHED"""
    mlflow.set_experiment(world.name())
    with mlflow.start_run(run_name="first", tags={"k": "v"}, description="what it is") as run:
        mlflow.log_param("alpha", 0.5)
        mlflow.log_params({"beta": "b", "gamma": None})
        mlflow.log_metric("loss", 0.25, step=3)
        mlflow.log_metrics({"a": 1, "b": 2.5}, step=4)
        mlflow.set_tag("colour", "red")
        mlflow.set_tags({"size": 3})
        equal(world.client.get_run(run.info.run_id).info.status, "RUNNING")
    got = world.client.get_run(run.info.run_id)
    equal(got.info.status, "FINISHED")
    equal(got.info.run_name, "first")
    equal(got.data.params, {"alpha": "0.5", "beta": "b", "gamma": "None"})
    equal(got.data.metrics, {"loss": 0.25, "a": 1.0, "b": 2.5})
    equal({key: got.data.tags[key] for key in ("k", "colour", "size", "mlflow.runName", "mlflow.note.content")},
          {"k": "v", "colour": "red", "size": "3", "mlflow.runName": "first", "mlflow.note.content": "what it is"})
    assert got.info.end_time >= got.info.start_time > 1_600_000_000_000
    equal(got.info.artifact_uri, f"mlflow-artifacts:/{got.info.experiment_id}/{got.info.run_id}/artifacts")


def failing_run(world):
    """A run whose script raises ends FAILED"""
    mlflow.set_experiment(world.name())
    try:
        with mlflow.start_run() as run:
            raise ValueError("boom")
    except ValueError:
        pass
    equal(world.client.get_run(run.info.run_id).info.status, "FAILED")


def killed_run(world):
    """set_terminated takes any final status"""
    for status in ("KILLED", "FAILED", "FINISHED"):
        run = world.run()
        world.client.set_terminated(run, status)
        info = world.client.get_run(run).info
        equal(info.status, status)
        assert info.end_time


def scheduled_run(world):
    """A run can be SCHEDULED"""
    run = world.run()
    world.client.update_run(run, status="SCHEDULED")
    equal(world.client.get_run(run).info.status, "SCHEDULED")


def resumed_run(world):
    """start_run(run_id) goes on with a run that had ended"""
    mlflow.set_experiment(world.name())
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 1)
    with mlflow.start_run(run_id=run.info.run_id):
        equal(world.client.get_run(run.info.run_id).info.status, "RUNNING")
        mlflow.log_metric("m", 2, step=1)
    got = world.client.get_run(run.info.run_id)
    equal((got.info.status, got.data.metrics), ("FINISHED", {"m": 2.0}))


@beyond
def running_again_has_no_end(world):
    """A run that goes on has no end time until it ends again"""
    run = world.run()
    world.client.set_terminated(run)
    world.client.update_run(run, status="RUNNING")
    equal(world.client.get_run(run).info.end_time, None)


def nested_runs(world):
    """A nested run names its parent"""
    mlflow.set_experiment(world.name())
    with mlflow.start_run() as parent, mlflow.start_run(nested=True) as child:
        pass
    equal(world.client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"], parent.info.run_id)
    equal(world.client.get_parent_run(child.info.run_id).info.run_id, parent.info.run_id)
    found = world.client.search_runs([parent.info.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    equal([one.info.run_id for one in found], [child.info.run_id])


def name_is_invented(world):
    """A run without a name gets one, and the tag that shows it"""
    run = world.client.create_run(world.experiment())
    assert run.info.run_name
    equal(run.data.tags["mlflow.runName"], run.info.run_name)


def name_by_tag(world):
    """The name and the tag mlflow.runName are one value"""
    run = world.run(run_name="one")
    world.client.set_tag(run, "mlflow.runName", "two")
    equal(world.client.get_run(run).info.run_name, "two")
    world.client.update_run(run, name="three")
    got = world.client.get_run(run)
    equal((got.info.run_name, got.data.tags["mlflow.runName"]), ("three", "three"))


def name_and_tag_differ(world):
    """A name and a different tag at creation are refused"""
    world.refused(
        lambda: world.client.create_run(world.experiment(), run_name="a", tags={"mlflow.runName": "b"}),
        "INVALID_PARAMETER_VALUE", "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values",
    )


def start_time_is_kept(world):
    """A start time that is given is kept"""
    run = world.client.create_run(world.experiment(), start_time=1_234_567_890_123)
    equal(world.client.get_run(run.info.run_id).info.start_time, 1_234_567_890_123)


def user_of_the_run(world):
    """The fluent API tells who runs it and from which source"""
    mlflow.set_experiment(world.name())
    with mlflow.start_run() as run:
        pass
    tags = world.client.get_run(run.info.run_id).data.tags
    assert tags["mlflow.user"] and tags["mlflow.source.type"] == "LOCAL" and tags["mlflow.source.name"]


def parameter_again(world):
    """The same parameter again is fine, another value is refused"""
    run = world.run()
    world.client.log_param(run, "p", "1")
    world.client.log_param(run, "p", "1")
    world.refused(
        lambda: world.client.log_param(run, "p", "2"), "INVALID_PARAMETER_VALUE",
        f"Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='{run}'. Attempted logging new value '2'.",
    )
    equal(world.client.get_run(run).data.params, {"p": "1"})


def parameter_again_in_a_batch(world):
    """A batch that changes a parameter is refused whole"""
    run = world.run()
    world.client.log_param(run, "p", "1")
    world.refused(
        lambda: world.client.log_batch(run, params=[Param("p", "2"), Param("q", "3")]), "INVALID_PARAMETER_VALUE",
        "Changing param values is not allowed. Params were already logged='[{'key': 'p', 'old_value': '1', 'new_value': '2'}]'",
    )
    equal(world.client.get_run(run).data.params, {"p": "1"})


@beyond
def batch_is_one_transaction(world):
    """A batch that is refused for a parameter leaves no metric and no tag"""
    run = world.run()
    world.client.log_param(run, "p", "1")
    answer = world.post("runs/log-batch", {
        "run_id": run, "metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": 0}],
        "tags": [{"key": "t", "value": "x"}], "params": [{"key": "p", "value": "2"}],
    })
    world.answers(answer, 400, "INVALID_PARAMETER_VALUE")
    data = world.client.get_run(run).data
    equal((data.metrics, "t" in data.tags), ({}, False))


def parameter_twice_in_a_batch(world):
    """One parameter twice in a batch is refused"""
    run = world.run()
    world.refused(
        lambda: world.client.log_batch(run, params=[Param("d", "1"), Param("d", "2")]), "INVALID_PARAMETER_VALUE",
        "Duplicate parameter keys have been submitted",
    )


def empty_parameter(world):
    """An empty parameter stays empty"""
    run = world.run()
    world.client.log_param(run, "empty", "")
    equal(world.client.get_run(run).data.params, {"empty": ""})


def long_parameter(world):
    """6000 characters of a parameter are kept"""
    run = world.run()
    world.client.log_param(run, "long", "x" * 6000)
    equal(world.client.get_run(run).data.params["long"], "x" * 6000)


def unusual_keys(world):
    """Keys may hold letters of any script, slashes, dots, spaces and colons"""
    run = world.run()
    keys = ["train/loss", "a.b-c_d e", "é/β", "a:b", "数"]
    for key in keys:
        world.client.log_metric(run, key, 1)
        world.client.log_param(run, key, "p")
        world.client.set_tag(run, key, "t")
    data = world.client.get_run(run).data
    equal((sorted(data.metrics), sorted(data.params)), (sorted(keys), sorted(keys)))
    assert set(keys) <= set(data.tags)


def refused_keys(world):
    """Keys that are no plain names are refused"""
    run = world.run()
    for key in ("a\\b", "../up", "/abs", "a//b", "./x", "x" * 251):
        world.answers(world.post("runs/log-parameter", {"run_id": run, "key": key, "value": "1"}), 400, "INVALID_PARAMETER_VALUE")
        world.answers(world.post("runs/log-metric", {"run_id": run, "key": key, "value": 1, "timestamp": 1}), 400, "INVALID_PARAMETER_VALUE")
        world.answers(world.post("runs/set-tag", {"run_id": run, "key": key, "value": "1"}), 400, "INVALID_PARAMETER_VALUE")


def tags_change(world):
    """Tags are replaced and deleted; deleting an absent one is refused"""
    run = world.run()
    world.client.set_tag(run, "t", "1")
    world.client.set_tag(run, "t", "2")
    equal(world.client.get_run(run).data.tags["t"], "2")
    world.client.delete_tag(run, "t")
    assert "t" not in world.client.get_run(run).data.tags
    world.refused(lambda: world.client.delete_tag(run, "t"), "RESOURCE_DOES_NOT_EXIST", f"No tag with name: t in run with id {run}")


def last_tag_of_a_batch_wins(world):
    """Of one tag twice in a batch the last one stays"""
    run = world.run()
    world.client.log_batch(run, tags=[RunTag("t", "1"), RunTag("t", "2")])
    equal(world.client.get_run(run).data.tags["t"], "2")


def batch_of_everything(world):
    """A batch logs metrics, parameters and tags together"""
    run = world.run()
    now = int(time.time() * 1000)
    world.client.log_batch(
        run, metrics=[Metric(f"m{i}", i / 7, now, i) for i in range(800)],
        params=[Param(f"p{i}", str(i)) for i in range(100)], tags=[RunTag(f"t{i}", str(i)) for i in range(100)],
    )
    data = world.client.get_run(run).data
    equal(data.metrics, {f"m{i}": i / 7 for i in range(800)})
    equal(data.params, {f"p{i}": str(i) for i in range(100)})
    equal({key: value for key, value in data.tags.items() if not key.startswith("mlflow.")}, {f"t{i}": str(i) for i in range(100)})


def too_large_batches(world):
    """The limits of a batch are 1000 metrics, 100 parameters, 100 tags, 1000 in all"""
    run = world.run()
    metric = {"key": "m", "value": 1, "timestamp": 1, "step": 0}
    pairs = [{"key": f"k{i}", "value": "v"} for i in range(101)]
    send = lambda **lists: world.post("runs/log-batch", {"run_id": run, **lists})  # noqa: E731
    world.answers(send(metrics=[metric] * 1001), 400, "INVALID_PARAMETER_VALUE",
                  "A batch logging request can contain at most 1000 metrics. Got 1001 metrics. Please split up metrics across multiple requests and try again.")
    world.answers(send(params=pairs), 400, "INVALID_PARAMETER_VALUE", "at most 100 params. Got 101 params")
    world.answers(send(tags=pairs), 400, "INVALID_PARAMETER_VALUE", "at most 100 tags. Got 101 tags")
    world.answers(send(metrics=[metric] * 950, tags=pairs[:51]), 400, "INVALID_PARAMETER_VALUE", "at most 1000")


def without_waiting(world):
    """synchronous=False arrives whole"""
    mlflow.set_experiment(world.name())
    with mlflow.start_run() as run:
        for step in range(50):
            mlflow.log_metric("m", step, step=step, synchronous=False)
        mlflow.log_params({f"p{i}": i for i in range(20)}, synchronous=False)
        mlflow.set_tag("t", "x", synchronous=False)
        mlflow.flush_async_logging()
    equal([(one.step, one.value) for one in world.client.get_metric_history(run.info.run_id, "m")], [(i, float(i)) for i in range(50)])
    data = world.client.get_run(run.info.run_id).data
    equal((len(data.params), data.tags["t"]), (20, "x"))


def deleted_and_restored(world):
    """A deleted run can be read, takes nothing, and comes back"""
    run = world.run()
    world.client.delete_run(run)
    equal(world.client.get_run(run).info.lifecycle_stage, "deleted")
    for write in (
        lambda: world.client.log_metric(run, "m", 1), lambda: world.client.log_param(run, "p", 1),
        lambda: world.client.set_tag(run, "t", 1), lambda: world.client.log_batch(run, tags=[RunTag("t", "1")]),
        lambda: world.client.update_run(run, status="FINISHED"),
    ):
        world.refused(write, "INVALID_PARAMETER_VALUE", f"The run {run} must be in the 'active' state. Current state is deleted.")
    world.client.delete_run(run)
    world.client.restore_run(run)
    world.client.log_metric(run, "m", 1)
    equal(world.client.get_run(run).info.lifecycle_stage, "active")


def absent_run(world):
    """A run that is not there is RESOURCE_DOES_NOT_EXIST"""
    absent = "0123456789abcdef0123456789abcdef"
    for action in (
        lambda: world.client.get_run(absent), lambda: world.client.log_metric(absent, "m", 1), lambda: world.client.delete_run(absent),
        lambda: world.client.set_tag(absent, "t", "1"), lambda: world.client.log_param(absent, "p", "1"), lambda: world.client.restore_run(absent),
    ):
        world.refused(action, "RESOURCE_DOES_NOT_EXIST", f"Run with id={absent} not found")


def in_an_absent_experiment(world):
    """An experiment that is not there takes no run"""
    world.refused(lambda: world.client.create_run("987654321"), "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=987654321 exists")


def datasets_of_a_run(world):
    """log_input records a dataset, its digest, schema and context"""
    mlflow.set_experiment(world.name())
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    dataset = mlflow.data.from_pandas(frame, source="s3://bucket/d.csv", name="spam", targets="y")
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="training", tags={"k": "v"})
    inputs = world.client.get_run(run.info.run_id).inputs.dataset_inputs
    equal(len(inputs), 1)
    equal((inputs[0].dataset.name, inputs[0].dataset.digest), ("spam", dataset.digest))
    equal({one.key: one.value for one in inputs[0].tags}, {"mlflow.data.context": "training", "k": "v"})
    assert "mlflow_colspec" in inputs[0].dataset.schema and "num_rows" in inputs[0].dataset.profile
    found = world.client.search_runs([run.info.experiment_id], "datasets.name = 'spam'")
    equal([one.info.run_id for one in found], [run.info.run_id])
    equal(found[0].inputs.dataset_inputs[0].dataset.digest, dataset.digest)


def one_dataset_in_two_runs(world):
    """A dataset is one, however many runs use it"""
    mlflow.set_experiment(world.name())
    dataset = mlflow.data.from_numpy(np.array([[1, 2], [3, 4]]), name="grid")
    runs = []
    for _ in range(2):
        with mlflow.start_run() as run:
            mlflow.log_inputs([dataset], contexts=["evaluation"], tags_list=[None])
        runs.append(run.info.run_id)
    found = world.client.search_runs([run.info.experiment_id], f"dataset.digest = '{dataset.digest}' AND dataset.context = 'evaluation'")
    equal(sorted(one.info.run_id for one in found), sorted(runs))


def run_of_older_clients(world):
    """run_uuid stands for run_id, numbers may be strings, a body may be JSON in a string"""
    run = world.run()
    world.answers(world.post("runs/log-metric", {"run_uuid": run, "key": "m", "value": "2.5", "timestamp": "7", "step": "3"}), 200)
    body = world.answers(world.get("runs/get", run_uuid=run), 200)
    equal(body["run"]["data"]["metrics"], [{"key": "m", "value": 2.5, "timestamp": 7, "step": 3}])
    equal(body["run"]["info"]["run_uuid"], run)


def model_json_of_older_clients(world):
    """runs/log-model appends to the tag mlflow.log-model.history"""
    run = world.run()
    model = '{"run_id": "%s", "artifact_path": "model", "utc_time_created": "2026-01-01", "flavors": {"python_function": {}}}' % run
    world.answers(world.post("runs/log-model", {"run_id": run, "model_json": model}), 200)
    assert '"artifact_path": "model"' in world.client.get_run(run).data.tags["mlflow.log-model.history"]
