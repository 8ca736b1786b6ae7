import re

import pytest

from ivr.prompts.catalogue import Language, Segment, parse_catalogue, shipped_catalogue
from ivr.prompts.errors import CatalogueError, UnknownPromptError

CALLED_BY_THE_FLOW = (
    "welcome recording-notice menu-main menu-invalid menu-silence connecting-person enterprise-known queue-wait "
    "out-of-hours voicemail-offer voicemail-record voicemail-thanks survey-ask survey-retry survey-thanks survey-none "
    "silent-first silent-second silent-close agent-number-before agent-number-after queue-busy system-trouble goodbye"
).split()

# Heard of SayNumber and SayDigits in language zh on Asterisk 22.10.1.
MANDARIN_NUMBERS = [*map(str, range(11)), *map(str, range(20, 100, 10)), "hundred", "thousand", "wan", "yi", "minus"]
ENGLISH_NUMBERS = [*map(str, range(21)), *map(str, range(30, 100, 10)), "hundred", "thousand", "million", "minus"]


@pytest.mark.parametrize("prompt_id", CALLED_BY_THE_FLOW)
def test_every_prompt_of_the_flow_is_there_in_both_languages(prompt_id):
    assert shipped_catalogue().get(prompt_id, "zh").name == f"hotline/{prompt_id}"
    assert shipped_catalogue().get(prompt_id, "en").text


def test_every_mandarin_prompt_has_an_english_one():
    catalogue = shipped_catalogue()
    mandarin, english = (
        [i for i in catalogue.ids(language) if not i.startswith("digits/")] for language in ("zh", "en")
    )
    assert english == mandarin


@pytest.mark.parametrize(("language", "words"), [("zh", MANDARIN_NUMBERS), ("en", ENGLISH_NUMBERS)])
def test_every_number_word_of_asterisk_is_there(language, words):
    there = {i.removeprefix("digits/") for i in shipped_catalogue().ids(language) if i.startswith("digits/")}
    assert there == {*words, "star", "pound"}


def test_the_menu_offers_only_what_is_there():
    zh, en = (shipped_catalogue().get("menu-main", language).text for language in ("zh", "en"))
    assert re.findall(r"\d", zh) == ["1", "2", "5", "4", "0"]
    assert re.findall(r"\d", en) == ["1", "2", "5", "0"]
    assert "蒙古" not in zh


def test_every_queue_sound_named_in_the_mapping_exists():
    source = (shipped_catalogue.__wrapped__.__globals__["SHIPPED"]).read_text(encoding="utf-8")
    mapped = re.findall(r"= hotline/([a-z-]+)", source)
    assert len(mapped) == 7
    assert set(mapped) <= set(shipped_catalogue().ids("zh"))


def test_a_sentence_may_have_a_part_in_another_language():
    spoken = shipped_catalogue().get("menu-main", "zh").spoken
    assert [segment.language for segment in spoken] == ["zh", "en", "zh"]


def test_text_is_shown_and_say_is_spoken():
    catalogue = parse_catalogue("prompts: {tone: {zh: {text: 按1。, say: 按一。}}}")
    prompt = catalogue.get("tone", "zh")
    assert prompt.text == "按1。"
    assert prompt.spoken == (Segment(Language.ZH, "按一。"),)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("prompts: {a: {zh: 按1}}", "'1' cannot be spoken in zh"),
        ("prompts: {a: {zh: 好, en: 'press 1'}}", "'1' cannot be spoken in en"),
        ("prompts: {a: {en: hello}}", "Mandarin text"),
        ("prompts: {a: {zh: 好, fr: bonjour}}", "prompts.a.fr"),
        ("prompts: {a: {zh: ''}}", "prompts.a.zh"),
        (f"prompts: {{a: {{zh: {'好' * 301}}}}}", "at most 300"),
        ("prompts: {A b: {zh: 好}}", "pattern"),
        ("prompts: {a: {zh: {text: 好, sya: 好}}}", "sya"),
        ("prompts: {a: {zh: 好}, a: {zh: 坏}}", "'a' is given twice"),
        ("prompts: [", "not valid YAML"),
        ("", "the top"),
        ("promts: {}", "promts"),
        ("prompts: {a: {zh: 好}}\nnumbers: {zh: {../x: 好}}", "numbers.zh"),
    ],
)
def test_a_mistake_is_named_with_its_place(source, complaint):
    with pytest.raises(CatalogueError, match=re.escape(complaint)):
        parse_catalogue(source, "prompts.yaml")


def test_an_unknown_prompt_is_refused():
    with pytest.raises(UnknownPromptError, match="'no-such'"):
        shipped_catalogue().get("no-such", "zh")
