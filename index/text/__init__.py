"""Text as it is split and searched: sentences, passages, languages, structure, BM25."""
