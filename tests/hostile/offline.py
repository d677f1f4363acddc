"""Runs all functions of Footnote with only a loopback network.

`test_offline.py` runs this script in a separate network namespace, with an empty folder.
"""

import fcntl
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

import httpx
from PIL import Image, ImageDraw, ImageFont

from tests.window import serve

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTION = "Who is the mayor of Kyiv?"
_SET_FLAGS, _UP_AND_RUNNING = 0x8914, 0x41  # Linux: SIOCSIFFLAGS, IFF_UP | IFF_RUNNING


def raise_loopback() -> None:
    """Enable the loopback interface of this namespace."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", _UP_AND_RUNNING)
        fcntl.ioctl(any_socket, _SET_FLAGS, request)


def draw_picture(text: str, file: Path) -> None:
    """Write a picture of a line of text, which is read by text recognition."""
    image = Image.new("RGB", (900, 90), "white")
    ImageDraw.Draw(image).text((20, 20), text, "black", ImageFont.load_default(size=28))
    image.save(file)


def call(client: httpx.Client, name: str, *data: object) -> str:
    """Call an endpoint of the window; return its response."""
    sent = client.post(f"/gradio_api/call/{name}", json={"data": data})
    return client.get(f"/gradio_api/call/{name}/{sent.json()['event_id']}").text


def main(folder: Path) -> None:
    """Index documents, ask on the command line and in a window, and rebuild in the window."""
    raise_loopback()
    shutil.copytree(SEEDS, folder / "seeds")
    draw_picture("The old harbour crane is forty metres tall.", folder / "seeds" / "crane.png")

    def rag(*arguments: str) -> str:
        command = [sys.executable, "-m", "ui.cli", *arguments]
        return subprocess.run(
            command, cwd=folder, check=True, stdout=subprocess.PIPE
        ).stdout.decode()

    rag("index")
    assert "Klitschko" in rag("ask", QUESTION)
    assert "forty metres" in rag("ask", "How tall is the old harbour crane?")
    with serve(folder) as window, httpx.Client(base_url=window.url, timeout=120) as client:
        assert "Klitschko" in call(client, "ask", QUESTION, None)
        (folder / "seeds" / "new.txt").write_text("The ferry leaves at seven.")
        assert "new.txt" in call(client, "rebuild")
        assert "seven" in call(client, "ask", "When does the ferry leave?", None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
