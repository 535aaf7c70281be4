"""The protocol itself: requests as other clients write them, and requests that are wrong."""

import json

from world import beyond, equal

_JSON = {"Content-Type": "application/json"}


def health_and_version(world):
    """/health answers OK, /version a version of MLflow"""
    status, text = world.call("GET", "/health")
    equal(status, 200)
    assert "OK" in str(text) or "ok" in str(text)
    status, text = world.call("GET", "/version")
    equal(status, 200)
    major, minor = str(text).split(".")[:2]
    assert (int(major), int(minor)) >= (3, 4)


def both_prefixes(world):
    """/api and /ajax-api are one"""
    for prefix in ("/api", "/ajax-api"):
        body = world.answers(world.call("GET", f"{prefix}/2.0/mlflow/experiments/get", query={"experiment_id": "0"}), 200)
        equal(body["experiment"]["name"], "Default")


def absent_route(world):
    """A route that is not there is 404"""
    equal(world.call("GET", "/api/2.0/mlflow/nonsense/get")[0], 404)
    equal(world.call("POST", "/api/2.0/mlflow/nonsense/create", {})[0], 404)


@beyond
def absent_route_in_json(world):
    """It says ENDPOINT_NOT_FOUND in JSON"""
    world.answers(world.call("GET", "/api/2.0/mlflow/nonsense/get"), 404, "ENDPOINT_NOT_FOUND")


def wrong_method(world):
    """A wrong method is 405"""
    equal(world.call("GET", "runs/create")[0], 405)


def content_type_is_json(world):
    """A body that is not sent as JSON is refused"""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/octet-stream"):
        answer = world.call("POST", "experiments/create", data='{"name": "x"}', headers={"Content-Type": kind})
        world.answers(answer, 400, "INVALID_PARAMETER_VALUE", "Bad Request. Content-Type must be one of ['application/json'].")


def content_type_with_parameters(world):
    """application/json may carry a charset"""
    body = json.dumps({"name": world.name()})
    answer = world.call("POST", "experiments/create", data=body, headers={"Content-Type": "application/json; charset=utf-8"})
    world.answers(answer, 200)


def missing_required(world):
    """What is required is named"""
    for path, body, name in (
        ("experiments/create", {}, "name"), ("experiments/create", {"name": ""}, "name"), ("runs/log-parameter", {"key": "k", "value": "v"}, "run_id"),
        ("runs/set-tag", {"run_id": "a" * 32, "value": "v"}, "key"), ("registered-models/create", {}, "name"),
        ("model-versions/create", {"name": "m"}, "source"), ("experiments/delete", {}, "experiment_id"),
    ):
        world.answers(world.post(path, body), 400, "INVALID_PARAMETER_VALUE", f"Missing value for required parameter '{name}'.")


def missing_in_a_query(world):
    """The same in a query string"""
    world.answers(world.get("experiments/get"), 400, "INVALID_PARAMETER_VALUE", "Missing value for required parameter 'experiment_id'.")
    world.answers(world.get("experiments/get-by-name"), 400, "INVALID_PARAMETER_VALUE", "Missing value for required parameter 'experiment_name'.")
    world.answers(world.get("runs/get"), 400, "INVALID_PARAMETER_VALUE")
    world.answers(world.get("registered-models/get"), 400, "INVALID_PARAMETER_VALUE", "Missing value for required parameter 'name'.")


def wrong_kinds_of_values(world):
    """A value of the wrong kind is named with its type"""
    world.answers(world.post("experiments/create", {"name": 3}), 400, "INVALID_PARAMETER_VALUE", "Invalid value 3 for parameter 'name' supplied", "int")
    world.answers(world.post("runs/log-batch", {"run_id": "a" * 32, "metrics": "x"}), 400, "INVALID_PARAMETER_VALUE", "'metrics'")


@beyond
def broken_json(world):
    """JSON that is broken is refused"""
    for text in ("{", "not json", '{"name": }', "[1, 2"):
        world.answers(world.call("POST", "experiments/create", data=text, headers=_JSON), 400)


def unknown_fields(world):
    """Fields nobody knows are ignored"""
    world.answers(world.post("experiments/create", {"name": world.name(), "colour": "red", "nested": {"a": [1]}}), 200)


@beyond
def unknown_status(world):
    """A status that is none is refused"""
    run = world.run()
    world.answers(world.post("runs/update", {"run_id": run, "status": "BAD"}), 400, "INVALID_PARAMETER_VALUE")
    equal(world.client.get_run(run).info.status, "RUNNING")


def enums_by_number(world):
    """Statuses and view types may be numbers"""
    experiment = world.experiment()
    run = world.run(experiment)
    world.answers(world.post("runs/update", {"run_id": run, "status": 4}), 200)
    equal(world.client.get_run(run).info.status, "FAILED")
    body = world.answers(world.post("runs/search", {"experiment_ids": [experiment], "run_view_type": 3}), 200)
    equal([one["info"]["run_id"] for one in body["runs"]], [run])


def scalars_as_strings(world):
    """The R client sends every scalar as a string"""
    model, run = world.model(), world.run()
    world.version(model)
    world.answers(world.post("runs/log-metric", {"run_id": run, "run_uuid": run, "key": "m", "value": "0.5", "timestamp": "1000", "step": "3"}), 200)
    world.answers(world.post("runs/update", {"run_id": run, "status": "FINISHED", "end_time": "1700000000000"}), 200)
    got = world.client.get_run(run)
    equal((got.data.metrics, got.info.status, got.info.end_time), ({"m": 0.5}, "FINISHED", 1_700_000_000_000))


@beyond
def booleans_as_r_writes_them(world):
    """TRUE in a string is a boolean"""
    model = world.model()
    for number in ("1", "2"):
        world.version(model)
        body = {"name": model, "version": number, "stage": "Production", "archive_existing_versions": "TRUE"}
        world.answers(world.post("model-versions/transition-stage", body), 200)
    equal([world.client.get_model_version(model, n).current_stage for n in "12"], ["Archived", "Production"])


def json_in_a_string(world):
    """Older clients send JSON inside a JSON string"""
    name = world.name()
    answer = world.call("POST", "experiments/create", data=json.dumps(json.dumps({"name": name})), headers=_JSON)
    world.answers(answer, 200)
    assert world.client.get_experiment_by_name(name)


def shape_of_a_new_run(world):
    """What runs/create answers, field by field"""
    experiment = world.experiment()
    body = world.answers(world.post("runs/create", {"experiment_id": experiment, "start_time": 1234, "run_name": "n", "user_id": "u"}), 200)
    run = body["run"]
    identifier = run["info"]["run_id"]
    equal(run["info"], {
        "run_uuid": identifier, "run_id": identifier, "run_name": "n", "experiment_id": experiment, "user_id": "u", "status": "RUNNING", "start_time": 1234,
        "artifact_uri": f"mlflow-artifacts:/{experiment}/{identifier}/artifacts", "lifecycle_stage": "active",
    })
    equal(run["data"], {"tags": [{"key": "mlflow.runName", "value": "n"}]})
    equal(run["inputs"], {})
    assert len(identifier) == 32 and identifier == identifier.lower()


def shape_of_a_run(world):
    """What runs/get answers"""
    run = world.run()
    world.client.log_param(run, "p", "1")
    world.client.log_metric(run, "m", 1.5, 7, 2)
    body = world.answers(world.get("runs/get", run_id=run), 200)["run"]
    equal(body["data"]["params"], [{"key": "p", "value": "1"}])
    equal(body["data"]["metrics"], [{"key": "m", "value": 1.5, "timestamp": 7, "step": 2}])
    equal((body["inputs"], body["outputs"], "end_time" in body["info"]), ({}, {}, False))


def shape_of_an_experiment(world):
    """Ids of experiments are strings, times are numbers"""
    experiment = world.experiment()
    body = world.answers(world.get("experiments/get", experiment_id=experiment), 200)["experiment"]
    equal(sorted(body.keys() - {"workspace"}), ["artifact_location", "creation_time", "experiment_id", "last_update_time", "lifecycle_stage", "name"])
    assert isinstance(body["experiment_id"], str) and isinstance(body["creation_time"], int)


def shape_of_a_model_version(world):
    """Versions are strings; description, run_id and run_link are always there"""
    model = world.model()
    body = world.answers(world.post("model-versions/create", {"name": model, "source": "s3://b/m"}), 200)["model_version"]
    equal((body["version"], body["status"], body["current_stage"], body["source"]), ("1", "READY", "None", "s3://b/m"))
    equal((body["description"], body["run_id"], body["run_link"]), ("", "", ""))
    assert isinstance(body["creation_timestamp"], int) and "tags" not in body and "aliases" not in body


def writes_answer_nothing(world):
    """Writes answer {}"""
    run = world.run()
    for path, body in (
        ("runs/log-metric", {"run_id": run, "key": "m", "value": 1, "timestamp": 1}), ("runs/set-tag", {"run_id": run, "key": "t", "value": "v"}),
        ("runs/log-parameter", {"run_id": run, "key": "p", "value": "v"}), ("runs/log-batch", {"run_id": run}), ("runs/delete", {"run_id": run}),
        ("runs/restore", {"run_id": run}),
    ):
        equal(world.answers(world.post(path, body), 200), {})


def empty_answers(world):
    """Nothing found is {}"""
    equal(world.answers(world.post("runs/search", {"experiment_ids": [world.experiment()]}), 200), {})
    equal(world.answers(world.post("runs/search", {}), 200), {})


def run_id_of_odd_shape(world):
    """An id in capital letters names no run"""
    run = world.run()
    world.answers(world.get("runs/get", run_id=run.upper()), 404, "RESOURCE_DOES_NOT_EXIST")


@beyond
def experiment_ids_that_are_none(world):
    """experiment_ids that are no numbers are a mistake of the caller"""
    world.answers(world.post("runs/search", {"experiment_ids": ["abc"]}), 400, "INVALID_PARAMETER_VALUE")


@beyond
def search_without_a_page_size(world):
    """POST experiments/search needs no max_results"""
    body = world.answers(world.post("experiments/search", {"filter": "name = 'Default'"}), 200)
    equal([one["experiment_id"] for one in body["experiments"]], ["0"])


def too_long(world):
    """Keys of 250 characters at most, names of experiments of 500"""
    run = world.run()
    world.answers(world.post("runs/log-metric", {"run_id": run, "key": "k" * 251, "value": 1, "timestamp": 1}), 400, "INVALID_PARAMETER_VALUE", "250")
    world.answers(world.post("runs/log-parameter", {"run_id": run, "key": "k" * 251, "value": "1"}), 400, "INVALID_PARAMETER_VALUE", "250")
    world.answers(world.post("experiments/create", {"name": "n" * 501}), 400, "INVALID_PARAMETER_VALUE")


def long_values_are_cut(world):
    """A parameter is cut at 6000 characters, a tag at 8000"""
    run = world.run()
    world.answers(world.post("runs/log-parameter", {"run_id": run, "key": "p", "value": "x" * 6001}), 200)
    world.answers(world.post("runs/set-tag", {"run_id": run, "key": "t", "value": "y" * 8001}), 200)
    data = world.client.get_run(run).data
    equal((len(data.params["p"]), len(data.tags["t"])), (6000, 8000))


def null_is_absent(world):
    """null stands for a field that is not there"""
    world.answers(world.post("experiments/create", {"name": None}), 400, "INVALID_PARAMETER_VALUE")
    world.answers(world.post("experiments/create", {"name": world.name(), "artifact_location": None, "tags": None}), 200)


@beyond
def nothing_of_the_inside(world):
    """No message shows SQL, a stack or a path of the server"""
    run = world.run()
    bad = [
        world.post("runs/search", {"experiment_ids": ["x' OR 1=1"]}), world.post("runs/search", {"experiment_ids": ["0"], "filter": "params.`a'b` = 'x'; DROP TABLE run"}),
        world.post("runs/log-batch", {"run_id": run, "metrics": [{"key": "m", "value": {}, "timestamp": 1}]}), world.get("runs/get", run_id="' OR '1'='1"),
        world.post("experiments/create", {"name": "Default"}),
    ]
    for status, body in bad:
        assert 400 <= status < 500, (status, body)
        text = json.dumps(body)
        assert not any(word in text for word in ("SELECT", "sqlite", "node_modules", ".ts:", "/root/", "    at ")), text
