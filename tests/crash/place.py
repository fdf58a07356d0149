# SPDX-License-Identifier: Apache-2.0
"""A place whose daemons are started by hand, so that they can be killed by hand.

The folder is made by 'minqing up'. A daemon that ends is started again at once, as systemd
does, and how long it takes from exec to its first answer is measured (Restarts).
"""
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

DAEMONS = ("intake", "routing", "escalation", "notification")
UP_PATIENCE_S = 60
EX_UNAVAILABLE, EX_IOERR, EX_TEMPFAIL = 69, 74, 75


class Broken(Exception):
    """The test itself cannot go on; says why."""


class Skipped(Exception):
    """This machine cannot try it; says why."""


def build_folder():
    source = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("MINQING_BUILD", source / ".build/release"))


class Daemon:
    """One process of a daemon after the other."""

    def __init__(self, place, name):
        self.place, self.name = place, name
        self.process, self.started, self.starts = None, 0.0, 0
        self.has_answered = True  # since its last start; told by whoever asks it
        self.ended = []  # return codes

    def start(self, *before):
        """'before' goes in front of the command line: a tracer."""
        command = [*before, self.place.build / f"minqing-{self.name}", "--config",
                   self.place.folder / "minqing.conf"]
        with open(self.place.folder / f"{self.name}.log", "ab") as log:
            self.started = time.monotonic()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=self.place.faulty)
        self.starts += 1
        self.has_answered = False

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self, sig=signal.SIGKILL):
        """Returns when it is gone."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.reap()

    def reap(self, patience_s=UP_PATIENCE_S):
        """Its return code; the process is gone."""
        code = self.process.wait(timeout=patience_s)
        self.ended.append(code)
        self.process = None
        return code

    def memory_kib(self):
        """RssAnon: what belongs to nobody else."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        except (OSError, AttributeError):
            return 0
        return int(re.search(r"RssAnon:\s+(\d+)", status).group(1))


class Place:
    """with Place () as place: everything it started is ended at the end."""

    def __init__(self, build=None, fault=None, settings="", disk=None):
        self.build = Path(build or build_folder())
        if not (self.build / "minqing-intake").exists():
            raise Broken(f"{self.build} has no daemons: set MINQING_BUILD")
        self.temporary = tempfile.TemporaryDirectory(prefix="minqing-crash-")
        self.folder = Path(self.temporary.name) / "place"
        self.environment = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "en",
                            "MINQING_CONFIG": str(self.folder / "minqing.conf"),
                            "ASAN_OPTIONS": "detect_leaks=0"}
        self.environment.pop("MINQING_FAULT", None)
        self.daemons = {name: Daemon(self, name) for name in DAEMONS}
        self.others = []  # processes to be ended with the place
        self.slowest_ms = 0.0
        self.restarts = 0
        self.ended = []  # (name, return code) of daemons that ended by themselves
        self.disk = disk
        if disk:
            disk.mount(self.folder)
        try:
            self._make(settings)
        except BaseException:
            self.__exit__()
            raise
        # A deliberate fault is the daemons' alone: those who judge them have none.
        self.faulty = {**self.environment, **({"MINQING_FAULT": fault} if fault else {})}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.others:
            if process.poll() is None:
                process.kill()
            process.wait()
        for daemon in self.daemons.values():
            if daemon.process is not None:
                daemon.process.send_signal(signal.SIGCONT)
                daemon.kill()
        if self.disk:
            self.disk.unmount()
        self.temporary.cleanup()

    def _make(self, settings):
        """By 'minqing up' with the programs that are tested."""
        with open(Path(self.temporary.name) / "up.log", "w+b") as log:
            up = subprocess.Popen([self.build / "minqing", "up", self.folder], stdout=log,
                                  stderr=log, env=self.environment)
            deadline = time.monotonic() + UP_PATIENCE_S
            while b"Four daemons are up" not in Path(log.name).read_bytes():
                if up.poll() is not None or time.monotonic() > deadline:
                    up.kill()
                    up.wait()
                    raise Broken(Path(log.name).read_text(errors="replace"))
                time.sleep(0.02)
            up.terminate()
            up.wait(UP_PATIENCE_S)
        conf = self.folder / "minqing.conf"
        said = conf.read_text(encoding="utf-8").replace("log = warning", "log = error")
        conf.write_text(said + settings, encoding="utf-8")

    def key_file(self, name):
        return self.folder / "keys" / f"{name}.key"

    def command(self, *arguments, name=None):
        """A command line of 'minqing' as a key."""
        as_key = ("--as", name) if name else ()
        return [str(self.build / "minqing"), *as_key, *map(str, arguments)]

    def run(self, *arguments, name=None, patience_s=120):
        return subprocess.run(self.command(*arguments, name=name), env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=patience_s, check=False)

    def start(self, *names):
        for name in names or DAEMONS:
            self.daemons[name].start()

    def answered(self, name):
        """Told by a client to whom the daemon answered on a connection of this start."""
        daemon = self.daemons[name]
        if not daemon.has_answered:
            daemon.has_answered = True
            took_ms = (time.monotonic() - daemon.started) * 1000
            self.slowest_ms = max(self.slowest_ms, took_ms)
            self.restarts += 1

    def restart_ended(self):
        """What ended by itself is started again: (name, return code) of each."""
        ended = []
        for daemon in self.daemons.values():
            if daemon.process is not None and daemon.process.poll() is not None:
                ended.append((daemon.name, daemon.reap()))
                daemon.start()
        self.ended += ended
        return ended

    def log_of(self, name):
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""
