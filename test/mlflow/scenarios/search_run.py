"""runs/search: every comparator on every entity, order, pages, what is refused."""

import math

import mlflow
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from world import beyond, equal

_made = {}


def _six(world):
    """Six runs r0 .. r5, made once: metric acc = i/10 (r5 none), loss; parameter opt; tag kind on the even ones."""
    if world.url not in _made:
        experiment = world.client.create_experiment(world.name("six"))
        runs = []
        for i in range(6):
            run = world.client.create_run(experiment, start_time=1000 + i, run_name=f"Run-{i}").info.run_id
            metrics = [Metric("loss", 10 - i, 1, 0), Metric("with space", i, 1, 0)] + ([Metric("acc", i / 10, 1, 0)] if i < 5 else [])
            params = [Param("opt", "Adam" if i % 2 else "sgd"), Param("depth", str(i))]
            world.client.log_batch(run, metrics=metrics, params=params, tags=[RunTag("kind", f"k{i}")] if i % 2 == 0 else [])
            runs.append(run)
        world.client.set_terminated(runs[4], "FAILED", 5000)
        world.client.set_terminated(runs[5], "FINISHED", 6000)
        _made[world.url] = experiment, runs
    return _made[world.url]


def _found(world, clause, order_by=("start_time ASC",)):
    experiment, runs = _six(world)
    return [runs.index(one.info.run_id) for one in world.client.search_runs([experiment], clause, order_by=list(order_by))]


def _each(world, cases):
    for clause, expected in cases.items():
        got = _found(world, clause)
        assert got == expected, f"{clause}: {got} is not {expected}"


def metrics_are_compared(world):
    """Metrics: > >= = != < <="""
    _each(world, {
        "metrics.acc > 0.2": [3, 4], "metrics.acc >= 0.2": [2, 3, 4], "metrics.acc = 0.2": [2], "metrics.acc != 0.2": [0, 1, 3, 4],
        "metrics.acc < 0.2": [0, 1], "metrics.acc <= 0.2": [0, 1, 2], "metric.acc > -1e0": [0, 1, 2, 3, 4], "metrics.acc > .35": [4],
        "metrics.acc > 1": [],
    })


def keys_may_be_quoted(world):
    """Keys in backticks or double quotes"""
    _each(world, {"metrics.`with space` > 3": [4, 5], 'metrics."with space" < 1': [0], "params.`opt` = 'sgd'": [0, 2, 4]})


def parameters_are_compared(world):
    """Parameters: = != LIKE ILIKE"""
    _each(world, {
        "params.opt = 'sgd'": [0, 2, 4], "params.opt != 'sgd'": [1, 3, 5], "params.opt LIKE 'A%'": [1, 3, 5], "params.opt LIKE 'a%'": [],
        "params.opt ILIKE 'a%'": [1, 3, 5], "parameters.depth = \"3\"": [3], "param.opt LIKE '_gd'": [0, 2, 4], "parameter.absent != 'x'": [],
    })


def tags_are_compared(world):
    """Tags: = != LIKE ILIKE; those without the tag are not found"""
    _each(world, {
        "tags.kind = 'k2'": [2], "tags.kind != 'k2'": [0, 4], "tag.kind LIKE 'k%'": [0, 2, 4], "tags.kind ILIKE 'K%'": [0, 2, 4],
    })


def whether_there_is_one(world):
    """IS NULL and IS NOT NULL of tags and parameters"""
    _each(world, {
        "tags.kind IS NULL": [1, 3, 5], "tags.kind IS NOT NULL": [0, 2, 4], "params.opt IS NOT NULL": [0, 1, 2, 3, 4, 5],
        "params.absent IS NULL": [0, 1, 2, 3, 4, 5],
    })


def clauses_are_joined(world):
    """AND joins clauses, in any case of letters"""
    _each(world, {
        "metrics.acc > 0.1 AND params.opt = 'sgd'": [2, 4], "metrics.acc > 0.1 and tags.kind = 'k4' And metrics.loss < 7": [4],
        "metrics.acc > 0.1 AND metrics.acc < 0.4": [2, 3], "": [0, 1, 2, 3, 4, 5],
    })


def attributes_are_compared(world):
    """Attributes: status, names, times"""
    _each(world, {
        "attributes.status = 'RUNNING'": [0, 1, 2, 3], "status != 'RUNNING'": [4, 5], "attribute.status LIKE 'F%'": [4, 5], "attr.status = 'FAILED'": [4],
        "run_name = 'Run-3'": [3], "attributes.run_name LIKE 'Run-%'": [0, 1, 2, 3, 4, 5], "run_name ILIKE 'rUN-1'": [1], "attributes.`run name` = 'Run-2'": [2],
        "start_time > 1003": [4, 5], "attributes.start_time <= 1001": [0, 1], "attributes.created = 1002": [2], "end_time >= 5000": [4, 5], "end_time = 6000": [5],
    })


def runs_by_their_ids(world):
    """run_id takes =, IN and NOT IN"""
    _, runs = _six(world)
    _each(world, {
        f"run_id = '{runs[3]}'": [3], f"attributes.run_id IN ('{runs[1]}', '{runs[4]}')": [1, 4],
        f"attributes.run_id NOT IN ('{runs[1]}', '{runs[4]}')": [0, 2, 3, 5], f"run_id != '{runs[0]}'": [1, 2, 3, 4, 5],
    })


def by_artifact_uri(world):
    """artifact_uri and user_id are attributes too"""
    _, runs = _six(world)
    _each(world, {f"artifact_uri LIKE '%{runs[2]}%'": [2], "attributes.artifact_uri = 'x'": []})


def metrics_are_ordered(world):
    """By a metric, those without it last in both directions"""
    equal(_found(world, "", ["metrics.acc DESC"]), [4, 3, 2, 1, 0, 5])
    equal(_found(world, "", ["metrics.acc ASC"]), [0, 1, 2, 3, 4, 5])
    equal(_found(world, "", ["metric.`with space`  desc"]), [5, 4, 3, 2, 1, 0])


def nan_is_ordered_after_numbers(world):
    """NaN stands after numbers and before what is missing"""
    experiment = world.experiment()
    values = {"a": 1.0, "b": float("nan"), "c": 2.0, "d": None}
    runs = {}
    for name, value in values.items():
        runs[name] = world.run(experiment)
        if value is not None:
            world.client.log_metric(runs[name], "m", value)
    for direction, expected in (("ASC", "acbd"), ("DESC", "cabd")):
        found = [one.info.run_id for one in world.client.search_runs([experiment], order_by=[f"metrics.m {direction}"])]
        equal(found, [runs[name] for name in expected])


def others_are_ordered(world):
    """By parameters, tags and attributes; missing last"""
    equal(_found(world, "", ["params.depth DESC"]), [5, 4, 3, 2, 1, 0])
    equal(_found(world, "", ["tags.kind DESC", "start_time ASC"]), [4, 2, 0, 1, 3, 5])
    equal(_found(world, "", ["params.opt ASC", "metrics.loss ASC"]), [5, 3, 1, 4, 2, 0])
    equal(_found(world, "", ["attributes.run_name DESC"]), [5, 4, 3, 2, 1, 0])
    equal(_found(world, "", ["status ASC", "start_time DESC"]), [4, 5, 3, 2, 1, 0])


def newest_first(world):
    """Without an order the newest run comes first"""
    equal(_found(world, "", []), [5, 4, 3, 2, 1, 0])


@beyond
def one_column_twice(world):
    """A column named twice counts once"""
    equal(_found(world, "", ["start_time ASC", "start_time DESC"]), [0, 1, 2, 3, 4, 5])


def pages_to_the_end(world):
    """Pages of every size hold each run once and end"""
    experiment, runs = _six(world)
    for size in (1, 2, 4, 6, 10):
        for order in ("metrics.acc DESC", "start_time ASC", "params.opt ASC", "tags.kind ASC"):
            seen, token = [], None
            while True:
                page = world.client.search_runs([experiment], max_results=size, order_by=[order], page_token=token)
                seen += [one.info.run_id for one in page]
                token = page.token
                if not token:
                    break
            equal(sorted(seen), sorted(runs))


@beyond
def pages_while_runs_arrive(world):
    """A run that arrives between two pages makes none appear twice"""
    experiment = world.experiment()
    runs = [world.client.create_run(experiment, start_time=1000 + i).info.run_id for i in range(6)]
    first = world.client.search_runs([experiment], max_results=3)
    world.client.create_run(experiment, start_time=9000)
    second = world.client.search_runs([experiment], max_results=3, page_token=first.token)
    equal([one.info.run_id for one in [*first, *second]], runs[::-1])


def foreign_page_token(world):
    """A token that is none is refused"""
    experiment, _ = _six(world)
    world.refused(lambda: world.client.search_runs([experiment], page_token="!"), "INVALID_PARAMETER_VALUE", "Invalid page token")


@beyond
def token_of_another_query(world):
    """A token belongs to its query"""
    experiment, _ = _six(world)
    token = world.client.search_runs([experiment], max_results=2).token
    world.refused(
        lambda: world.client.search_runs([experiment], "metrics.acc > 0", max_results=2, page_token=token), "INVALID_PARAMETER_VALUE"
    )


def deleted_runs_when_asked(world):
    """View types choose active, deleted or all"""
    experiment = world.experiment()
    active, deleted = world.run(experiment), world.run(experiment)
    world.client.delete_run(deleted)
    search = lambda view: sorted(one.info.run_id for one in world.client.search_runs([experiment], run_view_type=view))  # noqa: E731
    equal(search(ViewType.ACTIVE_ONLY), [active])
    equal(search(ViewType.DELETED_ONLY), [deleted])
    equal(search(ViewType.ALL), sorted([active, deleted]))


def several_experiments(world):
    """Several experiments are searched at once; none gives nothing"""
    experiments = [world.experiment() for _ in range(3)]
    runs = [world.run(one) for one in experiments]
    equal(sorted(one.info.run_id for one in world.client.search_runs(experiments[:2])), sorted(runs[:2]))
    equal(list(world.client.search_runs([])), [])


def frame_of_runs(world):
    """mlflow.search_runs gives a table"""
    experiment, runs = _six(world)
    frame = mlflow.search_runs([experiment], order_by=["start_time ASC"])
    equal(list(frame["run_id"]), runs)
    equal(list(frame["params.depth"]), [str(i) for i in range(6)])
    assert math.isnan(frame["metrics.acc"][5]) and frame["metrics.acc"][3] == 0.3
    equal(len(mlflow.search_runs([experiment], "metrics.acc > 0.25")), 2)


def by_experiment_name(world):
    """mlflow.search_runs takes names of experiments"""
    experiment, _ = _six(world)
    name = world.client.get_experiment(experiment).name
    equal(len(mlflow.search_runs(experiment_names=[name], output_format="list")), 6)


def by_datasets(world):
    """Datasets: name, digest, context with = != LIKE IN"""
    import numpy as np

    mlflow.set_experiment(world.name())
    runs = {}
    for name, context in (("north", "training"), ("south", "evaluation")):
        with mlflow.start_run() as run:
            mlflow.log_input(mlflow.data.from_numpy(np.arange(len(runs) + 2), name=name), context=context)
        runs[name] = run.info.run_id
    find = lambda clause: sorted(one.info.run_id for one in world.client.search_runs([run.info.experiment_id], clause))  # noqa: E731
    north, south = [runs["north"]], [runs["south"]]
    equal(find("datasets.name = 'north'"), north)
    equal(find("dataset.name LIKE 's%'"), south)
    equal(find("datasets.name ILIKE 'S%'"), south)
    equal(find("datasets.name IN ('north', 'south')"), sorted(north + south))
    equal(find("dataset.context = 'training'"), north)
    equal(find("datasets.name = 'north' AND datasets.context = 'evaluation'"), [])


_REFUSED = [
    "metrics.acc > 'high'", "metrics.acc LIKE 'a%'", "params.opt > 'a'", "params.opt = 5", "tags.kind = 5", "nonsense.key = 'a'", "metrics.acc >",
    "metrics.acc", "start_time = 'x'", "attributes.experiment_id = '1'", "attributes.lifecycle_stage = 'active'",
    "start_time LIKE '1%'", "unknown = 'x'", "params.opt = sgd", "metrics.acc = 'x", "= 5",
]


def filters_that_are_refused(world):
    """Bad filters are INVALID_PARAMETER_VALUE"""
    for clause in _REFUSED:
        try:
            got = _found(world, clause)
        except MlflowException as error:
            assert error.error_code == "INVALID_PARAMETER_VALUE", f"{clause}: {error.error_code}"
        else:
            raise AssertionError(f"{clause!r} found {got}")


def orders_that_are_refused(world):
    """Bad orders are INVALID_PARAMETER_VALUE"""
    for order in ("metrics.acc SIDEWAYS", "nonsense.acc", "unknown", "metrics.acc DESC extra"):
        world.refused(lambda order=order: _found(world, "", [order]), "INVALID_PARAMETER_VALUE")


def page_sizes_that_are_refused(world):
    """A page holds 1 to 50000"""
    experiment, _ = _six(world)
    for size in (0, -1, 50001):
        world.answers(world.post("runs/search", {"experiment_ids": [experiment], "max_results": size}), 400, "INVALID_PARAMETER_VALUE")


@beyond
def beyond_conjunctions(world):
    """OR, NOT, parentheses and IN on every string"""
    _each(world, {
        "params.depth = '1' OR params.depth = '4'": [1, 4], "NOT (metrics.acc > 0.1)": [0, 1, 5], "(tags.kind = 'k0' OR metrics.acc > 0.3) AND params.opt = 'sgd'": [0, 4],
        "params.depth IN ('2', '3')": [2, 3], "tags.kind NOT IN ('k0')": [2, 4], "status IN ('FAILED', 'FINISHED')": [4, 5],
    })


@beyond
def nan_matches_no_comparison(world):
    """NaN is greater and less than nothing"""
    experiment = world.experiment()
    run = world.run(experiment)
    world.client.log_metric(run, "m", float("nan"))
    for clause in ("metrics.m > -1", "metrics.m < 1", "metrics.m = 0", "metrics.m >= 0"):
        equal(list(world.client.search_runs([experiment], clause)), [])
