from langchain_core.runnables import Runnable, RunnableLambda

from index import Encoder
from rag.answers.extractive import ExtractiveAnswerer
from rag.langchain import SentenceRetriever, build_chain
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.retrieval.hybrid import HybridRetriever

ASKED = {"question": parse_question("Who is the mayor of Kyiv?"), "documents": None}


def test_the_retriever_is_one_of_langchain(seeds: Library, encoder: Encoder) -> None:
    with seeds.snapshot() as snapshot:
        retriever = SentenceRetriever(retriever=HybridRetriever(snapshot, encoder), count=5)
        found = (retriever | RunnableLambda(list)).invoke("Who is the mayor of Kyiv?")
        assert len(found) == 5
        assert "Klitschko" in found[0].page_content
        for item in found:
            document = snapshot.document(item.metadata["document"])
            assert document is not None
            span = slice(item.metadata["start"], item.metadata["end"])
            assert document.text[span] == item.page_content


def test_the_chain_invokes_streams_and_batches(seeds: Library, encoder: Encoder) -> None:
    with seeds.snapshot() as snapshot:
        chain = build_chain(HybridRetriever(snapshot, encoder), ExtractiveAnswerer())
        assert isinstance(chain, Runnable)
        whole = chain.invoke(ASKED)
        assert whole.answer is not None
        assert whole.text == whole.answer.text
        assert "Klitschko" in whole.text
        assert "".join(delta.text for delta in chain.stream(ASKED)) == whole.text
        assert chain.batch([ASKED, ASKED]) == [whole, whole]


def test_the_chain_composes(seeds: Library, encoder: Encoder) -> None:
    with seeds.snapshot() as snapshot:
        chain = build_chain(HybridRetriever(snapshot, encoder), ExtractiveAnswerer())
        shout = chain | RunnableLambda(lambda delta: delta.text.upper())
        assert "KLITSCHKO" in shout.invoke(ASKED)
