"""Text processing: sentences, passages, languages, document structure and BM25."""
