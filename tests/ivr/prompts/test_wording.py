import pytest

from ivr.prompts.catalogue import Language, shipped_catalogue
from ivr.prompts.errors import PromptWordsError
from ivr.prompts.wording import segments_of


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("您好。", "您好。"),
        ("请按1；请按０。", "请按 一；请按 零。"),
        ("请拨打12345。", "请拨打幺二三四五。"),
        ("请输入8位查询码，15个工作日，20天，07号。", "请输入八位查询码，十五个工作日，二十天，零七号。"),
        ("（请稍候）", "，请稍候，"),
        ("按#号键", "按井号号键"),
    ],
)
def test_mandarin_is_written_out(text, spoken):
    assert [(one.language, one.words) for one in segments_of(text, Language.ZH)] == [("zh", spoken)]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Press 1.", "Press one."),
        ("Call 12345.", "Call one, two, three, four, five."),
        ("Within 15 days, 21 at most.", "Within fifteen days, twenty-one at most."),
    ],
)
def test_english_is_written_out(text, spoken):
    assert [(one.language, one.words) for one in segments_of(text, Language.EN)] == [("en", spoken)]


def test_english_within_mandarin_goes_to_the_english_voice():
    found = segments_of("企业服务，请按1；For English, press 4；人工服务，请按0。", Language.ZH)
    assert [(one.language, one.words) for one in found] == [
        ("zh", "企业服务，请按 一；"),
        ("en", "For English, press four"),
        ("zh", "；人工服务，请按 零。"),
    ]


@pytest.mark.parametrize("text", ["", "。。。", "20%", "您好😀", "啊" * 301])
def test_what_cannot_be_spoken_is_refused(text):
    with pytest.raises(PromptWordsError):
        segments_of(text, Language.ZH)


def test_every_sentence_of_the_catalogue_can_be_spoken_as_it_is_written():
    for prompt in shipped_catalogue():
        assert segments_of(prompt.text, prompt.language)
