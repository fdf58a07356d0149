#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A dispatcher's rule: rows of 'minqing --json dispatch' in, lines for '--batch' out.

The first candidate if there is one, else the general office of the township (10).
"""
import json
import sys

for line in sys.stdin:
    row = json.loads(line)
    candidates = row["candidates"]
    first = candidates[0] if candidates else {"department": 10, "why": "无候选单位"}
    print(json.dumps({"number": row["number"], "department": first["department"],
                      "reason": first.get("why", "")}, ensure_ascii=False))
