"""Agents that call tools of an MCP server of another maker, over every transport.

Usage: mcp.py ORIGIN STREAMABLE EVENTS PROGRAM AIMOCK KEY
"""

import http.cookiejar
import json
import pathlib
import sys
import threading
import urllib.error
import urllib.request

ORIGIN, STREAMABLE, EVENTS, PROGRAM, AIMOCK, KEY = sys.argv[1:]
API = f"{ORIGIN}/api/v1"
PERSON = {"name": "Ada", "email": "ada@example.com", "credential": "Correct-Horse-1"}
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def passed(text):
    print(f"ok   {text}", flush=True)


def request(path, body=None, method=None):
    """A call as our own page makes it: status and what was answered."""
    headers = {"content-type": "application/json", "x-request-from": "internal"}
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(API + path, data, headers, method=method)
    try:
        with opener.open(asked, timeout=120) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def made(path, body):
    status, answer = request(path, body)
    assert status in (200, 201), (path, status, answer)
    return answer


def node(place, name, inputs, chosen=None):
    spec = request(f"/nodes/{name}")[1]
    data = {"id": place, "name": name, "label": spec["label"], "version": spec["version"], "inputs": dict(inputs)}
    if chosen:
        data["credential"] = chosen
        data["inputs"]["FLOWISE_CREDENTIAL_ID"] = chosen
    return {"id": place, "type": "customNode", "position": {"x": 0, "y": 0}, "data": data}


def agent(tool):
    """A flow of an agent with this tool."""
    of = lambda place: f"{{{{{place}.data.instance}}}}"
    inputs = {"model": of("model_0"), "memory": of("memory_0"), "tools": [of("tool_0")], "maxIterations": "3"}
    model = node("model_0", "chatOpenAI", {"basepath": f"{AIMOCK}/v1", "modelName": "gpt-4o-mini"}, key)
    nodes = [model, node("memory_0", "bufferMemory", {}), tool, node("agent_0", "toolAgent", inputs)]
    edges = [{"id": it["id"], "source": it["id"], "target": "agent_0", "type": "buttonedge"} for it in nodes[:-1]]
    flow = json.dumps({"nodes": nodes, "edges": edges})
    return made("/chatflows", {"name": "mcp", "type": "CHATFLOW", "flowData": flow})["id"]


def actions(name, inputs):
    return request(f"/node-load-method/{name}", {"loadMethod": "listActions", "inputs": inputs})


def uses_echo(transport, name, inputs):
    status, listed = actions(name, inputs)
    assert status == 200 and "echo" in [it["name"] for it in listed], (transport, status, listed)
    flow = agent(node("tool_0", name, {**inputs, "mcpActions": '["echo"]'}))
    for _ in range(2):
        answer = made(f"/prediction/{flow}", {"question": "Say hello by echo"})
        used = answer["usedTools"][0]
        assert used["tool"] == "echo" and used["toolOutput"] == "Echo: hello there", (transport, answer)
        assert answer["text"] == "It said it.", (transport, answer)
    passed(f"{transport}: {len(listed)} actions, and an agent calls echo: {used['toolOutput']!r}")


def programs():
    """Processes of the server that run as a program, with their environment."""
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if folder.name.isdigit() and PROGRAM.encode() in words and b"stdio" in words:
                found.append((folder / "environ").read_bytes())
        except OSError:
            continue
    return found


def ends():
    pause = threading.Event()
    for _ in range(100):
        if not programs():
            return
        pause.wait(0.1)
    sys.exit("a program outlived its run")


made("/account/register", {"user": PERSON})
made("/auth/login", {"email": PERSON["email"], "password": PERSON["credential"]})
key = made("/credentials", {"name": "k", "credentialName": "openAIApi", "plainDataObj": {"openAIApiKey": KEY}})["id"]

config = lambda **it: {"mcpServerConfig": json.dumps(it)}
uses_echo("streamable HTTP", "customMCP", config(url=STREAMABLE))
uses_echo("server-sent events", "customMCP", config(url=EVENTS))
uses_echo("server-sent events by name", "customMCP", config(url=EVENTS, type="sse"))
uses_echo("an allowed program", "customMCP", config(command="node", args=[PROGRAM, "stdio"], env={"KEY": "k"}))
ends()
passed("no program outlives its run")

for words, more in [([PROGRAM], {}), (["-e", "1"], {}), ([PROGRAM, "stdio", "x"], {}), ([PROGRAM, "stdio"], {"LD_PRELOAD": "x"})]:
    status, answer = actions("customMCP", config(command="node", args=words, env=more))
    assert status >= 400 and "FLOWSTONE_MCP_COMMANDS" in answer["message"], (words, status, answer)
status, answer = actions("sequentialThinkingMCP", {})
assert status >= 400 and "FLOWSTONE_MCP_COMMANDS" in answer["message"], (status, answer)
passed(f"other programs are refused: {answer['message']}")
assert not programs()

server = made("/custom-mcp-servers", {"name": "everything", "serverUrl": STREAMABLE})
status, answer = actions("customMcpServerTool", {"mcpServerId": server["id"]})
assert status >= 400 and "authorize" in answer["message"], (status, answer)
told = made(f"/custom-mcp-servers/{server['id']}/authorize", {})
assert told["status"] == "AUTHORIZED" and told["toolCount"] > 5, told
kept = request(f"/custom-mcp-servers/{server['id']}/tools")[1]
assert len(kept) == told["toolCount"] and "inputSchema" in kept[0], kept
uses_echo("a registered server", "customMcpServerTool", {"mcpServerId": server["id"]})
request(f"/custom-mcp-servers/{server['id']}", {"serverUrl": "http://127.0.0.1:1/mcp"}, "PUT")
status, answer = request(f"/custom-mcp-servers/{server['id']}/authorize", {})
assert status == 400 and answer["message"].startswith("Failed to connect to Custom MCP server: "), answer
assert request(f"/custom-mcp-servers/{server['id']}")[1]["status"] == "ERROR"
passed(f"a registered server that cannot be asked: {answer['message']}")
