"""Judges a Parquet file by a suite with Great Expectations, several times, and prints seconds and results as JSON: from the file to the verdict, without the imports."""

import json
import logging
import os
import sys
import time
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
import great_expectations as gx
import pandas as pd
from great_expectations.expectations.registry import get_expectation_impl

warnings.filterwarnings("ignore")
logging.disable(logging.ERROR)
suite_path, table_path, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
declared = json.load(open(suite_path))
seconds = []
results = []
for run in range(runs):
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    suite = gx.ExpectationSuite(name=declared["name"])
    for one in declared["expectations"]:
        suite.add_expectation(get_expectation_impl(one["type"])(**one["kwargs"]))
    definition = context.data_sources.add_pandas("pandas").add_dataframe_asset("table").add_batch_definition_whole_dataframe("all")
    began = time.perf_counter()
    frame = pd.read_parquet(table_path)
    told = definition.get_batch(batch_parameters={"dataframe": frame}).validate(suite)
    seconds.append(time.perf_counter() - began)
    results = [one.to_json_dict() for one in told.results]
by_kwargs = {}
for one in results:
    result = one["result"]
    key = (one["expectation_config"]["type"], one["expectation_config"]["kwargs"].get("column"))
    by_kwargs.setdefault(json.dumps(key), []).append(
        {"success": one["success"], "unexpected_count": result.get("unexpected_count"), "element_count": result.get("element_count"), "observed_value": result.get("observed_value")}
    )
print(json.dumps({"version": gx.__version__, "seconds": seconds, "results": by_kwargs}, default=lambda value: value.item()))
