"""Fills an MLflow server through its own client: python fill.py URL RUNS.

Ten experiments; each run has params, tags and a history of five metrics; some have files, data, logged models, or were deleted. Everything follows
from the run's number, so that two stores of one size hold the same.
"""

import concurrent.futures
import math
import os
import sys
import tempfile
import time

os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag  # noqa: E402

EXPERIMENTS = 10
THREADS = 4
STEPS = 40
START = 1_700_000_000_000


def main():
    url, count = sys.argv[1], int(sys.argv[2])
    client = MlflowClient(url)
    experiments = [client.create_experiment(f"sweep {number}", tags={"team": f"team {number % 3}"}) for number in range(EXPERIMENTS)]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for done, _ in enumerate(pool.map(lambda number: fill(client, experiments, number), range(count)), 1):
            if done % 500 == 0:
                print(f"{done} runs, {time.monotonic() - began:.0f} s", flush=True)
    register(client, experiments)
    client.delete_experiment(experiments[-1])
    print(f"done, {time.monotonic() - began:.0f} s", flush=True)


def fill(client, experiments, number):
    run = client.create_run(
        experiments[number % EXPERIMENTS],
        start_time=START + number * 1000,
        run_name=f"run {number}",
        tags={"mlflow.user": f"user{number % 7}", "number": str(number)},
    )
    run_id = run.info.run_id
    metrics = [
        Metric(key, value(key, number, step), START + number * 1000 + step * 10, step)
        for key in ("train/loss", "val/loss", "accuracy", "lr", "grad norm")
        for step in range(STEPS)
    ]
    params = [Param(f"param {index}", f"{(number * 31 + index) % 97}") for index in range(10)]
    client.log_batch(run_id, metrics, params, [RunTag("note", f"ünïcode {number}")])
    if number % 20 == 0:
        data = Dataset(f"data {number % 5}", "d1g35t", "local", '{"uri": "data.csv"}', '{"a": "long"}', None)
        client.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
    if number % 25 == 0:
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "model.bin"), "wb") as file:
                file.write(number.to_bytes(4, "little") * 4096)
            client.log_artifacts(run_id, folder, "model")
        client.log_text(run_id, f"run {number}", "notes/readme.txt")
    client.set_terminated(run_id, ("FINISHED", "FAILED", "KILLED")[number % 3], START + number * 1000 + 500)
    if number % 50 == 7:
        client.delete_run(run_id)


def value(key, number, step):
    if key == "grad norm" and step % 10 == 9:
        return (math.nan, math.inf, -math.inf)[number % 3]
    return math.sin(number + len(key)) * math.exp(-step / 20)


def register(client, experiments):
    for index in range(20):
        name = f"model {index}"
        client.create_registered_model(name, {"owner": f"user{index}"}, f"The model {index}.")
        runs = client.search_runs([experiments[index % (EXPERIMENTS - 1)]], order_by=["start_time ASC"], max_results=10)
        for place, run in enumerate(runs):
            source = f"{run.info.artifact_uri}/model"
            version = client.create_model_version(name, source, run.info.run_id, tags={"place": str(place)}, description=f"v{place}")
        client.transition_model_version_stage(name, version.version, "Production")
        client.set_registered_model_alias(name, "champion", version.version)


main()
