"""Opens one model and answers batches of it: worker.py FOLDER MEMORY_BYTES. The only place where a pickle is opened.

A frame is two little-endian u32, the length of its JSON header and of its body, then both. Requests come on standard input, answers go to file 3; what the model prints goes to standard
error. A header lists tensors in the order of their bytes in the body, as frame.ts writes them.
"""
import base64
import json
import os
import resource
import struct
import sys
import traceback

requests = os.fdopen(os.dup(0), "rb")
answers = os.fdopen(os.dup(3), "wb")
# The model's own code meets neither: what it prints is a log, and what it reads is empty.
os.close(3)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(2, 1)

folder, memory = sys.argv[1], int(sys.argv[2])
if memory > 0 and hasattr(resource, "RLIMIT_DATA"):
    resource.setrlimit(resource.RLIMIT_DATA, (memory, resource.getrlimit(resource.RLIMIT_DATA)[1]))
code = os.path.join(folder, "code")
if os.path.isdir(code):
    sys.path.insert(0, code)

import numpy as np

DTYPES = {
    "BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64, "INT8": np.int8, "INT16": np.int16,
    "INT32": np.int32, "INT64": np.int64, "FP16": np.float16, "FP32": np.float32, "FP64": np.float64,
}
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
COLUMNS = {"boolean": "BOOL", "integer": "INT32", "long": "INT64", "float": "FP32", "double": "FP64"}


def send(header, body=b""):
    text = json.dumps(header).encode()
    answers.write(struct.pack("<II", len(text), len(body)) + text + body)
    answers.flush()


def receive():
    head = requests.read(8)
    if len(head) < 8:
        sys.exit(0)
    header, body = struct.unpack("<II", head)
    return json.loads(requests.read(header)), requests.read(body)


def to_array(tensor, body, at):
    """One tensor out of a body."""
    end = at + tensor["bytes"]
    shape = tensor["shape"]
    if tensor["datatype"] != "BYTES":
        return np.frombuffer(body[at:end], DTYPES[tensor["datatype"]]).reshape(shape).copy(), end
    words = []
    while at < end:
        (size,) = struct.unpack_from("<I", body, at)
        words.append(body[at + 4 : at + 4 + size].decode())
        at += 4 + size
    array = np.empty(len(words), dtype=object)
    array[:] = words
    for missing in tensor.get("missing", []):
        array[missing] = None
    return array.reshape(shape), end


def is_missing(value):
    return value is None or (isinstance(value, float) and value != value) or str(value) in ("NaT", "<NA>")


def to_text(value):
    if isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(bytes(value)).decode()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return json.dumps(value, default=lambda item: item.tolist() if hasattr(item, "tolist") else str(item))


def to_tensor(name, value):
    """Anything that a model gives as a tensor of the protocols and its bytes."""
    if hasattr(value, "toarray"):
        value = value.toarray()
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.empty(len(value), dtype=object)
        array[:] = value
    if array.ndim == 0:
        array = array.reshape(1)
    if array.dtype.kind == "M":
        array = np.datetime_as_string(array).astype(object)
    elif array.dtype.kind == "O" and array.size and all(isinstance(item, (bool, np.bool_)) for item in array.ravel()):
        array = array.astype(np.bool_)
    if array.dtype in NAMES:
        bytes_ = np.ascontiguousarray(array).tobytes()
        return {"name": name, "datatype": NAMES[array.dtype], "shape": list(array.shape), "bytes": len(bytes_)}, bytes_
    if array.dtype.kind == "f":
        return to_tensor(name, array.astype(np.float64))
    flat = array.ravel().tolist()
    missing = [at for at, item in enumerate(flat) if is_missing(item)]
    gone = set(missing)
    words = [b"" if at in gone else to_text(item).encode() for at, item in enumerate(flat)]
    bytes_ = b"".join(struct.pack("<I", len(word)) + word for word in words)
    return {"name": name, "datatype": "BYTES", "shape": list(array.shape), "bytes": len(bytes_), "missing": missing}, bytes_


class Model:
    """A model and what it takes: by MLflow where its environment has it, else scikit-learn's own object."""

    def __init__(self):
        self.fields, self.params, self.raw = [], False, None
        try:
            import mlflow.pyfunc
        except ImportError:
            self.load_alone()
        else:
            self.pyfunc = mlflow.pyfunc.load_model(folder)
            schema = self.pyfunc.metadata.get_input_schema()
            self.params = self.pyfunc.metadata.get_params_schema() is not None
            self.fields = [] if schema is None else schema.to_dict()
            self.call = lambda data, params: self.pyfunc.predict(data, params=params) if self.params else self.pyfunc.predict(data)
            try:
                self.raw = self.pyfunc.get_raw_model()
            except Exception:
                pass
        self.scores = getattr(self.raw, "predict_proba", None) if hasattr(self.raw, "classes_") else None

    def load_alone(self):
        import yaml

        with open(os.path.join(folder, "MLmodel")) as file:
            described = yaml.safe_load(file)
        flavor = (described.get("flavors") or {}).get("sklearn")
        if flavor is None:
            raise RuntimeError("the environment has no mlflow, which this model needs: add mlflow to its requirements")
        path = os.path.join(folder, flavor["pickled_model"])
        try:
            import cloudpickle as pickle
        except ImportError:
            import pickle
        with open(path, "rb") as file:
            self.raw = pickle.load(file)
        self.call = lambda data, params: self.raw.predict(data)
        self.fields = json.loads((described.get("signature") or {}).get("inputs") or "[]")

    def inputs(self):
        """Inputs as tensors; none: it takes whatever it is given."""
        if self.fields:
            return [self.to_input(field, at) for at, field in enumerate(self.fields)]
        width = getattr(self.raw, "n_features_in_", None)
        if width is None:
            return []
        names = getattr(self.raw, "feature_names_in_", None)
        if names is None:
            return [{"name": "input", "datatype": "FP64", "shape": [-1, int(width)]}]
        # Trained on a table, of which nobody recorded the types.
        return []

    def to_input(self, field, at):
        tensor = field.get("tensor-spec")
        if tensor is None:
            return {"name": field.get("name") or str(at), "datatype": COLUMNS.get(field["type"], "BYTES"), "shape": [-1]}
        dtype = np.dtype(tensor["dtype"]) if tensor["dtype"] not in ("str", "object", "string") else None
        return {"name": field.get("name") or "input", "datatype": NAMES.get(dtype, "BYTES"), "shape": tensor["shape"]}

    def to_data(self, arrays):
        """The tensors of a batch as what the model was made for: a table, an array, or arrays by name."""
        import pandas as pd

        if self.fields and "tensor-spec" in self.fields[0]:
            named = self.fields[0].get("name") is not None
            return arrays if named else next(iter(arrays.values()))
        if not self.fields and len(arrays) == 1:
            (only,) = arrays.values()
            if only.ndim > 1:
                return only
        columns = {}
        kinds = {field.get("name") or str(at): field["type"] for at, field in enumerate(self.fields)}
        for name, array in arrays.items():
            column = array.reshape(len(array), -1)[:, 0] if array.ndim > 1 else array
            kind = kinds.get(name)
            if kind == "datetime":
                column = pd.to_datetime(column)
            elif kind == "binary":
                column = [None if item is None else base64.b64decode(item) for item in column]
            elif kind not in (None, "string") and kind not in COLUMNS:
                column = [None if item is None else json.loads(item) for item in column]
            columns[name] = column
        frame = pd.DataFrame(columns)
        if self.fields and self.fields[0].get("name") is None:
            frame.columns = range(len(frame.columns))
        return frame

    def predict(self, arrays, params):
        data = self.to_data(arrays)
        result = self.call(data, params)
        if hasattr(result, "columns"):
            return "records", [(str(name), result[name]) for name in result.columns]
        if isinstance(result, dict):
            return "object", list(result.items())
        outputs = [("predict", result)]
        if self.scores is not None:
            outputs.append(("predict_proba", self.scores(data)))
        return "array", outputs

    def classes(self):
        found = getattr(self.raw, "classes_", None)
        if self.scores is None or not isinstance(found, np.ndarray) or found.ndim != 1:
            return None
        return found.tolist()


def in_one_line(error):
    text = " ".join(str(error).replace(folder, "the package").split())
    return f"{type(error).__name__}: {text}"[:500]


def main():
    try:
        model = Model()
        inputs = model.inputs()
        send({"ready": True, "inputs": inputs, "open": not inputs, "classes": model.classes(), "python": sys.version.split()[0], "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})
    except BaseException as error:
        traceback.print_exc()
        send({"ready": False, "error": in_one_line(error)})
        sys.exit(1)
    while True:
        header, body = receive()
        try:
            arrays, at = {}, 0
            for tensor in header["tensors"]:
                arrays[tensor["name"]], at = to_array(tensor, body, at)
            form, outputs = model.predict(arrays, header.get("params"))
            tensors = [to_tensor(name, value) for name, value in outputs]
            send({"id": header["id"], "form": form, "tensors": [tensor for tensor, _ in tensors]}, b"".join(bytes_ for _, bytes_ in tensors))
        except Exception as error:
            traceback.print_exc()
            send({"id": header["id"], "error": in_one_line(error)})


main()
