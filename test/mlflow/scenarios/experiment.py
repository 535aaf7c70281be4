"""Experiments by the fluent API and by the client."""

import mlflow
from mlflow.entities import ViewType
from world import beyond, equal


def default_is_there(world):
    """Experiment 0 is Default"""
    experiment = world.client.get_experiment("0")
    equal((experiment.name, experiment.lifecycle_stage), ("Default", "active"))
    equal(world.client.get_experiment_by_name("Default").experiment_id, "0")


def created_and_read(world):
    """A new experiment has a numeric id, times, a place for artifacts and its tags"""
    name = world.name()
    identifier = world.client.create_experiment(name, tags={"team": "risk", "é": "ü"})
    assert identifier.isdigit()
    experiment = world.client.get_experiment(identifier)
    equal(experiment.name, name)
    equal(experiment.tags, {"team": "risk", "é": "ü"})
    equal(experiment.lifecycle_stage, "active")
    assert experiment.artifact_location == f"mlflow-artifacts:/{identifier}", experiment.artifact_location
    assert experiment.creation_time > 1_600_000_000_000 and experiment.last_update_time >= experiment.creation_time


def set_experiment_makes_it_once(world):
    """set_experiment makes what is missing and finds what is there"""
    name = world.name()
    first = mlflow.set_experiment(name)
    again = mlflow.set_experiment(name)
    equal(first.experiment_id, again.experiment_id)
    equal(mlflow.set_experiment(experiment_id=first.experiment_id).name, name)


def absent_by_name(world):
    """A name that is not there gives None"""
    equal(world.client.get_experiment_by_name(world.name()), None)


def absent_by_id(world):
    """An id that is not there is RESOURCE_DOES_NOT_EXIST"""
    world.refused(lambda: world.client.get_experiment("987654321"), "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=987654321 exists")


def id_must_be_a_number(world):
    """An id that is no number is INVALID_PARAMETER_VALUE"""
    world.refused(
        lambda: world.client.get_experiment("x"), "INVALID_PARAMETER_VALUE", "Invalid experiment ID 'x'. Experiment ID must be a valid integer."
    )


def name_is_taken(world):
    """A name is taken once"""
    name = world.name()
    world.client.create_experiment(name)
    world.refused(lambda: world.client.create_experiment(name), "RESOURCE_ALREADY_EXISTS", f"Experiment(name={name}) already exists.")


def name_of_a_deleted_one_is_taken(world):
    """A deleted experiment keeps its name, and is still found by it"""
    name = world.name()
    identifier = world.client.create_experiment(name)
    world.client.delete_experiment(identifier)
    equal(world.client.get_experiment_by_name(name).lifecycle_stage, "deleted")
    world.refused(lambda: world.client.create_experiment(name), "RESOURCE_ALREADY_EXISTS")


def own_artifact_location(world):
    """An artifact location that is given is kept, and its runs are below it"""
    identifier = world.client.create_experiment(world.name(), artifact_location="s3://bucket/experiments")
    equal(world.client.get_experiment(identifier).artifact_location, "s3://bucket/experiments")
    run = world.client.create_run(identifier)
    equal(run.info.artifact_uri, f"s3://bucket/experiments/{run.info.run_id}/artifacts")


def renamed(world):
    """A new name replaces the old one and is free of the old"""
    name, other = world.name(), world.name()
    identifier = world.client.create_experiment(name)
    world.client.rename_experiment(identifier, other)
    equal(world.client.get_experiment(identifier).name, other)
    equal(world.client.get_experiment_by_name(name), None)


def renamed_to_a_taken_name(world):
    """It cannot take another's name"""
    name = world.name()
    world.client.create_experiment(name)
    identifier = world.experiment()
    world.answers(world.post("experiments/update", {"experiment_id": identifier, "new_name": name}), 400)


def tagged(world):
    """Tags are set, replaced and deleted"""
    identifier = world.experiment()
    world.client.set_experiment_tag(identifier, "stage", "one")
    world.client.set_experiment_tag(identifier, "stage", "two")
    world.client.set_experiment_tag(identifier, "n", 5)
    equal(world.client.get_experiment(identifier).tags, {"stage": "two", "n": "5"})
    world.client.delete_experiment_tag(identifier, "stage")
    equal(world.client.get_experiment(identifier).tags, {"n": "5"})


def fluent_tags(world):
    """set_experiment_tags tags the active experiment"""
    experiment = mlflow.set_experiment(world.name())
    mlflow.set_experiment_tags({"a": "1", "b": "2"})
    equal(world.client.get_experiment(experiment.experiment_id).tags.items() >= {"a": "1", "b": "2"}.items(), True)


def deleted_and_restored(world):
    """Deleting takes its runs along, restoring brings them back"""
    identifier = world.experiment()
    run = world.run(identifier)
    world.client.delete_experiment(identifier)
    equal(world.client.get_experiment(identifier).lifecycle_stage, "deleted")
    equal(world.client.get_run(run).info.lifecycle_stage, "deleted")
    world.client.restore_experiment(identifier)
    equal(world.client.get_experiment(identifier).lifecycle_stage, "active")
    equal(world.client.get_run(run).info.lifecycle_stage, "active")


@beyond
def restoring_revives_what_fell_with_it(world):
    """A run that was deleted before its experiment stays deleted"""
    identifier = world.experiment()
    before, along = world.run(identifier), world.run(identifier)
    world.client.delete_run(before)
    world.client.delete_experiment(identifier)
    world.client.restore_experiment(identifier)
    equal(world.client.get_run(before).info.lifecycle_stage, "deleted")
    equal(world.client.get_run(along).info.lifecycle_stage, "active")


def deleted_twice(world):
    """Deleting twice, or restoring what is active, is RESOURCE_DOES_NOT_EXIST"""
    identifier = world.experiment()
    world.refused(lambda: world.client.restore_experiment(identifier), "RESOURCE_DOES_NOT_EXIST")
    world.client.delete_experiment(identifier)
    world.refused(lambda: world.client.delete_experiment(identifier), "RESOURCE_DOES_NOT_EXIST")


def deleted_takes_no_run(world):
    """A deleted experiment takes no run"""
    identifier = world.experiment()
    world.client.delete_experiment(identifier)
    world.refused(lambda: world.client.create_run(identifier), "INVALID_PARAMETER_VALUE", "must be in the 'active' state")


def set_experiment_refuses_a_deleted_one(world):
    """set_experiment says that the experiment is deleted"""
    name = world.name()
    world.client.delete_experiment(world.client.create_experiment(name))
    world.refused(lambda: mlflow.set_experiment(name), "INVALID_PARAMETER_VALUE", "Cannot set a deleted experiment")


def searched_by_name(world):
    """Search by name: equality, LIKE and ILIKE"""
    stem = world.name("Sea")
    ids = [world.client.create_experiment(f"{stem}-{tail}") for tail in ("Alpha", "Beta")]
    search = world.client.search_experiments
    equal([one.experiment_id for one in search(filter_string=f"name = '{stem}-Alpha'")], [ids[0]])
    equal([one.experiment_id for one in search(filter_string=f"attribute.name LIKE '{stem}-%eta'")], [ids[1]])
    equal([one.experiment_id for one in search(filter_string=f"name LIKE '{stem}-%ETA'")], [])
    equal([one.experiment_id for one in search(filter_string=f"name ILIKE '{stem.upper()}-%ETA'")], [ids[1]])
    equal([one.experiment_id for one in search(filter_string=f"name LIKE '{stem}%' AND name != '{stem}-Alpha'")], [ids[1]])


def searched_by_tag(world):
    """Search by tags and by whether there is one"""
    stem = world.name("sea")
    ids = [world.client.create_experiment(f"{stem}-{n}", tags={"n": str(n), **({"odd": "x"} if n % 2 else {})}) for n in range(3)]

    def found(clause):
        page = world.client.search_experiments(filter_string=f"name LIKE '{stem}%' AND {clause}", order_by=["name ASC"])
        return [one.experiment_id for one in page]

    equal(found("tags.n = '1'"), [ids[1]])
    equal(found("tags.n != '1'"), [ids[0], ids[2]])
    equal(found("tag.odd IS NOT NULL"), [ids[1]])
    equal(found("tags.odd IS NULL"), [ids[0], ids[2]])
    equal(found("tags.`odd` LIKE 'x%'"), [ids[1]])


def search_is_ordered(world):
    """Newest first unless asked otherwise"""
    stem = world.name("sea")
    ids = [world.client.create_experiment(f"{stem}-{tail}") for tail in "bca"]
    mine = f"name LIKE '{stem}%'"
    by_name = [one.name[-1] for one in world.client.search_experiments(filter_string=mine, order_by=["name"])]
    equal(by_name, ["a", "b", "c"])
    by_id = [one.experiment_id for one in world.client.search_experiments(filter_string=mine, order_by=["experiment_id DESC"])]
    equal(by_id, sorted(ids, key=int, reverse=True))
    newest = world.client.search_experiments(filter_string=mine)
    created = [one.creation_time for one in newest]
    equal(created, sorted(created, reverse=True))


def search_sees_the_deleted_when_asked(world):
    """View types choose active, deleted or all"""
    stem = world.name("sea")
    active, deleted = (world.client.create_experiment(f"{stem}-{tail}") for tail in "ab")
    world.client.delete_experiment(deleted)

    def found(view):
        page = world.client.search_experiments(view_type=view, filter_string=f"name LIKE '{stem}%'", order_by=["name"])
        return [one.experiment_id for one in page]

    equal(found(ViewType.ACTIVE_ONLY), [active])
    equal(found(ViewType.DELETED_ONLY), [deleted])
    equal(found(ViewType.ALL), [active, deleted])


def search_pages(world):
    """Pages end, and hold each experiment once"""
    stem = world.name("sea")
    ids = [world.client.create_experiment(f"{stem}-{n}") for n in range(7)]
    seen, token = [], None
    while True:
        page = world.client.search_experiments(max_results=3, page_token=token, filter_string=f"name LIKE '{stem}%'", order_by=["name"])
        seen += [one.experiment_id for one in page]
        token = page.token
        if not token:
            break
    equal(seen, ids)


def search_refuses_a_filter(world):
    """Bad filters are INVALID_PARAMETER_VALUE"""
    for clause in ("name = 5", "name > 'a'", "metrics.m = 1", "name =", "nonsense"):
        world.refused(lambda clause=clause: world.client.search_experiments(filter_string=clause), "INVALID_PARAMETER_VALUE")


def search_by_time(world):
    """Creation and update times are compared as numbers"""
    identifier = world.experiment()
    experiment = world.client.get_experiment(identifier)
    found = world.client.search_experiments(
        filter_string=f"creation_time >= {experiment.creation_time} AND last_update_time <= {experiment.last_update_time} AND name = '{experiment.name}'"
    )
    equal([one.experiment_id for one in found], [identifier])
