# Runs the fault tests against real servers and prints a JSON line of figures for each, then a table.
"""Usage: python -m faults [NAME…] [--kills N] [--seed N] [--seconds N] [--update DOCUMENT]

Each test starts servers of its own on temporary folders. Exits 1 when any test fails."""
import argparse
import asyncio
import importlib
import json
import pathlib
import random
import sys
import time
import traceback

from faults import Skip

NAMES = ["kill", "crowd", "disk", "locked", "webhooks", "slow", "drafts", "clock"]


HEAD = "| fault | outcome | figures |\n| --- | --- | --- |\n"


def row(title, outcome, figures):
    """One line of the table."""
    def plain(value):
        if isinstance(value, dict):
            return ", ".join(f"{key} {count}" for key, count in value.items())
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    shown = "; ".join(f"{key.replace('_', ' ')} {plain(value)}" for key, value in figures.items() if value is not None)
    return f"| {title} | {outcome} | {shown.replace('|', '/')} |".replace("\n", " ")


def update(document, table):
    """Puts rows between the markers of a document; rows of tests that were not run stay."""
    path = pathlib.Path(document)
    text = path.read_text(encoding="utf-8")
    begin, end = "<!-- faults -->", "<!-- end faults -->"
    head, rest = text.split(begin, 1)
    old, tail = rest.split(end, 1)
    known = {line.split(" | ")[0].removeprefix("| "): line for line in old.strip().splitlines()[2:]} | table
    titles = [importlib.import_module(f"faults.{name}").TITLE for name in NAMES]
    lines = [known[title] for title in titles if title in known]
    path.write_text(head + begin + "\n" + HEAD + "\n".join(lines) + "\n" + end + tail, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--seconds", type=int, default=60, help="how long the crowd stays")
    parser.add_argument("--drafts", type=int, default=10_000)
    parser.add_argument("--update", metavar="DOCUMENT", help="also put the rows between their markers in a Markdown document")
    options = parser.parse_args()
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no test named {', '.join(sorted(unknown))}")
    print(f"faults: seed {options.seed}", flush=True)
    rows, passed, failed, skipped = [], 0, 0, 0
    for name in options.names or NAMES:
        module = importlib.import_module(f"faults.{name}")
        start = time.monotonic()
        try:
            figures = asyncio.run(module.run(options))
            outcome, passed = "passed", passed + 1
        except Skip as reason:
            figures, outcome, skipped = {"reason": str(reason)}, "skipped", skipped + 1
        except (Exception, SystemExit) as error:  # pylint: disable=broad-except
            traceback.print_exc()
            figures, outcome, failed = {"error": str(error)[:2000]}, "failed", failed + 1
        line = {"test": name, "outcome": outcome, "seconds": round(time.monotonic() - start, 1), **figures}
        print(json.dumps(line, ensure_ascii=False), flush=True)
        rows.append((module.TITLE, outcome, figures))
    table = {title: row(title, outcome, figures) for title, outcome, figures in rows}
    print("\n" + HEAD + "\n".join(table.values()))
    if options.update:
        update(options.update, table)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
