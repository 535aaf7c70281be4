"""The fork server: a process that has the usual modules imported and forks for each call. It never runs, imports or reads the user's code itself, so none of it grows old.

Requests are lines on standard input: {"id", "socket", "cwd", "env", "call"}. Answers are lines on standard output: {"ready"}, then for each call
{"id", "pid"} and {"id", "exit", "cpu", "peak", "read", "written", "strays"}. A call's own output goes to two connections to the socket, each of which
begins with a line: the id and the stream. A third one, "learned", tells which of the usual modules the call had to import itself.
"""

import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys

import pawl_step

# Modules that bear a fork: imported, they have started no thread that must live on. Others are left to the calls.
USUAL = {
    "PIL", "joblib", "lightgbm", "matplotlib", "mlflow", "numpy", "onnx", "pandas", "pyarrow", "pydantic", "requests", "scipy", "sklearn", "sqlalchemy",
    "statsmodels", "torch", "xgboost", "yaml",
}
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def prctl(option, value):
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


class Server:
    def __init__(self):
        # Whatever a module prints while it is imported must not come between the answers.
        self.requests, self.answers = os.dup(0), os.dup(1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        self.calls = {}
        self.stamp = packages_stamp()
        self.woken, waker = os.pipe()
        for end in (self.woken, waker):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Processes that a call leaves behind become children of this one, even those that left its group.
        prctl(PR_SET_CHILD_SUBREAPER, 1)

    def answer(self, **fields):
        os.write(self.answers, json.dumps(fields).encode() + b"\n")

    def serve(self):
        self.answer(ready=True)
        selector = selectors.DefaultSelector()
        selector.register(self.requests, selectors.EVENT_READ)
        selector.register(self.woken, selectors.EVENT_READ)
        buffered = b""
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if self.woken in ready:
                os.read(self.woken, 4096)
                self.reap()
            if self.requests in ready:
                got = os.read(self.requests, 1 << 20)
                if got == b"":
                    return self.end()
                *lines, buffered = (buffered + got).split(b"\n")
                for line in lines:
                    self.begin(json.loads(line))

    def begin(self, request):
        if packages_stamp() != self.stamp:
            # Something was installed: what is imported here may be old.
            return self.answer(id=request["id"], stale=True)
        pid = os.fork()
        if pid == 0:
            become(request, (self.requests, self.answers, self.woken))
        self.calls[pid] = request["id"]
        return self.answer(id=request["id"], pid=pid)

    def reap(self):
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            call = self.calls.pop(pid, None)
            if call is None:
                continue
            code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            self.answer(
                id=call, exit=code, cpu=used.ru_utime + used.ru_stime, peak=used.ru_maxrss * 1024, read=used.ru_inblock * 512, written=used.ru_oublock * 512,
                strays=self.strays() != [],
            )
        if not self.calls:
            # Nobody's any more. Those that a call made by a fork alone bear no mark, and only now cannot be another call's.
            for pid in self.strays() or []:
                kill(pid)

    def strays(self):
        """Children that are no calls: what a call left. None where the system does not tell."""
        try:
            with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as listed:
                return [pid for pid in map(int, listed.read().split()) if pid not in self.calls]
        except OSError:
            return None

    def end(self):
        """Nobody listens any more: what still runs would do so for nobody."""
        for pid in self.calls:
            kill(-pid)


def kill(pid):
    """A negative one is a group."""
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass


def become(request, inherited):
    """Turns this fork into the process of a call; does not return."""
    code = 1
    try:
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in inherited:
            os.close(end)
        for fd, stream in ((1, "stdout"), (2, "stderr")):
            with connect(request, stream) as connection:
                os.dup2(connection.fileno(), fd)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        sys.argv = [request["call"]["file"]]
        known = set(sys.modules)
        reseed()
        code = pawl_step.run(request["call"])
        learned = sorted(name for name in set(sys.modules) - known if is_usual(name))
        if learned:
            with connect(request, "learned") as connection:
                connection.sendall(json.dumps(learned).encode())
        finish()
    except BaseException as error:
        code = code or 1
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                pass
        os._exit(code)


def connect(request, stream):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(request["socket"])
    connection.sendall(f'{request["id"]} {stream}\n'.encode())
    return connection


def finish():
    """What an interpreter does at its end, without tearing down modules that the system frees faster."""
    import atexit
    import threading

    threading._shutdown()
    atexit._run_exitfuncs()


def reseed():
    """Generators that were seeded at import would give every call the same numbers. That of Python itself is seeded anew at a fork."""
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "torch" in sys.modules:
        sys.modules["torch"].seed()


def is_usual(name):
    parts = name.split(".")
    return parts[0] in USUAL and len(parts) < 3 and not any(part.startswith("_") for part in parts)


def packages_stamp():
    """Changes when a package is installed or removed."""
    stamps = []
    for place in sys.path:
        if place.endswith("-packages"):
            try:
                stamps.append(os.stat(place).st_mtime_ns)
            except OSError:
                stamps.append(0)
    return stamps


def serve(modules):
    import threading

    server = Server()
    for name in modules:
        try:
            __import__(name)
        except Exception as error:  # pylint: disable=broad-except
            server.answer(unusable=name, reason=str(error)[:500])
        if threading.active_count() > 1:
            # A thread does not come along into a fork, but the locks it holds do.
            server.answer(unusable=name, reason="it starts threads")
            return
    # What lives here is shared with the forks until somebody writes to it; collecting would.
    gc.collect()
    gc.freeze()
    server.serve()
