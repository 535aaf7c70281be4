"""Writes suite.json: a suite about the table `people` of checks.json, as Great Expectations' own file context stores it.

    venv/bin/python test/oracles/suite.py
"""

import os
import pathlib
import sys
import tempfile

os.environ["GX_ANALYTICS_ENABLED"] = "false"
here = pathlib.Path(__file__).parent
sys.path = [entry for entry in sys.path if entry != str(here)]  # its statistics.py is not the standard module

import great_expectations as gx  # noqa: E402
import great_expectations.expectations as gxe  # noqa: E402
from great_expectations.expectations.row_conditions import Column  # noqa: E402

with tempfile.TemporaryDirectory() as folder:
    context = gx.get_context(mode="file", project_root_dir=folder)
    suite = context.suites.add(gx.ExpectationSuite(name="people (v1)"))
    for one in [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, max_value=None),
        gxe.ExpectColumnValuesToBeBetween(column="age", min_value=0, max_value=100, mostly=0.5, severity="warning", notes=["a **note**"], meta={"by": "ann"}),
        gxe.ExpectColumnMaxToBeBetween(column="age", min_value=0, max_value={"$PARAMETER": "oldest"}, strict_max=True),
        gxe.ExpectColumnValuesToBeInSet(
            column="city", value_set=["Oslo", "Bergen"], row_condition=(Column("age") > 20) & (Column("city").is_not_null()), condition_parser="great_expectations"
        ),
        gxe.ExpectColumnValuesToBeInSet(column="active", value_set=[True], row_condition=(Column("age").is_in([34, 45])) | (Column("name") == "Cid")),
        gxe.ExpectColumnValuesToMatchRegex(column="name", regex=r"(?i)^[a-z]*\Z", mostly=0.4),
        gxe.ExpectColumnQuantileValuesToBeBetween(column="score", quantile_ranges={"quantiles": [0.5], "value_ranges": [[None, 40]]}, allow_relative_error="linear"),
        gxe.UnexpectedRowsExpectation(unexpected_rows_query="SELECT * FROM {batch} WHERE score > 100", description="nothing absurd"),
    ]:
        suite.add_expectation(one)
    suite.save()
    (stored,) = pathlib.Path(folder).rglob("expectations/people*.json")
    (here / "suite.json").write_text(stored.read_text() + "\n")
