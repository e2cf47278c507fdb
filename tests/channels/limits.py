"""Code run in a process that may use little: what costs too much is ended by the system, however fast the machine."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CPU_SECONDS = 8
MEMORY = 2 * 2**30  # bytes of addresses, far more than is really used


def run_within_limits(code: str) -> str:
    """What the code prints. Raises CalledProcessError where it fails or is ended."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    environ = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.check_output(command, cwd=ROOT, env=environ, preexec_fn=limit, text=True).strip()
