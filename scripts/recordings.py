"""Reads the exchanges with vendors that other projects recorded for their tests, and writes each as one line of JSON.

Called by scripts/install-test-deps with a folder of unpacked packages; what it writes is read by crates/testkit/src/recordings.rs.
"""
import base64
import glob
import gzip
import json
import sys
import zlib

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def body(recorded, encoding):
    """The bytes of a request or an answer; recorders keep them in several forms, some packed."""
    if isinstance(recorded, dict):
        recorded = recorded.get("string") or recorded.get("base64_string") or b""
    if recorded is None:
        return b""
    if isinstance(recorded, str):
        return recorded.encode()
    if encoding or recorded[:2] == b"\x1f\x8b":
        for unpack in (gzip.decompress, zlib.decompress):
            try:
                return unpack(recorded)
            except (OSError, zlib.error):
                pass
    return recorded


def exchanges(path):
    opened = gzip.open(path) if path.endswith(".gz") else open(path, "rb")
    with opened as file:
        recorded = yaml.load(file.read(), LOADER)
    if "interactions" in recorded:
        return [(it["request"], it["response"]) for it in recorded["interactions"]]
    return zip(recorded.get("requests", []), recorded.get("responses", []))


def main(folder):
    for path in sorted(glob.glob(folder + "/*/tests/**/cassettes/**/*.y*ml*", recursive=True)):
        package, name = path[len(folder) + 1 :].split("/")[0], path.split("/")[-1].split(".y")[0]
        for request, response in exchanges(path):
            headers = {}
            for key, value in (response.get("headers") or {}).items():
                headers[str(key).lower()] = value[0] if isinstance(value, list) and value else value
            status = response.get("status", response.get("status_code"))
            answer = body(response.get("body") or response.get("content"), headers.get("content-encoding"))
            line = {
                "source": f"{package}: {name}",
                "uri": request["uri"],
                "request": body(request.get("body"), None).decode(errors="replace"),
                "status": status["code"] if isinstance(status, dict) else status,
                "contentType": headers.get("content-type") or "",
                "answer": base64.b64encode(answer).decode(),
            }
            print(json.dumps(line))


main(sys.argv[1])
