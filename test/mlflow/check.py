"""Reads what train.py logged, by the client: python check.py URL RUN STEPS. Fails when anything is missing, doubled or different."""

import os
import sys

os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"

from mlflow import MlflowClient  # noqa: E402
from world import equal  # noqa: E402

client = MlflowClient(sys.argv[1])
run, steps = sys.argv[2], range(int(sys.argv[3]))
points = lambda key: [(one.step, one.value) for one in client.get_metric_history(run, key)]  # noqa: E731
equal(points("loss"), [(step, 1 / (step + 1)) for step in steps])
equal(points("a"), [(step, step * 0.5) for step in steps])
equal(points("b"), [(step, float(-step)) for step in steps])
got = client.get_run(run)
equal(got.info.status, "FINISHED")
equal(got.data.params, {f"p{step}": str(step) for step in steps})
equal(got.data.tags["step"], str(steps[-1]))
equal(sorted(one.path for one in client.list_artifacts(run, "notes")), sorted(f"notes/{step}.txt" for step in steps if step % 10 == 0))
equal([one.info.run_id for one in client.search_runs([got.info.experiment_id])], [run])
