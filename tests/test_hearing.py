"""The ears of the stories."""

from __future__ import annotations

import numpy as np

from tests.fakes.hearing import Samples, find_in_turn

RATE = 8000
SLIP = 160
"""What a jitter buffer drops at once: 20 ms."""


def sound(number: int) -> Samples:
    return np.random.default_rng(number).normal(0, 0.1, RATE // 2).astype(np.float32)


def slipped(samples: Samples) -> Samples:
    """The sound as heard when a piece in its first third was dropped."""
    at = len(samples) // 3
    return np.concatenate([samples[:at], samples[at + SLIP :]])


def test_a_damaged_digit_is_not_taken_for_the_same_digit_after_it() -> None:
    one, zero, pause = sound(1), sound(0), np.zeros(RATE // 4, np.float32)
    heard = np.concatenate([pause, one, pause, slipped(zero), pause, zero, pause, one, pause])
    assert min(find_in_turn([one, zero, zero, one], heard)) > 0.55


def test_a_digit_that_is_missing_is_not_found() -> None:
    one, zero, pause = sound(1), sound(0), np.zeros(RATE // 4, np.float32)
    heard = np.concatenate([pause, one, pause, zero, pause, one, pause])
    assert min(find_in_turn([one, zero, zero, one], heard)) < 0.3


def test_an_order_that_was_not_said_is_not_found() -> None:
    one, two, pause = sound(1), sound(2), np.zeros(RATE // 4, np.float32)
    assert min(find_in_turn([two, one], np.concatenate([one, pause, two]))) < 0.3
