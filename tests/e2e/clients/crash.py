"""A server that is cut at each of its crash points, in the midst of a run of twelve nodes.

The program is built with its feature `crash-points`; FLOWSTONE_CRASH_AT names a point and at which
time of coming there the process ends. A first run is not cut and tells every point it comes to, so
that each of them is known, and how often it is met. Every other run is cut at one of them. After each
cut the same folder is started again, and

- the run ends by itself: it waits for a person, and after the answer it is finished,
- a run that goes back into it, to its last node, ends as it did,
- everything it does outside is done once; only what was under way at the cut may be done twice, and
  never what is marked as not repeatable: there the run asks first,
- its events come once each and in order, over all cuts, by Last-Event-ID.

Usage: crash.py PROGRAM
"""

import collections
import http.client
import http.cookiejar
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

PROGRAM = sys.argv[1]
PERSON = {"name": "Ada", "email": "ada@example.com", "credential": "Correct-Horse-1"}
LANES = 2 * (os.cpu_count() or 1)
# Longer than any run takes on a busy machine.
PATIENCE = 60
# What a run does outside, each of it once.
DONE = ["model 0", "model 1", "item a", "item b", "sub", "tool", "once", "last"]


class Outside(http.server.ThreadingHTTPServer):
    """The model and the services that a run asks, and the ledger of what it did."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.ledgers = collections.defaultdict(collections.Counter)
        self.lock = threading.Lock()

    def handle_error(self, request, client_address):
        """Whoever asked was cut: that is what this is about."""

    def done(self, run, what):
        with self.lock:
            self.ledgers[run][what] += 1


class Asked(http.server.BaseHTTPRequestHandler):
    """One call of a run: what it is and which run it belongs to stand in it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"] or 0)).decode()
        what, run = re.findall(r"\[\[([^@\]]+)@([^\]]+)\]\]", body)[-1]
        self.server.done(run, what)
        if self.path.endswith("/chat/completions"):
            message = {"role": "assistant", "content": f"said {what}"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
            said = {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}
        else:
            said = {"done": what}
        if what == "sub":
            # So long that those who follow the run are told in the middle of the turn.
            self.server.pause.wait(0.25)
        data = json.dumps(said).encode()
        try:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass  # Whoever asked was cut.

    def log_message(self, *_):
        pass


class Server:
    """A started program over a folder."""

    def __init__(self, home, outside, crash=None):
        self.home = home
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "HOST": "127.0.0.1",
            "PORT": "0",
            "FLOWSTONE_EXAMPLES": "false",
            "HTTP_ALLOW_LIST": f"127.0.0.1:{outside.server_port}",
        }
        if crash:
            variables["FLOWSTONE_CRASH_AT"] = crash
        self.process = subprocess.Popen(
            [PROGRAM, "start"], env=variables, cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.log, self.port = [], None
        for line in self.process.stderr:
            self.log.append(line)
            if "Flowstone is ready: " in line:
                self.port = int(line.rsplit(":", 1)[1])
                break
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def request(self, path, body=None, method=None, headers=()):
        """A call as our own page makes it: status and text. A cut raises OSError or HTTPException."""
        cookies = http.cookiejar.LWPCookieJar(str(self.home / "cookies"))
        if (self.home / "cookies").exists():
            cookies.load(ignore_discard=True, ignore_expires=True)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        # Cookies know no ports, so the next start is asked with the same session.
        url = f"http://127.0.0.1:{self.port}/api/v1{path}"
        every = {"content-type": "application/json", "x-request-from": "internal", **dict(headers)}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(url, data, every, method=method)
        try:
            with opener.open(asked, timeout=PATIENCE) as answer:
                said = answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            said = refused.code, refused.read().decode()
        if len(cookies):
            cookies.save(ignore_discard=True, ignore_expires=True)
        return said

    def made(self, path, body):
        status, text = self.request(path, body)
        assert status in (200, 201), (path, status, text)
        return json.loads(text)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()


def flows(server, outside):
    """Saves the flow of the runs and the one that it asks; the id of the first."""
    url = f"http://127.0.0.1:{outside.server_port}"
    form = {"name": "k", "credentialName": "openAIApi", "plainDataObj": {"openAIApiKey": "sk-0123456789"}}
    key = server.made("/credentials", form)["id"]
    # The tool that is a node here calls a service from JavaScript.
    code = f"const r = await fetch('{url}/do', {{method: 'POST', body: '[[tool@' + $run + ']]'}}); return await r.text();"
    schema = [{"id": 0, "property": "run", "description": "the run", "type": "string", "required": True}]
    tool = {"name": "do_it", "description": "does it", "color": "#000000", "schema": json.dumps(schema), "func": code}
    tool = server.made("/tools", tool)["id"]

    def node(place, inputs, parent=None, envelope=None):
        name = re.sub(r"_\d+$", "", place)
        version = json.loads(server.request(f"/nodes/{name}")[1])["version"]
        data = {"id": place, "name": name, "label": place, "version": version, "inputs": inputs}
        if envelope:
            data["envelope"] = envelope
        made = {"id": place, "type": "agentFlow", "position": {"x": 0, "y": 0}, "data": data}
        return made | ({"parentNode": parent} if parent else {})

    def calls(place, what, **more):
        body = json.dumps({"do": f"[[{what}@{{{{ question }}}}]]"})
        inputs = {"method": "POST", "url": f"{url}/do", "bodyType": "json", "body": body, "responseType": "json"}
        return node(place, inputs, **more)

    def says(place, what):
        config = {
            "credential": key,
            "FLOWISE_CREDENTIAL_ID": key,
            "modelName": "gpt-4o-mini",
            "streaming": False,
            "basepath": f"{url}/v1",
            "llmModel": "chatOpenAI",
        }
        inputs = {"llmModel": "chatOpenAI", "llmModelConfig": config, "llmEnableMemory": True, "llmMemoryType": "allMessages", "llmReturnResponseAs": "assistantMessage"}
        return node(place, inputs | {"llmUserMessage": f"[[{what}@{{{{ question }}}}]]"})

    def saved(name, nodes, wires):
        ways = []
        for wire in wires:
            source, target = wire.split(">")
            source, _, way = source.partition(".")
            handle = f"{source}-output-{way or source.rsplit('_')[0]}"
            ways.append({"id": wire, "source": source, "target": target, "sourceHandle": handle, "targetHandle": target})
        flow = json.dumps({"nodes": nodes, "edges": ways})
        return server.made("/chatflows", {"name": name, "type": "AGENTFLOW", "flowData": flow})["id"]

    start = {"startInputType": "chatInput"}
    sub = saved(
        "sub",
        [node("startAgentflow_0", start), calls("httpAgentflow_0", "sub"), node("directReplyAgentflow_0", {"directReplyMessage": "sub is done"})],
        ["startAgentflow_0>httpAgentflow_0", "httpAgentflow_0>directReplyAgentflow_0"],
    )
    again = {"type": "number", "value1": "{{ loop_count }}", "operation": "smaller", "value2": "1"}
    chosen = {"toolAgentflowSelectedTool": "customTool", "selectedTool": tool}
    arguments = [{"inputArgName": "run", "inputArgValue": "{{ question }}"}]
    nodes = [
        node("startAgentflow_0", start),
        says("llmAgentflow_0", "model {{ loop_count }}"),
        node("conditionAgentflow_0", {"conditions": [again]}),
        node("loopAgentflow_0", {"loopBackToNode": "llmAgentflow_0-LLM", "maxLoopCount": 3}),
        node("iterationAgentflow_0", {"iterationInput": '["a", "b"]'}),
        calls("httpAgentflow_1", "item {{ $iteration }}", parent="iterationAgentflow_0"),
        node("executeFlowAgentflow_0", {"executeFlowSelectedFlow": sub, "executeFlowInput": "{{ question }}", "executeFlowReturnResponseAs": "userMessage"}),
        node("toolAgentflow_0", {"toolAgentflowSelectedTool": "customTool", "toolAgentflowSelectedToolConfig": chosen, "toolInputArgs": arguments}),
        calls("httpAgentflow_2", "once", envelope={"repeatable": False}),
        node("humanInputAgentflow_0", {"humanInputDescriptionType": "fixed", "humanInputDescription": "Go on?", "humanInputEnableFeedback": True}),
        calls("httpAgentflow_3", "last"),
        node("directReplyAgentflow_0", {"directReplyMessage": "all is done"}),
    ]
    chain = ["startAgentflow_0", "llmAgentflow_0", "conditionAgentflow_0"]
    rest = ["iterationAgentflow_0", "executeFlowAgentflow_0", "toolAgentflow_0", "httpAgentflow_2", "humanInputAgentflow_0"]
    wires = [f"{a}>{b}" for a, b in [*zip(chain, chain[1:]), *zip(rest, rest[1:])]]
    wires += ["conditionAgentflow_0.0>loopAgentflow_0", f"conditionAgentflow_0.1>{rest[0]}"]
    wires += ["humanInputAgentflow_0.0>httpAgentflow_3", "httpAgentflow_3>directReplyAgentflow_0"]
    return saved("everything", nodes, wires)


class Run:
    """One run, followed over all cuts."""

    def __init__(self, outside, template, flow, name, folder):
        self.outside, self.flow, self.name = outside, flow, name
        self.home = folder / re.sub(r"\W", "-", name)
        shutil.copytree(template, self.home)
        self.server = None
        self.cuts = 0
        self.last = 0
        self.events = []
        self.log = []

    def start(self, crash=None):
        self.server = Server(self.home, self.outside, crash)
        while self.server.port is None:
            # Cut before it was ready.
            self.count_cut()
            self.server = Server(self.home, self.outside)

    def count_cut(self):
        self.server.kill()
        self.cuts += 1
        self.log += self.server.log
        assert self.cuts < 3, (self.name, "it ends again and again", "".join(self.log[-20:]))

    def ask(self, body):
        """Asks until the answer is whole, over cuts; the events that came."""
        body = {"chatId": self.name, "streaming": True, **body}
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
            text = b""
            try:
                every = {"content-type": "application/json", "last-event-id": str(self.last or "")}
                # An answer is another request than the question, so it has no key.
                if "humanInput" not in body:
                    every["idempotency-key"] = self.name
                connection.request("POST", f"/api/v1/prediction/{self.flow}", json.dumps(body), every)
                answer = connection.getresponse()
                assert answer.status == 200, (self.name, answer.status, answer.read())
                while chunk := answer.read1(65536):
                    text += chunk
            except (OSError, http.client.HTTPException):
                pass
            connection.close()
            for frame in text.decode().split("\n\n")[:-1]:
                if not frame.startswith("id:"):
                    assert frame.startswith(":"), (self.name, frame)
                    continue
                number, data = re.fullmatch(r"id:(\d+)\nmessage:\ndata:(.*)", frame).groups()
                assert int(number) == self.last + 1, (self.name, "events come once and in order", self.last, frame)
                self.last = int(number)
                self.events.append(json.loads(data))
            if text.endswith(b'"end","data":"[DONE]"}\n\n'):
                return
            assert self.server.process.wait(timeout=PATIENCE) != 0, (self.name, "it was not cut", text[-300:])
            self.count_cut()
            self.start()
            # Whatever was asked was taken before the cut, or it is asked again by its key.
            if "humanInput" in body and not self.waits():
                del body["humanInput"]

    def executions(self):
        """The run, and behind it those that went back into it."""
        status, text = self.server.request(f"/executions?agentflowId={self.flow}")
        assert status == 200, (self.name, status, text)
        return sorted(json.loads(text)["data"], key=lambda it: "rerunOf" in it)

    def execution(self):
        return self.executions()[0]

    def go_back(self):
        """Runs the last node again in a run that goes back to it, over cuts."""
        while True:
            try:
                first, *back = self.executions()
                if not back:
                    status, text = self.server.request(f"/executions/{first['id']}/rerun", {"nodeId": "directReplyAgentflow_0"})
                    assert status == 200, (self.name, status, text)
                    back = [{"id": json.loads(text)["executionId"]}]
                # A stream that ends is a run that ended.
                self.server.request(f"/executions/{back[0]['id']}/events")
                back = self.executions()[1:]
                if [it["state"] for it in back] == ["FINISHED"]:
                    return
                assert back[0]["state"] == "INPROGRESS", (self.name, back)
            except (OSError, http.client.HTTPException):
                assert self.server.process.wait(timeout=PATIENCE) != 0, (self.name, "it was not cut")
                self.count_cut()
                self.start()

    def waits(self):
        return self.execution()["state"] == "STOPPED"

    def finish(self):
        """Answers whatever it asks until it is over; how often a person was asked to repeat a turn."""
        asked = 0
        self.ask({"question": self.name})
        while self.waits():
            action = json.loads(self.execution()["action"])
            asked += action["data"]["nodeId"] == "httpAgentflow_2"
            assert asked < 2, (self.name, action)
            self.ask({"humanInput": {"type": "proceed"}})
        self.go_back()
        return asked

    def check(self, asked):
        execution, back = self.executions()
        assert execution["state"] == "FINISHED", (self.name, execution["state"], execution["executionData"][-600:])
        records = json.loads(execution["executionData"])
        went = json.loads(back["executionData"])
        same = [[(it["nodeId"], it["data"]["output"].get("content")) for it in them] for them in (records, went)]
        assert same[0] == same[1], (self.name, same)
        assert records[-1]["data"]["output"]["content"] == "all is done", (self.name, records[-1])
        ledger = self.outside.ledgers[self.name]
        assert sorted(ledger) == sorted(DONE), (self.name, ledger)
        twice = [what for what, count in ledger.items() if count > 1]
        assert len(twice) <= self.cuts and all(ledger[it] == 2 for it in twice), (self.name, ledger)
        # Where nobody was asked, what must not be repeated was not.
        assert ledger["once"] == 1 or asked, (self.name, ledger)
        ids = [it["nodeId"] for it in records]
        expected = (
            "start llm condition loop llm condition http http iteration executeFlow tool http humanInput http directReply"
        )
        assert [re.sub(r"Agentflow_\d", "", it) for it in ids] == expected.split(), (self.name, ids)
        messages = json.loads(self.server.request(f"/chatmessage/{self.flow}?chatId={self.name}")[1])
        said = [it["content"] for it in messages if it["role"] == "apiMessage"]
        assert said[-1] == "all is done" and len(said) == 2 + asked, (self.name, said)
        assert self.events[-1]["event"] == "end", (self.name, self.events[-1])


def answer_twice(run):
    """Of two answers at once one is taken; a run that is over takes none."""
    run.ask({"question": run.name})
    statuses = []

    def answer():
        body = {"chatId": run.name, "humanInput": {"type": "proceed"}}
        statuses.append(run.server.request(f"/prediction/{run.flow}", body)[0])

    both = [threading.Thread(target=answer) for _ in range(2)]
    for it in both:
        it.start()
    for it in both:
        it.join()
    answer()
    assert sorted(statuses) == [200, 409, 409], statuses
    ledger = run.outside.ledgers[run.name]
    assert set(ledger.values()) == {1}, ledger
    print("ok   of two answers at once one is taken, and a run that is over takes none", flush=True)


def follow(run):
    """What is kept of a run's events: all, those after one of them, and none after the last."""
    path = f"/executions/{run.execution()['id']}/events"
    status, text = run.server.request(f"{path}?lastEventId=0")
    # A stream ends where the run waits for a person.
    assert status == 200 and text.count('"event":"end"') == 1, (status, text[-200:])
    first = text.count("id:")
    status, text = run.server.request(path, headers={"last-event-id": str(first)})
    told = re.findall(r"id:(\d+)\nmessage:\ndata:(.*)\n\n", text)
    assert [int(number) for number, _ in told] == list(range(first + 1, run.last + 1)), told
    assert [json.loads(data) for _, data in told] == run.events[first:]
    assert run.server.request(f"{path}?lastEventId={run.last}") == (204, "")
    assert run.server.request(f"{path}?lastEventId=x")[0] == 400
    # The same request once more is told the same, without numbers.
    body = {"question": run.name, "chatId": run.name, "streaming": True}
    status, text = run.server.request(f"/prediction/{run.flow}", body, headers={"idempotency-key": run.name})
    told = [json.loads(it.removeprefix("message:\ndata:")) for it in text.split("\n\n") if it.startswith("message:")]
    assert status == 200 and told == run.events[:first], (status, text[-200:])
    print(f"ok   {run.last} events are told again as they were, from any of them on", flush=True)


def in_lanes(work, items):
    """Does all of it, a few at a time; the first failure ends it."""
    waiting, failures, lock = list(items), [], threading.Lock()

    def lane():
        while True:
            with lock:
                if not waiting or failures:
                    return
                item = waiting.pop(0)
            try:
                work(item)
            except BaseException as error:  # noqa: BLE001: told below
                failures.append((item, error))

    lanes = [threading.Thread(target=lane) for _ in range(LANES)]
    for it in lanes:
        it.start()
    for it in lanes:
        it.join()
    for item, error in failures[1:]:
        print(f"also {item}: {error!r}", file=sys.stderr)
    if failures:
        raise failures[0][1]


def main():
    outside = Outside()
    outside.pause = threading.Event()
    threading.Thread(target=outside.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        template = folder / "template"
        template.mkdir()
        server = Server(template, outside)
        assert server.port, "".join(server.log)
        server.made("/account/register", {"user": PERSON})
        server.made("/auth/login", {"email": PERSON["email"], "password": PERSON["credential"]})
        flow = flows(server, outside)
        server.process.terminate()
        assert server.process.wait(timeout=PATIENCE) == 0

        whole = Run(outside, template, flow, "whole", folder)
        whole.start("tell")
        assert whole.finish() == 0
        whole.check(0)
        follow(whole)
        whole.server.kill()
        log = "".join(whole.server.log)
        listed = re.search(r"crash points points=\[([^\]]*)\]", log)
        assert listed, "the program is not built with the feature crash-points"
        points = re.findall(r"\w+", listed[1])
        met = collections.Counter(re.findall(r"crash point (\w+)", log))
        print(f"ok   a run that is not cut does all once and comes to {met.total()} points", flush=True)
        twice = Run(outside, template, flow, "twice", folder)
        twice.start()
        answer_twice(twice)
        twice.server.kill()
        # Points of a start after a cut are met by any cut run: two cuts one after the other.
        later = ["RunsReleased", "RunTakenOver", "RestartCounted"]
        missing = set(points) - set(met) - set(later)
        assert not missing, ("no run comes to these points", missing)

        def cut(item):
            point, time_of_coming = item
            name = f"{point}-{time_of_coming}"
            run = Run(outside, template, flow, name, folder)
            if point in later:
                run.start("TurnKept:9")
                connection = http.client.HTTPConnection("127.0.0.1", run.server.port, timeout=PATIENCE)
                body = {"chatId": name, "question": name}
                every = {"content-type": "application/json", "idempotency-key": name}
                try:
                    connection.request("POST", f"/api/v1/prediction/{flow}", json.dumps(body), every)
                    raise AssertionError((name, connection.getresponse().status))
                except (OSError, http.client.HTTPException):
                    run.count_cut()
                run.start(f"{point}:1")
            else:
                run.start(f"{point}:{time_of_coming}")
            asked = run.finish()
            # How often events are kept in the middle of a turn depends on how quick the machine is.
            may_not_come = point == "EventsWritten" and time_of_coming > 1
            assert run.cuts == (2 if point in later else 1) or may_not_come and run.cuts == 0, (name, run.cuts)
            run.check(asked)
            run.server.kill()
            shutil.rmtree(run.home)

        cuts = [(point, n + 1) for point in points for n in range(met[point] or 1)]
        started = time.monotonic()
        in_lanes(cut, cuts)
        seconds = time.monotonic() - started
        print(f"ok   {len(cuts)} cuts at {len(points)} points: all runs ended ({seconds:.0f} s)", flush=True)


main()
