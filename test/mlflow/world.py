"""What a scenario gets: a client of its own, names nobody else uses, a folder, and plain requests."""

import json
import shutil
import tempfile
import uuid

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


def beyond(function):
    """Marks a scenario that MLflow's own server does not pass: what Pawl does better on purpose."""
    function.beyond = True
    return function


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


class World:
    def __init__(self, url):
        self.url = url.rstrip("/")
        self.client = MlflowClient(tracking_uri=self.url, registry_uri=self.url)
        self.folder = tempfile.mkdtemp(prefix="scenario-")
        self.http = requests.Session()

    def __enter__(self):
        mlflow.set_tracking_uri(self.url)
        mlflow.set_registry_uri(self.url)
        return self

    def __exit__(self, *_):
        while mlflow.active_run() is not None:
            mlflow.end_run()
        mlflow.autolog(disable=True, silent=True)
        self.http.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def name(self, stem="it"):
        return f"{stem}-{uuid.uuid4().hex[:12]}"

    def experiment(self):
        return self.client.create_experiment(self.name("experiment"))

    def run(self, experiment=None, **options):
        """The id of a new run."""
        return self.client.create_run(experiment or self.experiment(), **options).info.run_id

    def model(self):
        """The name of a new registered model."""
        return self.client.create_registered_model(self.name("model")).name

    def version(self, model, **options):
        """The number of a new version of it, as the client gives it."""
        return self.client.create_model_version(model, options.pop("source", "s3://bucket/model"), **options).version

    def call(self, method, path, body=None, query=None, headers=None, data=None):
        """Sends it as it is; gives the status and the parsed answer. `path` follows /api/2.0/mlflow/ unless it starts with a slash."""
        url = self.url + path if path.startswith("/") else f"{self.url}/api/2.0/mlflow/{path}"
        answer = self.http.request(method, url, json=body, params=query, headers=headers, data=data, timeout=60)
        try:
            return answer.status_code, answer.json()
        except json.JSONDecodeError:
            return answer.status_code, answer.text

    def post(self, path, body=None, **options):
        return self.call("POST", path, {} if body is None else body, **options)

    def get(self, route, **query):
        return self.call("GET", route, query=query)

    def refused(self, action, code, *parts):
        """The client raises: with this error code, and all these parts in its message."""
        try:
            action()
        except MlflowException as error:
            assert error.error_code == code, f"{error.error_code} is not {code}: {error}"
            for part in parts:
                assert part in str(error), f"{part!r} is not in {str(error)!r}"
            return
        raise AssertionError(f"it was not refused with {code}")

    def answers(self, answer, status, code=None, *parts):
        """A plain answer: this status, and with `code` MLflow's error shape."""
        got, body = answer
        assert got == status, f"status {got} is not {status}: {body}"
        if code is not None:
            equal(body["error_code"], code)
            for part in parts:
                assert part in body["message"], f"{part!r} is not in {body['message']!r}"
        return body
