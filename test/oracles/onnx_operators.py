"""Small graphs for every operator that the evaluator computes, with what ONNX Runtime answers.

    pip install onnx onnxruntime numpy
    python onnx_operators.py > onnx-operators.json
"""

import base64
import json
import math
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(7)
ML = "ai.onnx.ml"
F, D, I, I32, B, S = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL, TensorProto.STRING
TYPES = {"float32": F, "float64": D, "int64": I, "int32": I32, "bool": B, "object": S}
KINDS = {F: "FP32", D: "FP64", I: "INT64", I32: "INT32", B: "BOOL", S: "BYTES"}
cases = []


def plain(value):
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def tensor(array):
    array = np.asarray(array)
    kind = KINDS[TYPES[array.dtype.name]] if array.dtype.name in TYPES else "BYTES"
    return {"kind": kind, "shape": list(array.shape), "data": [plain(v) for v in array.ravel().tolist()]}


def case(name, op, inputs, domain="", opset=17, ml=3, outputs=1, constants=None, types=None, **attributes):
    """Runs one node. `inputs` by name are fed; `constants` by name are initializers; node inputs stand in the order of both together."""
    constants = constants or {}
    feeds = {key: np.asarray(value) for key, value in inputs.items()}
    order = [*feeds, *constants]
    names = [f"y{index}" for index in range(outputs)]
    node = helper.make_node(op, order, names, domain=domain, **attributes)
    infos = [helper.make_tensor_value_info(key, TYPES[value.dtype.name], value.shape) for key, value in feeds.items()]
    fixed = [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()]
    out = [helper.make_empty_tensor_value_info(key) for key in names]
    graph = helper.make_graph([node], name, infos, out, fixed)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid(ML, ml)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    # What ONNX Runtime infers is what the file declares: an empty declaration is not allowed everywhere.
    for value, info in zip(model.graph.output, session.get_outputs()):
        kinds = {"tensor(float)": F, "tensor(double)": D, "tensor(int64)": I, "tensor(int32)": I32, "tensor(bool)": B, "tensor(string)": S}
        value.type.tensor_type.elem_type = kinds[info.type]
    answers = session.run(None, feeds)
    cases.append(
        {
            "name": name,
            "model": base64.b64encode(model.SerializeToString()).decode(),
            "inputs": {key: tensor(value) for key, value in feeds.items()},
            "outputs": [tensor(value) for value in answers],
        }
    )


def f(*shape, scale=2.0):
    return (rng.normal(size=shape) * scale).astype(np.float32)


odd = np.array([[np.nan, 1.5, -0.0], [np.inf, -np.inf, -2.5], [0.1, 7.0, 1e-3]], np.float32)
words = np.array([["red"], ["blue"], ["green"], ["no such"]], object)

# Arithmetic, with every way of broadcasting.
for op in ["Add", "Sub", "Mul", "Div", "Pow"]:
    case(f"{op}", op, {"a": np.abs(f(3, 4)) + 0.1, "b": f(3, 4)})
    case(f"{op} row", op, {"a": np.abs(f(3, 4)) + 0.1}, constants={"b": f(4)})
    case(f"{op} scalar first", op, {"a": np.float32(2.5).reshape(()), "b": np.abs(f(2, 3)) + 1})
    case(f"{op} column", op, {"a": np.abs(f(3, 1)) + 0.1, "b": f(1, 4)})
case("Div integers", "Div", {"a": np.array([7, -7, 9], np.int64), "b": np.array([2, 2, -4], np.int64)})
case("Div int32", "Div", {"a": np.array([7, -7, 9], np.int32), "b": np.array([2, 2, -4], np.int32)})
case("Add double", "Add", {"a": rng.normal(size=(2, 3)), "b": rng.normal(size=(2, 3))})
case("Pow integers", "Pow", {"a": np.array([2, 3, -2], np.int64), "b": np.array([3, 2, 3], np.int64)})
for op in ["Less", "LessOrEqual", "Greater", "GreaterOrEqual"]:
    case(op, op, {"a": odd, "b": np.zeros_like(odd)})
case("Equal", "Equal", {"a": np.array([1, 2, 3], np.int64), "b": np.array([1, 5, 3], np.int64)})
case("Equal texts", "Equal", {"a": np.array(["x", "y"], object), "b": np.array(["x", "z"], object)}, opset=19)
for op in ["And", "Or", "Xor"]:
    case(op, op, {"a": np.array([True, True, False, False]), "b": np.array([True, False, True, False])})
case("Not", "Not", {"a": np.array([True, False])})
case("Max", "Max", {"a": odd, "b": np.full_like(odd, 1), "c": f(3, 3)})
case("Min", "Min", {"a": odd, "b": np.full_like(odd, 1)})
case("Sum", "Sum", {"a": f(2, 3), "b": f(2, 3), "c": f(1, 3)})
case("Where", "Where", {"a": np.array([[True, False, True]]), "b": f(2, 3), "c": f(2, 1)})
case("Where texts", "Where", {"a": np.array([True, False]), "b": np.array(["x", "y"], object), "c": np.array(["p", "q"], object)})

for op in ["Abs", "Neg", "Exp", "Floor", "Ceil", "Sigmoid", "Tanh", "Erf", "Sign", "Relu", "Softplus", "Reciprocal", "IsNaN", "Identity"]:
    case(op, op, {"a": odd})
case("Sqrt", "Sqrt", {"a": np.abs(f(5))})
case("Log", "Log", {"a": np.abs(f(5)) + 0.01})
case("Erf wide", "Erf", {"a": np.linspace(-7, 7, 57).astype(np.float32)})
case("Clip", "Clip", {"a": odd}, constants={"low": np.float32(-1), "high": np.float32(2)})
case("Clip old", "Clip", {"a": odd}, opset=6, min=-1.0, max=2.0)

case("Cast to integer", "Cast", {"a": np.array([1.9, -1.9, 0.0, 3.0], np.float32)}, to=I)
case("Cast odd to int32", "Cast", {"a": np.array([np.nan, np.inf, -np.inf, 1e20, 5.5], np.float32)}, to=I32)
case("Cast to bool", "Cast", {"a": odd}, to=B)
case("Cast to text", "Cast", {"a": np.array([1e10, 1 / 3, np.nan, np.inf, -0.0, 0.1, 123456789.0, 1e-5, 1234.5, 1.0, 12345678.0, 2.5e-7], np.float32)}, to=S)
case("Cast double to text", "Cast", {"a": np.array([1e10, 1 / 3, 123456.789, 0.1, 99999999.5])}, to=S)
case("Cast integer to text", "Cast", {"a": np.array([1, -20, 0], np.int64)}, to=S)
case("Cast text to float", "Cast", {"a": np.array(["1.5", "-2e3", "NaN", "INF", "-inf", " 7 ", ".5"], object)}, to=F)
case("Cast text to integer", "Cast", {"a": np.array(["15", "-2"], object)}, to=I)
case("Cast to double", "Cast", {"a": f(3)}, to=D)
case("Cast from double", "Cast", {"a": rng.normal(size=4)}, to=F)

for op in ["ReduceSumSquare", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSumExp"]:
    for axes, keep in [([1], 1), ([0], 0), ([0, 2], 1), (None, 0)]:
        given = {} if axes is None else {"axes": axes}
        case(f"{op} {axes} {keep}", op, {"a": f(2, 3, 4)}, opset=13, keepdims=keep, **given)
case("ReduceMax axes as input", "ReduceMax", {"a": f(2, 3)}, constants={"axes": np.array([-1], np.int64)}, opset=18)
case("ReduceSum", "ReduceSum", {"a": f(2, 3, 4)}, constants={"axes": np.array([1], np.int64)}, keepdims=0)
case("ReduceSum all", "ReduceSum", {"a": f(2, 3)}, keepdims=0)
case("ReduceSum none", "ReduceSum", {"a": f(2, 3)}, constants={"axes": np.array([], np.int64)}, noop_with_empty_axes=1)
for axis in [0, 1, -1]:
    case(f"ArgMax {axis}", "ArgMax", {"a": np.array([[1, 3, 3], [5, 2, 5]], np.float32)}, axis=axis, keepdims=0)
    case(f"ArgMin {axis}", "ArgMin", {"a": f(3, 4)}, axis=axis, keepdims=1)
for axis in [0, 1, -1]:
    case(f"Softmax {axis}", "Softmax", {"a": f(3, 4)}, axis=axis)
case("Softmax old", "Softmax", {"a": f(2, 3, 2)}, opset=11, axis=1)
case("LogSoftmax", "LogSoftmax", {"a": f(3, 4)}, axis=1)
case("CumSum", "CumSum", {"a": f(3, 4)}, constants={"axis": np.array(1, np.int64)})
for largest in [0, 1]:
    case(f"TopK {largest}", "TopK", {"a": np.array([[1, 3, 3, 0], [5, 2, 5, 9]], np.float32)}, constants={"k": np.array([3], np.int64)}, outputs=2, largest=largest)

case("Concat", "Concat", {"a": f(2, 3), "b": f(2, 1)}, axis=1)
case("Concat rows", "Concat", {"a": f(2, 3), "b": f(1, 3)}, axis=0)
case("Concat texts", "Concat", {"a": words[:2], "b": words[2:]}, axis=1)
for wanted in [[-1], [4, 0], [2, -1, 2], [0, 1, -1]]:
    case(f"Reshape {wanted}", "Reshape", {"a": f(4, 6)}, constants={"s": np.array(wanted, np.int64)})
case("Transpose", "Transpose", {"a": f(2, 3)})
case("Transpose order", "Transpose", {"a": f(2, 3, 4)}, perm=[1, 2, 0])
case("Squeeze", "Squeeze", {"a": f(2, 1, 3)}, constants={"axes": np.array([1], np.int64)})
case("Squeeze old", "Squeeze", {"a": f(2, 1, 3)}, opset=11, axes=[1])
case("Unsqueeze", "Unsqueeze", {"a": f(2, 3)}, constants={"axes": np.array([0, 3], np.int64)})
case("Flatten", "Flatten", {"a": f(2, 3, 2)}, axis=1)
case("Expand", "Expand", {"a": f(3, 1)}, constants={"s": np.array([2, 1, 4], np.int64)})
case("Gather", "Gather", {"a": f(3, 4)}, constants={"i": np.array([0, -1, 2], np.int64)}, axis=1)
case("Gather deep", "Gather", {"a": f(3, 4)}, constants={"i": np.array([[0, 2]], np.int64)}, axis=0)
case("Slice", "Slice", {"a": f(4, 5)}, constants={"st": np.array([1, -3], np.int64), "en": np.array([3, 2**63 - 1], np.int64), "ax": np.array([0, 1], np.int64)})
case("Slice steps", "Slice", {"a": f(5, 2)}, constants={"st": np.array([0], np.int64), "en": np.array([5], np.int64), "ax": np.array([0], np.int64), "by": np.array([2], np.int64)})
case("Slice old", "Slice", {"a": f(4, 5)}, opset=9, starts=[0, 1], ends=[2, -1])
case("Split", "Split", {"a": f(2, 5)}, constants={"s": np.array([2, 3], np.int64)}, outputs=2, axis=1)
case("Split even", "Split", {"a": f(2, 6)}, outputs=3, axis=1)
case("Shape", "Shape", {"a": f(2, 5)})
case("ConstantOfShape", "ConstantOfShape", {"a": np.array([2, 3], np.int64)}, value=helper.make_tensor("v", I, [1], [7]))
case("Range", "Range", {"a": np.array(1, np.int64), "b": np.array(8, np.int64), "c": np.array(3, np.int64)})
case("MatMul", "MatMul", {"a": f(3, 4), "b": f(4, 2)})
case("MatMul vector", "MatMul", {"a": f(3, 4), "b": f(4)})
case("MatMul stack", "MatMul", {"a": f(2, 3, 4), "b": f(4, 2)})
case("Gemm", "Gemm", {"a": f(3, 4), "b": f(2, 4), "c": f(2)}, transB=1, alpha=0.5, beta=2.0)
case("Gemm transposed", "Gemm", {"a": f(4, 3), "b": f(4, 2)}, transA=1)

# ai.onnx.ml
case("Scaler", "Scaler", {"a": f(4, 3)}, domain=ML, offset=[1.0, 2.0, 3.0], scale=[0.5, 2.0, 1.0])
case("Scaler one", "Scaler", {"a": np.array([[1, 2, 3]], np.int64)}, domain=ML, offset=[1.0], scale=[0.5])
for norm in ["MAX", "L1", "L2"]:
    case(f"Normalizer {norm}", "Normalizer", {"a": np.array([[1, -2, 3], [-1, -2, -4], [0, 0, 0]], np.float32)}, domain=ML, norm=norm)
case("Imputer", "Imputer", {"a": odd}, domain=ML, imputed_value_floats=[1.0, 2.0, 3.0], replaced_value_float=float("nan"))
case("Imputer zero", "Imputer", {"a": odd}, domain=ML, imputed_value_floats=[9.0], replaced_value_float=0.0)
case("Imputer integers", "Imputer", {"a": np.array([[1, -1], [-1, 4]], np.int64)}, domain=ML, imputed_value_int64s=[5, 6], replaced_value_int64=-1)
case("Binarizer", "Binarizer", {"a": f(3, 3)}, domain=ML, threshold=0.5)
case("FeatureVectorizer", "FeatureVectorizer", {"a": f(3, 2), "b": f(3, 1)}, domain=ML, inputdimensions=[2, 1])
case("ArrayFeatureExtractor", "ArrayFeatureExtractor", {"a": f(3, 5)}, domain=ML, constants={"i": np.array([4, 0], np.int64)})
case("ArrayFeatureExtractor flat", "ArrayFeatureExtractor", {"a": np.array([5, 6, 7], np.int64)}, domain=ML, constants={"i": np.array([2, 1, 1], np.int64)})
case("ArrayFeatureExtractor texts", "ArrayFeatureExtractor", {"a": np.array(["p", "q"], object), "i": np.array([1, 0, 1], np.int64)}, domain=ML)
case("OneHotEncoder texts", "OneHotEncoder", {"a": words}, domain=ML, cats_strings=["blue", "red", "green"], zeros=1)
case("OneHotEncoder numbers", "OneHotEncoder", {"a": np.array([[1.9], [-1.0], [3.0], [np.nan]], np.float32)}, domain=ML, cats_int64s=[1, 3, -1], zeros=1)
case("LabelEncoder text to number", "LabelEncoder", {"a": words}, domain=ML, keys_strings=["red", "blue"], values_int64s=[4, 5])
case("LabelEncoder default", "LabelEncoder", {"a": words}, domain=ML, keys_strings=["red", "red"], values_floats=[4.0, 5.0], default_float=-7.0)
case("LabelEncoder number to text", "LabelEncoder", {"a": np.array([3, 1, 9], np.int64)}, domain=ML, keys_int64s=[1, 3], values_strings=["one", "three"])
case("LabelEncoder floats", "LabelEncoder", {"a": np.array([0.5, 1.5, np.nan], np.float32)}, domain=ML, keys_floats=[0.5, 1.5], values_floats=[1.0, 2.0])
case("LabelEncoder one", "LabelEncoder", {"a": words.ravel()}, domain=ML, ml=1, classes_strings=["blue", "red"], default_int64=-5)
case("CategoryMapper", "CategoryMapper", {"a": words}, domain=ML, cats_strings=["red", "blue"], cats_int64s=[10, 20])
case("CategoryMapper back", "CategoryMapper", {"a": np.array([10, 30], np.int64)}, domain=ML, cats_strings=["red", "blue"], cats_int64s=[10, 20])
for post in ["NONE", "LOGISTIC", "SOFTMAX"]:
    case(f"LinearClassifier {post}", "LinearClassifier", {"a": f(5, 2)}, domain=ML, outputs=2, coefficients=[1.0, -2.0, 0.5, 1.0, -1.0, 0.3], intercepts=[0.1, -0.2, 0.3], classlabels_ints=[3, 5, 7], post_transform=post)
    case(f"LinearRegressor {post}", "LinearRegressor", {"a": f(5, 2)}, domain=ML, coefficients=[1.0, -2.0, 0.5, 1.0], intercepts=[0.1, -0.2], targets=2, post_transform=post)
for post in ["NONE", "LOGISTIC"]:
    case(f"LinearClassifier one row {post}", "LinearClassifier", {"a": f(6, 2)}, domain=ML, outputs=2, coefficients=[1.0, -2.0], intercepts=[0.1], classlabels_strings=["no", "yes"], post_transform=post)
    case(f"LinearClassifier two rows {post}", "LinearClassifier", {"a": f(6, 2)}, domain=ML, outputs=2, coefficients=[-1.0, 2.0, 1.0, -2.0], intercepts=[-0.1, 0.1], classlabels_ints=[0, 1], post_transform=post)


def trees(count, features, depth, weights_a_leaf, positive, modes):
    """Random trees as attributes; `weights_a_leaf(tree)` gives the targets of a leaf's weights."""
    a = {key: [] for key in ["treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids", "missing_value_tracks_true"]}
    w = {key: [] for key in ["treeids", "nodeids", "ids", "weights"]}
    for tree in range(count):
        number = [0]

        def add(level):
            me = number[0]
            number[0] += 1
            leaf = level == 0 or rng.random() < 0.15
            row = len(a["nodeids"])
            for key, value in dict(treeids=tree, nodeids=me, featureids=int(rng.integers(features)), modes="LEAF" if leaf else modes[int(rng.integers(len(modes)))], values=float(np.float32(rng.integers(-6, 7) / 4)), truenodeids=0, falsenodeids=0, missing_value_tracks_true=int(rng.integers(2))).items():
                a[key].append(value)
            if leaf:
                for target in weights_a_leaf(tree):
                    w["treeids"].append(tree)
                    w["nodeids"].append(me)
                    w["ids"].append(target)
                    value = rng.random() if positive else rng.normal()
                    w["weights"].append(float(np.float32(value / (count if positive else 1))))
            else:
                a["truenodeids"][row] = add(level - 1)
                a["falsenodeids"][row] = add(level - 1)
            return me

        add(depth)
    return {f"nodes_{key}": value for key, value in a.items()}, w


def rows(count, features):
    data = (rng.integers(-8, 9, size=(count, features)) / 4).astype(np.float32)
    data[rng.random(data.shape) < 0.1] = np.nan
    return data


ALL = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
for modes in [["BRANCH_LEQ"], ALL]:
    for post in ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"]:
        for positive in [True, False]:
            nodes, w = trees(6, 4, 5, lambda tree: [0], positive, modes)
            case(f"TreeEnsembleClassifier binary {post} {positive} {len(modes)}", "TreeEnsembleClassifier", {"a": rows(30, 4)}, domain=ML, outputs=2, **nodes, **{f"class_{k}": v for k, v in w.items()}, classlabels_int64s=[0, 1], post_transform=post, **({"base_values": [0.05]} if positive else {}))
        nodes, w = trees(6, 4, 5, lambda tree: [tree % 3], False, modes)
        case(f"TreeEnsembleClassifier boosted {post} {len(modes)}", "TreeEnsembleClassifier", {"a": rows(30, 4)}, domain=ML, outputs=2, **nodes, **{f"class_{k}": v for k, v in w.items()}, classlabels_strings=["a", "b", "c"], post_transform=post, base_values=[0.1, -0.1, 0.2])
        nodes, w = trees(5, 4, 5, lambda tree: [0, 1, 2], True, modes)
        case(f"TreeEnsembleClassifier forest {post} {len(modes)}", "TreeEnsembleClassifier", {"a": rows(30, 4)}, domain=ML, outputs=2, **nodes, **{f"class_{k}": v for k, v in w.items()}, classlabels_int64s=[4, 5, 6], post_transform=post)
        for targets in [1, 2]:
            for aggregate in ["SUM", "AVERAGE"]:
                nodes, w = trees(5, 4, 5, lambda tree: list(range(targets)), False, modes)
                case(f"TreeEnsembleRegressor {post} {targets} {aggregate} {len(modes)}", "TreeEnsembleRegressor", {"a": rows(30, 4)}, domain=ML, **nodes, **{f"target_{k}": v for k, v in w.items()}, n_targets=targets, aggregate_function=aggregate, post_transform=post, base_values=[0.5] * targets)
nodes, w = trees(5, 4, 5, lambda tree: [0], False, ["BRANCH_LEQ"])
case("TreeEnsembleRegressor of doubles", "TreeEnsembleRegressor", {"a": rows(30, 4).astype(np.float64) + 0.1}, domain=ML, **nodes, **{f"target_{k}": v for k, v in w.items()}, n_targets=1)

json.dump({"onnxruntime": onnxruntime.__version__, "cases": cases}, sys.stdout, separators=(",", ":"))
