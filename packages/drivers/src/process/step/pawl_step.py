"""Calls one function of a project as a step; or serves many calls, each in a fork of its own. Needs Python 3.8 and its standard library.

    python pawl_step.py                   one call, which stands as JSON on standard input
    python pawl_step.py serve [MODULE …]  calls as lines on standard input; the modules are imported once, before

A call: {"file", "name", "arguments": {name: {"value"} | {"path", "json"}}, "outputs": {name: {"path", "json"}}}. See FunctionCall in core/src/ports/executor.ts.
"""

import importlib
import importlib.util
import inspect
import io
import json
import os
import sys
import traceback
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from pathlib import Path

# The shell's own code for "not found": what is wrong with the call is no better at a second try.
NO_SUCH_CALL = 127


class Wrong(Exception):
    """The call does not fit the function."""


class FreshLoader(SourceFileLoader):
    """Compiles the source each time. Python's compiled files tell an edit by the second and the size alone, and would take some edits for none."""

    def path_stats(self, path):
        raise OSError


def read_fresh(root):
    """Files of the project are never taken from compiled ones; those of installed packages are."""
    inside = os.path.join(os.path.realpath(root), "")

    def finder(path):
        real = os.path.join(os.path.realpath(path or "."), "")
        if not real.startswith(inside) or "-packages" + os.sep in real:
            raise ImportError
        return FileFinder(path, (ExtensionFileLoader, EXTENSION_SUFFIXES), (FreshLoader, SOURCE_SUFFIXES))

    sys.path_hooks.insert(0, finder)
    sys.path_importer_cache.clear()


def load(call):
    path = call["file"]
    name, function = os.path.splitext(os.path.basename(path))[0], call["name"]
    if not os.path.isfile(path):
        raise Wrong(f"there is no file {path}")
    folder = os.path.dirname(path)
    # A file of a package is imported by its whole name, so that its relative imports work.
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.dirname(folder), f"{os.path.basename(folder)}.{name}"
    for place in (os.getcwd(), folder):
        if place in sys.path:
            sys.path.remove(place)
        sys.path.insert(0, place)
    read_fresh(os.getcwd())
    if "." in name:
        module = importlib.import_module(name)
    else:
        name = f"step_{name}" if name in sys.modules or name in sys.builtin_module_names else name
        spec = importlib.util.spec_from_file_location(name, path, loader=FreshLoader(name, path))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    found = getattr(module, function, None)
    if not callable(found):
        own = [key for key, value in vars(module).items() if inspect.isroutine(value) and value.__module__ == name]
        raise Wrong(f'{os.path.basename(path)} has no function "{function}"; it has {", ".join(own) or "none"}')
    return found


def bind(function, call):
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        parameters = {}
    open_ended = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    given = {}
    for name, argument in call["arguments"].items():
        if name not in parameters and not open_ended:
            if argument.get("optional"):
                continue
            raise Wrong(f'{call["name"]}({", ".join(parameters)}) takes no "{name}", which the step gives it')
        annotation = parameters[name].annotation if name in parameters else None
        if "value" in argument:
            given[name] = as_annotated(name, argument["value"], annotation)
        elif argument["json"] and annotation not in (Path, str, "Path", "str", "pathlib.Path"):
            given[name] = json.loads(Path(argument["path"]).read_text("utf-8"))
        else:
            given[name] = as_path(argument["path"], annotation)
    for name, output in call["outputs"].items():
        if name in parameters and name not in given:
            given[name] = as_path(output["path"], parameters[name].annotation)
    for name, parameter in parameters.items():
        free = parameter.default is parameter.empty and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        if free and name not in given:
            raise Wrong(f'{call["name"]}() needs "{name}", which is no input, output or parameter of the step')
    return given


def as_annotated(name, value, annotation):
    """A parameter that the pipeline declares without a type comes as text."""
    wanted = {"int": int, "float": float, "bool": bool}.get(annotation, annotation)
    if wanted not in (int, float, bool) or not isinstance(value, str):
        return value
    try:
        return {"true": True, "false": False}[value.lower()] if wanted is bool else wanted(value)
    except (ValueError, KeyError):
        raise Wrong(f'"{name}" must be {wanted.__name__}, and is {value!r}') from None


def as_path(path, annotation):
    return path if annotation in (str, "str") else Path(path)


def deliver(result, given, call):
    """Writes what was returned to the JSON outputs that the function did not take a path for."""
    open_outputs = {name: output["path"] for name, output in call["outputs"].items() if output["json"] and name not in given}
    if not open_outputs or result is None:
        return
    named = isinstance(result, dict) and (len(open_outputs) > 1 or set(result) == set(open_outputs))
    values = result if named else {next(iter(open_outputs)): result}
    if len(open_outputs) > 1 and set(values) != set(open_outputs):
        raise Wrong(f'{call["name"]}() must return a dict with {", ".join(open_outputs)}')
    for name, path in open_outputs.items():
        try:
            text = json.dumps(values[name], default=plain, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise Wrong(f'what {call["name"]}() returned as "{name}" is no JSON: {error}') from None
        Path(path).write_text(text + "\n", "utf-8")


def plain(value):
    """Numbers and arrays of NumPy, rows of pandas, paths and dates, as JSON."""
    for method in ("tolist", "item", "isoformat"):
        if hasattr(value, method):
            return getattr(value, method)()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def run(call):
    """The exit code of the step. What it prints comes line by line."""
    sys.stdout = sys.__stdout__ = writer(1)
    sys.stderr = sys.__stderr__ = writer(2)
    try:
        function = load(call)
        given = bind(function, call)
        result = function(**given)
        if inspect.iscoroutine(result):
            import asyncio

            result = asyncio.run(result)
        deliver(result, given, call)
        return 0
    except Wrong as problem:
        print(problem, file=sys.stderr)
        return NO_SUCH_CALL
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 0xFF
        print(end.code, file=sys.stderr)
        return 1
    except BaseException as error:
        show(error)
        return 1


def writer(fd):
    raw = io.FileIO(fd, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)


def show(error):
    """The traceback from the user's code on."""
    told = traceback.TracebackException.from_exception(error)
    for one in (told, told.__cause__, told.__context__):
        if one is not None:
            hidden = (__file__, "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>", importlib.__file__)
            one.stack[:] = [frame for frame in one.stack if frame.filename not in hidden]
    sys.stderr.write("".join(told.format()))


def main():
    own = os.path.dirname(os.path.abspath(__file__))
    serving = sys.argv[1:2] == ["serve"]
    if serving:
        # Nothing is written to the folder of the program.
        sys.path.insert(0, own)
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        import pawl_fork

        sys.dont_write_bytecode = before
    # What lies beside this file is nothing that a user's code should find.
    sys.path[:] = [place for place in sys.path if place != own]
    if serving:
        return pawl_fork.serve(sys.argv[2:])
    text = sys.stdin.buffer.read()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = io.TextIOWrapper(io.FileIO(0), encoding="utf-8")
    return sys.exit(run(json.loads(text)))


if __name__ == "__main__":
    main()
