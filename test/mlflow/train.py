"""A training that a server's death must not harm: python train.py URL STEPS. Prints a line after each step; the last one is the run's id."""

import os
import sys

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
results, sys.stdout = sys.stdout, sys.stderr

import mlflow  # noqa: E402

url, steps = sys.argv[1], int(sys.argv[2])
mlflow.set_tracking_uri(url)
mlflow.set_experiment("interrupted")
with mlflow.start_run() as run:
    for step in range(steps):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"a": step * 0.5, "b": -step}, step=step)
        mlflow.log_param(f"p{step}", step)
        mlflow.set_tag("step", step)
        if step % 10 == 0:
            mlflow.log_text(f"step {step}", f"notes/{step}.txt")
        print(step, file=results, flush=True)
print(run.info.run_id, file=results, flush=True)
