# The model-downloads contract as a bot's client makes its calls, against two servers of a fleet.
"""Lists two `masque serve` processes (and one that is dead), asks each one's status, downloads a LoRA from a Civitai on this
machine to one and to all, reports per server; then has one of them drive the fleet, and the command line, too."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile

import requests

from contract.civitai import KEY, Civitai
from live.served import LOOPBACK_WEBHOOKS, Server, binary, free_port

TOKEN = "token-of-the-contract-0123456789"
LINK = "https://civitai.com/models/123456"


def step(text):
    print(f"downloads: {text}", flush=True)


class Fleet:
    """A bot's client: a list of servers, their states, and a download to one or to all that answer."""

    def __init__(self, servers):
        self.servers = servers

    @staticmethod
    def headers(server):
        return {"X-Token": server["token"]} if "token" in server else {}

    def status(self, server):
        try:
            answer = requests.get(server["url"] + "/civitai/status", headers=self.headers(server), timeout=5)
            return answer.status_code == 200 and answer.json() == {"status": "online", "service": "civitai-downloader"}
        except requests.RequestException:
            return False

    def download(self, server, link, key=None):
        body = {"url": link} | ({"api_key": key} if key else {})
        answer = requests.post(server["url"] + "/civitai/download", json=body, headers=self.headers(server), timeout=330)
        return answer.status_code, answer.json()

    def download_all(self, link, key=None):
        online = [server for server in self.servers if self.status(server)]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            results = pool.map(lambda server: self.download(server, link, key), online)
            return {server["name"]: result for server, result in zip(online, results)}


def check_file(server, name="model_name_v1.safetensors"):
    path = pathlib.Path(server.home) / "downloads/models/Lora" / name
    assert hashlib.sha256(path.read_bytes()).hexdigest() == Civitai.sha256, path
    return path


def refusals(fleet, first, civitai):
    step("refusals are told apart, each with success false and a sentence")
    pc1 = fleet.servers[0]
    for link, key, status in (
            ("https://example.com/models/1", None, 400), (LINK, "wrong", 401), (LINK, None, 403),
            ("https://civitai.com/models/404404", None, 404), ("https://civitai.com/models/410410", None, 410)):
        code, body = fleet.download(pc1, link, key)
        assert code == status and body["success"] is False and body["message"].endswith("."), (link, key, code, body)
        assert KEY not in json.dumps(body) and (not key or key not in body["message"].split()), body
    code, body = fleet.download({**pc1, "token": "wrong"}, LINK)
    assert code == 401 and body["success"] is False, body
    log = (pathlib.Path(first.home) / "logs/security.jsonl").read_text()
    assert '"wrong_token"' in log, log
    assert not [entry for entry in civitai.asked if entry[0] == "answer_files"], "a refused file was fetched"


def over_http(fleet, pc1):
    step("one server drives the others over HTTP")
    answer = requests.get(pc1["url"] + "/fleet", headers=fleet.headers(pc1), timeout=20)
    assert [entry["online"] for entry in answer.json()["servers"]] == [True, True, False], answer.text
    answer = requests.post(
        pc1["url"] + "/fleet/download", json={"url": LINK, "api_key": KEY, "servers": ["PC2"]},
        headers=fleet.headers(pc1), timeout=330)
    body = answer.json()
    assert body["success"] is True and [entry["name"] for entry in body["results"]] == ["PC2"], body


def on_the_command_line(servers_file):
    step("masque models servers and push report per server")
    environment = dict(os.environ, CIVITAI_API_KEY=KEY)
    shown = subprocess.run([binary(), "models", "servers", "--servers", servers_file, "--json"],
                           capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert shown.returncode == 1 and [line.get("online") for line in lines] == [True, True, False], shown
    pushed = subprocess.run(
        [binary(), "models", "push", LINK, "--servers", servers_file, "--server", "PC1", "--server", "PC2", "--send-key", "--json"],
        env=environment, capture_output=True, text=True, check=False)
    lines = {line["name"]: line for line in map(json.loads, pushed.stdout.splitlines())}
    assert pushed.returncode == 0 and all(line["success"] for line in lines.values()), pushed
    assert set(lines) == {"PC1", "PC2"}, pushed
    pushed = subprocess.run([binary(), "models", "push", LINK, "--servers", servers_file, "--all", "--send-key"],
                            env=environment, capture_output=True, text=True, check=False)
    assert pushed.returncode == 1 and "dead  FAILED" in pushed.stdout and KEY not in pushed.stdout + pushed.stderr, pushed


def main():
    dead = {"name": "dead", "url": f"http://127.0.0.1:{free_port()}"}
    with Civitai() as civitai, tempfile.NamedTemporaryFile("w", suffix=".yaml") as servers_file:
        settings = LOOPBACK_WEBHOOKS | {
            "MASQUE_IMAGE_WORKERS": "0", "MASQUE_VIDEO_WORKERS": "0", "CIVITAI_URL": civitai.url, "MASQUE_RESERVED_MB": "0",
            "MASQUE_DOWNLOAD_TOKEN": TOKEN, "MASQUE_FLEET_SERVERS": servers_file.name}
        with Server(settings) as first, Server(settings) as second:
            pc1, pc2 = ({"name": f"PC{number}", "url": server.url, "token": TOKEN}
                        for number, server in ((1, first), (2, second)))
            fleet = Fleet([pc1, pc2, dead])
            json.dump(fleet.servers, servers_file)
            servers_file.flush()

            step("each server's status")
            assert [fleet.status(server) for server in fleet.servers] == [True, True, False]
            refusals(fleet, first, civitai)

            step("a download to one server, then to all that answer")
            code, body = fleet.download(pc1, LINK, KEY)
            path = check_file(first)
            assert code == 200 and body | {
                "success": True, "message": "Model downloaded successfully", "filename": "model_name_v1.safetensors",
                "path": str(path), "model_name": "Amazing LoRA", "version_name": "v1.0"} == body, body
            results = fleet.download_all(f"{LINK}?modelVersionId=789", KEY)
            assert set(results) == {"PC1", "PC2"} and all(code == 200 for code, _ in results.values()), results
            check_file(second)
            fetched = [entry for entry in civitai.asked if entry[0] == "answer_files"]
            assert len(fetched) == 2, "what was there already was fetched again"
            assert all(key is None for _, _, key in fetched), "the key went to the host of the files"

            over_http(fleet, pc1)
            on_the_command_line(servers_file.name)
            for server in (first, second):
                assert KEY not in pathlib.Path(server.log).read_text(), "the key stands in a log"
    step("all right")


if __name__ == "__main__":
    main()
