# Runs the fault tests against real servers and prints a JSON line of figures for each, then a table.
"""Usage: python -m faults [NAME…] [--kills N] [--seed N] [--seconds N] [--markdown FILE]

Each test starts servers of its own on temporary folders. Exits 1 when any test fails."""
import argparse
import asyncio
import importlib
import json
import random
import sys
import time
import traceback

from faults import Skip

NAMES = ["kill", "crowd", "disk", "locked", "webhooks", "slow", "drafts", "clock"]


def main():
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--seconds", type=int, default=60, help="how long the crowd stays")
    parser.add_argument("--drafts", type=int, default=10_000)
    parser.add_argument("--markdown", help="also write the table to this file")
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
    table = "| fault | outcome | figures |\n| --- | --- | --- |\n"
    for title, outcome, figures in rows:
        shown = "; ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items())
        table += f"| {title} | {outcome} | {shown} |\n"
    print("\n" + table)
    if options.markdown:
        with open(options.markdown, "w", encoding="utf-8") as file:
            file.write(table)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
