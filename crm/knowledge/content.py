"""What an entry says. Kept whole with each version, so that a case shows what it cited. Pure."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from crm.cases.models import LifeCycleStage
from crm.cases.schemas import Id
from crm.knowledge.models import AnswerScope, KnowledgeKind
from hotline.kernel.words import LINES, VISIBLE

_URL = TypeAdapter(HttpUrl)


def _web_address(value: str) -> str:
    if value:
        try:
            _URL.validate_python(value)
        except ValidationError:
            raise ValueError("an address that begins with https:// or http://, please") from None
    return value


def _day(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise ValueError("a year between 1900 and 2200, please")
    return value


def _once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


EntryTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
TitleInEnglish = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), VISIBLE]
MOST_OF_ANSWER = 2000
Answer = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_OF_ANSWER), LINES]
MOST_OF_DETAILS = 50_000
Details = Annotated[str, StringConstraints(max_length=MOST_OF_DETAILS), LINES]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), VISIBLE]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), LINES]
Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_web_address), VISIBLE]
Day = Annotated[date, AfterValidator(_day)]
SearchWord = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30), VISIBLE]
SearchWordList = Annotated[list[SearchWord], Field(max_length=50), AfterValidator(_once)]
References = Annotated[list[Id], Field(max_length=20), AfterValidator(_once)]


class KnowledgeBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IncentiveTerms(KnowledgeBody):
    """What an incentive policy (惠企政策) must tell; all are needed to submit one."""

    beneficiaries: Paragraph = ""
    """惠及对象."""
    conditions: Paragraph = ""
    """申报条件."""
    fulfilled_within: Line = ""
    """兑现时限."""
    address: Line = ""
    """受理地址."""
    phone: Line = ""
    """咨询电话."""


class KnowledgeContent(KnowledgeBody):
    """While it is being written only a title is needed; `missing_of` says what else a submission needs."""

    title: EntryTitle
    kind: KnowledgeKind
    category_id: Id | None = None
    answer: Answer = ""
    """In plain words: what the agent reads out."""
    details: Details = ""
    """Markdown: headings, lists, tables, links. HTML in it is shown as text."""
    scope: AnswerScope = AnswerScope.AGENT
    issuing_body: Line = ""
    document_number: Line = ""
    """Of the document it rests on (文号)."""
    source: Link = ""
    keywords: SearchWordList = Field(default_factory=list)
    synonyms: SearchWordList = Field(default_factory=list)
    """What callers say instead."""
    region: Line = ""
    stages: Annotated[list[LifeCycleStage], Field(max_length=4)] = Field(default_factory=list)
    industries: SearchWordList = Field(default_factory=list)
    effective_on: Day | None = None
    expires_on: Day | None = None
    """The last day on which it holds."""
    incentive: IncentiveTerms | None = None
    item_ids: References = Field(default_factory=list)
    """Items of the catalogue that it is about."""
    related_ids: References = Field(default_factory=list)
    """Other entries."""
    specialist_ids: References = Field(default_factory=list)
    """Whom to bring in."""
    attachment_ids: References = Field(default_factory=list)
    """Files of the entry that this version has. What a body names here is not looked at: files come and go one by one,
    by the routes of their own."""
    title_en: TitleInEnglish = ""
    answer_en: Answer = ""
    details_en: Details = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.effective_on and self.expires_on and self.expires_on < self.effective_on:
            raise ValueError("`expires_on` is before `effective_on`: correct one of them")
        return self

    def stored(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def missing_of(content: KnowledgeContent) -> tuple[str, ...]:
    """The fields without which it cannot be submitted."""
    needed = {"answer": content.answer, "issuing_body": content.issuing_body}
    if content.kind is KnowledgeKind.LAW_AND_POLICY:
        needed["document_number"] = content.document_number
    if content.kind is KnowledgeKind.INCENTIVE:
        terms = content.incentive or IncentiveTerms()
        needed |= {f"incentive.{name}": value for name, value in terms.model_dump().items()}
    if content.scope is AnswerScope.SPECIALIST:
        needed["specialist_ids"] = "named" if content.specialist_ids else ""
    return tuple(name for name, value in needed.items() if not value)
