# SPDX-License-Identifier: Apache-2.0
"""The four daemons of the release build, as 'minqing up' runs them."""
import contextlib
import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOP_PATIENCE_S = 60


def build_dir():
    return Path(os.environ.get("MINQING_RELEASE", ROOT / ".build/release"))


@contextlib.contextmanager
def up(folder):
    """with up(folder): they run over it, which is made what it has to be, and answer."""
    process = subprocess.Popen([build_dir() / "minqing", "up", folder],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        if not any(line.startswith(b"Four daemons are up") for line in process.stderr):
            raise SystemExit(f"the daemons did not start in {folder}")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_PATIENCE_S)
