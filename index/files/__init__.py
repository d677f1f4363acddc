"""The files of a store: names, manifest, pointer to the current snapshot, seals and locks."""
