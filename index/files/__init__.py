"""The files of a store: their names, the manifest, the current snapshot, seals and locks."""
