# SPDX-License-Identifier: Apache-2.0
"""What the commands of this folder share: a server in a new folder, ended by its process id;
the load against it; what both cost; the figures printed."""
import argparse
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from daemons import build_dir  # noqa: E402

SKIPPED = 77
SETTLE_S, SETTLE_TRIES = 0.5, 20
LATENCIES = ("p50", "p90", "p99", "max")


def skip(why):
    print(f"skipped: {why} (deploy/packages bench)", file=sys.stderr)
    sys.exit(SKIPPED)


def load_program(name):
    """The load's program, of the release build."""
    program = build_dir() / name
    if not program.exists():
        skip(f"{program} is not built")
    return program


def processor_s(pid):
    """Of a process, its living descendants, and those that it has waited for."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    own = sum(int(ticks) for ticks in stat[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_s(int(child)) for child in children)


def on_disk(folder):
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.lstat().st_blocks * 512
        except FileNotFoundError:  # a server renames and removes while it is counted
            pass
    return total


class Place:
    """A new folder; what is started in it is ended and the folder is gone at the end."""

    def __init__(self, parent, user=None):
        self.dir = Path(tempfile.mkdtemp(prefix="minqing-peer-", dir=parent))
        self.server = None
        self.as_user = []
        # As root, a server that wants no root gets a user of its own.
        if user and os.geteuid() == 0:
            try:
                account = pwd.getpwnam(user)
            except KeyError:
                skip(f"there is no user {user}")
            os.chown(self.dir, account.pw_uid, account.pw_gid)
            self.as_user = ["setpriv", f"--reuid={user}", f"--regid={account.pw_gid}",
                            "--clear-groups"]
            if subprocess.run([*self.as_user, "test", "-w", self.dir],
                              check=False).returncode != 0:
                self.dir.rmdir()
                raise SystemExit(f"the user {user} cannot reach {parent or self.dir.parent}; "
                                 "choose another --dir")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server:
            self.server.send_signal(signal.SIGINT)
            try:
                self.server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, *command, **more):
        subprocess.run([*self.as_user, *command], check=True, stdout=subprocess.DEVNULL,
                       cwd=self.dir, **more)

    def start(self, *command):
        with open(self.dir / "server.log", "wb") as log:
            self.server = subprocess.Popen([*self.as_user, *command], cwd=self.dir,
                                           stdout=log, stderr=log)

    def fail(self, what):
        raise SystemExit(f"{what}\n{(self.dir / 'server.log').read_text()[-2000:]}")

    def settled_s(self):
        """What the server has used so far, once it does nothing any more: what it was told
        before the load is not the load's."""
        before, used = -1.0, processor_s(self.server.pid)
        for _ in range(SETTLE_TRIES):
            if used - before <= 1.5 / os.sysconf("SC_CLK_TCK"):
                break
            time.sleep(SETTLE_S)
            before, used = used, processor_s(self.server.pid)
        return used

    def measure(self, program, options):
        """Run the load; its figures, with what the server used meanwhile."""
        used = self.settled_s()
        disk = on_disk(self.dir)
        load = subprocess.run([program, *options], stdout=subprocess.PIPE, check=False)
        if load.returncode != 0:
            self.fail(f"{program.name} ended with {load.returncode}")
        figures = json.loads(load.stdout)
        millions = figures["messages"] / 1e6
        figures["server_cpu_s_per_million"] = round(
            (processor_s(self.server.pid) - used) / millions, 2)
        figures["cpu_s_per_million"] = round(
            figures["server_cpu_s_per_million"] + figures["client_cpu_s_per_million"], 2)
        figures["disk_bytes_per_message"] = round(
            (on_disk(self.dir) - disk) / figures["messages"])
        return figures


def show(figures):
    print(f"{figures['peer']}, batches of {figures['batch']}, window {figures['window']}, "
          f"{figures['seconds']} s, {figures['messages']} messages, each claimed once\n")
    print(f"  rate                {figures['rate']:12.0f} /s")
    for name, said in (("ack", "acknowledged"), ("desk", "at the desk")):
        times = "  ".join(f"{share} {figures[f'{name}_{share}_ms']:.2f}"
                          for share in LATENCIES)
        print(f"  {said:20}{times} ms")
    print(f"  processor           {figures['cpu_s_per_million']:12.1f} s a million "
          f"(server {figures['server_cpu_s_per_million']:.1f})")
    print(f"  on disk             {figures['disk_bytes_per_message']:12} bytes a message")


def arguments(description, batch):
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--window", type=int, default=1000, help="outstanding, over all clients")
    parser.add_argument("--batch", type=int, default=batch, help="messages in one request")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--warm-seconds", type=int, default=2, help="before the measured ones")
    parser.add_argument("--dir", help="where the server's folder is made; default: the "
                        "temporary folder")
    parser.add_argument("--filers", type=int, help="connections that file")
    parser.add_argument("--routers", type=int)
    parser.add_argument("--desks", type=int)
    parser.add_argument("--departments", type=int, help="queues of the second hop")
    parser.add_argument("--json", action="store_true")
    return parser


def load_options(said, socket, **defaults):
    options = [f"--socket={socket}", f"--window={said.window}", f"--batch={said.batch}",
               f"--seconds={said.seconds}", f"--warm-seconds={said.warm_seconds}"]
    for name, default in defaults.items():
        options.append(f"--{name}={getattr(said, name, None) or default}")
    return options


def tell(figures, said):
    print(json.dumps(figures)) if said.json else show(figures)
