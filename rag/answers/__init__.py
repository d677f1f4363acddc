"""Evidence -> an answer that quotes, each sentence a checked citation, or a refusal."""
