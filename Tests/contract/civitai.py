# A Civitai on this machine for the contract's client: its API and its file host on two ports, as strict as the real ones.
"""Standard library only. `with Civitai() as civitai:` serves one LoRA as model 123456, version 789."""
import hashlib
import http.server
import json
import threading
import urllib.parse

KEY = "key-of-the-contract"


def safetensors(count):
    header = json.dumps({"weight": {"dtype": "U8", "shape": [count], "data_offsets": [0, count]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(number * 31 % 251 for number in range(count))


class Civitai:
    """What it has, and what was asked of it."""

    content = safetensors(200_000)
    sha256 = hashlib.sha256(content).hexdigest()

    def __init__(self):
        self.signatures, self.asked, self.lock = set(), [], threading.Lock()
        self.api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler(self.answer_api))
        self.files = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler(self.answer_files))
        self.url = f"http://127.0.0.1:{self.api.server_port}"

    def __enter__(self):
        for server in (self.api, self.files):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in (self.api, self.files):
            server.shutdown()
            server.server_close()

    def handler(self, answer):
        civitai = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Notes and answers one request."""

            def do_GET(self):  # pylint: disable=invalid-name
                parts = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(parts.query))
                with civitai.lock:
                    civitai.asked.append((answer.__name__, parts.path, self.headers.get("Authorization")))
                status, headers, body = answer(parts.path, query, self.headers)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def version(self):
        return {
            "id": 789, "modelId": 123456, "name": "v1.0", "status": "Published", "availability": "Public",
            "usageControl": "Download", "model": {"name": "Amazing LoRA", "type": "LORA"},
            "files": [{
                "id": 55, "name": "model_name_v1.safetensors", "type": "Model", "sizeKB": len(self.content) / 1024,
                "primary": True, "metadata": {"format": "SafeTensor", "size": "pruned", "fp": "fp16"},
                "pickleScanResult": "Success", "virusScanResult": "Success", "hashes": {"SHA256": self.sha256.upper()}}]}

    def answer_api(self, path, query, headers):
        def reply(status, value):
            return status, {"Content-Type": "application/json"}, json.dumps(value).encode()

        key = headers.get("Authorization")
        if key not in (None, f"Bearer {KEY}"):
            return reply(401, {"error": "Unauthorized"})
        if path == "/api/v1/models/123456":
            return reply(200, {"id": 123456, "name": "Amazing LoRA", "type": "LORA", "modelVersions": [self.version()]})
        if path == "/api/v1/model-versions/789":
            return reply(200, self.version())
        if path == "/api/v1/models/410410":
            archived = self.version() | {"id": 410, "files": []}
            return reply(200, {"id": 410410, "name": "Old", "type": "LORA", "modelVersions": [archived]})
        if path == "/api/v1/model-versions/410":
            return reply(200, self.version() | {"id": 410, "modelId": 410410, "files": []})
        if path == "/api/download/models/410":
            return reply(410, {"error": "Archived"})
        if path == "/api/download/models/789":
            if key is None:
                return reply(401, {"error": "Unauthorized", "message": "Login required"})
            assert set(query) <= {"type", "format", "size", "fp", "quantType", "fileId"}, query
            with self.lock:
                signature = f"s{len(self.signatures)}"
                self.signatures.add(signature)
            place = f"http://127.0.0.1:{self.files.server_port}/store/55?X-Amz-Signature={signature}"
            return 307, {"Location": place}, b""
        return reply(404, {"error": "No such thing"})

    def answer_files(self, path, query, headers):
        with self.lock:
            is_good = query.get("X-Amz-Signature") in self.signatures
        # As such hosts do: neither without a signature nor with somebody else's key.
        if path != "/store/55" or not is_good or headers.get("Authorization"):
            return 403, {}, b""
        return 200, {"Content-Type": "application/octet-stream", "ETag": '"c"'}, self.content
