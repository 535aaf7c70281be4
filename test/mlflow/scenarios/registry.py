"""The registry: models, versions, stages, aliases, tags, search."""

from mlflow.entities.model_registry.model_version_status import ModelVersionStatus
from world import beyond, equal


def model_is_created_and_read(world):
    """A registered model has a description, tags and times"""
    name = world.name("model")
    made = world.client.create_registered_model(name, tags={"a": "1"}, description="what it is")
    equal((made.name, made.description, made.tags), (name, "what it is", {"a": "1"}))
    got = world.client.get_registered_model(name)
    equal((got.name, got.description, got.tags, got.latest_versions), (name, "what it is", {"a": "1"}, []))
    assert got.creation_timestamp > 1_600_000_000_000 and got.last_updated_timestamp >= got.creation_timestamp


def model_name_is_taken(world):
    """A name is taken once"""
    model = world.model()
    world.refused(lambda: world.client.create_registered_model(model), "RESOURCE_ALREADY_EXISTS", f"Registered Model (name={model}) already exists.")


def model_names_that_are_refused(world):
    """Names with / or : are refused, and none at all"""
    for name in ("a/b", "a:b"):
        world.refused(lambda name=name: world.client.create_registered_model(name), "INVALID_PARAMETER_VALUE", "Invalid model name", "Names cannot contain '/' or ':'")
    world.answers(world.post("registered-models/create", {}), 400, "INVALID_PARAMETER_VALUE", "Missing value for required parameter 'name'")
    world.answers(world.post("registered-models/create", {"name": ""}), 400, "INVALID_PARAMETER_VALUE")


def model_of_unusual_name(world):
    """Names may hold spaces, quotes and letters of any script"""
    for stem in ("a model", "d'or", "модель", "100%", "a.b_c"):
        name = world.name(stem)
        world.client.create_registered_model(name)
        equal(world.client.get_registered_model(name).name, name)
        equal(world.version(name), "1")
        equal(world.client.get_model_version(name, "1").name, name)


def absent_model(world):
    """A model that is not there is RESOURCE_DOES_NOT_EXIST"""
    name = world.name("model")
    for action in (
        lambda: world.client.get_registered_model(name), lambda: world.client.delete_registered_model(name),
        lambda: world.client.rename_registered_model(name, "other"), lambda: world.client.set_registered_model_tag(name, "a", "1"),
        lambda: world.client.create_model_version(name, "s3://b/m"), lambda: world.client.update_registered_model(name, "text"),
    ):
        world.refused(action, "RESOURCE_DOES_NOT_EXIST", f"Registered Model with name={name} not found")


def model_is_described(world):
    """The description changes"""
    model = world.model()
    world.client.update_registered_model(model, "new words")
    equal(world.client.get_registered_model(model).description, "new words")


def model_is_tagged(world):
    """Tags are set, replaced, deleted; deleting an absent one is fine"""
    model = world.model()
    world.client.set_registered_model_tag(model, "a", "1")
    world.client.set_registered_model_tag(model, "a", "2")
    world.client.set_registered_model_tag(model, "b", "3")
    world.client.delete_registered_model_tag(model, "b")
    world.client.delete_registered_model_tag(model, "b")
    equal(world.client.get_registered_model(model).tags, {"a": "2"})


def model_is_renamed(world):
    """Versions, tags and aliases follow a new name"""
    model, other = world.model(), world.name("model")
    world.version(model)
    world.client.set_registered_model_tag(model, "a", "1")
    world.client.set_registered_model_alias(model, "champion", "1")
    world.client.rename_registered_model(model, other)
    got = world.client.get_registered_model(other)
    equal((got.tags, got.aliases), ({"a": "1"}, {"champion": "1"}))
    equal(world.client.get_model_version_by_alias(other, "champion").version, "1")
    world.refused(lambda: world.client.get_registered_model(model), "RESOURCE_DOES_NOT_EXIST")


def model_is_renamed_to_a_taken_name(world):
    """It cannot take another's name"""
    model, other = world.model(), world.model()
    world.refused(lambda: world.client.rename_registered_model(model, other), "RESOURCE_ALREADY_EXISTS")


def model_is_deleted(world):
    """A model goes with its versions, and its name is free"""
    model = world.model()
    world.version(model)
    world.client.delete_registered_model(model)
    world.refused(lambda: world.client.get_registered_model(model), "RESOURCE_DOES_NOT_EXIST")
    world.refused(lambda: world.client.get_model_version(model, "1"), "RESOURCE_DOES_NOT_EXIST")
    world.client.create_registered_model(model)
    equal(world.client.get_registered_model(model).latest_versions, [])


def version_is_created_and_read(world):
    """A version has a source, a description, tags, a stage None and is READY"""
    model = world.model()
    made = world.client.create_model_version(model, "s3://bucket/path", tags={"a": "1"}, description="first", run_link="http://run")
    equal(made.version, "1")
    got = world.client.get_model_version(model, "1")
    equal(
        (got.name, got.version, got.source, got.description, got.tags, got.current_stage, got.run_link, got.status),
        (model, "1", "s3://bucket/path", "first", {"a": "1"}, "None", "http://run", ModelVersionStatus.to_string(ModelVersionStatus.READY)),
    )
    equal(world.client.get_model_version_download_uri(model, "1"), "s3://bucket/path")


def version_of_a_run(world):
    """A version of a run's artifacts names the run"""
    model, run = world.model(), world.client.create_run(world.experiment()).info
    made = world.client.create_model_version(model, f"{run.artifact_uri}/model", run_id=run.run_id)
    equal((made.run_id, made.source), (run.run_id, f"{run.artifact_uri}/model"))
    found = world.client.search_model_versions(f"run_id = '{run.run_id}'")
    equal([(one.name, one.version) for one in found], [(model, "1")])


def version_numbers_are_counted(world):
    """Numbers count up"""
    model = world.model()
    equal([world.version(model) for _ in range(4)], ["1", "2", "3", "4"])
    world.client.delete_model_version(model, "2")
    equal(world.version(model), "5")


@beyond
def version_numbers_are_never_reused(world):
    """The number of a deleted last version is not given again"""
    model = world.model()
    world.version(model)
    world.version(model)
    world.client.delete_model_version(model, "2")
    equal(world.version(model), "3")


def absent_version(world):
    """A version that is not there is RESOURCE_DOES_NOT_EXIST"""
    model = world.model()
    for action in (
        lambda: world.client.get_model_version(model, "7"), lambda: world.client.delete_model_version(model, "7"),
        lambda: world.client.update_model_version(model, "7", "text"), lambda: world.client.set_model_version_tag(model, "7", "a", "1"),
        lambda: world.client.transition_model_version_stage(model, "7", "Staging"), lambda: world.client.set_registered_model_alias(model, "a", "7"),
        lambda: world.client.get_model_version_download_uri(model, "7"),
    ):
        world.refused(action, "RESOURCE_DOES_NOT_EXIST", f"Model Version (name={model}, version=7) not found")


def version_must_be_a_number(world):
    """A version that is no number is refused"""
    model = world.model()
    world.answers(world.get("model-versions/get", name=model, version="abc"), 400, "INVALID_PARAMETER_VALUE", "Parameter 'version' must be an integer, got 'abc'.")


def version_is_described_and_tagged(world):
    """Description and tags of a version change"""
    model = world.model()
    world.version(model)
    world.client.update_model_version(model, "1", "new words")
    world.client.set_model_version_tag(model, "1", "a", "1")
    world.client.set_model_version_tag(model, "1", "b", "2")
    world.client.delete_model_version_tag(model, "1", "a")
    got = world.client.get_model_version(model, "1")
    equal((got.description, got.tags), ("new words", {"b": "2"}))


def sources_that_are_refused(world):
    """A source on the server's disk, or one that climbs, is refused"""
    model = world.model()
    for source in ("/etc/passwd", "file:///etc", "s3://bucket/../up", "mlflow-artifacts:/1/../../etc", "./here"):
        world.refused(lambda source=source: world.client.create_model_version(model, source), "INVALID_PARAMETER_VALUE")
    equal(world.client.search_model_versions(f"name = '{model}'"), [])


def stages_change(world):
    """A version goes through stages, in any case of letters"""
    model = world.model()
    world.version(model)
    for asked, stage in (("staging", "Staging"), ("Production", "Production"), ("ARCHIVED", "Archived"), ("None", "None")):
        equal(world.client.transition_model_version_stage(model, "1", asked).current_stage, stage)
        equal(world.client.get_model_version(model, "1").current_stage, stage)


def others_are_archived(world):
    """archive_existing_versions archives the others in that stage"""
    model = world.model()
    for _ in range(3):
        world.version(model)
    world.client.transition_model_version_stage(model, "1", "Production")
    world.client.transition_model_version_stage(model, "3", "Staging")
    world.client.transition_model_version_stage(model, "2", "Production", archive_existing_versions=True)
    equal([world.client.get_model_version(model, n).current_stage for n in "123"], ["Archived", "Production", "Staging"])


def two_in_one_stage(world):
    """Without it both stay"""
    model = world.model()
    for number in ("1", "2"):
        world.version(model)
        world.client.transition_model_version_stage(model, number, "Production")
    equal([world.client.get_model_version(model, n).current_stage for n in "12"], ["Production", "Production"])


def stages_that_are_refused(world):
    """A stage that is none is refused"""
    model = world.model()
    world.version(model)
    world.refused(
        lambda: world.client.transition_model_version_stage(model, "1", "prod"), "INVALID_PARAMETER_VALUE",
        "Invalid Model Version stage: prod. Value must be one of None, Staging, Production, Archived.",
    )


def latest_versions_by_stage(world):
    """The highest version of each stage"""
    model = world.model()
    for _ in range(5):
        world.version(model)
    for number, stage in (("1", "Production"), ("2", "Production"), ("3", "Staging"), ("4", "Archived")):
        world.client.transition_model_version_stage(model, number, stage)
    pairs = lambda versions: sorted((one.current_stage, one.version) for one in versions)  # noqa: E731
    every = [("Archived", "4"), ("None", "5"), ("Production", "2"), ("Staging", "3")]
    equal(pairs(world.client.get_latest_versions(model)), every)
    equal(pairs(world.client.get_registered_model(model).latest_versions), every)
    equal(pairs(world.client.get_latest_versions(model, stages=["Production"])), [("Production", "2")])
    equal(pairs(world.client.get_latest_versions(model, stages=["staging", "None"])), [("None", "5"), ("Staging", "3")])


def alias_moves(world):
    """An alias names one version, and moves"""
    model = world.model()
    world.version(model)
    world.version(model)
    world.client.set_registered_model_alias(model, "champion", "1")
    equal(world.client.get_model_version_by_alias(model, "champion").version, "1")
    world.client.set_registered_model_alias(model, "champion", "2")
    world.client.set_registered_model_alias(model, "next", "2")
    got = world.client.get_model_version_by_alias(model, "champion")
    equal((got.version, sorted(got.aliases)), ("2", ["champion", "next"]))
    equal(world.client.get_model_version(model, "1").aliases, [])
    equal(world.client.get_registered_model(model).aliases, {"champion": "2", "next": "2"})


def alias_is_deleted(world):
    """Deleting an alias, also an absent one"""
    model = world.model()
    world.version(model)
    world.client.set_registered_model_alias(model, "a", "1")
    world.client.delete_registered_model_alias(model, "a")
    world.client.delete_registered_model_alias(model, "a")
    equal(world.client.get_registered_model(model).aliases, {})
    world.refused(lambda: world.client.get_model_version_by_alias(model, "a"), "INVALID_PARAMETER_VALUE", "Registered model alias a not found.")


def aliases_that_are_refused(world):
    """latest, v1 and odd letters are no aliases"""
    model = world.model()
    world.version(model)
    for alias, words in (("v1", "is reserved"), ("latest", "is reserved"), ("Latest", "is reserved"), ("a b", ""), ("a/b", ""), ("x" * 256, "")):
        world.refused(lambda alias=alias: world.client.set_registered_model_alias(model, alias, "1"), "INVALID_PARAMETER_VALUE", words)


@beyond
def alias_goes_with_its_version(world):
    """Deleting a version deletes its aliases"""
    model = world.model()
    world.version(model)
    world.client.set_registered_model_alias(model, "a", "1")
    world.client.delete_model_version(model, "1")
    equal(world.client.get_registered_model(model).aliases, {})


def models_are_searched(world):
    """Models by name and tags, in order"""
    stem = world.name("Sea")
    for tail in "bac":
        world.client.create_registered_model(f"{stem}-{tail}", tags={"t": tail})
    names = lambda clause, **more: [one.name[-1] for one in world.client.search_registered_models(clause, **more)]  # noqa: E731
    equal(names(f"name LIKE '{stem}%'"), ["a", "b", "c"])
    equal(names(f"name LIKE '{stem}%'", order_by=["name DESC"]), ["c", "b", "a"])
    equal(names(f"name LIKE '{stem}%'", order_by=["timestamp ASC"]), names(f"name LIKE '{stem}%'", order_by=["last_updated_timestamp ASC"]))
    equal(names(f"name = '{stem}-a'"), ["a"])
    equal(names(f"name ILIKE '{stem.upper()}%' AND name != '{stem}-a'"), ["b", "c"])
    equal(names(f"name LIKE '{stem}%' AND tags.t = 'b'"), ["b"])
    equal(names(f"name LIKE '{stem}%' AND tags.t LIKE '%c'"), ["c"])
    equal(names(f"name LIKE '{stem.upper()}%'"), [])


def models_are_paged(world):
    """Pages of models end"""
    stem = world.name("page")
    for n in range(7):
        world.client.create_registered_model(f"{stem}-{n}")
    seen, token = [], None
    while True:
        page = world.client.search_registered_models(f"name LIKE '{stem}%'", max_results=3, page_token=token)
        seen += [one.name[-1] for one in page]
        token = page.token
        if not token:
            break
    equal(seen, list("0123456"))


def versions_are_searched(world):
    """Versions by name, number, source, run and tags"""
    model = world.model()
    run = world.run()
    for n in range(1, 5):
        options = {"run_id": run} if n == 3 else {}
        world.client.create_model_version(model, f"s3://bucket/{model}/{n}", tags={"n": str(n)}, **options)
    numbers = lambda clause, **more: [one.version for one in world.client.search_model_versions(f"name = '{model}'{clause}", **more)]  # noqa: E731
    equal(sorted(numbers("")), ["1", "2", "3", "4"])
    equal(numbers(" AND version_number > 2", order_by=["version_number ASC"]), ["3", "4"])
    equal(numbers(" AND version_number <= 2", order_by=["version_number DESC"]), ["2", "1"])
    equal(numbers(f" AND source_path = 's3://bucket/{model}/2'"), ["2"])
    equal(numbers(f" AND source_path LIKE '%{model}/4'"), ["4"])
    equal(numbers(f" AND run_id IN ('{run}')"), ["3"])
    equal(numbers(" AND tags.n = '1'"), ["1"])
    equal(numbers("", order_by=["creation_timestamp DESC", "version_number DESC"]), ["4", "3", "2", "1"])


def newest_update_first(world):
    """Without an order the version updated last comes first"""
    import time

    model = world.model()
    for _ in range(3):
        world.version(model)
        time.sleep(0.005)
    world.client.update_model_version(model, "2", "touched")
    equal(world.client.search_model_versions(f"name = '{model}'")[0].version, "2")


def versions_are_paged(world):
    """Pages of versions end"""
    model = world.model()
    for _ in range(7):
        world.version(model)
    seen, token = [], None
    while True:
        page = world.client.search_model_versions(f"name = '{model}'", max_results=2, page_token=token, order_by=["version_number ASC"])
        seen += [one.version for one in page]
        token = page.token
        if not token:
            break
    equal(seen, list("1234567"))


def searches_that_are_refused(world):
    """Bad filters and page sizes are refused"""
    for clause in ("name > 'a'", "nonsense = 'a'", "name = 5", "stage = 'Production'"):
        world.refused(lambda clause=clause: world.client.search_registered_models(clause), "INVALID_PARAMETER_VALUE")
        world.refused(lambda clause=clause: world.client.search_model_versions(clause), "INVALID_PARAMETER_VALUE")
    world.refused(lambda: world.client.search_registered_models(max_results=1001), "INVALID_PARAMETER_VALUE")
    world.refused(lambda: world.client.search_model_versions(max_results=200_001), "INVALID_PARAMETER_VALUE")


def aliases_of_versions_in_search(world):
    """A found model shows its latest versions and aliases"""
    model = world.model()
    world.version(model)
    world.client.set_registered_model_alias(model, "champion", "1")
    found = world.client.search_registered_models(f"name = '{model}'")[0]
    equal(([one.version for one in found.latest_versions], found.aliases), (["1"], {"champion": "1"}))


def _govern(world, model, **rules):
    """Declares rules for the model, as applying a project's files does."""
    parts = {"registry": [{"model": model, **rules}]}
    status, body = world.call("POST", "/api/v1/apply", {"project": {"name": model, "root": "/", "parts": parts}})
    equal((status, body["changes"][0]["noun"]), (200, "registry"))


def _decide(world, request, verb, actor):
    return world.call("POST", f"/api/v1/stage-requests/{request}/{verb}", {"note": "looked at it"}, headers={"X-Pawl-Actor": actor})


def _pending(world, model):
    _, body = world.call("GET", "/api/v1/stage-requests", query={"model": model, "state": "pending"})
    return [one["id"] for one in body["items"]]


@beyond
def stage_that_needs_approval(world):
    """A move that needs approval is refused with its request, once, and happens when it is granted"""
    model = world.model()
    world.version(model)
    _govern(world, model, approvals={"Production": {"by": ["user:lead"]}})

    def move():
        world.client.transition_model_version_stage(model, "1", "Production")

    world.refused(move, "PERMISSION_DENIED", "waits for approval to enter Production", "user:lead can grant it", "pawl model approve")
    first = _pending(world, model)
    equal(len(first), 1)
    world.refused(move, "PERMISSION_DENIED", first[0])
    equal(_pending(world, model), first)
    equal(world.client.get_model_version(model, "1").current_stage, "None")
    equal(_decide(world, first[0], "grant", "user:eve")[0], 403)
    equal(_decide(world, first[0], "grant", "user:lead")[0], 200)
    equal(world.client.get_model_version(model, "1").current_stage, "Production")
    move()
    equal(_pending(world, model), [])
    world.client.transition_model_version_stage(model, "1", "Staging")


@beyond
def alias_that_needs_approval(world):
    """An alias that means Production is no way around its rules; others move freely"""
    model = world.model()
    world.version(model)
    _govern(world, model, approvals={"Production": {"by": ["user:lead"]}}, aliases=["champion", "live-*"])
    for alias in ("champion", "Live-EU"):
        world.refused(lambda alias=alias: world.client.set_registered_model_alias(model, alias, "1"), "PERMISSION_DENIED", "waits for approval", alias)
    world.client.set_registered_model_alias(model, "challenger", "1")
    equal(world.client.get_registered_model(model).aliases, {"challenger": "1"})
    for request in _pending(world, model):
        equal(_decide(world, request, "grant", "user:lead")[0], 200)
    equal(world.client.get_model_version_by_alias(model, "champion").version, "1")


@beyond
def governed_model_has_one_in_production(world):
    """A governed model has one version in Production, whatever the client says of the others"""
    model = world.model()
    for _ in range(2):
        world.version(model)
    _govern(world, model)
    for version in ("1", "2"):
        world.client.transition_model_version_stage(model, version, "Production", archive_existing_versions=False)
    equal([world.client.get_model_version(model, version).current_stage for version in "12"], ["Archived", "Production"])
    world.refused(lambda: world.client.delete_registered_model(model), "PERMISSION_DENIED", "governed")
