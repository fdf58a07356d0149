# SPDX-License-Identifier: Apache-2.0
"""The .proto files, compiled when this is imported, into $MINQING_PYTHON_PROTO if that is
set, else into a folder that goes with the process. Then "from minqing.v1 import door_pb2"."""
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROTO = Path(__file__).resolve().parents[2] / "proto"


def compile_protos():
    sources = sorted(str(path) for path in PROTO.glob("minqing/v1/*.proto"))
    folder = os.environ.get("MINQING_PYTHON_PROTO")
    if folder is None:
        folder = tempfile.mkdtemp(prefix="minqing-proto-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not (Path(folder) / "minqing/v1/archive_pb2.py").exists():
        subprocess.run(["protoc", f"-I{PROTO}", f"--python_out={folder}", *sources],
                       check=True)
    sys.path.insert(0, folder)


compile_protos()
