"""Many questions at a time: a limit, batches, and streams that can be stopped."""
