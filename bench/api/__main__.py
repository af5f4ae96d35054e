# Drives `masque serve` and a FastAPI + SQLite peer with the same load in the same run, and prints a table of both.
"""Usage: scripts/bench-api [--quick] [--update DOCUMENT]"""
import argparse
import asyncio
import datetime
import os
import pathlib
import re
import subprocess

import claims
import load
import sides
from live import samples
from live.served import ROOT

MIB = 1 << 20


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "an unknown processor"


def masque_claims(quick):
    """What `masque-bench claims` prints, by the number of workers."""
    text = subprocess.run([str(ROOT / ".build/release/masque-bench"), "claims", "--markdown", *(["--quick"] if quick else [])],
                          capture_output=True, text=True, check=True).stdout
    return {int(workers): float(rate) for workers, rate in re.findall(r"^\| (\d+) workers? \| (\d+) \|", text, re.MULTILINE)}


class Table:
    """Rows of one figure on both sides."""

    def __init__(self):
        self.rows = []

    def add(self, title, ours, theirs, shape, higher_is_better=True):
        """`shape` makes a figure readable; the ratio is how many times better ours is."""
        ratio = ours / theirs if higher_is_better else theirs / ours
        self.rows.append((title, shape(ours), shape(theirs), f"{ratio:.1f}"))

    def markdown(self):
        lines = ["| | Masque | FastAPI | times better |", "| --- | --- | --- | --- |"]
        return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in self.rows])


def measure(quick):
    seconds = 3 if quick else 10
    table = Table()

    def count(value):
        return f"{value:,.0f}"

    def milliseconds(value):
        return f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"

    def mebibytes(value):
        return f"{value / MIB:.0f} MiB"

    def both(work, **peer):
        results = []
        for side in (sides.Masque(settings={"MASQUE_MAX_VIDEO_MB": "1000"}), sides.Peer(**peer)):
            with side:
                print(f"bench-api: {work.__name__} on {side.title}", flush=True)
                results.append(work(side))
        return results

    def reads(side):
        return load.reads(side, seconds)

    def flow(side):
        return load.flow(side, seconds)

    def listeners(side):
        return asyncio.run(load.fan_out(side))

    def uploads(side):
        big = samples.big_video(100_000_000 if quick else 500_000_000)
        load.upload(side, samples.big_video(20_000_000), False)
        return load.upload(side, big, False), load.upload(side, big, True)

    two = {}
    for name, work in (("reads", reads), ("flow", flow)):
        ours, theirs = both(work)
        with sides.Peer(2) as peer:
            two[name] = work(peer)
        label = "`GET /jobs/{id}`, 64 connections" if name == "reads" else "create, 2 uploads of 10 KB, submit, 16 connections"
        table.add(f"{label}: requests/s", ours["per_second"], theirs["per_second"], count)
        table.add("… median", ours["p50"], theirs["p50"], milliseconds, False)
        table.add("… p99", ours["p99"], theirs["p99"], milliseconds, False)
    ours, theirs = both(listeners)
    table.add("1,000 SSE listeners on 10 jobs: all have heard of a change after", ours["all"] * 1e3, theirs["all"] * 1e3,
              milliseconds, False)
    table.add("… median listener", ours["median"] * 1e3, theirs["median"] * 1e3, milliseconds, False)
    table.add("… memory for the listeners", max(ours["during"] - ours["before"], MIB), max(theirs["during"] - theirs["before"], MIB),
              mebibytes, False)
    table.add("… memory in all", ours["during"], theirs["during"], mebibytes, False)
    ours, theirs = both(uploads)
    for index, kind in enumerate(("raw body", "multipart")):
        table.add(f"upload of {'100' if quick else '500'} MB, {kind}: GB/s", ours[index]["gb_per_second"],
                  theirs[index]["gb_per_second"], lambda value: f"{value:.2f}")
        table.add("… memory before → peak", ours[index]["peak"], theirs[index]["peak"], mebibytes, False)
        table.rows[-1] = (table.rows[-1][0], f"{ours[index]['before'] / MIB:.0f} → {ours[index]['peak'] / MIB:.0f} MiB",
                          f"{theirs[index]['before'] / MIB:.0f} → {theirs[index]['peak'] / MIB:.0f} MiB", table.rows[-1][3])
    print("bench-api: claims", flush=True)
    waiting = 100_000
    for workers, ours in masque_claims(quick).items():
        label = "claims/s with 100,000 jobs waiting, 1 worker" if workers == 1 else f"… {workers} workers of one process"
        table.add(label, ours, claims.peer_claims(waiting, workers), count)
    notes = (f"With two worker processes the peer answers {two['reads']['per_second']:,.0f} reads/s and "
             f"{two['flow']['per_second']:,.0f} requests/s of the flow; Masque is one process throughout.")
    return table.markdown() + "\n\n" + notes


def update(document, text):
    """Puts the text between the markers of the part `api`."""
    path = pathlib.Path(document)
    content = path.read_text(encoding="utf-8")
    begin, end = "<!-- bench api -->", "<!-- end api -->"
    if begin not in content or end not in content:
        raise SystemExit(f"{document} has no place for the part api: add {begin} and {end}.")
    head, rest = content.split(begin, 1)
    path.write_text(head + begin + "\n" + text + "\n" + end + rest.split(end, 1)[1], encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter runs, for a look")
    parser.add_argument("--update", metavar="DOCUMENT", help="also put the table between its markers in a Markdown document")
    options = parser.parse_args()
    begun = datetime.datetime.now(datetime.timezone.utc)
    busy = os.getloadavg()[0]
    table = measure(options.quick)
    seconds = (datetime.datetime.now(datetime.timezone.utc) - begun).total_seconds()
    text = (f"Measured {begun:%Y-%m-%d %H:%M} UTC on {processor()}, {os.cpu_count()} cores, load average before {busy:.1f}"
            f"{', --quick' if options.quick else ''}, took {seconds:.0f} s.\n\n{table}")
    print("\n" + text)
    if options.update:
        update(options.update, text)


if __name__ == "__main__":
    main()
