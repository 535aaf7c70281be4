"""Many writers of one run at once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import mlflow
from mlflow.entities import Metric, Param, RunTag
from world import equal

_CHILD = """
import sys
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
url, run, number = sys.argv[1:]
client = MlflowClient(tracking_uri=url)
for step in range(0, 50, 10):
    client.log_batch(run, metrics=[Metric("shared", float(number), 1000 + int(number), at) for at in range(step, step + 10)]
                     + [Metric(f"own{number}", at / 2, 1000, at) for at in range(step, step + 10)],
                     params=[Param(f"p{number}.{step}", "v"), Param("same", "x")], tags=[RunTag("last", number)])
    client.log_metric(run, f"single{number}", step, step=step)
"""


def two_threads(world):
    """Two threads log one run: nothing is missing, nothing doubled"""
    run = world.run()

    def write(number):
        for step in range(60):
            world.client.log_metric(run, "shared", step + number / 10, timestamp=1000 + number, step=step)
            world.client.log_param(run, f"p{number}.{step}", "v")
            world.client.set_tag(run, "last", str(step))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, range(2)))
    history = world.client.get_metric_history(run, "shared")
    equal(sorted((one.step, one.value) for one in history), sorted((step, step + n / 10) for step in range(60) for n in range(2)))
    data = world.client.get_run(run).data
    equal((len(data.params), data.metrics["shared"], data.tags["last"]), (120, 59.1, "59"))


def four_processes(world):
    """Four processes log one run: nothing is missing, nothing doubled"""
    run = world.run()
    children = [subprocess.Popen([sys.executable, "-c", _CHILD, world.url, run, str(n)], stdout=sys.stderr) for n in range(4)]
    equal([child.wait(120) for child in children], [0, 0, 0, 0])
    equal(sorted((one.step, one.value) for one in world.client.get_metric_history(run, "shared")), [(at, float(n)) for at in range(50) for n in range(4)])
    data = world.client.get_run(run).data
    equal(len(data.params), 21)
    equal(data.metrics["shared"], 3.0)
    for n in range(4):
        equal(len(world.client.get_metric_history(run, f"own{n}")), 50)
        equal((data.metrics[f"own{n}"], data.metrics[f"single{n}"]), (24.5, 40.0))


def many_small_runs(world):
    """Eight threads make runs at once; each is whole"""
    experiment = world.experiment()

    def make(number):
        run = world.run(experiment)
        world.client.log_batch(run, metrics=[Metric("n", number, 1, 0)], params=[Param("n", str(number))], tags=[RunTag("n", str(number))])
        world.client.set_terminated(run)
        return run

    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(make, range(40)))
    found = world.client.search_runs([experiment], "status = 'FINISHED'", order_by=["metrics.n ASC"])
    equal([one.info.run_id for one in found], runs)
    equal([one.data.params["n"] for one in found], [str(n) for n in range(40)])


def one_parameter_by_many(world):
    """Of many threads that set one parameter to different values one wins"""
    run = world.run()

    def write(number):
        try:
            world.client.log_param(run, "p", number)
        except mlflow.MlflowException as error:
            equal(error.error_code, "INVALID_PARAMETER_VALUE")
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [one for one in pool.map(write, range(16)) if one is not None]
    equal([str(one) for one in winners], [world.client.get_run(run).data.params["p"]])


def versions_by_many(world):
    """Of versions made at once none has another's number"""
    model = world.model()
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: world.version(model), range(12)))
    equal(sorted(map(int, numbers)), list(range(1, 13)))
