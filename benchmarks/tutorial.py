"""The pipeline of the LangChain RAG tutorial, as a baseline for comparison.

It uses RecursiveCharacterTextSplitter (1,000 characters, overlap 200), HuggingFaceEmbeddings with
the same model, and Chroma with k = 4, like https://docs.langchain.com/oss/python/langchain/rag. The
"floor" in other benchmarks is the minimum for any pipeline with these libraries: embedding the
question with sentence-transformers, and one query to Chroma.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from index import find_bundled_model

CHUNK, OVERLAP, FOUND = 1000, 200, 4


class Tutorial:
    """The pipeline over one Chroma store on disk."""

    def __init__(self, folder: Path) -> None:
        from langchain_chroma import Chroma
        from langchain_huggingface import HuggingFaceEmbeddings

        self.embeddings = HuggingFaceEmbeddings(model_name=str(find_bundled_model()))
        self.store: Any = Chroma(embedding_function=self.embeddings, persist_directory=str(folder))

    def index(self, files: list[Path]) -> int:
        """Index files; return how many chunks they were split into."""
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
        documents = [
            Document(file.read_text("utf-8"), metadata={"source": str(file)}) for file in files
        ]
        chunks = splitter.split_documents(documents)
        limit = self.store._client.get_max_batch_size()
        for start in range(0, len(chunks), limit):
            self.store.add_documents(chunks[start : start + limit])
        return len(chunks)

    def retrieve(self, question: str) -> list[str]:
        """Return the chunks that a chat model would get."""
        return [found.page_content for found in self.store.similarity_search(question, k=FOUND)]


def main(folder: str, question: str) -> None:
    """Load the pipeline, retrieve the chunks for one question, and print them."""
    start = perf_counter()
    for chunk in Tutorial(Path(folder)).retrieve(question):
        sys.stdout.write(f"{chunk}\n\n")
    sys.stderr.write(f"{perf_counter() - start:.2f} s without the interpreter's start\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
