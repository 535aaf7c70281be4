"""Fills an MLflow store with one of everything: python fill.py URI [RUNS]. URI is that of a server, or of a store that is opened without one."""

import math
import os
import sys
import tempfile

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import (  # noqa: E402
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    Metric,
    Param,
    RunTag,
)

START = 1_700_000_000_000


def main():
    uri, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    plain = client.create_experiment("plain", tags={"team": "α", "mlflow.note.content": "a\nnote"})
    odd = client.create_experiment("odd / name: ü")
    gone = client.create_experiment("gone")
    runs = [make_run(client, (plain, odd, gone, "0")[number % 4], number) for number in range(count)]
    models = [make_model(client, plain, runs[0], number) for number in range(3)]
    client.log_inputs(runs[4], models=[LoggedModelInput(models[0])])
    client.log_outputs(runs[4], [LoggedModelOutput(models[1], 7)])
    client.delete_run(runs[5])
    client.delete_run(runs[4 * 3])
    client.restore_run(runs[4 * 3])
    register(client, runs, models)
    client.delete_logged_model(models[2])
    client.delete_run(runs[2])
    client.delete_experiment(gone)
    print("filled")


def make_run(client, experiment, number):
    name = (None, "1e3", "true", "12_34", "ünï: cöde #", "null")[number % 6]
    run = client.create_run(experiment, start_time=START + number, run_name=name, tags={"mlflow.user": "ada", "n": str(number)})
    run_id = run.info.run_id
    metrics = [Metric("loss", 1 / (step + 1) + number, START + step, step) for step in range(30)]
    metrics += [Metric("same step", value, START + value, 3) for value in range(5)]
    metrics += [Metric("same step", value / 7, START, 3) for value in range(3)]
    metrics += [Metric("odd/deep.key", value, START + at, -at) for at, value in enumerate((1e-300, -0.0, 1e300, 0.1 + 0.2))]
    metrics += [Metric("nan last", value, START, step) for step, value in enumerate((1.0, math.nan))]
    metrics += [Metric("inf", math.inf, START, 0), Metric("inf", -math.inf, START, 1), Metric("inf", 5, START, 2)]
    params = [Param("p", "1"), Param("long", "x" * 5000), Param("empty", ""), Param("deep/er", "a\nb"), Param("n", str(number))]
    client.log_batch(run_id, metrics, params, [RunTag("tag", "ünï\n")])
    client.log_batch(run_id, metrics[:3])
    if number % 3 == 0:
        data = Dataset("data", f"d{number % 2}", "local", '{"uri": "x"}', '{"mlflow_colspec": []}', '{"rows": 5}')
        client.log_inputs(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
    if number % 5 == 0:
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "sub dir"))
            for name, content in (("a.txt", b"a" * number), ("sub dir/ü.bin", bytes(range(256))), ("empty", b"")):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content)
            client.log_artifacts(run_id, folder, "model")
            client.log_artifacts(run_id, folder)
    if number % 7 != 0:
        client.set_terminated(run_id, ("FINISHED", "FAILED", "KILLED")[number % 3], START + 10_000 + number)
    return run_id


def make_model(client, experiment, run_id, number):
    model = client.create_logged_model(
        experiment,
        name=f"logged-{number}",
        source_run_id=run_id,
        tags={"t": "1"},
        params={"lr": "0.1"},
        model_type="agent",
    )
    client.log_metric(run_id, "quality", 0.5 + number, START, 1, model_id=model.model_id)
    client.log_metric(run_id, "quality", 0.25, START + 1, 0, model_id=model.model_id, dataset_name="data", dataset_digest="d0")
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "MLmodel"), "w") as file:
            file.write(f"model_id: {model.model_id}\n")
        client.log_model_artifacts(model.model_id, folder)
    client.finalize_logged_model(model.model_id, ("READY", "FAILED", "READY")[number])
    return model.model_id


def register(client, runs, models):
    client.create_registered_model("fraud", {"owner": "eva"}, "Finds ü fraud.")
    for number in (0, 20, 0, 20):
        run = client.get_run(runs[number])
        source = f"{run.info.artifact_uri}/model"
        client.create_model_version("fraud", source, runs[number], tags={"v": str(number)}, run_link="http://x/y", description="one")
    client.create_model_version("fraud", f"models:/{models[0]}", model_id=models[0])
    client.transition_model_version_stage("fraud", 1, "Archived")
    client.transition_model_version_stage("fraud", 2, "Production")
    client.transition_model_version_stage("fraud", 3, "Staging")
    client.set_registered_model_alias("fraud", "champion", 2)
    client.set_registered_model_alias("fraud", "best", 2)
    client.set_registered_model_alias("fraud", "challenger", 5)
    client.delete_model_version("fraud", 4)
    client.create_registered_model("empty")
    client.create_registered_model("remote")
    client.create_model_version("remote", "s3://bucket/models/x")
    client.update_model_version("remote", 1, "kept elsewhere")


main()
