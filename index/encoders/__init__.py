"""Text -> vectors: the encoder protocol and its implementations."""
