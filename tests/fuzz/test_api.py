"""Generated requests to every operation of the API, as somebody of each role and as nobody.

The short run is part of `make test`; `make fuzz` is the long one. Both send the same requests for the same
HOTLINE_FUZZ_SEED, until HOTLINE_FUZZ_SECONDS, divided among the operations, are over.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import SkipTest

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import content_type_conformance, response_schema_conformance
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok

from hotline.accounts.roles import Role
from hotline.kernel.http import SESSION_COOKIE
from tests.fuzz.service import ANONYMOUS, FuzzedService, Identity

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(0),
    # schemathesis uses `random` in its strategies; hypothesis seeds it.
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),
]

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
SCHEMA = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_bytes()))
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations() if isinstance(result, Ok)]
SEED = int(os.environ.get("HOTLINE_FUZZ_SEED", "12345"))
EXAMPLES = int(os.environ.get("HOTLINE_FUZZ_EXAMPLES", "12"))
"""Of valid requests to one operation, and as many of invalid ones."""
SECONDS = float(os.environ.get("HOTLINE_FUZZ_SECONDS", "50"))
FEWEST = 6
"""Requests to one operation, however long they take; one of them by somebody who may."""
MOST_FAULTS = 3
"""With these found, an operation is tried no more."""
LONGEST = 20
"""Seconds for one answer."""
ROLES = (
    Role.AGENT,
    Role.DISPATCHER,
    Role.UNIT_HANDLER,
    Role.KB_REVIEWER,
    Role.SUPERVISOR,
    Role.TELEPHONY_ADMIN,
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
)
CHECKS = [content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FuzzedService]:
    with FuzzedService(tmp_path_factory.mktemp("fuzz")) as service:
        yield service


@pytest.fixture(scope="module")
def connection() -> Iterator[requests.Session]:
    with requests.Session() as connection:
        yield connection


class Fuzzer:
    """Sends generated requests to one operation, and says what is wrong with an answer."""

    def __init__(self, service: FuzzedService, connection: requests.Session, operation: Any) -> None:
        self.service = service
        self.connection = connection
        self.operation = operation
        self.known = service.known_ids()
        self.permission: str | None = operation.definition.raw.get("x-permission")
        """What the operation asks for; None where nobody has to log in."""
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.faults: list[str] = []

    @property
    def reached(self) -> bool:
        """Whether any request came past the check of who sends it; a log-in itself answers 401."""
        refusals = {401, 403, 429} if self.permission else {403, 429}
        return any(status not in refusals for _name, status in self.statuses)

    def send(self, case: Case[Any], identity: Identity) -> None:
        response = self._call(case, identity)
        if response.status_code == 401 and identity is not ANONYMOUS:
            # The request before ended the session.
            self.service.log_in(identity)
            response = self._call(case, identity)
        self.statuses[identity.name, response.status_code] += 1
        request = f"{identity.name}: {case.as_curl_command()}\n{response.status_code} {response.content[:500]!r}"
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            causes = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            self.faults += [f"{type(cause).__name__}: {cause}\n{request}" for cause in causes]
        # 503 is what a part answers that is away or not set up, and there is no Asterisk here.
        if response.status_code >= 500 and response.status_code != 503:
            self.faults.append(f"A fault of the service's own.\n{request}")
        if response.status_code < 400 and not self.allows(identity):
            self.faults.append(f"Whoever may not do this did it.\n{request}")

    def allows(self, identity: Identity) -> bool:
        if self.permission is None:
            return True
        return identity is not ANONYMOUS and (self.permission == "signed-in" or identity.may(self.permission))

    def _call(self, case: Case[Any], identity: Identity) -> Response:
        case.headers["Origin"] = self.service.url
        if identity is not ANONYMOUS:
            case.cookies[SESSION_COOKIE] = identity.token
        self.connection.cookies.clear()
        return case.call(base_url=self.service.url, session=self.connection, timeout=LONGEST)


@st.composite
def requests_of(draw: st.DrawFn, fuzzer: Fuzzer) -> Case[Any]:
    """A valid or an invalid request, most often about a row that exists."""
    known = fuzzer.known
    mode = draw(st.sampled_from(GenerationMode))
    case: Case[Any] = draw(fuzzer.operation.as_strategy(generation_mode=mode))
    for parameters in (case.path_parameters, case.query, case.body):
        if isinstance(parameters, dict):
            for name in sorted(parameters.keys() & known.keys()):
                if draw(st.integers(0, 3)):
                    parameters[name] = draw(st.sampled_from(known[name]))
    return case


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_no_request_breaks(service: FuzzedService, connection: requests.Session, operation: Any) -> None:
    """No 500, no answer that the API's description does not know, nothing for one who may not."""
    fuzzer = Fuzzer(service, connection, operation)
    senders = [identity for identity in service.identities if identity.name in ROLES]
    allowed = [identity for identity in senders if fuzzer.allows(identity)]
    refused = [identity for identity in senders if identity not in allowed]
    assert allowed, "add a role to ROLES that may do this"
    # Half of all by somebody who may, or nothing but refusals would be tried.
    who = st.one_of(st.sampled_from(allowed), st.sampled_from(allowed), st.sampled_from([ANONYMOUS, *refused]))
    deadline = time.monotonic() + SECONDS / len(OPERATIONS)

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES * 5,  # until one is reached; the handler itself may refuse most roles
        database=None,
        deadline=None,
        # Every fault is noted and none raised: the service remembers, so that no request can be tried again alike.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=requests_of(fuzzer), identity=who)
    def fuzz(case: Case[Any], identity: Identity) -> None:
        enough = FEWEST if time.monotonic() > deadline else EXAMPLES
        over = fuzzer.reached and fuzzer.statuses.total() >= enough
        if over or len(fuzzer.faults) >= MOST_FAULTS:
            raise SkipTest("over")  # hypothesis ends at once, and makes no more requests
        fuzzer.send(case, identity)

    with contextlib.suppress(SkipTest):
        fuzz()
    assert not fuzzer.faults, "\n\n".join(fuzzer.faults)
    assert fuzzer.reached, f"only refusals, so nothing was tried: {fuzzer.statuses}"
