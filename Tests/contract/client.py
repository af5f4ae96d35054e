# The calls of both contracts as a Python service makes them with `requests`. Needs MASQUE_URL, MASQUE_TOKEN, ANNA, GRACE, VIDEO.
import base64
import hashlib
import hmac
import http.server
import json
import os
import threading
import time

import requests

URL = os.environ["MASQUE_URL"]
ANNA, GRACE, VIDEO = os.environ["ANNA"], os.environ["GRACE"], os.environ["VIDEO"]
api = requests.Session()
api.headers["Authorization"] = "Bearer " + os.environ["MASQUE_TOKEN"]
FINAL = ("completed", "failed", "canceled")


def step(text):
    print(f"python: {text}", flush=True)


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes webhooks as a service would."""

    heard = []

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((dict((key.lower(), value) for key, value in self.headers.items()), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def verify(secret, headers, body):
    """Standard Webhooks, as its documents say."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(f"v1,{expected}", given) for given in headers["webhook-signature"].split())


def wait(job):
    until = time.time() + 120
    last = -1.0
    while time.time() < until:
        answer = api.get(f"{URL}/jobs/{job}")
        assert answer.status_code == 200, answer.text
        state = answer.json()
        assert 0 <= state["progress"] <= 100 and isinstance(state["stage"], str), state
        assert state["progress"] >= last or state["attempts"] > 1, "progress fell"
        last = state["progress"]
        if state["status"] in FINAL:
            return state
        time.sleep(0.1)
    raise AssertionError(f"{job} did not end")


def swap_job():
    step("swap jobs: every step, and a webhook with its signature")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = api.post(f"{URL}/jobs", json={"mode": "photo_photo_gpen"})
    assert made.status_code == 201, made.text
    job = made.json()["job_id"]
    assert made.json()["status"] == "draft" and job in made.headers["Location"]

    early = api.post(f"{URL}/jobs/{job}/submit")
    assert early.status_code == 409 and {"error", "message"} <= early.json().keys(), early.text

    subscribed = api.post(f"{URL}/jobs/{job}/webhook", json={
        "url": f"http://127.0.0.1:{server.server_port}/hook", "events": ["queued", "running", "completed", "failed"]})
    assert subscribed.status_code == 201, subscribed.text
    secret = subscribed.json()["secret"]

    for role, path in (("source", ANNA), ("target", GRACE)):
        with open(path, "rb") as file:
            sent = api.post(f"{URL}/jobs/{job}/{role}", files={"file": (os.path.basename(path), file, "image/jpeg")})
        assert sent.status_code == 200, sent.text
    inputs = {entry["role"]: entry for entry in api.get(f"{URL}/jobs/{job}").json()["inputs"]}
    assert inputs["source"]["media_type"] == "image/jpeg" and inputs["target"]["bytes"] == os.path.getsize(GRACE), inputs

    unfinished = api.get(f"{URL}/jobs/{job}/result")
    assert unfinished.status_code == 409 and unfinished.json()["message"], unfinished.text

    assert api.post(f"{URL}/jobs/{job}/submit").status_code == 202
    events = listen(job)
    done = wait(job)
    assert done["status"] == "completed", done
    assert events[-1]["event"] == "end", events[-1]
    numbers = [int(event["id"]) for event in events if "id" in event]
    assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers), numbers
    assert any(json.loads(event["data"])["status"] == "completed" for event in events if "data" in event)
    resumed = listen(job, numbers[0])
    assert not resumed or int(resumed[0]["id"]) > numbers[0], "Last-Event-ID was not heeded"

    result = api.get(f"{URL}/jobs/{job}/result")
    assert result.status_code == 200 and result.headers["Content-Type"] == "image/jpeg"
    assert result.content[:3] == b"\xff\xd8\xff"
    assert hashlib.sha256(result.content).hexdigest() == api.get(f"{URL}/jobs/{job}").json()["result"]["sha256"]
    head = api.head(f"{URL}/jobs/{job}/result")
    assert head.status_code == 200 and int(head.headers["Content-Length"]) == len(result.content) and not head.content

    until = time.time() + 20
    while time.time() < until and not any(json.loads(body)["type"].endswith("completed") for _, body in Hook.heard):
        time.sleep(0.1)
    kinds = [json.loads(body)["type"].rpartition(".")[2] for _, body in Hook.heard]
    assert {"queued", "running", "completed"} <= set(kinds), kinds
    for headers, body in Hook.heard:
        assert verify(secret, headers, body), "a webhook is not signed rightly"
        assert not verify(secret, headers, body + b" "), "the check takes anything"
        content = json.loads(body)
        assert content["data"]["job_id"] == job and content["timestamp"], content
    server.shutdown()


def listen(job, last=None):
    """The events of a job as a list of dictionaries, until the stream ends."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(last)} if last is not None else {})
    events, event = [], {}
    with api.get(f"{URL}/jobs/{job}/events", headers=headers, stream=True, timeout=60) as answer:
        if answer.status_code == 204:
            return []
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        for line in answer.iter_lines(decode_unicode=True):
            if not line and event:
                events.append(event)
                event = {}
            elif line and not line.startswith(":"):
                key, _, value = line.partition(":")
                event[key] = value.removeprefix(" ")
    return events


def quick_and_idempotent():
    step("quick: queued at once; the same Idempotency-Key makes no second job")
    jobs = []
    for _ in range(2):
        with open(ANNA, "rb") as source, open(GRACE, "rb") as target:
            answer = api.post(f"{URL}/jobs/quick", data={"mode": "photo_photo_codeformer"},
                              files={"source": source, "target": target}, headers={"Idempotency-Key": '"contract-quick"'})
        assert answer.status_code in (200, 202), answer.text
        jobs.append(answer.json()["job_id"])
    assert jobs[0] == jobs[1], "the key was not heeded"
    done = wait(jobs[0])
    assert done["status"] == "completed", done
    assert done["result"]["notes"], "a neural mode ran on the built-in engine and does not say so"
    listed = api.get(f"{URL}/jobs", params={"status": "completed", "limit": 2}).json()
    assert len(listed["jobs"]) == 2 and all(entry["status"] == "completed" for entry in listed["jobs"])


def refusals():
    step("what is wrong is refused with error and message")
    for body in ({"mode": "no_such_mode"}, {}, {"mode": 5}):
        answer = api.post(f"{URL}/jobs", json=body)
        assert answer.status_code in (400, 422) and {"error", "message"} <= answer.json().keys(), answer.text
    job = api.post(f"{URL}/jobs", json={"mode": "photo_video_fast"}).json()["job_id"]
    answer = api.post(f"{URL}/jobs/{job}/source", files={"file": ("a.jpg", b"this is no picture at all", "image/jpeg")})
    assert answer.status_code == 415, (answer.status_code, answer.text)
    with open(VIDEO, "rb") as file:
        answer = api.post(f"{URL}/jobs/{job}/source", files={"file": ("a.jpg", file, "image/jpeg")})
    assert answer.status_code in (415, 422), "a video was taken as a source photo"
    problem = api.get(f"{URL}/jobs/unknown", headers={"Accept": "application/problem+json"})
    assert problem.status_code == 404 and problem.headers["Content-Type"].startswith("application/problem+json")
    assert {"type", "title", "status", "detail", "error", "message"} <= problem.json().keys(), problem.text
    assert api.delete(f"{URL}/jobs/{job}").status_code == 204
    assert api.get(f"{URL}/jobs/{job}").status_code == 404


def process():
    step("process: health, processors, image, video, download with cleanup, delete, respond-async")
    health = requests.get(f"{URL}/health", timeout=10).json()
    assert health["status"] == "healthy" and "face_swapper" in health["processors_available"], health
    processors = {entry["name"]: entry["available"] for entry in api.get(f"{URL}/processors").json()}
    assert processors["face_swapper"] is True and len(processors) >= 11, processors
    with open(ANNA, "rb") as source, open(GRACE, "rb") as target:
        answer = api.post(f"{URL}/process/image", files={"source": source, "target": target},
                          data={"request": json.dumps({"processors": ["face_swapper"], "output_image_scale": 200})})
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() >= {"job_id", "status", "output_path"} and answer.json()["status"] == "completed"
    name = os.path.basename(answer.json()["output_path"])
    assert api.get(f"{URL}/download/{name}", params={"cleanup": "true"}).content[:3] == b"\xff\xd8\xff"
    time.sleep(0.2)
    assert api.get(f"{URL}/download/{name}").status_code == 404
    with open(ANNA, "rb") as source, open(VIDEO, "rb") as target:
        answer = api.post(f"{URL}/process/video", files={"source": source, "target": target},
                          data={"request": "{}"}, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202 and answer.headers["Location"], answer.text
    location = answer.headers["Location"]
    done = wait(location.rpartition("/")[2])
    assert done["status"] == "completed" and done["result"]["media_type"] == "video/mp4", done
    with open(ANNA, "rb") as source, open(GRACE, "rb") as target:
        answer = api.post(f"{URL}/process/image", files={"source": source, "target": target},
                          data={"request": json.dumps({"processors": ["no_such_processor"]})})
    assert answer.status_code in (400, 422) and answer.json()["message"], answer.text


if __name__ == "__main__":
    swap_job()
    quick_and_idempotent()
    refusals()
    process()
    step("all right")
