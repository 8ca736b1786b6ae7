"""`python -m bench.knowledge [--databases sqlite,postgresql] [--worst N] [--aside]`: the comparison alone.

Of the open queries, unless `--aside` asks for the rest too: whoever tunes leaves it out. `--worst` names open queries.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from bench.knowledge.judging import KINDS
from bench.knowledge.quality import SearchQuality, measure, section, table
from hotline.kernel.logs import configure_logging


def _worst(quality: SearchQuality, most: int) -> str:
    engine = quality.engines[0]
    lines = []
    for kind in KINDS:
        found = sorted(quality.of(engine, aside=False, kind=kind), key=lambda one: one.ndcg)[:most]
        lines += ["", f"{kind}:", *(f"  {one.ndcg:.2f} / {one.recall:.2f}  {one.query.text}" for one in found)]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.knowledge", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--databases", default="sqlite,postgresql", help="with a comma")
    parser.add_argument("--worst", type=int, default=0, help="name so many open queries of each kind")
    parser.add_argument("--aside", action="store_true", help="also the queries that are kept aside")
    options = parser.parse_args()
    configure_logging(level="error")
    quality = asyncio.run(measure(options.databases.split(","), lambda line: print(line, file=sys.stderr)))
    print(section(quality) if options.aside else table(quality, aside=False))
    if options.worst:
        print(_worst(quality, options.worst))


if __name__ == "__main__":
    main()
