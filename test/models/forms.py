"""Sends one server the forms that MLflow's callers send, asks MLflow's own scoring code the same, and prints each with both answers: forms.py URL MODEL_FOLDER ROWS_JSON"""
import json
import sys
import warnings
from urllib.parse import urlparse

warnings.filterwarnings("ignore")

import mlflow.pyfunc
import pandas as pd
import requests
from mlflow.exceptions import MlflowException
from mlflow.models.utils import convert_input_example_to_serving_input
from mlflow.pyfunc import scoring_server
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

url, folder, rows = sys.argv[1:]
golden = json.load(open(rows))
table = pd.DataFrame(golden["rows"][:40], columns=golden["columns"]).astype("float32")
model = mlflow.pyfunc.load_model(folder)
schema = model.metadata.get_input_schema()
shuffled = table[reversed(table.columns)].assign(extra=1)
json_type = "application/json"
split = table.to_dict(orient="split")


def body(form, value, **more):
    return json.dumps({form: value, **more})


short = {"columns": split["columns"][1:], "data": [row[1:] for row in split["data"]]}
cases = {
    "split": (body("dataframe_split", split), json_type),
    "split, other order and a column more": (body("dataframe_split", shuffled.to_dict(orient="split")), json_type),
    "records": (body("dataframe_records", table.to_dict(orient="records")), json_type),
    "instances of objects": (body("instances", table.to_dict(orient="records")), json_type),
    "inputs by column": (body("inputs", table.to_dict(orient="list")), json_type),
    "with params": (body("dataframe_split", split, params={"anything": 1}), json_type),
    "with an unknown field": (body("dataframe_split", split, context="x"), json_type),
    "with a charset": (body("dataframe_split", split), "application/json; charset=utf-8"),
    "serving input of an example": (convert_input_example_to_serving_input(table), json_type),
    "CSV": (table.to_csv(index=False), "text/csv"),
    "CSV with its index": (table.to_csv(), "text/csv"),
    "a missing column": (body("dataframe_split", short), json_type),
    "words for numbers": (body("dataframe_records", [{name: "word" for name in table.columns}]), json_type),
    "no JSON": ("{", json_type),
    "a list": ("[1]", json_type),
    "no form": ('{"data": [1]}', json_type),
    "two forms": (body("inputs", [1], instances=[1]), json_type),
    "records that are none": (body("dataframe_records", 3), json_type),
    "another type": ("<a/>", "text/xml"),
    "another charset": (body("dataframe_split", split), "application/json; charset=latin-1"),
    "another parameter": (body("dataframe_split", split), "application/json; pandas=1"),
}


def theirs(data, content_type):
    try:
        found = scoring_server.invocations(data, content_type, model, schema)
        return found.status, found.response
    except MlflowException as error:
        return error.get_http_status_code(), error.serialize_as_json()


for name, (data, content_type) in cases.items():
    status, text = theirs(data, content_type)
    response = requests.post(f"{url}/invocations", data=data, headers={"Content-Type": content_type}, timeout=30)
    print(json.dumps({"name": name, "theirs": [status, text], "ours": [response.status_code, response.text], "type": response.headers["content-type"]}))

place = urlparse(url)
client = ScoringServerClient(place.hostname, place.port)
client.ping()
assert client.get_version()
found = client.invoke(table).get_predictions()
print(json.dumps({"name": "MLflow's client", "theirs": [200, json.dumps({"predictions": model.predict(table).tolist()})], "ours": [200, json.dumps({"predictions": found[0].tolist() if hasattr(found, "columns") else found})], "type": json_type}))
