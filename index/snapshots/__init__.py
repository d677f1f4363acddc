"""Published states of the index: written in segments, opened, checked and followed."""
