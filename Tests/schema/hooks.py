# What schemathesis cannot guess: real files, the names of things that are there, and rules that OpenAPI 3.0 cannot state.
# Everything drawn here depends on the call alone, so that a seed gives the same run again.
import base64
import copy
import hashlib
import json
import os
import random
import re
import urllib.parse

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import EnsureResourceAvailability
from schemathesis.transport.serialization import serialize_binary

from live import samples

# Path parameters: {"job_id": [names…]}; the last of each is there to be deleted. "cursor" is one of GET /jobs.
NAMES = json.loads(os.environ.get("SCHEMA_NAMES", "{}"))

# Real files beside random bytes: without them no upload, no swap and no download would succeed.
FILES = {"image/jpeg": samples.small(), "image/png": samples.picture(), "video/mp4": samples.video(0.2), "video/quicktime": samples.video(0.2)}
for media_type, path in FILES.items():
    schemathesis.openapi.media_type(media_type, st.sampled_from([path.read_bytes()]) | st.binary())
schemathesis.openapi.media_type("application/offset+octet-stream", st.binary())


@schemathesis.serializer(*FILES, "application/offset+octet-stream")
def as_it_is(context, value):  # pylint: disable=unused-argument
    """Bytes are sent as they are, and what is meant to break the schema (a number, an object) as its text."""
    return serialize_binary(value)


@schemathesis.hook
def before_call(context, case, kwargs):  # pylint: disable=unused-argument
    """Makes valid calls meet what is there, and keep the rules that the document can only tell in words."""
    meta = case.meta
    is_valid = meta is not None and meta.generation.mode.value == "positive"
    if is_valid:
        if meta.phase.name.value != "stateful":  # Chains carry the names that they were answered.
            meet_real_names(case)
        keep_the_rules(case)
    case.body = without_foreign_hosts(case.body, is_valid)
    # Otherwise schemathesis judges anew whether the call is valid, and takes every body with a file for invalid.
    case._record_starting_state()  # pylint: disable=protected-access


def meet_real_names(case):
    """Puts the name of a thing that is there into half of the calls."""
    draw = random.Random(f"{case.method} {case.path_parameters} {case.query} {case.headers}")
    if case.path_parameters and draw.random() < 0.5:
        for parameter in case.path_parameters:
            if names := NAMES.get(parameter):
                case.path_parameters[parameter] = names[-1] if case.method == "DELETE" else draw.choice(names[:-1])


def keep_the_rules(case):
    """What the words of the document say, and its schemas cannot."""
    # A cursor is from an answer.
    if case.query and "cursor" in case.query:
        case.query["cursor"] = NAMES["cursor"]
    headers = case.headers if case.headers is not None else {}
    # A POST that stands for a PATCH needs the offset that a PATCH needs.
    if headers.get("X-HTTP-Method-Override") == "PATCH":
        headers["Upload-Offset"] = "0"
    # Values of metadata are in base64.
    if (text := headers.get("Upload-Metadata")) is not None:
        headers["Upload-Metadata"] = "filename " + base64.b64encode(text.encode()).decode()
    # A checksum is that of the body.
    if "Upload-Checksum" in headers:
        body = serialize_binary(case.body) if isinstance(case.body, (str, bytes)) else b""
        headers["Upload-Checksum"] = "sha256 " + base64.b64encode(hashlib.sha256(body).digest()).decode()
    if not isinstance(case.body, dict):
        return
    body = copy.copy(case.body)
    # Examples are put together field by field, without a look at anyOf: a swap needs a source.
    if case.path.startswith("/process/") and "source" not in body:
        request = body.get("request") or {}
        if "face_swapper" in (request.get("processors") or ["face_swapper"]):
            body["source"] = samples.small().read_bytes()
    # What can compute is a matter of the installation.
    if isinstance(body.get("request"), dict) and body["request"].get("execution_providers"):
        body["request"] = body["request"] | {"execution_providers": ["cpu"]}
    # Beside files schemathesis leaves the choices of a required field out of sight.
    if body.get("mode") == "":
        body["mode"] = "photo_photo"
    # Events are of a webhook.
    if body.get("webhook_events") is not None and body.get("webhook_url") is None:
        del body["webhook_events"]
    if isinstance(body.get("options"), dict):
        options = body["options"] = copy.copy(body["options"])
        # The keys of a map are numbers of faces (propertyNames is not in OpenAPI 3.0).
        if options.get("map"):
            options["map"] = {str(number): face for number, face in enumerate(options["map"].values())}
        # A cut begins before it ends.
        start, end = options.get("trim_start"), options.get("trim_end")
        if start is not None and end is not None and start >= end:
            del options["trim_end"]
    case.body = body


def without_foreign_hosts(body, is_valid):
    """The body with webhooks going to a host that no name server knows (RFC 2606)."""
    if not isinstance(body, dict):
        return body
    body = copy.copy(body)
    for field in ("url", "webhook_url"):
        if isinstance(body.get(field), str):
            body[field] = nowhere(body[field], is_valid)
    if isinstance(body.get("request"), dict):
        body["request"] = without_foreign_hosts(body["request"], is_valid)
    return body


def nowhere(url, is_valid):
    """A valid URL has another host, and all that is not allowed in its path and query is encoded; others stay wrong."""
    found = re.fullmatch(r"(https?://)([^/?#]+)(.*)", url, re.DOTALL)
    # What names a model stays so: the server asks its own Civitai, which run.py sets to nowhere.
    if found is not None and found[2] == "civitai.com":
        return url
    if found is None or not is_valid:
        return url.replace("://example.org/", "://hooks.invalid/")
    return f"{found[1]}hooks.invalid{urllib.parse.quote(found[3], safe='/?=&')}"


@schemathesis.hook
def filter_failure(context, failure, case, response):  # pylint: disable=unused-argument
    """Drops two judgements that are wrong here."""
    # A job that was just made is there; its files come later.
    if isinstance(failure, EnsureResourceAvailability):
        return not case.path.endswith(("/preview", "/inputs/{role}", "/inputs/{role}/faces"))
    # Headers that a server does not know it ignores (RFC 9110, 5.1); schemathesis forgets so where others are numbers.
    if isinstance(failure, AcceptedNegativeData) and case.meta is not None:
        data = case.meta.phase.data
        location = getattr(data, "parameter_location", None)
        return location is None or location.value != "header" or data.description != "Object with unexpected properties"
    return True
