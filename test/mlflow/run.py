"""Runs scenarios of MLflow's own client against the server at URL: python run.py URL NAME...

A scenario is a function without leading underscore in scenarios/NAME.py; its docstring says what it shows.
Prints a JSON line for each: {"name", "title", "ok", "error", "ms"}. Any server that speaks the protocol will do: what holds for MLflow's
own server must hold for Pawl. A scenario marked `beyond` shows what Pawl does on purpose where MLflow does not: with --peer it is left out.
"""

import importlib
import inspect
import json
import os
import sys
import time
import traceback

os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# A server error must show at once: the client would repeat the request for minutes.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from world import World  # noqa: E402

# The client writes to standard output too ("View run at ..."): that goes to standard error, so that every line here is one result.
results, sys.stdout = sys.stdout, sys.stderr


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    against_peer = "--peer" in sys.argv
    only = [word[len("--only=") :] for word in sys.argv if word.startswith("--only=")]
    url, names = words[0], words[1:]
    failed = 0
    for name in names:
        module = importlib.import_module(f"scenarios.{name}")
        for function in _scenarios(module):
            if (against_peer and getattr(function, "beyond", False)) or (only and function.__name__ not in only):
                continue
            failed += not _perform(url, name, function)
    sys.exit(1 if failed else 0)


def _scenarios(module):
    own = [one for one in vars(module).values() if inspect.isfunction(one) and one.__module__ == module.__name__]
    return [one for one in own if not one.__name__.startswith("_")]


def _perform(url, module, function):
    began = time.monotonic()
    error = None
    with World(url) as world:
        try:
            function(world)
        except BaseException:
            error = traceback.format_exc(limit=-6)
    line = {
        "name": f"{module}.{function.__name__}",
        "title": inspect.cleandoc(function.__doc__ or function.__name__.replace("_", " ")),
        "ok": error is None,
        "ms": round((time.monotonic() - began) * 1000),
        **({} if error is None else {"error": error}),
    }
    results.write(json.dumps(line) + "\n")
    results.flush()
    return error is None


if __name__ == "__main__":
    main()
