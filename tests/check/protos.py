# SPDX-License-Identifier: Apache-2.0
"""The .proto files, compiled when this is imported, into $MINQING_PYTHON_PROTO if that is
set, else into a folder that goes with the process."""
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROTO = Path(__file__).resolve().parents[2] / "proto"


def compile_protos():
    folder = os.environ.get("MINQING_PYTHON_PROTO")
    if folder is None:
        folder = tempfile.mkdtemp(prefix="minqing-proto-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not (Path(folder) / "minqing/v1/archive_pb2.py").exists():
        sources = sorted(str(path) for path in PROTO.glob("minqing/v1/*.proto"))
        subprocess.run(["protoc", f"-I{PROTO}", f"--python_out={folder}", *sources],
                       check=True)
    sys.path.insert(0, folder)


compile_protos()
from minqing.v1 import archive_pb2 as archive_pb  # noqa: E402
from minqing.v1 import control_pb2 as control_pb  # noqa: E402
from minqing.v1 import door_pb2 as door_pb  # noqa: E402
from minqing.v1 import escalation_pb2 as escalation_pb  # noqa: E402
from minqing.v1 import intake_pb2 as intake_pb  # noqa: E402
from minqing.v1 import journal_pb2 as journal_pb  # noqa: E402
from minqing.v1 import matter_pb2 as matter_pb  # noqa: E402
from minqing.v1 import notification_pb2 as notification_pb  # noqa: E402
from minqing.v1 import routing_pb2 as routing_pb  # noqa: E402

__all__ = ["archive_pb", "control_pb", "door_pb", "escalation_pb", "intake_pb",
           "journal_pb", "matter_pb", "notification_pb", "routing_pb"]
