"""Reads two MLflow stores through MLflow's own client and tells every difference: python compare.py URI URI [--sources-move] [--histories N].

The first is the store that was imported, the second the server that it came into. Roots of artifacts are their own on each side: what is compared is what lies
below them. Prints a JSON object with what was compared, and exits with 1 when anything differs.
"""

import hashlib
import json
import math
import os
import re
import sys
import tempfile

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.artifacts import download_artifacts  # noqa: E402
from mlflow.entities import ViewType  # noqa: E402

differences = []
counts = {}


def main():
    there, here = (MlflowClient(uri, uri) for uri in sys.argv[1:3])
    every = int(sys.argv[sys.argv.index("--every") + 1]) if "--every" in sys.argv else 1
    ids = same("experiments", experiments(there), experiments(here))
    for experiment in ids:
        left, right = (runs(client, experiment) for client in (there, here))
        for number, run_id in enumerate(same(f"runs of {experiment}", left, right)):
            if number % every == 0:
                detail(there, here, run_id, left[run_id])
        same(f"logged models of {experiment}", *(logged_models(client, experiment) for client in (there, here)))
    same("models", *(models(client) for client in (there, here)))
    versions(there, here)
    print(json.dumps({"compared": counts, "differences": differences[:50], "different": len(differences)}))
    sys.exit(1 if differences else 0)


def same(what, left, right):
    for key in sorted(left.keys() | right.keys(), key=str):
        if key not in left or key not in right:
            differences.append(f"{what}: {key} is only {'in the store' if key in left else 'on the server'}")
        elif repr(left[key]) != repr(right[key]):
            if isinstance(left[key], dict) and left[key].keys() == right[key].keys():
                same(f"{what}, {key}", left[key], right[key])
                continue
            differences.append(f"{what}: {key} is {left[key]!r} in the store and {right[key]!r} on the server")
    counts[re.sub(" of .*", "", what)] = counts.get(re.sub(" of .*", "", what), 0) + len(left)
    return sorted(left.keys() & right.keys())


def pages(search):
    token = None
    while True:
        page = search(token)
        yield from page
        token = page.token
        if not token:
            return


def experiments(client):
    found = pages(lambda token: client.search_experiments(ViewType.ALL, page_token=token))
    return {
        one.experiment_id: (one.name, one.lifecycle_stage, one.creation_time, one.last_update_time, sorted(one.tags.items()))
        for one in found
    }


def runs(client, experiment):
    found = pages(lambda token: client.search_runs([experiment], run_view_type=ViewType.ALL, max_results=1000, page_token=token))
    return {one.info.run_id: plain(one) for one in found}


def plain(run):
    info, data = run.info, run.data
    datasets = [
        (one.dataset.to_dictionary(), sorted((tag.key, tag.value) for tag in one.tags)) for one in run.inputs.dataset_inputs
    ]
    return {
        "info": (info.run_name, info.user_id, info.status, info.start_time, info.end_time, info.lifecycle_stage, info.experiment_id),
        "metrics": sorted((one.key, number(one.value), one.timestamp, one.step) for one in data._metric_objs),
        "params": sorted(data.params.items()),
        "tags": sorted(data.tags.items()),
        "datasets": sorted(map(repr, datasets)),
        "model outputs": sorted((one.model_id, one.step) for one in run.outputs.model_outputs) if run.outputs else [],
    }


def number(value):
    # MLflow's databases keep the largest number for an infinity, and have one zero.
    return "nan" if math.isnan(value) else repr(value + 0.0)


def detail(there, here, run_id, run):
    """History of each metric, and content of each file."""
    left, right = ({key: history(client, run_id, key) for key, *_ in run["metrics"]} for client in (there, here))
    same(f"histories of {run_id}", left, right)
    counts["points"] = counts.get("points", 0) + sum(map(len, left.values()))
    # MLflow's own search leaves the models out that a run used.
    same(f"models of {run_id}", *({"used": used(client, run_id)} for client in (there, here)))
    same(f"files of {run_id}", *(files(client, run_id) for client in (there, here)))


def used(client, run_id):
    return sorted(one.model_id for one in client.get_run(run_id).inputs.model_inputs)


def history(client, run_id, key):
    return sorted({(one.step, one.timestamp, number(one.value)) for one in client.get_metric_history(run_id, key)})


def files(client, run_id):
    found = {}
    for entry in walk(client, run_id, None):
        with tempfile.TemporaryDirectory() as folder:
            path = client.download_artifacts(run_id, entry.path, folder)
            with open(path, "rb") as file:
                found[entry.path] = hashlib.sha256(file.read()).hexdigest()
    return found


def walk(client, run_id, path):
    for entry in client.list_artifacts(run_id, path):
        if entry.is_dir:
            yield from walk(client, run_id, entry.path)
        else:
            yield entry


def logged_models(client, experiment):
    found = pages(lambda token: client.search_logged_models([experiment], page_token=token))
    return {
        one.model_id: (
            (one.name, one.model_type, str(one.status), one.source_run_id, one.creation_timestamp, one.last_updated_timestamp),
            sorted(one.tags.items()),
            sorted(one.params.items()),
            sorted({(m.key, number(m.value), m.timestamp, m.step, m.dataset_name, m.dataset_digest) for m in one.metrics or []}),
        )
        for one in found
    }


def models(client):
    found = pages(lambda token: client.search_registered_models(page_token=token))
    names = [one.name for one in found]
    return {name: model(client.get_registered_model(name)) for name in names}


def model(one):
    latest = sorted((version.current_stage, int(version.version)) for version in one.latest_versions)
    times = (one.creation_timestamp, one.last_updated_timestamp)
    return (one.description or "", times, sorted(one.tags.items()), sorted((k, int(v)) for k, v in one.aliases.items()), latest)


def versions(there, here):
    left, right = (
        {(one.name, int(one.version)): one for one in pages(lambda token, c=client: c.search_model_versions(page_token=token))}
        for client in (there, here)
    )
    same("versions", {key: version(one) for key, one in left.items()}, {key: version(one) for key, one in right.items()})
    for key in sorted(left.keys() & right.keys()):
        if left[key].source.startswith("s3:"):
            same("remote sources", {key: left[key].source}, {key: right[key].source})
        else:
            same("files of versions", {key: content(there, key)}, {key: content(here, key)})


def version(one):
    times = (one.creation_timestamp, one.last_updated_timestamp)
    return (one.current_stage, one.run_id or "", one.run_link or "", one.description or "", times, one.user_id or "", sorted(one.tags.items()))


def content(client, key):
    """What a version's download gives."""
    mlflow.set_tracking_uri(client.tracking_uri)
    mlflow.set_registry_uri(client.tracking_uri)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        uri = client.get_model_version_download_uri(key[0], str(key[1]))
        try:
            root = download_artifacts(artifact_uri=uri, dst_path=folder, tracking_uri=client.tracking_uri)
        except mlflow.exceptions.MlflowException:
            return "nothing is there"
        for at, _, names in os.walk(root):
            for name in names:
                if name == "registered_model_meta":
                    continue
                path = os.path.join(at, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, root)] = hashlib.sha256(file.read()).hexdigest()
    return sorted(found.items())


main()
