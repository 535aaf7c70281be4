"""traces/search: every comparator on every entity, order, pages, what is refused."""

import os

os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from world import beyond, equal  # noqa: E402

_made = {}


def _five(world):
    """Five traces t0 .. t4, made once, a second apart: colour red on the even ones; t3 fails; a span of type LLM in t1 and t2; feedback on t0 .. t2."""
    if world.url not in _made:
        experiment = mlflow.set_experiment(world.name("five")).experiment_id
        run = world.run(experiment)
        ids = []
        for n in range(5):
            at = 1_700_000_000_000 + n * 1000
            root = mlflow.start_span_no_context(f"t{n}", start_time_ns=at * 1_000_000, tags={"colour": "red"} if n % 2 == 0 else None,
                                                metadata={"mlflow.trace.session": f"s{n // 2}", **({"mlflow.sourceRun": run} if n == 4 else {})})
            child = mlflow.start_span_no_context(f"step {n}", span_type="LLM" if n in (1, 2) else "TOOL", parent_span=root,
                                                 start_time_ns=(at + 1) * 1_000_000, attributes={"model": f"gpt-{n}", "n": n})
            child.end(end_time_ns=(at + 5) * 1_000_000)
            root.end(outputs=f"answer {n}", status="ERROR" if n == 3 else "OK", end_time_ns=(at + 100 * (n + 1)) * 1_000_000)
            ids.append(root.trace_id)
        mlflow.log_feedback(trace_id=ids[0], name="quality", value=0.5)
        mlflow.log_feedback(trace_id=ids[1], name="quality", value=1)
        mlflow.log_feedback(trace_id=ids[2], name="quality", value="good")
        mlflow.log_feedback(trace_id=ids[2], name="fine", value=True)
        mlflow.log_expectation(trace_id=ids[0], name="answer", value="Paris")
        MlflowClient().link_traces_to_run([ids[0]], run)
        _made[world.url] = experiment, run, ids
    return _made[world.url]


def _found(world, clause, order_by=("timestamp ASC",), **options):
    experiment, _, ids = _five(world)
    found = mlflow.search_traces(locations=[experiment], filter_string=clause, order_by=list(order_by), include_spans=False, return_type="list", **options)
    return [ids.index(trace.info.trace_id) for trace in found]


def _each(world, cases):
    for clause, expected in cases.items():
        got = _found(world, clause)
        assert got == expected, f"{clause}: {got} is not {expected}"


def attributes_are_compared(world):
    """timestamp, execution_time, end_time, status, name, request_id"""
    _, _, ids = _five(world)
    _each(world, {
        "attributes.timestamp_ms > 1700000002000": [3, 4], "timestamp <= 1700000001000": [0, 1], "trace.timestamp_ms = 1700000001000": [1],
        "timestamp_ms != 1700000001000": [0, 2, 3, 4], "execution_time_ms < 300": [0, 1], "execution_time >= 400": [3, 4],
        "end_time_ms > 1700000003000": [3, 4], "end_time <= 1700000000100": [0],
        "trace.status = 'ERROR'": [3], "attributes.status != 'ERROR'": [0, 1, 2, 4], "status IN ('ERROR', 'IN_PROGRESS')": [3],
        "status NOT IN ('OK')": [3], "name = 't1'": [1], "trace.name LIKE 't%'": [0, 1, 2, 3, 4], "name ILIKE 'T1'": [1],
        "name RLIKE '^t[12]$'": [1, 2], f"request_id = '{ids[2]}'": [2], f"request_id IN ('{ids[2]}', 'x')": [2],
    })


def tags_and_metadata_are_compared(world):
    """tags and metadata: = != LIKE ILIKE RLIKE IS NULL IS NOT NULL"""
    _each(world, {
        "tags.colour = 'red'": [0, 2, 4], "tag.colour != 'blue'": [0, 2, 4], "tags.colour LIKE 'r%'": [0, 2, 4], "tags.colour LIKE 'R%'": [],
        "tags.colour ILIKE 'R%'": [0, 2, 4], "tags.colour RLIKE 'e.$'": [0, 2, 4], "tags.colour IS NULL": [1, 3], "tags.colour IS NOT NULL": [0, 2, 4],
        "metadata.`mlflow.trace.session` = 's1'": [2, 3], "request_metadata.`mlflow.trace.session` != 's1'": [0, 1, 4],
        "metadata.absent IS NULL AND name = 't0'": [0], "metadata.`mlflow.trace.session` IS NOT NULL AND status = 'ERROR'": [3],
    })


def spans_are_compared(world):
    """span.name, type, status, attributes and content; clauses joined by AND are about one span"""
    _each(world, {
        "span.name = 'step 1'": [1], "span.type = 'LLM'": [1, 2], "span.type != 'LLM' AND span.name LIKE 'step%'": [0, 3, 4],
        "span.type IN ('LLM', 'CHAIN')": [1, 2], "span.name ILIKE 'STEP%'": [0, 1, 2, 3, 4], "span.name RLIKE 'step [34]'": [3, 4],
        "span.status = 'ERROR'": [3], "span.type = 'LLM' AND span.name = 't1'": [],
        "span.attributes.model LIKE '%gpt-2%'": [2], "span.attributes.model ILIKE '%GPT-2%'": [2], "span.content LIKE '%gpt-3%'": [3],
        "trace.text LIKE '%answer 4%'": [4], "trace.text ILIKE '%ANSWER 4%'": [4],
    })


def runs_are_compared(world):
    """run_id finds the traces of a run and those linked to it"""
    _, run, _ = _five(world)
    _each(world, {f"run_id = '{run}'": [0, 4], f"attributes.run_id = '{run}' AND status = 'OK'": [0, 4], "run_id = 'none'": []})
    experiment, run, _ = _five(world)
    equal(len(mlflow.search_traces(locations=[experiment], run_id=run, return_type="list")), 2)


def assessments_are_compared(world):
    """feedback and expectation: as numbers and as texts"""
    _each(world, {
        "feedback.quality > 0.4": [0, 1], "feedback.quality >= 1": [1], "feedback.quality < 1": [0], "feedback.quality <= 0.5": [0],
        "feedback.quality = 'good'": [2], "feedback.quality = '0.5'": [0], "feedback.quality LIKE '%oo%'": [2], "feedback.fine = 'true'": [2],
        "feedback.quality IS NULL": [3, 4], "feedback.quality IS NOT NULL": [0, 1, 2], "expectation.answer = 'Paris'": [0],
        "expectation.answer IS NOT NULL": [0],
    })


@beyond
def more_than_mlflow_asks(world):
    """OR, NOT, parentheses; exact values of attributes; IN on every text"""
    _each(world, {
        "name = 't0' OR name = 't3'": [0, 3], "NOT tags.colour = 'red' AND (status = 'OK' OR span.type = 'CHAIN')": [1],
        "span.attributes.model = 'gpt-1'": [1], "span.attributes.n = '4'": [4], "tags.colour IN ('red', 'blue')": [0, 2, 4],
        "feedback.quality = 1": [1], "name IN ('t0', 't4')": [0, 4], "text LIKE '%answer 4%'": [4],
    })


def orders_are_kept(world):
    """By attributes, tags and metadata, up and down; newest first without"""
    found = lambda *order: _found(world, None, order)  # noqa: E731
    equal(found(), [4, 3, 2, 1, 0])
    equal(found("timestamp_ms DESC"), [4, 3, 2, 1, 0])
    equal(found("execution_time ASC"), [0, 1, 2, 3, 4])
    equal(found("status ASC", "timestamp ASC"), [3, 0, 1, 2, 4])
    equal(found("tags.colour ASC", "timestamp ASC"), [0, 2, 4, 1, 3])
    equal(found("name DESC"), [4, 3, 2, 1, 0])
    equal(found("metadata.`mlflow.trace.session` DESC", "timestamp ASC"), [4, 2, 3, 0, 1])


def pages_lose_nothing(world):
    """Tokens to the end; with spans too"""
    experiment, _, ids = _five(world)
    client, token, seen = MlflowClient(), None, []
    while True:
        page = client.search_traces(locations=[experiment], max_results=2, page_token=token, order_by=["timestamp ASC"])
        seen += [trace.info.trace_id for trace in page]
        assert all(len(trace.data.spans) == 2 for trace in page)
        token = page.token
        if not token:
            break
    equal(seen, ids)
    equal(len(mlflow.search_traces(locations=[experiment], max_results=3, return_type="list")), 3)
    frame = mlflow.search_traces(locations=[experiment])
    equal(sorted(frame["trace_id"]), sorted(ids))


def what_cannot_be_asked_is_refused(world):
    """Unknown fields, comparators and values"""
    for clause in ["colour = 'red'", "span.colour = 'x'", "name > 'a'", "timestamp_ms LIKE 'x'", "feedback.quality > 'x'", "tags.colour >= 'a'", "name ="]:
        world.refused(lambda: _found(world, clause), "INVALID_PARAMETER_VALUE")
    world.refused(lambda: _found(world, None, ["span.name ASC"]), "INVALID_PARAMETER_VALUE")


def infos_are_fetched_in_bulk(world):
    """batch_get_trace_infos and batch_get_traces, in the order asked"""
    _, _, ids = _five(world)
    store = MlflowClient()._tracking_client.store
    equal([info.trace_id for info in store.batch_get_trace_infos([ids[3], ids[0], "tr-none"])], [ids[3], ids[0]])
    equal([trace.info.trace_id for trace in store.batch_get_traces([ids[2], ids[1]])], [ids[2], ids[1]])
