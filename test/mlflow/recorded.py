"""Run by `pawl run exec`: a script as people have it. Prints as its last line what MLflow's client reads of its own run, and ends badly after a good run."""

import json
import sys

import mlflow
import mlflow.data
import pandas as pd

frame = pd.DataFrame({"id": [1, 2], "label": ["a", "b"]})
with mlflow.start_run() as active:
    mlflow.log_param("depth", 3)
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    source = f"{mlflow.get_tracking_uri()}/api/v1/datasets/held/versions/1"
    mlflow.log_input(mlflow.data.from_pandas(frame, source=source, name="held out"), context="testing")

run = mlflow.MlflowClient().get_run(active.info.run_id)
inputs = [
    {
        "name": one.dataset.name,
        "digest": one.dataset.digest,
        "source_type": one.dataset.source_type,
        "source": json.loads(one.dataset.source),
        "schema": json.loads(one.dataset.schema),
        "profile": json.loads(one.dataset.profile),
        "context": {tag.key: tag.value for tag in one.tags}["mlflow.data.context"],
    }
    for one in run.inputs.dataset_inputs
]
found = mlflow.search_runs([run.info.experiment_id], "dataset.name = 'mail'", output_format="list")
print(json.dumps({"run": run.info.run_id, "inputs": inputs, "status": run.info.status, "found": [one.info.run_id for one in found]}))
sys.exit(5)
