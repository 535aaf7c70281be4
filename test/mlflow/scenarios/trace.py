"""Traces: @mlflow.trace, spans, errors, tags, links to runs, deletion."""

import json
import os
import threading

# Each flush of the asynchronous queue takes the client two seconds: one scenario shows it, for the others traces are there at once.
os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import SpanType  # noqa: E402
from world import beyond, equal  # noqa: E402


def _experiment(world):
    name = world.name("traces")
    mlflow.set_experiment(name)
    return mlflow.get_experiment_by_name(name).experiment_id


def _all(experiment, **options):
    return mlflow.search_traces(locations=[experiment], return_type="list", **options)


def _same(read, made):
    """Every span is what the program made, to the nanosecond."""
    as_dict = lambda spans: sorted((span.to_dict() for span in spans), key=lambda span: span["span_id"])  # noqa: E731
    equal(as_dict(read.data.spans), as_dict(made))


def a_function_is_traced(world):
    """@mlflow.trace: inputs, outputs, type, attributes and times are read back as they were"""
    experiment = _experiment(world)
    made = []

    @mlflow.trace(name="double it", span_type=SpanType.TOOL, attributes={"a": 1, "b": 1.0, "c": [1, "x", None], "d": {"e": {"f": True}}})
    def double(x, *, note):
        made.append(mlflow.get_current_active_span())
        return {"answer": x * 2, "note": note}

    equal(double(21, note="é🧪\n"), {"answer": 42, "note": "é🧪\n"})
    [trace] = _all(experiment)
    [span] = trace.data.spans
    equal((span.name, span.span_type, span.inputs, span.outputs), ("double it", "TOOL", {"x": 21, "note": "é🧪\n"}, {"answer": 42, "note": "é🧪\n"}))
    equal({key: span.get_attribute(key) for key in "abcd"}, {"a": 1, "b": 1.0, "c": [1, "x", None], "d": {"e": {"f": True}}})
    assert isinstance(span.get_attribute("b"), float) and isinstance(span.get_attribute("a"), int)
    _same(trace, made)
    equal(trace.info.state.value, "OK")
    equal(json.loads(trace.info.request_preview), {"x": 21, "note": "é🧪\n"})
    equal(trace.info.tags["mlflow.traceName"], "double it")
    equal(trace.info.experiment_id, experiment)
    equal(mlflow.get_trace(trace.info.trace_id).to_dict(), trace.to_dict())


def spans_nest(world):
    """Functions that call each other, and spans by hand, are one tree"""
    experiment = _experiment(world)

    @mlflow.trace
    def leaf(n):
        with mlflow.start_span(name="inner", span_type="LLM") as span:
            span.set_inputs({"n": n})
            span.set_outputs(n + 1)
            span.set_attributes({"model": "gpt-4"})
        return n + 1

    @mlflow.trace
    def root(n):
        return leaf(n) + leaf(n)

    root(1)
    [trace] = _all(experiment)
    by_id = {span.span_id: span for span in trace.data.spans}
    tree = sorted((span.name.split("_")[0], by_id[span.parent_id].name.split("_")[0] if span.parent_id else None) for span in trace.data.spans)
    equal(tree, [("inner", "leaf"), ("inner", "leaf"), ("leaf", "root"), ("leaf", "root"), ("root", None)])
    equal(trace.data.spans[0].parent_id, None)
    equal(json.loads(trace.info.trace_metadata["mlflow.trace.sizeStats"])["num_spans"], 5)


def an_exception_is_kept(world):
    """A span that raises has status ERROR and the exception as an event; so has its trace"""
    experiment = _experiment(world)

    @mlflow.trace
    def fail():
        raise ValueError("boom")

    try:
        fail()
    except ValueError:
        pass
    [trace] = _all(experiment)
    equal(trace.info.state.value, "ERROR")
    [span] = trace.data.spans
    equal(span.status.status_code.value, "ERROR")
    assert "boom" in span.status.description
    [event] = span.events
    equal((event.name, event.attributes["exception.type"], event.attributes["exception.message"]), ("exception", "ValueError", "boom"))
    assert "fail" in event.attributes["exception.stacktrace"]


def a_trace_says_more_of_itself(world):
    """update_current_trace: tags, metadata, previews, the client's id, session and user"""
    experiment = _experiment(world)

    @mlflow.trace
    def work():
        mlflow.update_current_trace(
            tags={"fruit": "apple"},
            metadata={"mlflow.trace.session": "s-1", "mlflow.trace.user": "ann"},
            client_request_id="req-7",
            request_preview="asked",
            response_preview="told",
        )

    work()
    [trace] = _all(experiment)
    info = trace.info
    equal((info.tags["fruit"], info.trace_metadata["mlflow.trace.session"], info.trace_metadata["mlflow.trace.user"]), ("apple", "s-1", "ann"))
    equal((info.client_request_id, info.request_preview, info.response_preview), ("req-7", "asked", "told"))


def spans_end_in_any_order(world):
    """start_span_no_context: a trace that several threads fill"""
    experiment = _experiment(world)
    root = mlflow.start_span_no_context("root", inputs={"q": 1})

    def child(n):
        span = mlflow.start_span_no_context(f"child {n}", parent_span=root)
        span.end(outputs=n)

    threads = [threading.Thread(target=child, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    root.end(outputs="done")
    [trace] = _all(experiment)
    equal(sorted(span.name for span in trace.data.spans), sorted(["root", *(f"child {n}" for n in range(8))]))
    equal(sorted(span.outputs for span in trace.data.spans if span.parent_id), list(range(8)))


def links_between_spans_are_kept(world):
    """A span that links to one of another trace"""
    from mlflow.entities import Link

    experiment = _experiment(world)
    first = mlflow.start_span_no_context("first")
    first.end()
    second = mlflow.start_span_no_context("second")
    second.add_link(Link(trace_id=first.trace_id, span_id=first.span_id, attributes={"why": "because"}))
    second.end()
    [span] = mlflow.get_trace(second.trace_id).data.spans
    [link] = span.links
    equal((link.trace_id, link.span_id, link.attributes), (first.trace_id, first.span_id, {"why": "because"}))
    equal(len(_all(experiment)), 2)


def tags_are_set_and_deleted(world):
    """set_trace_tag, delete_trace_tag; an absent one is told"""
    experiment = _experiment(world)
    with mlflow.start_span("one"):
        pass
    [trace] = _all(experiment)
    id = trace.info.trace_id
    client = MlflowClient()
    client.set_trace_tag(id, "colour", "red")
    mlflow.set_trace_tag(id, "colour", "blue")
    equal(client.get_trace(id).info.tags["colour"], "blue")
    mlflow.delete_trace_tag(id, "colour")
    assert "colour" not in client.get_trace(id).info.tags
    world.refused(lambda: client.delete_trace_tag(id, "colour"), "RESOURCE_DOES_NOT_EXIST", "colour")


def traces_are_deleted(world):
    """delete_traces by id, by time, and the oldest few"""
    experiment = _experiment(world)
    client = MlflowClient()
    ids = []
    for n in range(5):
        span = mlflow.start_span_no_context(f"t{n}", start_time_ns=(1_700_000_000_000 + n) * 1_000_000)
        span.end()
        ids.append(span.trace_id)
    equal(client.delete_traces(experiment, trace_ids=[ids[4], "tr-none"]), 1)
    equal(client.delete_traces(experiment, max_timestamp_millis=1_700_000_000_003, max_traces=1), 1)
    equal([trace.info.trace_id for trace in _all(experiment, order_by=["timestamp ASC"])], ids[1:4])
    equal(client.delete_traces(experiment, max_timestamp_millis=1_700_000_000_002), 2)
    equal([trace.info.trace_id for trace in _all(experiment)], [ids[3]])
    world.refused(lambda: client._tracking_client.store.get_trace_info(ids[0]), "RESOURCE_DOES_NOT_EXIST", ids[0])


def a_run_has_its_traces(world):
    """A trace in an active run belongs to it; others are linked to it"""
    experiment = _experiment(world)
    with mlflow.start_run() as run:
        with mlflow.start_span("inside"):
            pass
    with mlflow.start_span("outside") as outside:
        pass
    with mlflow.start_span("neither"):
        pass
    run_id = run.info.run_id
    names = lambda: sorted(trace.info.tags["mlflow.traceName"] for trace in _all(experiment, run_id=run_id))  # noqa: E731
    equal(names(), ["inside"])
    MlflowClient().link_traces_to_run([outside.trace_id], run_id)
    MlflowClient().link_traces_to_run([outside.trace_id], run_id)
    equal(names(), ["inside", "outside"])


@beyond
def what_is_not_there_takes_nothing(world):
    """A tag for an unknown trace (MLflow answers with SQL), traces for an unknown run (MLflow keeps the link)"""
    _experiment(world)
    with mlflow.start_span("one") as span:
        pass
    world.refused(lambda: MlflowClient().set_trace_tag("tr-none", "a", "b"), "RESOURCE_DOES_NOT_EXIST", "tr-none")
    world.refused(lambda: MlflowClient().link_traces_to_run([span.trace_id], "0" * 32), "RESOURCE_DOES_NOT_EXIST")


def large_values_survive(world):
    """An input of a million characters, and 100 spans in one trace"""
    experiment = _experiment(world)
    text = "x" * 1_000_000
    with mlflow.start_span("large") as span:
        span.set_inputs({"text": text})
        for n in range(99):
            with mlflow.start_span(f"s{n}"):
                pass
    [trace] = _all(experiment)
    equal(trace.data.spans[0].inputs, {"text": text})
    equal(len(trace.data.spans), 100)
    assert len(trace.info.request_preview) <= 1000


def a_trace_is_logged_whole(world):
    """mlflow.log_trace"""
    experiment = _experiment(world)
    id = mlflow.log_trace(name="old", request={"q": 1}, response="a", attributes={"k": "v"}, tags={"t": "u"}, start_time_ms=1000, execution_time_ms=250)
    [trace] = _all(experiment)
    equal((trace.info.trace_id, trace.info.request_time, trace.info.execution_duration), (id, 1000, 250))
    equal((trace.info.tags["t"], trace.data.spans[0].attributes["k"]), ("u", "v"))


def attachments_are_files_of_the_trace(world):
    """Bytes in inputs go to the trace's artifacts"""
    from mlflow.tracing.attachments import Attachment

    experiment = _experiment(world)
    with mlflow.start_span("picture") as span:
        span.set_inputs({"image": Attachment(content_type="image/png", content_bytes=b"\x89PNG")})
    [trace] = _all(experiment)
    root = trace.info.tags["mlflow.artifactLocation"]
    files = mlflow.artifacts.list_artifacts(root + "/attachments")
    equal(len(files), 1)
    with open(mlflow.artifacts.download_artifacts(f"{root}/{files[0].path}", dst_path=world.folder), "rb") as file:
        equal(file.read(), b"\x89PNG")


def traces_are_sent_behind_the_program(world):
    """Asynchronous logging, the client's own way: flush_trace_async_logging, and nothing is missing"""
    experiment = _experiment(world)
    os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "true"
    mlflow.tracing.reset()
    try:
        for n in range(20):
            with mlflow.start_span(f"root {n}"), mlflow.start_span("child"):
                pass
        mlflow.flush_trace_async_logging()
        traces = _all(experiment)
        equal(sorted(trace.data.spans[0].name for trace in traces), sorted(f"root {n}" for n in range(20)))
        equal({len(trace.data.spans) for trace in traces}, {2})
    finally:
        os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"
        mlflow.tracing.reset()
