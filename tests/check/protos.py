# SPDX-License-Identifier: Apache-2.0
"""The messages of the .proto files, as tests/support/minqing_protos.py compiles them."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import minqing_protos  # noqa: E402, F401
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
