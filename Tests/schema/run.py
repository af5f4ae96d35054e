# Runs schemathesis with all its checks against a live server and the document that it serves.
"""Usage: scripts/test-api [--seed N] [--examples N] [further schemathesis options]"""
import os
import pathlib
import random
import subprocess
import sys
import time

import requests

from live import samples
from live.served import NO_LIMITS, Server

HERE = pathlib.Path(__file__).resolve().parent
# Beyond this the run is ended and counts as failed.
SECONDS = 240


def seed_jobs(server):
    """A finished job with a webhook, a draft with its source, and an empty draft; their names."""
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {server.token('schema')}"

    def sent(answer):
        if answer.status_code >= 300:
            raise SystemExit(f"Preparing the jobs failed: {answer.request.method} {answer.url} {answer.status_code} {answer.text}")
        return answer.json()

    names = [sent(api.post(f"{server.url}/jobs", json={"mode": "photo_photo"}))["job_id"] for _ in range(3)]
    picture = samples.small().read_bytes()
    jpeg = {"Content-Type": "image/jpeg"}
    for name, role in ((names[0], "source"), (names[0], "target"), (names[1], "source")):
        sent(api.post(f"{server.url}/jobs/{name}/{role}", data=picture, headers=jpeg))
    sent(api.post(f"{server.url}/jobs/{names[0]}/submit"))
    end = time.monotonic() + 60
    while (state := sent(api.get(f"{server.url}/jobs/{names[0]}")))["status"] != "completed":
        if time.monotonic() > end or state["status"] == "failed":
            raise SystemExit(f"The job for the test did not complete: {state}")
        time.sleep(0.1)
    return names


def main():
    arguments = sys.argv[1:]
    seed, examples = random.SystemRandom().randrange(1 << 31), 15
    for flag in ("--seed", "--examples"):
        if flag in arguments:
            place = arguments.index(flag)
            value = int(arguments[place + 1])
            del arguments[place:place + 2]
            seed, examples = (value, examples) if flag == "--seed" else (seed, value)
    with Server(NO_LIMITS) as server:
        jobs = seed_jobs(server)
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run", f"{server.url}/openapi.json",
            "--header", f"Authorization: Bearer {server.token('schema')}", "--checks", "all", "--mode", "all",
            "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(examples), "--seed", str(seed),
            "--workers", "1", "--request-timeout", "20", "--continue-on-failure", "--no-color", "--generation-database", "none",
            *arguments,
        ]
        environment = dict(os.environ, SCHEMATHESIS_HOOKS="hooks", SCHEMA_JOBS=",".join(jobs),
                           PYTHONPATH=f"{HERE}:{os.environ.get('PYTHONPATH', '')}")
        start = time.monotonic()
        try:
            status = subprocess.run(command, env=environment, cwd=server.home, check=False, timeout=SECONDS).returncode
        except subprocess.TimeoutExpired:
            raise SystemExit(f"test-api: schemathesis was not done after {SECONDS} s") from None
        alive = server.child.poll() is None
        print(f"test-api: seed {seed}, {time.monotonic() - start:.0f} s, the server is {'alive' if alive else 'DEAD'}")
        if not alive:
            print(server.tail(), file=sys.stderr)
        sys.exit(status or (0 if alive else 1))


if __name__ == "__main__":
    main()
