"""Flows with models of other makers' servers: answers, pieces, tools, and what goes wrong.

Usage: peers.py ORIGIN LLAMA LITELLM AIMOCK KEY
"""

import http.cookiejar
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

ORIGIN, LLAMA, LITELLM, AIMOCK, KEY = sys.argv[1:]
API = f"{ORIGIN}/api/v1"
PERSON = {"name": "Ada", "email": "ada@example.com", "credential": "Correct-Horse-1"}
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def passed(text):
    print(f"ok   {text}", flush=True)


def request(path, body=None, method=None):
    """A call as our own page makes it: status and text."""
    headers = {"content-type": "application/json", "x-request-from": "internal"}
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(API + path, data, headers, method=method)
    try:
        with opener.open(asked, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def made(path, body):
    status, text = request(path, body)
    assert status in (200, 201), (path, status, text)
    return json.loads(text)


def credential(kind, **fields):
    form = {"name": kind, "credentialName": kind, "plainDataObj": fields}
    return made("/credentials", form)["id"]


def node(place, name, inputs, chosen=None):
    spec = json.loads(request(f"/nodes/{name}")[1])
    data = {"id": place, "name": name, "label": spec["label"], "version": spec["version"], "inputs": dict(inputs)}
    if chosen:
        data["credential"] = chosen
        data["inputs"]["FLOWISE_CREDENTIAL_ID"] = chosen
    return {"id": place, "type": "customNode", "position": {"x": 0, "y": 0}, "data": data}


def of(place):
    return f"{{{{{place}.data.instance}}}}"


def saved(nodes):
    """A flow whose last node is fed by all others."""
    end = nodes[-1]["id"]
    edges = [
        {"id": f"{it['id']}-{end}", "source": it["id"], "target": end, "type": "buttonedge"} for it in nodes[:-1]
    ]
    flow = json.dumps({"nodes": nodes, "edges": edges})
    return made("/chatflows", {"name": nodes[0]["data"]["label"], "type": "CHATFLOW", "flowData": flow})["id"]


def talk(model):
    """A flow that says to a model what it is asked, and nothing else."""
    prompt = node("prompt_0", "promptTemplate", {"template": "{question}"})
    inputs = {"model": of("model_0"), "prompt": of("prompt_0")}
    return saved([model, prompt, node("chain_0", "llmChain", inputs)])


def agent(model):
    """An agent with one tool."""
    inputs = {"model": of("model_0"), "memory": of("memory_0"), "tools": [of("tool_0")], "maxIterations": "3"}
    nodes = [model, node("memory_0", "bufferMemory", {}), node("tool_0", "calculator", {})]
    return saved([*nodes, node("agent_0", "toolAgent", inputs)])


def ask(flow, question):
    status, text = request(f"/prediction/{flow}", {"question": question})
    return status, json.loads(text)


def events(flow, question):
    body = {"question": question, "streaming": True}
    status, text = request(f"/prediction/{flow}", body)
    assert status == 200, (status, text)
    pieces = [it.removeprefix("message:\ndata:") for it in text.split("\n\n")]
    return [json.loads(it) for it in pieces if it.startswith("{")]


def spoken(told):
    return "".join(it["data"] for it in told if it["event"] == "token")


def answers(name, flow, question, expected, pieces=2):
    """The same answer whole and in pieces."""
    status, answer = ask(flow, question)
    assert status == 200 and expected in answer["text"], (name, status, answer)
    told = events(flow, question)
    names = [it["event"] for it in told]
    assert names[0] == "start" and names[-1] == "end", (name, names)
    assert names.count("token") >= pieces, (name, names)
    assert expected in spoken(told), (name, told)
    passed(f"{name}: {spoken(told).strip()!r} in {names.count('token')} pieces")


def refuses(name, flow, question, *expected):
    """A failure is told by the peer's own words, whole and in pieces."""
    status, answer = ask(flow, question)
    assert status >= 400 and any(it in answer["message"] for it in expected), (name, status, answer)
    told = events(flow, question)
    errors = [it["data"] for it in told if it["event"] == "error"]
    assert len(errors) == 1 and any(it in errors[0] for it in expected), (name, told)
    passed(f"{name}: {answer['message']}")


def calls_the_tool(name, flow, question):
    status, answer = ask(flow, question)
    used = answer.get("usedTools") or []
    assert used, (name, status, answer)
    assert used[0]["tool"] == "calculator" and "42" in str(used[0]["toolOutput"]), (name, used)
    passed(f"{name} calls a tool: {used[0]['toolInput']} gives {used[0]['toolOutput']}")
    return answer


def wait_for(url):
    """A proxy's port is open long before it answers."""
    pause = threading.Event()
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except OSError:
            pause.wait(0.2)
    sys.exit(f"{url} does not answer")


def llama():
    """A real model, by the node for servers that one runs oneself and by the one for OpenAI's wire."""
    local = node("model_0", "chatLocalAI", {"basePath": f"{LLAMA}/v1", "modelName": "smollm2", "temperature": "0", "maxTokens": "24"})
    flow = talk(local)
    answers("llama.cpp by LocalAI", flow, "What is the capital of France?", "Paris", 4)
    own = credential("openAIApi", openAIApiKey="none")
    custom = node("model_0", "chatOpenAICustom", {"basepath": f"{LLAMA}/v1", "modelName": "smollm2", "temperature": "0", "maxTokens": "24"}, own)
    answers("llama.cpp by OpenAI Custom", talk(custom), "What is the capital of France?", "Paris", 4)


def usage():
    """What a real model counts is what a run tells."""
    model = node("model_0", "chatLocalAI", {"basePath": f"{LLAMA}/v1", "modelName": "smollm2", "temperature": "0", "maxTokens": "24"})
    flow = json.loads(json.loads(request(f"/chatflows/{talk(model)}")[1])["flowData"])
    with tempfile.TemporaryDirectory() as home:
        file = pathlib.Path(home, "flow.json")
        file.write_text(json.dumps(flow))
        command = [os.environ["FLOWSTONE_BIN"], "run", str(file), "--json", "--question", "What is the capital of France?"]
        variables = {"HOME": home, "PATH": os.environ["PATH"], "HTTP_ALLOW_LIST": LLAMA.removeprefix("http://")}
        done = subprocess.run(command, env=variables, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout.splitlines()[-1])["usage"]
    assert counted["input_tokens"] > 5 and counted["output_tokens"] > 3, counted
    passed(f"llama.cpp counted {counted['input_tokens']} and {counted['output_tokens']} tokens")


def vendors():
    """Many wires of one server."""
    def one(kind, field, name, inputs, **more):
        right = credential(kind, **{field: KEY}, **more)
        wrong = credential(kind, **{field: "sk-wrong"}, **more)
        return [node("model_0", name, inputs, it) for it in (right, wrong)]

    azure = {"azureOpenAIApiInstanceName": "x", "azureOpenAIApiDeploymentName": "gpt", "azureOpenAIApiVersion": "2024-10-21"}
    models = {
        "OpenAI": one("openAIApi", "openAIApiKey", "chatOpenAI", {"basepath": f"{AIMOCK}/v1", "modelName": "gpt-4o-mini"}),
        "OpenRouter": one("openRouterApi", "openRouterApiKey", "chatOpenRouter", {"basepath": f"{AIMOCK}/v1", "modelName": "openai/gpt-4o-mini"}),
        "Mistral": one("mistralAIApi", "mistralAIAPIKey", "chatMistralAI", {"overrideEndpoint": f"{AIMOCK}/v1", "modelName": "mistral-small-latest"}),
        "Azure": one("azureOpenAIApi", "azureOpenAIApiKey", "azureChatOpenAI", {"basepath": f"{AIMOCK}/openai/deployments", "modelName": "gpt-4o-mini"}, **azure),
        "Anthropic": one("anthropicApi", "anthropicApiKey", "chatAnthropic", {"modelName": "claude-haiku-4-5"}),
        "Gemini": one("googleGenerativeAI", "googleGenerativeAPIKey", "chatGoogleGenerativeAI", {"baseUrl": AIMOCK, "modelName": "gemini-2.5-flash"}),
    }
    for name, (right, wrong) in models.items():
        flow = talk(right)
        answers(f"aimock as {name}", flow, "Hello there", "a fine answer in some pieces")
        used = calls_the_tool(f"aimock as {name}", agent(right), "What is six times seven?")
        assert used["text"] == "It is 42.", used
        refuses(f"{name} with a wrong key", talk(wrong), "Hello there", "401", "403", "key")
        refuses(f"{name} with too long a text", flow, "too long", "maximum context length")
    flow = talk(models["OpenAI"][0])
    refuses("no quota left", flow, "no quota", "exceeded your current quota")
    status, answer = ask(flow, "busy once")
    assert status == 200 and answer["text"] == "now I have time", (status, answer)
    passed("a server that is busy once is asked again")
    told = events(flow, "cut me")
    names = [it["event"] for it in told]
    assert "error" in names and "this answer".startswith(spoken(told)[:8]), told
    passed(f"an answer that is cut is told as {[it['data'] for it in told if it['event'] == 'error']}")


def proxy():
    """A proxy of another maker before the real model."""
    wait_for(f"{LITELLM}/health/liveliness")
    right = credential("litellmApi", litellmApiKey=KEY)
    wrong = credential("litellmApi", litellmApiKey="sk-wrong")
    model = lambda name, key: node("model_0", "chatLitellm", {"basePath": f"{LITELLM}/v1", "modelName": name, "temperature": "0", "maxTokens": "48"}, key)
    answers("LiteLLM before llama.cpp", talk(model("smollm2", right)), "What is the capital of France?", "Paris", 4)
    calls_the_tool("the real model behind LiteLLM", agent(model("smollm2-tools", right)), "What is 6 times 7?")
    refuses("LiteLLM with a wrong key", talk(model("smollm2", wrong)), "Hi", "401", "400", "key")
    refuses("a model that LiteLLM cannot reach", talk(model("broken", right)), "Hi", "500", "Connection")
    refuses("a model that LiteLLM does not know", talk(model("nothing", right)), "Hi", "nothing")


made("/account/register", {"user": PERSON})
made("/auth/login", {"email": PERSON["email"], "password": PERSON["credential"]})
llama()
usage()
vendors()
proxy()
