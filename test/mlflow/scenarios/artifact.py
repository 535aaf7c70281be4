"""Artifacts through the server: every way the client writes and reads them."""

import hashlib
import json
import os

import mlflow
import numpy as np
import pandas as pd
from world import beyond, equal


def _file(world, name, content):
    path = os.path.join(world.folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _started(world):
    mlflow.set_experiment(world.name())
    return mlflow.start_run()


def file_goes_and_comes_back(world):
    """log_artifact and download_artifacts, byte for byte"""
    content = os.urandom(100_000)
    with _started(world) as run:
        mlflow.log_artifact(_file(world, "data.bin", content))
        mlflow.log_artifact(_file(world, "data.bin", content[:10]), "deep/er")
    got = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="data.bin", dst_path=world.folder + "/back")
    equal(_read(got), content)
    equal(_read(world.client.download_artifacts(run.info.run_id, "deep/er/data.bin")), content[:10])


def empty_file(world):
    """A file of 0 bytes"""
    run = world.run()
    world.client.log_artifact(run, _file(world, "empty", b""))
    equal([(one.path, one.is_dir, one.file_size or 0) for one in world.client.list_artifacts(run)], [("empty", False, 0)])
    equal(_read(world.client.download_artifacts(run, "empty")), b"")


def folder_goes_and_comes_back(world):
    """log_artifacts takes a folder with all below it"""
    files = {"a.txt": b"a", "b/c.txt": b"cc", "b/d/e.bin": bytes(range(256))}
    for name, content in files.items():
        _file(world, f"tree/{name}", content)
    run = world.run()
    world.client.log_artifacts(run, world.folder + "/tree", "kept")
    got = world.client.download_artifacts(run, "kept")
    for name, content in files.items():
        equal(_read(os.path.join(got, name)), content)
    everything = world.client.download_artifacts(run, "")
    equal(_read(os.path.join(everything, "kept/b/d/e.bin")), bytes(range(256)))


def lists_one_level(world):
    """list_artifacts shows one level, folders as folders, paths from the run's root"""
    run = world.run()
    world.client.log_text(run, "x", "top.txt")
    world.client.log_text(run, "xyz", "dir/one.txt")
    world.client.log_text(run, "x", "dir/sub/two.txt")
    shown = lambda path=None: sorted((one.path, one.is_dir, one.file_size) for one in world.client.list_artifacts(run, path))  # noqa: E731
    equal(shown(), [("dir", True, None), ("top.txt", False, 1)])
    equal(shown("dir"), [("dir/one.txt", False, 3), ("dir/sub", True, None)])
    equal(shown("dir/sub"), [("dir/sub/two.txt", False, 1)])
    equal(shown("absent"), [])
    equal(shown("top.txt"), [])


def list_by_the_route(world):
    """artifacts/list answers root_uri and run-relative paths"""
    run = world.client.create_run(world.experiment()).info
    world.client.log_text(run.run_id, "x", "dir/one.txt")
    body = world.answers(world.get("artifacts/list", run_id=run.run_id, path="dir"), 200)
    equal(body["root_uri"], run.artifact_uri)
    equal([(one["path"], one["is_dir"]) for one in body["files"]], [("dir/one.txt", False)])


def text_and_json(world):
    """log_text, log_dict and load_text, load_dict"""
    with _started(world) as run:
        mlflow.log_text("höllo\n", "notes/a.txt")
        mlflow.log_dict({"a": [1, 2, {"b": None}]}, "d.json")
        mlflow.log_dict({"a": 1}, "d.yaml")
    root = run.info.artifact_uri
    equal(mlflow.artifacts.load_text(f"{root}/notes/a.txt"), "höllo\n")
    equal(mlflow.artifacts.load_dict(f"{root}/d.json"), {"a": [1, 2, {"b": None}]})
    equal(mlflow.artifacts.load_text(f"{root}/d.yaml").strip(), "a: 1")


def figure_and_image(world):
    """log_figure and log_image"""
    import matplotlib.pyplot as plt

    with _started(world) as run:
        figure, axes = plt.subplots()
        axes.plot([1, 2])
        mlflow.log_figure(figure, "plots/line.png")
        plt.close(figure)
        mlflow.log_image(np.zeros((8, 8, 3), dtype=np.uint8), "black.png")
    equal([one.path for one in world.client.list_artifacts(run.info.run_id, "plots")], ["plots/line.png"])
    equal(mlflow.artifacts.load_image(f"{run.info.artifact_uri}/black.png").size, (8, 8))


def image_of_a_step(world):
    """log_image with key and step: names with signs that must be decoded once"""
    with _started(world) as run:
        mlflow.log_image(np.zeros((8, 8, 3), dtype=np.uint8), key="dogs", step=3)
        mlflow.flush_artifact_async_logging()
    names = [one.path for one in world.client.list_artifacts(run.info.run_id, "images")]
    equal(len(names), 2)
    assert all(name.startswith("images/dogs+step+3+") or name.startswith("images/dogs%step%3%") for name in names), names
    for name in names:
        assert len(_read(world.client.download_artifacts(run.info.run_id, name))) > 0


def table(world):
    """log_table appends, load_table reads"""
    with _started(world) as run:
        mlflow.log_table({"a": [1], "b": ["x"]}, "table.json")
        mlflow.log_table(pd.DataFrame({"a": [2], "b": ["y"]}), "table.json")
        frame = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    equal((list(frame["a"]), list(frame["b"])), ([1, 2], ["x", "y"]))


def unusual_names(world):
    """Names with spaces, signs and letters of any script"""
    run = world.run()
    for name in ("a b.txt", "50%.txt", "ü/日本.txt", "a+b&c=d;e.txt", "q'uote.txt", "x#y.txt", "%2e.txt", "a~b!(c).txt"):
        world.client.log_text(run, name, name)
        with open(world.client.download_artifacts(run, name), encoding="utf-8") as file:
            equal(file.read(), name)


def replaced(world):
    """Written again, the new content is there"""
    run = world.run()
    world.client.log_text(run, "one", "a.txt")
    world.client.log_text(run, "two!", "a.txt")
    equal(_read(world.client.download_artifacts(run, "a.txt")), b"two!")
    equal([one.file_size for one in world.client.list_artifacts(run)], [4])


def absent_file(world):
    """What is not there is 404"""
    run = world.client.create_run(world.experiment()).info
    path = run.artifact_uri.removeprefix("mlflow-artifacts:/")
    world.answers(world.call("GET", f"/api/2.0/mlflow-artifacts/artifacts/{path}/absent.txt"), 404)


@beyond
def paths_that_climb(world):
    """Paths that climb out are refused, encoded too"""
    run = world.client.create_run(world.experiment()).info
    root = "/api/2.0/mlflow-artifacts/artifacts"
    for path in ("..%2F..%2Fno%2Fsuch", "a/%2e%2e/%2e%2e/b", "%2Fno%2Fsuch", "C%3A%5Cno", "a%00b"):
        for method in ("GET", "PUT", "DELETE"):
            status, body = world.call(method, f"{root}/{path}", data=b"x")
            assert 400 <= status < 500, f"{method} {path}: {status} {body}"
    world.answers(world.get("artifacts/list", run_id=run.run_id, path="../.."), 400, "INVALID_PARAMETER_VALUE")


def deleted(world):
    """Deleting takes a file, or a folder with all below it; absent is fine"""
    run = world.client.create_run(world.experiment()).info
    for name in ("a.txt", "d/b.txt", "d/e/c.txt"):
        world.client.log_text(run.run_id, "x", name)
    root = "/api/2.0/mlflow-artifacts/artifacts/" + run.artifact_uri.removeprefix("mlflow-artifacts:/")
    world.answers(world.call("DELETE", f"{root}/d"), 200)
    equal([one.path for one in world.client.list_artifacts(run.run_id)], ["a.txt"])
    world.answers(world.call("DELETE", f"{root}/a.txt"), 200)
    world.answers(world.call("DELETE", f"{root}/a.txt"), 200)
    equal(world.client.list_artifacts(run.run_id), [])


def download_is_safe_to_open(world):
    """A download is an attachment with a guessed type that nobody sniffs"""
    run = world.client.create_run(world.experiment()).info
    world.client.log_text(run.run_id, "<script>", "page.html")
    root = "/api/2.0/mlflow-artifacts/artifacts/" + run.artifact_uri.removeprefix("mlflow-artifacts:/")
    answer = world.http.get(f"{world.url}{root}/page.html")
    equal((answer.status_code, answer.text), (200, "<script>"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    equal(answer.headers["X-Content-Type-Options"], "nosniff")


def get_artifact_of_a_run(world):
    """/get-artifact serves a run's file"""
    run = world.run()
    world.client.log_text(run, "content", "dir/a.txt")
    answer = world.http.get(f"{world.url}/get-artifact", params={"run_uuid": run, "path": "dir/a.txt"})
    equal((answer.status_code, answer.text), (200, "content"))
    status, _ = world.call("GET", "/get-artifact", query={"run_uuid": run, "path": "../../secret"})
    assert 400 <= status < 500


def get_artifact_of_a_version(world):
    """/model-versions/get-artifact serves a file of a version"""
    model, run = world.model(), world.client.create_run(world.experiment()).info
    world.client.log_text(run.run_id, "weights", "model/w.txt")
    world.client.create_model_version(model, f"{run.artifact_uri}/model", run_id=run.run_id)
    answer = world.http.get(f"{world.url}/model-versions/get-artifact", params={"name": model, "version": "1", "path": "w.txt"})
    equal((answer.status_code, answer.text), (200, "weights"))


@beyond
def part_of_a_file(world):
    """A range of bytes, and an ETag that says whether it changed"""
    run = world.client.create_run(world.experiment()).info
    world.client.log_text(run.run_id, "0123456789", "a.txt")
    url = f"{world.url}/api/2.0/mlflow-artifacts/artifacts/{run.artifact_uri.removeprefix('mlflow-artifacts:/')}/a.txt"
    answer = world.http.get(url, headers={"Range": "bytes=2-4"})
    equal((answer.status_code, answer.text, answer.headers["Content-Range"]), (206, "234", "bytes 2-4/10"))
    equal(world.http.get(url, headers={"Range": "bytes=-3"}).text, "789")
    equal(world.http.get(url, headers={"Range": "bytes=20-"}).status_code, 416)
    whole = world.http.get(url)
    equal(world.http.get(url, headers={"If-None-Match": whole.headers["ETag"]}).status_code, 304)


def large_file(world):
    """A file of 1 GB arrives whole"""
    block, count = os.urandom(1 << 20), 1024
    path = os.path.join(world.folder, "large.bin")
    wanted = hashlib.sha256()
    with open(path, "wb") as file:
        for i in range(count):
            piece = i.to_bytes(4, "big") + block[4:]
            wanted.update(piece)
            file.write(piece)
    run = world.run()
    world.client.log_artifact(run, path)
    equal(world.client.list_artifacts(run)[0].file_size, count << 20)
    got = hashlib.sha256()
    with open(world.client.download_artifacts(run, "large.bin", world.folder + "/.."), "rb") as file:
        while piece := file.read(1 << 22):
            got.update(piece)
    os.remove(file.name)
    equal(got.hexdigest(), wanted.hexdigest())


def artifact_of_a_deleted_run(world):
    """Files of a deleted run can still be read"""
    run = world.run()
    world.client.log_text(run, "kept", "a.txt")
    world.client.delete_run(run)
    equal(_read(world.client.download_artifacts(run, "a.txt")), b"kept")


def many_files(world):
    """300 files of one folder are all listed"""
    for n in range(300):
        _file(world, f"many/{n:03}.json", json.dumps(n).encode())
    run = world.run()
    world.client.log_artifacts(run, world.folder + "/many")
    equal(sorted(one.path for one in world.client.list_artifacts(run)), [f"{n:03}.json" for n in range(300)])
