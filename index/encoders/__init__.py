"""Text -> vectors: what an encoder is, and the engines that run one."""
