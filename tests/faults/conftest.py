"""The houses of the wiring tests serve the fault tests as well."""

from __future__ import annotations

from tests.wiring.conftest import log_lines, parts, rig, sqlite_rig, twilio

__all__ = ["log_lines", "parts", "rig", "sqlite_rig", "twilio"]
