"""Switches off the telemetry of libraries. Must be imported before any of them.

The switches are environment variables, so child processes inherit them. They override values set
by the user: this program never sends usage reports.
"""

import os

SWITCHES = {
    # ONNX Runtime sends events with an id of the machine. Its function `disable_telemetry_events`
    # is called too late: by then it has made the id and the first event.
    "ORT_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "GRADIO_ANALYTICS_ENABLED": "False",  # also its check for a newer version
    "HF_HUB_DISABLE_TELEMETRY": "1",  # Hugging Face libraries
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
}

os.environ.update(SWITCHES)
