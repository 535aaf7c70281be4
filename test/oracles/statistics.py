"""Writes statistics.json, the golden numbers of packages/core/src/statistics.

    python -m venv venv && venv/bin/pip install scipy statsmodels scikit-learn mpmath river
    venv/bin/python test/oracles/statistics.py

Every number is computed by an established library, or from the definition with 60 digits, never by the code under test.
Inputs are literal or follow an integer formula, so the file is the same on every machine.
"""

import importlib.metadata
import json
import pathlib
import platform
import sys

# This file shares its name with a standard module that libraries import: its folder goes to the end of the path.
here = str(pathlib.Path(__file__).parent)
sys.path = [entry for entry in sys.path if entry != here]
import statistics as _standard  # noqa: E402, F401

sys.path.append(here)

import cases  # noqa: E402
import comparisons  # noqa: E402
import special_functions  # noqa: E402
import metrics  # noqa: E402
import resampling  # noqa: E402
import sequential  # noqa: E402

special_functions.write()
comparisons.write()
sequential.write()
metrics.write()
resampling.write()

versions = {"python": platform.python_version()}
for package in ("scipy", "numpy", "mpmath", "statsmodels", "scikit-learn", "river"):
    versions[package] = importlib.metadata.version(package)
lines = ",\n".join("  " + json.dumps(item) for item in cases.CASES)
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text('{"versions": %s,\n"cases": [\n%s\n]}\n' % (json.dumps(versions), lines))
print(f"{len(cases.CASES)} cases written to {path.name}")
