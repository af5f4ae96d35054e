# Runs schemathesis with all its checks against a live server and the document that it serves.
"""Usage: scripts/test-api [--seed N] [--examples N] [further schemathesis options]"""
import json
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
SECONDS = 480


def seed_things(server, token):
    """Makes some of everything that calls can name; their names by path parameter, and a cursor."""
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {token}"

    def sent(path, **arguments):
        answer = api.request(arguments.pop("method", "POST"), server.url + path, timeout=60, **arguments)
        if answer.status_code >= 300:
            raise SystemExit(f"Preparing failed: {answer.request.method} {answer.url} {answer.status_code} {answer.text}")
        return answer

    def last_part(path):
        return path.rsplit("/", 1)[1]

    # A finished job, a draft with its source, and two empty drafts.
    jobs = [sent("/jobs", json={"mode": "photo_photo"}).json()["job_id"] for _ in range(4)]
    picture = samples.small().read_bytes()
    for name, role in ((jobs[0], "source"), (jobs[0], "target"), (jobs[1], "source")):
        sent(f"/jobs/{name}/{role}", data=picture, headers={"Content-Type": "image/jpeg"})
    sent(f"/jobs/{jobs[0]}/submit")
    end = time.monotonic() + 60
    while (state := sent(f"/jobs/{jobs[0]}", method="GET").json())["status"] != "completed":
        if time.monotonic() > end or state["status"] == "failed":
            raise SystemExit(f"The job for the test did not complete: {state}")
        time.sleep(0.1)

    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "100"}
    form = {"source": ("a.jpg", picture), "target": ("b.jpg", picture)}
    return {
        "job_id": jobs,
        "webhook_id": [sent(f"/jobs/{jobs[0]}/webhook", json={"url": "https://hooks.invalid/"}).json()["id"] for _ in range(2)],
        "token": [last_part(sent(f"/jobs/{jobs[0]}/share").json()["url"]) for _ in range(2)],
        "upload_id": [last_part(sent("/uploads", headers=tus).headers["Location"]) for _ in range(4)],
        "filename": [last_part(sent("/process/image", files=form).json()["output_path"]) for _ in range(4)],
        "key_id": [sent("/keys", json={"name": "schema"}).json()["id"] for _ in range(2)],
        "cursor": sent("/jobs?limit=1", method="GET").json()["next_cursor"],
    }


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
        token = server.token("schema", scopes=("read", "write", "admin"))
        names = seed_things(server, token)
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run", f"{server.url}/openapi.json",
            "--header", f"Authorization: Bearer {token}", "--checks", "all", "--mode", "all",
            "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(examples), "--seed", str(seed),
            "--workers", "1", "--request-timeout", "20", "--continue-on-failure", "--no-color", "--generation-database", "none",
            *arguments,
        ]
        environment = dict(os.environ, SCHEMATHESIS_HOOKS="hooks", SCHEMA_NAMES=json.dumps(names),
                           PYTHONPATH=f"{HERE}:{HERE.parent}")
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
