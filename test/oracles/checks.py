"""Writes checks.json: what Great Expectations itself says of small tables, for each of its expectations.

    python -m venv venv && venv/bin/pip install -r test/checks/requirements.txt
    venv/bin/python test/oracles/checks.py

The tables stand in the file too, so that a test needs nothing but it. Every verdict, count and observed value is Great Expectations', on pandas.
"""

import json
import logging
import math
import os
import pathlib
import sys
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
here = str(pathlib.Path(__file__).parent)
sys.path = [entry for entry in sys.path if entry != here]  # its statistics.py is not the standard module

import great_expectations as gx  # noqa: E402
import pandas as pd  # noqa: E402
from great_expectations.expectations.registry import get_expectation_impl  # noqa: E402

warnings.filterwarnings("ignore")
logging.disable(logging.ERROR)

NAN = float("nan")
TABLES = {
    "people": [
        {"id": i, "age": age, "height": height, "name": name, "city": city, "active": active, "born": born, "score": score, "low": low, "high": high}
        for i, (age, height, name, city, active, born, score, low, high) in enumerate(
            [
                (34, 1.75, "Ann Lee", "Oslo", True, "1990-05-17", 10, 1, 2),
                (27, 1.62, "Bob", "Bergen", False, "1997-02-28", 20, 2, 2),
                (None, 1.80, "Cid", "Oslo", True, "1999-02-29", 30, 5, 3),
                (45, None, "Dora Ek", None, True, "1979-13-01", 20, None, 4),
                (27, 1.91, None, "Oslo", False, "2001-12-31", 40, 4, None),
                (61, 1.55, "", "Tromsø", True, None, 20, None, None),
                (19, 1.70, "eve", "oslo", False, "05/17/2005", 50, 7, 9),
                (34, 1.75, "Ann Lee", "Oslo", True, "1990-05-17", 60, 8, 8),
                (102, 2.45, "Zoë 🦆", "Bergen", True, "1922-01-01", 70, -1, 10),
                (27, 1.66, "Bob", "Stavanger", False, "1997-02-28", 80, 3, 11),
            ]
        )
    ],
    "series": [
        {"step": step, "up": up, "down": down, "noise": noise, "label": label, "json": text, "stamp": stamp}
        for step, up, down, noise, label, text, stamp in [
            (1, 1, 9.0, 0.1, "a", '{"a": 1}', "2024-01-01 10:00:00"),
            (2, 1, 8.5, -0.4, "b", '{"a": "x"}', "2024-01-01 10:05:00"),
            (3, 2, 8.5, 0.3, "a", "[1, 2]", "2024-01-01 10:04:59"),
            (4, None, 7.0, 0.0, "c", "{", "2024-02-30 00:00:00"),
            (5, 3, 7.5, 25.0, "a", "", None),
            (6, 3, 6.0, 0.2, "b", "null", "yesterday"),
            (7, 5, 1.0, -0.1, None, None, "2024-01-02"),
            (8, 4, -3.0, 0.6, "a", '"t"', "01/02/2024 3:04 PM"),
        ]
    ],
    "triples": [
        {"a": a, "b": b, "c": c}
        for a, b, c in [(1, 2, 3), (1, 1, 1), (None, None, None), (2, None, 4), (3, 3, 0), (None, None, 6), (1, 2, 3), (0, 0, 6)]
    ],
    "empty": [{"x": None, "y": y} for y in (1, 2, 3)],
}


def c(table, name, /, **kwargs):
    kind = name if name.startswith("unexpected_rows") else f"expect_{name}"
    return table, kind, kwargs


def cases():
    p = "people"
    for column in ("age", "name", "id", "height"):
        yield c(p, "column_values_to_not_be_null", column=column)
        yield c(p, "column_values_to_be_null", column=column, mostly=0.1)
    yield c(p, "column_values_to_not_be_null", column="age", mostly=0.9)
    for low, high, strict in [(20, 60, False), (27, 61, True), (None, 45, False), (19, None, True)]:
        yield c(p, "column_values_to_be_between", column="age", min_value=low, max_value=high, strict_min=strict, strict_max=strict)
    yield c(p, "column_values_to_be_between", column="age", min_value=20, max_value=60, mostly=0.75)
    yield c(p, "column_values_to_be_between", column="age", min_value=20, max_value=60, mostly=7 / 9)
    yield c(p, "column_values_to_be_between", column="height", min_value=1.6, max_value=2)
    for values in (["Oslo", "Bergen"], [], ["Oslo", "Bergen", "Tromsø", "Stavanger", "oslo"]):
        yield c(p, "column_values_to_be_in_set", column="city", value_set=values)
        yield c(p, "column_values_to_not_be_in_set", column="city", value_set=values or ["x"])
        yield c(p, "column_distinct_values_to_be_in_set", column="city", value_set=values)
        yield c(p, "column_distinct_values_to_equal_set", column="city", value_set=values)
        yield c(p, "column_distinct_values_to_contain_set", column="city", value_set=values)
    yield c(p, "column_values_to_be_in_set", column="age", value_set=[27, 34, 61])
    yield c(p, "column_values_to_be_in_set", column="active", value_set=[True])
    for column in ("id", "age", "name", "city"):
        yield c(p, "column_values_to_be_unique", column=column)
    yield c(p, "column_values_to_be_unique", column="age", mostly=0.4)
    for regex in ("^[A-Z]", "o$", "^$", r"\d", "(?i)^o", r"^\w+ \w+$", "e"):
        yield c(p, "column_values_to_match_regex", column="name", regex=regex)
        yield c(p, "column_values_to_not_match_regex", column="name", regex=regex)
    yield c(p, "column_values_to_match_regex", column="id", regex="^[0-4]$")
    yield c(p, "column_values_to_match_regex_list", column="name", regex_list=["^A", "b$", "^e"])
    yield c(p, "column_values_to_match_regex_list", column="name", regex_list=["^A", "e"], match_on="all")
    yield c(p, "column_values_to_not_match_regex_list", column="name", regex_list=["^A", "b$"])
    for low, high in ((1, 3), (4, None), (None, 7)):
        yield c(p, "column_value_lengths_to_be_between", column="name", min_value=low, max_value=high)
    yield c(p, "column_value_lengths_to_be_between", column="city", min_value=4, max_value=6, strict_min=True, strict_max=True)
    yield c(p, "column_value_lengths_to_equal", column="name", value=3)
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%d"):
        yield c(p, "column_values_to_match_strftime_format", column="born", strftime_format=form)
    yield c(p, "column_values_to_be_dateutil_parseable", column="born")
    yield c("series", "column_values_to_be_dateutil_parseable", column="stamp")
    yield c("series", "column_values_to_match_strftime_format", column="stamp", strftime_format="%Y-%m-%d %H:%M:%S")
    yield c("series", "column_values_to_be_json_parseable", column="json")
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    for limit in (2, 3, 0.5):
        yield c(p, "column_value_z_scores_to_be_less_than", column="age", threshold=limit, double_sided=True)
        yield c("series", "column_value_z_scores_to_be_less_than", column="noise", threshold=limit, double_sided=False)
        yield c("series", "column_values_to_not_be_outliers", column="noise", method="iqr", multiplier=limit)
        yield c("series", "column_values_to_not_be_outliers", column="noise", method="std", multiplier=limit)
    for name in ("increasing", "decreasing"):
        for column in ("up", "down", "step"):
            yield c("series", f"column_values_to_be_{name}", column=column)
            yield c("series", f"column_values_to_be_{name}", column=column, strictly=True)
    for ignore in ("both_values_are_missing", "either_value_is_missing", "neither"):
        yield c(p, "column_pair_values_to_be_equal", column_A="low", column_B="high", ignore_row_if=ignore)
        for equal in (False, True):
            yield c(p, "column_pair_values_a_to_be_greater_than_b", column_A="high", column_B="low", or_equal=equal, ignore_row_if=ignore)
        pairs = [["Oslo", True], ["Bergen", True], ["Bergen", False]]
        yield c(p, "column_pair_values_to_be_in_set", column_A="city", column_B="active", value_pairs_set=pairs, ignore_row_if=ignore)
    for ignore in ("all_values_are_missing", "any_value_is_missing", "never"):
        columns = ["a", "b", "c"]
        yield c("triples", "compound_columns_to_be_unique", column_list=columns, ignore_row_if=ignore)
        yield c("triples", "compound_columns_to_be_unique", column_list=["a", "b"], ignore_row_if=ignore)
        yield c("triples", "select_column_values_to_be_unique_within_record", column_list=columns, ignore_row_if=ignore)
        yield c("triples", "multicolumn_sum_to_equal", column_list=columns, sum_total=6, ignore_row_if=ignore)
        yield c("triples", "multicolumn_values_to_be_equal", column_list=["a", "b"], ignore_row_if=ignore)
    for name in ("min", "max", "mean", "median", "sum", "stdev"):
        for low, high in ((0, 50), (1.7, None)):
            yield c(p, f"column_{name}_to_be_between", column="age", min_value=low, max_value=high)
            yield c(p, f"column_{name}_to_be_between", column="height", min_value=low, max_value=high)
        yield c("empty", f"column_{name}_to_be_between", column="y", min_value=1, max_value=2, strict_max=True)
    for name in ("unique_value_count", "proportion_of_unique_values", "proportion_of_non_null_values"):
        yield c(p, f"column_{name}_to_be_between", column="city", min_value=0.5, max_value=5)
        yield c("empty", f"column_{name}_to_be_between", column="x", min_value=0, max_value=0)
    for ties in (False, True):
        yield c(p, "column_most_common_value_to_be_in_set", column="city", value_set=["Oslo", "Bergen"], ties_okay=ties)
        yield c("series", "column_most_common_value_to_be_in_set", column="down", value_set=[8.5], ties_okay=ties)
        yield c("triples", "column_most_common_value_to_be_in_set", column="c", value_set=[3, 6], ties_okay=ties)
    quantiles = [0, 0.1, 0.25, 0.5, 0.9, 1]
    for how in (False, "linear", "lower", "higher", "midpoint", "nearest"):
        ranges = [[None, 20], [19, 27], [27, 27], [30, 34], [50, None], [100, 102]]
        yield c(p, "column_quantile_values_to_be_between", column="age", quantile_ranges={"quantiles": quantiles, "value_ranges": ranges}, allow_relative_error=how)
        ranges = [[None, None]] * 6
        yield c("series", "column_quantile_values_to_be_between", column="noise", quantile_ranges={"quantiles": quantiles, "value_ranges": ranges}, allow_relative_error=how)
    kl = "column_kl_divergence_to_be_less_than"
    cities = {"values": ["Oslo", "Bergen", "Tromsø"], "weights": [0.6, 0.3, 0.1]}
    for holdout in (0, 0.1):
        yield c(p, kl, column="city", partition_object=cities, threshold=0.5, tail_weight_holdout=holdout)
    bins = {"bins": [20, 40, 60, 120], "weights": [0.6, 0.4, 0]}
    yield c(p, kl, column="age", partition_object=bins, threshold=0.5, tail_weight_holdout=0.01, internal_weight_holdout=0.01)
    yield c(p, kl, column="age", partition_object=bins, threshold=0.5)
    yield c(p, kl, column="age", partition_object={"bins": [20, 40, 60], "weights": [0.6, 0.2], "tail_weights": [0.1, 0.1]}, threshold=0.1)
    yield c("series", kl, column="down", partition_object={"bins": [-3, 5, 9], "weights": [0.3, 0.7]}, threshold=0.01)
    yield c(p, "column_to_exist", column="age")
    yield c(p, "column_to_exist", column="age", column_index=3)
    yield c(p, "column_to_exist", column="nowhere")
    names = ["id", "age", "height", "name", "city", "active", "born", "score", "low", "high"]
    for columns in (names, list(reversed(names)), names[:-1], [*names, "extra"]):
        yield c(p, "table_columns_to_match_ordered_list", column_list=columns)
        yield c(p, "table_columns_to_match_set", column_set=columns)
        yield c(p, "table_columns_to_match_set", column_set=columns, exact_match=False)
    for value in (10, 9):
        yield c(p, "table_row_count_to_equal", value=value)
        yield c(p, "table_column_count_to_equal", value=value)
        yield c(p, "table_row_count_to_be_between", min_value=1, max_value=value)
        yield c(p, "table_column_count_to_be_between", min_value=value)
    for kind in ("int64", "float64", "object", "bool"):
        for column in ("id", "height", "active"):
            yield c(p, "column_values_to_be_of_type", column=column, type_=kind)
            yield c(p, "column_values_to_be_in_type_list", column=column, type_list=[kind, "float64"])
    for column in ("x",):
        yield c("empty", "column_values_to_be_between", column=column, min_value=1)
        yield c("empty", "column_values_to_be_in_set", column=column, value_set=[1])
        yield c("empty", "column_values_to_be_unique", column=column)
    conditions = [
        "city == 'Oslo'",
        "city != 'Oslo'",
        "age > 30",
        "not (age > 30)",
        "~(age > 30) | active",
        "age >= 27 and active == True",
        "20 < age < 40",
        "city in ['Oslo', 'Bergen']",
        "city not in ['Oslo', 'Bergen']",
        "city.isnull()",
        "city.notnull() and `age` <= 34",
        "low == high",
        "low != high",
    ]
    for condition in conditions:
        rows = {"row_condition": condition, "condition_parser": "pandas"}
        yield c(p, "column_values_to_be_between", column="height", min_value=1.6, max_value=1.8, **rows)
        yield c(p, "column_values_to_not_be_null", column="name", **rows)
        yield c(p, "column_mean_to_be_between", column="score", min_value=20, max_value=40, **rows)
        yield c(p, "column_values_to_be_unique", column="age", **rows)
    column = lambda name: {"name": name}  # noqa: E731
    objects = [
        {"type": "comparison", "column": column("age"), "operator": ">", "parameter": 30},
        {"type": "comparison", "column": column("city"), "operator": "!=", "parameter": "Oslo"},
        {"type": "comparison", "column": column("city"), "operator": "IN", "parameter": ["Oslo", "Bergen"]},
        {"type": "comparison", "column": column("city"), "operator": "NOT_IN", "parameter": ["Oslo"]},
        {"type": "nullity", "column": column("city"), "is_null": False},
        {
            "type": "or",
            "conditions": [
                {"type": "nullity", "column": column("age"), "is_null": True},
                {"type": "comparison", "column": column("age"), "operator": "<=", "parameter": 27},
            ],
        },
    ]
    for condition in objects:
        yield c(p, "column_values_to_be_between", column="height", min_value=1.6, max_value=1.8, row_condition=condition)
    yield c("series", "column_values_to_match_json_schema", column="json", json_schema=schema, row_condition="step <= 3", condition_parser="pandas")


def plain(value):
    """JSON as another program can read it: no NaN."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def main():
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("pandas")
    batches = {}
    for name, rows in TABLES.items():
        definition = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
        batches[name] = definition.get_batch(batch_parameters={"dataframe": pd.DataFrame(rows)})
    told = []
    for table, kind, kwargs in cases():
        given = {key: value for key, value in kwargs.items() if value is not None}
        try:
            expectation = get_expectation_impl(kind)(**given)
        except ValueError:
            continue  # this release does not take these arguments; others did, and Pawl does
        result = batches[table].validate(expectation, result_format="COMPLETE").to_json_dict()
        said = result["result"]
        expect = {"success": bool(result["success"]), "raised": bool(result["exception_info"].get("raised_exception", True))}
        for key in ("element_count", "missing_count", "unexpected_count", "unexpected_percent", "unexpected_list", "unexpected_index_list", "observed_value"):
            if key in said:
                expect[key] = plain(said[key])
        told.append({"table": table, "type": kind, "kwargs": kwargs, "expect": expect})
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in told)
    tables = ",\n".join(f"  {json.dumps(name)}: {json.dumps(rows, ensure_ascii=False)}" for name, rows in TABLES.items())
    path = pathlib.Path(__file__).with_suffix(".json")
    versions = json.dumps({"great_expectations": gx.__version__, "pandas": pd.__version__})
    path.write_text(f'{{"versions": {versions},\n"tables": {{\n{tables}\n}},\n"cases": [\n{lines}\n]}}\n')
    print(len(told), "cases,", sum(case["expect"]["raised"] for case in told), "raised")
    for case in told:
        if case["expect"]["raised"]:
            print(case["table"], case["type"], case["kwargs"])


main()
