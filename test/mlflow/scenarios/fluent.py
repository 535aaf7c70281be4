"""What else scripts call: prompts, webhooks, copies, outputs, parts of large files, the command line."""

import os

import mlflow
from click.testing import CliRunner
from mlflow.cli import cli
from mlflow.entities import LoggedModelInput, LoggedModelOutput, Metric
from mlflow.entities.webhook import WebhookAction, WebhookEntity, WebhookEvent, WebhookStatus
from world import equal


def last_run_is_known(world):
    """last_active_run reads the run again"""
    mlflow.set_experiment(world.name())
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 1)
    equal(mlflow.last_active_run().info.run_id, run.info.run_id)
    equal(mlflow.get_run(run.info.run_id).data.metrics, {"m": 1.0})
    equal(mlflow.get_experiment(run.info.experiment_id).experiment_id, run.info.experiment_id)


def logging_starts_a_run(world):
    """log_metric without a run starts one"""
    experiment = mlflow.set_experiment(world.name())
    mlflow.log_metric("m", 2)
    mlflow.end_run()
    runs = mlflow.search_runs([experiment.experiment_id], output_format="list")
    equal([(one.data.metrics, one.info.status) for one in runs], [({"m": 2.0}, "FINISHED")])


def run_is_deleted_by_name(world):
    """mlflow.delete_run and delete_experiment"""
    experiment = mlflow.set_experiment(world.name())
    with mlflow.start_run() as run:
        pass
    mlflow.delete_run(run.info.run_id)
    equal(mlflow.search_runs([experiment.experiment_id], output_format="list"), [])
    mlflow.delete_experiment(experiment.experiment_id)
    equal(mlflow.get_experiment(experiment.experiment_id).lifecycle_stage, "deleted")
    mlflow.set_experiment("Default")


def experiments_in_the_fluent_search(world):
    """mlflow.search_experiments follows the pages itself"""
    stem = world.name("fluent")
    for n in range(5):
        mlflow.create_experiment(f"{stem}-{n}")
    found = mlflow.search_experiments(filter_string=f"name LIKE '{stem}%'", order_by=["name"], max_results=4)
    equal([one.name[-1] for one in found], ["0", "1", "2", "3"])


def inputs_and_outputs_are_models(world):
    """A run names models it read and models it made"""
    mlflow.set_experiment(world.name())
    first, second = (mlflow.initialize_logged_model(name=name) for name in ("one", "two"))
    with mlflow.start_run() as run:
        world.client.log_inputs(run.info.run_id, models=[LoggedModelInput(model_id=first.model_id)])
        mlflow.log_outputs(models=[LoggedModelOutput(model_id=second.model_id, step=5)])
    got = world.client.get_run(run.info.run_id)
    equal([one.model_id for one in got.inputs.model_inputs], [first.model_id])
    equal([(one.model_id, one.step) for one in got.outputs.model_outputs], [(second.model_id, 5)])


def active_model_gathers(world):
    """Parameters of the active model are kept with it"""
    mlflow.set_experiment(world.name())
    made = mlflow.initialize_logged_model(name="agent")
    mlflow.log_model_params({"temperature": "0.2", "k": "5"}, model_id=made.model_id)
    equal(mlflow.get_logged_model(made.model_id).params, {"temperature": "0.2", "k": "5"})


def version_is_copied(world):
    """copy_model_version makes a version of another model from it"""
    model, other = world.model(), world.name("model")
    world.version(model, source="s3://bucket/x")
    copy = world.client.copy_model_version(f"models:/{model}/1", other)
    equal((copy.name, copy.version), (other, "1"))
    equal(world.client.get_model_version(other, "1").source, f"models:/{model}/1")
    equal(world.client.get_model_version_download_uri(other, "1"), "s3://bucket/x")


def prompts_are_models_apart(world):
    """A prompt is registered, loaded by version and alias, searched; and is no model in a search of models"""
    name = world.name("prompt")
    first = mlflow.genai.register_prompt(name=name, template="Hello {{who}}", tags={"lang": "en"})
    second = mlflow.genai.register_prompt(name=name, template="Hi {{who}}!", commit_message="shorter")
    equal((str(first.version), str(second.version)), ("1", "2"))
    equal(mlflow.genai.load_prompt(f"prompts:/{name}/1").format(who="Ann"), "Hello Ann")
    mlflow.genai.set_prompt_alias(name, alias="champion", version=2)
    equal(mlflow.genai.load_prompt(f"prompts:/{name}@champion").template, "Hi {{who}}!")
    equal([one.name for one in mlflow.genai.search_prompts(f"name = '{name}'")], [name])
    equal(world.client.search_registered_models(f"name = '{name}'"), [])


def webhooks_are_kept(world):
    """A webhook is created, read, changed, listed and deleted; its secret is never shown"""
    event = WebhookEvent(WebhookEntity.MODEL_VERSION, WebhookAction.CREATED)
    made = world.client.create_webhook(name=world.name("hook"), url="https://1.1.1.1/hook", events=[event], secret="s3cret", description="d")
    equal((made.url, made.description, made.status, made.secret), ("https://1.1.1.1/hook", "d", WebhookStatus.ACTIVE, None))
    equal([str(one) for one in world.client.get_webhook(made.webhook_id).events], [str(event)])
    world.client.update_webhook(made.webhook_id, description="e", status=WebhookStatus.DISABLED)
    got = world.client.get_webhook(made.webhook_id)
    equal((got.description, got.status, got.url), ("e", WebhookStatus.DISABLED, "https://1.1.1.1/hook"))
    assert made.webhook_id in [one.webhook_id for one in world.client.list_webhooks()]
    world.client.delete_webhook(made.webhook_id)
    world.refused(lambda: world.client.get_webhook(made.webhook_id), "RESOURCE_DOES_NOT_EXIST")


def webhooks_that_are_refused(world):
    """A webhook needs a sound name and a public https address"""
    event = WebhookEvent(WebhookEntity.REGISTERED_MODEL, WebhookAction.CREATED)
    for name, url in (("-x", "https://1.1.1.1"), (world.name(), "ftp://1.1.1.1"), (world.name(), "not a url")):
        world.refused(lambda name=name, url=url: world.client.create_webhook(name=name, url=url, events=[event]), "INVALID_PARAMETER_VALUE")


def large_file_in_parts(world):
    """A client that uploads in parts: the file arrives whole"""
    content = os.urandom(23 << 20)
    path = os.path.join(world.folder, "parts.bin")
    with open(path, "wb") as file:
        file.write(content)
    settings = {
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true", "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(10 << 20),
        "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(6 << 20),
    }
    os.environ.update(settings)
    try:
        run = world.run()
        world.client.log_artifact(run, path, "deep")
    finally:
        for name in settings:
            del os.environ[name]
    with open(world.client.download_artifacts(run, "deep/parts.bin"), "rb") as file:
        assert file.read() == content


def long_training_in_batches(world):
    """10,000 steps of five metrics by log_batch come back whole"""
    run = world.run()
    for start in range(0, 10_000, 200):
        world.client.log_batch(run, metrics=[Metric(f"m{k}", step / (k + 1), 1000 + step, step) for step in range(start, start + 200) for k in range(5)])
    history = world.client.get_metric_history(run, "m3")
    equal([(one.step, one.value) for one in history], [(step, step / 4) for step in range(10_000)])


def command_line(world):
    """mlflow's own command line: experiments, runs, artifacts"""
    name = world.name()
    experiment = world.client.create_experiment(name)
    run = world.run(experiment, run_name="shown")
    world.client.log_text(run, "content", "a.txt")

    def mlflow_says(*words):
        answer = CliRunner().invoke(cli, words, catch_exceptions=False)
        equal(answer.exit_code, 0)
        return answer.stdout

    assert "shown" in mlflow_says("runs", "list", "--experiment-id", experiment)
    assert '"path": "a.txt"' in mlflow_says("artifacts", "list", "--run-id", run)
    mlflow_says("experiments", "rename", "--experiment-id", experiment, "--new-name", f"{name}-b")
    equal(world.client.get_experiment(experiment).name, f"{name}-b")
