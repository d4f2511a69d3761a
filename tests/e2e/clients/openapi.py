"""Calls every route of the OpenAPI document with made-up values, as a program and as a person.

Usage: openapi.py ORIGIN
"""

import http.cookiejar
import json
import subprocess
import sys
import urllib.request

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)
PASSWORD = "Correct-Horse-1"

api = f"{sys.argv[1]}/api/v1"
jar = http.cookiejar.CookieJar()
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))


def call(path: str, body: object = None) -> object:
    """A call of our own page."""
    headers = {"content-type": "application/json", "x-request-from": "internal"}
    data = None if body is None else json.dumps(body).encode()
    with opener.open(urllib.request.Request(api + path, data, headers)) as answer:
        return json.load(answer)


def check(who: str, seconds: int, *arguments: str) -> None:
    """Runs schemathesis, and ends where it finds something."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{api}/openapi.json"]
    command += ["--checks", CHECKS, "--phases", "coverage,fuzzing", "--max-examples", "8"]
    command += ["--max-time", str(seconds), "--seed", "1", "--warnings", "off", "--no-color"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\n{done.stderr}\nschemathesis found something {who}")
    cases = [line.strip() for line in done.stdout.splitlines() if " generated, " in line]
    print(f"ok   every route {who}: {' '.join(cases)}")


call("/account/register", {"user": {"name": "Ada", "email": "ada@example.com", "credential": PASSWORD}})
call("/auth/login", {"email": "ada@example.com", "password": PASSWORD})
groups = call("/auth/permissions/API_KEY")
permissions = [permission["key"] for group in groups.values() for permission in group]
keys = call("/apikey", {"keyName": "fuzz", "permissions": permissions})
key = next(row["apiKey"] for row in keys if len(row["apiKey"]) == 43)

# The key must outlive the calls.
check("by a key", 45, "--header", f"Authorization: Bearer {key}", "--exclude-path-regex", "/apikey/")
cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
people = ["--include-path-regex", "^/api/v1/(user|apikey)"]
check("of people", 15, "--header", f"Cookie: {cookies}", "--header", "x-request-from: internal", *people)
