"""Switches off what libraries would send of their own accord. Imported before any of them.

The switches are environment variables, so that processes that are started here inherit them. They
are set whatever was set before: nothing here sends reports about its use.
"""

import os

SWITCHES = {
    # ONNX Runtime: events with a number that names the machine. Its function
    # `disable_telemetry_events` is too late: the first event and the number are there by then.
    "ORT_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "GRADIO_ANALYTICS_ENABLED": "False",  # and its look for a newer version
    "HF_HUB_DISABLE_TELEMETRY": "1",  # the libraries of Hugging Face
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
}

os.environ.update(SWITCHES)
