"""A LiteLLM proxy before a llama.cpp server. It prints its address at once, and answers when it is ready.

Usage: litellm.py LLAMA KEY
"""

import json
import os
import pathlib
import socket
import sys
import tempfile

llama, key = sys.argv[1:]
upstream = {"model": "openai/smollm2", "api_base": f"{llama}/v1", "api_key": "none"}
# Number 44 is "<", with which a call of a function begins: so small a model needs a push.
pushed = {**upstream, "logit_bias": {"44": 5}, "temperature": 0}
broken = {"model": "openai/none", "api_key": "none", "api_base": "http://127.0.0.1:9/v1"}
models = [("smollm2", upstream), ("smollm2-tools", pushed), ("broken", broken)]
config = {
    "model_list": [{"model_name": name, "litellm_params": it} for name, it in models],
    "litellm_settings": {"drop_params": True, "telemetry": False, "num_retries": 0},
}
file = pathlib.Path(tempfile.mkdtemp()) / "config.yaml"
file.write_text(json.dumps(config))  # JSON is YAML.
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = str(free.getsockname()[1])
settings = {
    "LITELLM_MASTER_KEY": key,
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_TELEMETRY": "False",
    "DISABLE_ADMIN_UI": "true",
}
print(f"http://127.0.0.1:{port}", flush=True)
# What it prints from here on is of no interest to whoever waits for the address.
os.dup2(2, 1)
program = str(pathlib.Path(sys.executable).with_name("litellm"))
arguments = ["--config", str(file), "--host", "127.0.0.1", "--port", port]
os.execve(program, [program, *arguments], {**os.environ, **settings})
