"""Metrics: the value that counts, history, special numbers, series of many runs."""

import math
import time

import mlflow
from mlflow.entities import Metric
from world import beyond, equal


def latest_is_the_greatest_step(world):
    """The value of a key is that of its greatest step, then timestamp, then value: not the last written"""
    run = world.run()
    log = lambda value, timestamp, step: world.client.log_metric(run, "m", value, timestamp, step)  # noqa: E731
    log(1, 100, 5)
    log(9, 900, 1)
    equal(world.client.get_run(run).data.metrics["m"], 1.0)
    log(2, 50, 5)
    equal(world.client.get_run(run).data.metrics["m"], 1.0)
    log(3, 100, 5)
    equal(world.client.get_run(run).data.metrics["m"], 3.0)
    log(-1, 1, 6)
    equal(world.client.get_run(run).data.metrics["m"], -1.0)


def latest_of_a_batch(world):
    """The same holds inside one batch and across batches"""
    run = world.run()
    world.client.log_batch(run, metrics=[Metric("m", 1, 10, 3), Metric("m", 2, 20, 7), Metric("m", 3, 30, 5)])
    equal(world.client.get_run(run).data.metrics, {"m": 2.0})
    world.client.log_batch(run, metrics=[Metric("m", 4, 40, 6), Metric("n", 5, 50, -2), Metric("n", 6, 50, -3)])
    equal(world.client.get_run(run).data.metrics, {"m": 2.0, "n": 5.0})


def history_is_kept(world):
    """History gives every point"""
    run = world.run()
    for step in range(20):
        world.client.log_metric(run, "m", step * step, timestamp=1000 + step, step=step)
    history = world.client.get_metric_history(run, "m")
    equal([(one.step, one.timestamp, one.value) for one in history], [(i, 1000 + i, float(i * i)) for i in range(20)])
    equal(world.client.get_metric_history(run, "other"), [])


def history_is_paged(world):
    """History comes in pages, each point once"""
    run = world.run()
    for start in range(0, 2500, 500):
        world.client.log_batch(run, metrics=[Metric("m", i, 1000 + i, i) for i in range(start, start + 500)])
    seen, token = [], None
    while True:
        body = world.answers(world.get("metrics/get-history", run_id=run, metric_key="m", max_results=700, **({"page_token": token} if token else {})), 200)
        assert len(body["metrics"]) <= 700
        seen += [one["step"] for one in body["metrics"]]
        token = body.get("next_page_token")
        if not token:
            break
    equal(seen, list(range(2500)))
    equal(len(world.client.get_metric_history(run, "m")), 2500)


def sending_again_changes_nothing(world):
    """The same point sent twice is one point"""
    run = world.run()
    points = [Metric("m", 0.5, 1000, 1), Metric("m", 0.25, 1001, 2)]
    world.client.log_batch(run, metrics=points)
    world.client.log_batch(run, metrics=points)
    world.client.log_metric(run, "m", 0.25, 1001, 2)
    equal(len(world.client.get_metric_history(run, "m")), 2)


def not_a_number(world):
    """NaN is kept as NaN"""
    run = world.run()
    world.client.log_metric(run, "m", float("nan"), step=1)
    assert math.isnan(world.client.get_run(run).data.metrics["m"])
    assert math.isnan(world.client.get_metric_history(run, "m")[0].value)


@beyond
def infinities(world):
    """Infinities are kept as they are"""
    run = world.run()
    world.client.log_metric(run, "up", float("inf"))
    world.client.log_metric(run, "down", float("-inf"))
    equal(world.client.get_run(run).data.metrics, {"up": math.inf, "down": -math.inf})
    equal(world.client.get_metric_history(run, "down")[0].value, -math.inf)


@beyond
def bare_nan_in_json(world):
    """NaN and infinity are read bare too, as Python's json writes them"""
    run = world.run()
    body = '{"run_id": "%s", "key": "m", "value": NaN, "timestamp": 5, "step": 2}' % run
    world.answers(world.call("POST", "runs/log-metric", data=body, headers={"Content-Type": "application/json"}), 200)
    point = world.client.get_metric_history(run, "m")[0]
    assert math.isnan(point.value) and (point.timestamp, point.step) == (5, 2)


def on_the_wire(world):
    """NaN travels as the string \"NaN\"; steps and times as numbers"""
    run = world.run()
    world.answers(world.post("runs/log-metric", {"run_id": run, "key": "m", "value": "NaN", "timestamp": 5}), 200)
    body = world.answers(world.get("runs/get", run_id=run), 200)
    equal(body["run"]["data"]["metrics"], [{"key": "m", "value": "NaN", "timestamp": 5, "step": 0}])


def tiny_and_huge(world):
    """Doubles come back bit for bit"""
    run = world.run()
    values = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, 2**53 + 1.0, 1 / 3]
    world.client.log_batch(run, metrics=[Metric("m", value, 10 + i, i) for i, value in enumerate(values)])
    equal([repr(one.value) for one in world.client.get_metric_history(run, "m")], [repr(value) for value in values])


def negative_and_large_steps(world):
    """Steps may be negative and as large as 2^53"""
    run = world.run()
    for step in (-5, 0, 2**53 - 1):
        world.client.log_metric(run, "m", 1, timestamp=1, step=step)
    equal(sorted(one.step for one in world.client.get_metric_history(run, "m")), [-5, 0, 2**53 - 1])


@beyond
def steps_beyond_doubles(world):
    """A step beyond 2^53 is refused, not rounded"""
    run = world.run()
    for step in (2**53 + 1, 2**63 - 1, -(2**63)):
        world.refused(lambda step=step: world.client.log_metric(run, "m", 1, timestamp=1, step=step), "INVALID_PARAMETER_VALUE", "'step'")
    equal(world.client.get_run(run).data.metrics, {})


@beyond
def value_must_be_a_number(world):
    """A value that is no number is refused"""
    run = world.run()
    for value in ("high", None, {}, [1], True):
        world.answers(world.post("runs/log-metric", {"run_id": run, "key": "m", "value": value, "timestamp": 1}), 400, "INVALID_PARAMETER_VALUE")
    equal(world.client.get_run(run).data.metrics, {})


def missing_parts(world):
    """Key, value and timestamp are required, also inside a batch"""
    run = world.run()
    full = {"run_id": run, "key": "m", "value": 1, "timestamp": 1}
    for name in ("key", "value", "timestamp"):
        body = {key: value for key, value in full.items() if key != name}
        world.answers(world.post("runs/log-metric", body), 400, "INVALID_PARAMETER_VALUE", f"Missing value for required parameter '{name}'.")
    point = {"key": "m", "timestamp": 1, "step": 0}
    world.answers(world.post("runs/log-batch", {"run_id": run, "metrics": [point]}), 400, "INVALID_PARAMETER_VALUE", "metrics[0].value")


def series_of_many_runs(world):
    """get-history-bulk-interval gives the runs in the order asked"""
    experiment = world.experiment()
    runs = [world.run(experiment) for _ in range(3)]
    for n, run in enumerate(runs):
        world.client.log_batch(run, metrics=[Metric("m", n * 100 + i, 1000 + i, i) for i in range(10)])
    asked = [runs[2], runs[0]]
    body = world.answers(world.get("metrics/get-history-bulk-interval", run_ids=asked, metric_key="m", max_results=100), 200)
    equal([(one["run_id"], one["step"]) for one in body["metrics"]], [(run, i) for run in asked for i in range(10)])


def series_are_thinned(world):
    """A long series is thinned to steps that hold its first and last"""
    run = world.run()
    world.client.log_batch(run, metrics=[Metric("m", i, 1000 + i, i) for i in range(1000)])
    body = world.answers(world.get("metrics/get-history-bulk-interval", run_ids=[run], metric_key="m", max_results=10), 200)
    steps = [one["step"] for one in body["metrics"]]
    # MLflow's releases differ by one point: which of the last two steps of the grid gives way.
    assert steps[:9] == [i * 100 for i in range(9)] and steps[-1] == 999 and len(steps) <= 11, steps


def part_of_a_series(world):
    """A range of steps gives that range"""
    run = world.run()
    world.client.log_batch(run, metrics=[Metric("m", i, 1000 + i, i) for i in range(100)])
    ask = lambda **more: world.get("metrics/get-history-bulk-interval", run_ids=[run], metric_key="m", max_results=500, **more)  # noqa: E731
    body = world.answers(ask(start_step=20, end_step=29), 200)
    equal([one["step"] for one in body["metrics"]], list(range(20, 30)))
    world.answers(ask(start_step=20), 400, "INVALID_PARAMETER_VALUE")


def series_have_limits(world):
    """At most 100 runs and 2500 results"""
    run = world.run()
    world.answers(world.get("metrics/get-history-bulk-interval", run_ids=[run] * 101, metric_key="m", max_results=10), 400, "INVALID_PARAMETER_VALUE")
    world.answers(world.get("metrics/get-history-bulk-interval", run_ids=[run], metric_key="m", max_results=2501), 400, "INVALID_PARAMETER_VALUE")
    world.answers(world.get("metrics/get-history-bulk-interval", run_ids=[run], metric_key="m", max_results=0), 400, "INVALID_PARAMETER_VALUE")


def default_timestamp(world):
    """Without a timestamp the client sends the time of now"""
    run = world.run()
    before = int(time.time() * 1000) - 1
    world.client.log_metric(run, "m", 1)
    assert before <= world.client.get_metric_history(run, "m")[0].timestamp <= time.time() * 1000 + 1


def metric_of_a_dataset(world):
    """log_metric can name a dataset"""
    mlflow.set_experiment(world.name())
    import numpy as np

    dataset = mlflow.data.from_numpy(np.array([1, 2, 3]), name="three")
    with mlflow.start_run() as run:
        mlflow.log_metric("rmse", 0.5, dataset=dataset)
    equal(world.client.get_run(run.info.run_id).data.metrics, {"rmse": 0.5})
