"""Checks on what is done to a case before a unit has it."""

from __future__ import annotations

from crm.cases.details.common import MoveDetail
from crm.cases.details.intake import DirectAnswer
from crm.cases.situation import Refusal, Situation, refuse
from crm.cases.visibility import identity_hidden


def answer_cited(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if not isinstance(d, DirectAnswer):
        return None
    for cited in d.knowledge:
        entry = s.citable.get((cited.entry_id, cited.number))
        if entry is None:
            return refuse(
                "answer_not_cited",
                "An entry that is cited is not published any more: search again, or submit the case.",
            )
        if not entry.for_agents:
            return refuse(
                "answer_not_cited", f"Only the unit's specialist answers from “{entry.title}”: bring one into the call."
            )
    if d.three_way_call_id is None:
        if d.knowledge:
            return None
        return refuse(
            "answer_not_cited",
            "Cite the entry of the knowledge base that answers it, or the three-way call of this case on which a "
            "specialist answered. Without either, submit the case for dispatch.",
        )
    if not d.consent:
        return refuse("answer_not_cited", "Record that the caller agreed to the three-way call.")
    if d.three_way_call_id not in s.three_ways:
        return refuse("answer_not_cited", "No specialist spoke with the caller on that call, or it is not this case's.")
    return None


def fields_complete(s: Situation, _: MoveDetail | None) -> Refusal | None:
    return refuse("incomplete", f"Fill in: {', '.join(s.missing)}.") if s.missing else None


def text_for_unit(s: Situation, d: MoveDetail | None) -> Refusal | None:
    if d is not None and identity_hidden(s.case) and not str(getattr(d, "text_for_unit", "")).strip():
        return refuse(
            "text_for_unit",
            "The case is confidential or anonymous: write in `text_for_unit` what the unit may read, without anything "
            "that shows who the caller is.",
        )
    return None
