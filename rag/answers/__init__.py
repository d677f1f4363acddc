"""Evidence -> an answer of quoted sentences, each with a checked citation, or a refusal."""
