"""The built-in phone and mailbox: real webhooks without a provider account."""

from __future__ import annotations

from wiring.practice.stage import Practice, build

__all__ = ["Practice", "build"]
