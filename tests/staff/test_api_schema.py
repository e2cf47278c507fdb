"""The API against its own OpenAPI, with requests that schemathesis makes up."""

from __future__ import annotations

from contextlib import suppress

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.staff.seed import House

EXAMPLES = 6  # per route and mode: the whole smoke must stay a matter of seconds
QUIET = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_every_answer_is_one_the_description_knows(quick: House) -> None:
    quick.ask("everything")
    headers = {"Authorization": quick.program("manager").headers["Authorization"]}
    schema = schemathesis.openapi.from_asgi("/openapi.json", quick.app)
    tried = 0

    def check(case: Case) -> None:
        nonlocal tried
        tried += 1
        case.call_and_validate(headers=headers, checks=CHECKS)

    for found in schema.get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = found.ok().as_strategy(generation_mode=mode)
            with suppress(Unsatisfiable):  # a route that takes nothing cannot be asked wrongly
                QUIET(given(case=cases)(check))()
    assert tried >= 17 * EXAMPLES
