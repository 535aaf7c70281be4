"""Everything that Triton's own client can ask of an inference server, over HTTP and gRPC. Arguments: HTTP address, gRPC address."""

import sys
import threading

import ml_dtypes
import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from grpc_health.v1 import health_pb2, health_pb2_grpc
import grpc
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

http_address, grpc_address = sys.argv[1:]

DATA = {
    "BOOL": np.array([[True, False], [False, True], [True, True]]),
    "UINT8": np.array([[0, 255], [1, 2], [3, 4]], dtype=np.uint8),
    "UINT16": np.array([[0, 65535], [1, 2], [3, 4]], dtype=np.uint16),
    "UINT32": np.array([[0, 2**32 - 1], [1, 2], [3, 4]], dtype=np.uint32),
    "UINT64": np.array([[0, 2**64 - 1], [2**53 + 1, 2], [3, 4]], dtype=np.uint64),
    "INT8": np.array([[-128, 127], [1, 2], [3, 4]], dtype=np.int8),
    "INT16": np.array([[-(2**15), 2**15 - 1], [1, 2], [3, 4]], dtype=np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1], [1, 2], [3, 4]], dtype=np.int32),
    "INT64": np.array([[-(2**63), 2**63 - 1], [2**53 + 1, 2], [3, 4]], dtype=np.int64),
    "FP16": np.array([[1.5, -2], [65504, 6e-8], [0, np.inf]], dtype=np.float16),
    "FP32": np.array([[1.5, -2], [3e38, 1e-45], [0, -np.inf]], dtype=np.float32),
    "FP64": np.array([[1.5, -2], [1e308, 5e-324], [0, np.nan]], dtype=np.float64),
    "BYTES": np.array([["a", "é🧪"], ["", "a\0b"], ["x" * 300, "end"]], dtype=np.object_),
}

checked = 0


def same(expected, got, what):
    global checked
    checked += 1
    if got is None:
        raise AssertionError(f"{what}: no answer")
    if expected.dtype == np.object_:
        got = np.array([v.decode() if isinstance(v, bytes) else v for v in got.ravel()], dtype=np.object_).reshape(got.shape)
        assert got.shape == expected.shape and (got == expected).all(), f"{what}: {got!r}"
    else:
        assert got.dtype == expected.dtype and got.shape == expected.shape, f"{what}: {got.dtype} {got.shape}"
        assert np.array_equal(got, expected, equal_nan=expected.dtype.kind == "f"), f"{what}: {got!r}"


def refused(call, status, part, what):
    global checked
    checked += 1
    try:
        call()
    except InferenceServerException as error:
        assert (error.status() or "") == status, f"{what}: status {error.status()!r}: {error.message()}"
        assert part in error.message(), f"{what}: {error.message()!r}"
    else:
        raise AssertionError(f"{what}: was not refused")


def every_datatype(module, client, binary_choices):
    for datatype, data in DATA.items():
        for sent in binary_choices:
            for wanted in binary_choices:
                if module is httpclient and datatype == "FP16" and not (sent and wanted):
                    continue  # it has no JSON form
                if module is httpclient and data.dtype.kind == "f" and not (np.isfinite(data).all() or (sent and wanted)):
                    continue  # not JSON either: Python's tokens are tried apart
                if module is httpclient and datatype == "BYTES" and not sent:
                    continue  # the client itself encodes texts for binary only
                tensor = module.InferInput("x", data.shape, datatype)
                if module is httpclient:
                    tensor.set_data_from_numpy(data, binary_data=sent)
                    outputs = [httpclient.InferRequestedOutput("y", binary_data=wanted)]
                else:
                    tensor.set_data_from_numpy(data)
                    outputs = [grpcclient.InferRequestedOutput("y")]
                answer = client.infer(f"identity-{datatype}", [tensor], outputs=outputs, request_id="7")
                got = answer.get_response()
                assert (got["id"] if module is httpclient else got.id) == "7"
                same(data, answer.as_numpy("y"), f"{module.__name__} {datatype} sent binary={sent} wanted binary={wanted}")
        tensor = module.InferInput("x", data.shape, datatype)
        tensor.set_data_from_numpy(data)
        same(data, client.infer(f"identity-{datatype}", [tensor]).as_numpy("y"), f"{module.__name__} {datatype} without outputs named")


def bfloat(module, client):
    # It widens to FP32 without loss, and so is taken for an FP32 input.
    tensor = module.InferInput("x", [2, 2], "BF16")
    tensor.set_data_from_numpy(np.array([[1.5, -2], [0.5, 3]], dtype=ml_dtypes.bfloat16))
    same(np.array([[1.5, -2], [0.5, 3]], dtype=np.float32), client.infer("identity-FP32", [tensor]).as_numpy("y"), f"{module.__name__} BF16")


def metadata(module, client):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("identity-FP32")
    as_json = {} if module is httpclient else {"as_json": True}
    server = client.get_server_metadata(**as_json)
    assert server["name"] == "pawl" and "binary_tensor_data" in server["extensions"], server
    model = client.get_model_metadata("identity-INT64", **as_json)
    assert model["platform"] == "onnx_onnxv1" and model["inputs"][0]["datatype"] == "INT64", model
    assert [int(size) for size in model["inputs"][0]["shape"]] == [-1, 2], model
    index = client.get_model_repository_index(**as_json)
    entries = index if module is httpclient else index["models"]
    assert len(entries) == len(DATA) + 1 and all(entry["state"] == "READY" for entry in entries), entries
    config = client.get_model_config("identity-INT64", **as_json)
    config = config if module is httpclient else config["config"]
    assert config["name"] == "identity-INT64" and config["input"][0]["data_type"] in ("TYPE_INT64", 9), config
    statistics = client.get_inference_statistics("identity-FP32", **as_json)["model_stats"][0]
    assert int(statistics["inference_count"]) >= 3 and int(statistics["inference_stats"]["success"]["count"]) >= 1, statistics


def classification(module, client):
    tensor = module.InferInput("x", [2, 3], "FP32")
    tensor.set_data_from_numpy(np.array([[0.5, 0.25, 0.75], [1, 3, 2]], dtype=np.float32))
    answer = client.infer("scores", [tensor], outputs=[module.InferRequestedOutput("y", class_count=2)])
    same(np.array([["0.75:2", "0.5:0"], ["3:1", "2:2"]], dtype=np.object_), answer.as_numpy("y"), f"{module.__name__} classification")


def errors(module, client):
    codes = ("404", "400", "400") if module is httpclient else ("StatusCode.NOT_FOUND", "StatusCode.INVALID_ARGUMENT", "StatusCode.INVALID_ARGUMENT")

    def infer(model, datatype="FP32", shape=(1, 2), name="x", outputs=None):
        tensor = module.InferInput(name, list(shape), datatype)
        tensor.set_data_from_numpy(np.zeros(shape, dtype=np.float32 if datatype == "FP32" else np.int32))
        return lambda: client.infer(model, [tensor], outputs=outputs)

    refused(infer("nothing"), codes[0], 'no endpoint or model "nothing"', "an unknown model")
    refused(infer("identity-FP32", shape=(1, 3)), codes[1], 'Input "x"', "a wrong shape")
    refused(infer("identity-INT64", name="z", datatype="INT32"), codes[1], '"x" is missing', "a wrong name")
    refused(infer("identity-INT8", datatype="INT32"), codes[1], "datatype INT8", "a wider datatype")
    refused(infer("identity-FP32", outputs=[module.InferRequestedOutput("q")]), codes[2], '"q"', "an unknown output")
    broken = module.InferInput("x", [1, 2], "FP32")
    broken.set_data_from_numpy(np.zeros((1, 2), dtype=np.float32))
    broken.set_shape([2, 2])
    refused(lambda: client.infer("identity-FP32", [broken]), codes[1], "16 bytes", "bytes that do not add up")


def compression():
    data = np.arange(20_000, dtype=np.float32).reshape(-1, 2)
    client = httpclient.InferenceServerClient(http_address)
    for request in (None, "gzip", "deflate"):
        for response in (None, "gzip", "deflate"):
            tensor = httpclient.InferInput("x", data.shape, "FP32")
            tensor.set_data_from_numpy(data)
            answer = client.infer("identity-FP32", [tensor], request_compression_algorithm=request, response_compression_algorithm=response)
            same(data, answer.as_numpy("y"), f"compressed {request} {response}")
    with grpcclient.InferenceServerClient(grpc_address) as client:
        tensor = grpcclient.InferInput("x", data.shape, "FP32")
        tensor.set_data_from_numpy(data)
        same(data, client.infer("identity-FP32", [tensor], compression_algorithm="gzip").as_numpy("y"), "gRPC gzip")


def streaming():
    answers, done = [], threading.Event()

    def receive(result, error):
        answers.append((result, error))
        if len(answers) == 21:
            done.set()

    with grpcclient.InferenceServerClient(grpc_address) as client:
        client.start_stream(receive)
        for index in range(20):
            tensor = grpcclient.InferInput("x", [1, 2], "FP32")
            tensor.set_data_from_numpy(np.full((1, 2), index, dtype=np.float32))
            client.async_stream_infer("identity-FP32", [tensor], request_id=str(index))
        client.async_stream_infer("nothing", [tensor], request_id="bad")
        assert done.wait(20), f"{len(answers)} answers"
        client.stop_stream()
    for index, (result, error) in enumerate(answers[:20]):
        assert error is None and result.get_response().id == str(index), (index, error)
        same(np.full((1, 2), index, dtype=np.float32), result.as_numpy("y"), "a stream")
    assert answers[20][0] is None and 'no endpoint or model "nothing"' in str(answers[20][1])


def many_at_once():
    with httpclient.InferenceServerClient(http_address, concurrency=8) as client:
        waiting = []
        for index in range(200):
            data = np.full((index % 7 + 1, 2), index, dtype=np.float32)
            tensor = httpclient.InferInput("x", data.shape, "FP32")
            tensor.set_data_from_numpy(data)
            waiting.append((data, client.async_infer("identity-FP32", [tensor])))
        for data, answer in waiting:
            same(data, answer.get_result().as_numpy("y"), "many at once")


def health():
    with grpc.insecure_channel(grpc_address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        assert stub.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.SERVING
        assert next(iter(stub.Watch(health_pb2.HealthCheckRequest(), timeout=5))).status == health_pb2.HealthCheckResponse.SERVING
        try:
            stub.Check(health_pb2.HealthCheckRequest(service="other"))
            raise AssertionError("a service that is not there")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND


assert all(np_to_triton_dtype(data.dtype) == datatype for datatype, data in DATA.items())
for module, address, choices in ((httpclient, http_address, (True, False)), (grpcclient, grpc_address, (True,))):
    with module.InferenceServerClient(address) as client:
        every_datatype(module, client, choices)
        bfloat(module, client)
        metadata(module, client)
        classification(module, client)
        errors(module, client)
compression()
streaming()
many_at_once()
health()
print(checked)
