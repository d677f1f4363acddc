"""Files -> a searchable snapshot. Other packages import only the names listed here."""

from index import offline  # noqa: F401 - before the libraries whose telemetry it switches off
from index.arrays import Rows, Scores, Vectors
from index.changes import Plan, Report
from index.chroma.attach import attach
from index.chroma.client import DEFAULT_DATABASE, DEFAULT_TENANT, Server
from index.documents import FORMATS, known_suffixes
from index.documents.enumerations import has_number
from index.documents.input_files import is_changed, read_unchanged
from index.documents.outline import Outline
from index.documents.page_layout import join_lines
from index.encoders.cores import SLOW_FUSION, count_cores
from index.encoders.load import load_encoder
from index.encoders.model_files import (
    AUTO_MODEL,
    BUNDLED_MODEL,
    MULTILINGUAL_MODEL,
    OWN_MODELS,
    find_bundled_model,
    find_model,
)
from index.encoders.protocol import Encoder, ModelIdentity, PassageText
from index.encoders.word_embeddings import WordEmbeddings, load_words
from index.errors import (
    DocumentError,
    EmptyDocumentError,
    FootnoteError,
    ModelError,
    ModelMismatchError,
    ModelUnavailableError,
    NoDocumentsError,
    SourceError,
    StoreBrokenError,
    StoreBusyError,
    StoreError,
    StoreMissingError,
    StoreNotWritableError,
    StoreOutdatedError,
    StoreUnreachableError,
    UnknownFormatError,
    UnreadableDocumentError,
    one_line,
)
from index.files.current import current_id
from index.files.layout import UPLOADS, write_atomically
from index.forking import Threads, leave_behind, require_process, watch_forks
from index.ingest.page_reader import PageReader
from index.ingest.parser import DocumentParser, Limits
from index.ingest.watch import watch_paths
from index.memory import trim_memory
from index.operations.copy import copy_index
from index.operations.doctor import check_index
from index.operations.read import (
    list_removed,
    list_roots,
    name_store,
    open_snapshot,
    refresh,
    require_current,
)
from index.operations.remove import remove_documents
from index.operations.repair import Repair, repair_index
from index.operations.rollback import restore_index
from index.operations.update import plan_update, update_index
from index.page_text import PageLayout, PageLine
from index.snapshots.snapshot import Snapshot
from index.snapshots.vocabulary import find_terms
from index.text.languages import DEFAULT_LANGUAGE
from index.text.markup import readable, split_readable
from index.text.postings import BM25_LIMIT, TermWeight, distinct_terms, split_terms
from index.text.structure import Structure, announces
from index.text.superscripts import strip_mark
from index.text.tables import Table, TableRow, read_tables
from index.types import (
    LEVELS,
    Block,
    Document,
    DocumentRecord,
    Failure,
    Level,
    OnProgress,
    Part,
    Place,
    PlacedBlock,
    Progress,
    Role,
    Selection,
    StoredSentence,
)
from index.web.addresses import is_address, split_sources
from index.web.kept import find_kept
from index.web.options import WebOptions

__all__ = [
    "AUTO_MODEL",
    "BM25_LIMIT",
    "BUNDLED_MODEL",
    "DEFAULT_DATABASE",
    "DEFAULT_LANGUAGE",
    "DEFAULT_TENANT",
    "FORMATS",
    "LEVELS",
    "MULTILINGUAL_MODEL",
    "OWN_MODELS",
    "SLOW_FUSION",
    "UPLOADS",
    "Block",
    "Document",
    "DocumentError",
    "DocumentParser",
    "DocumentRecord",
    "EmptyDocumentError",
    "Encoder",
    "Failure",
    "FootnoteError",
    "Level",
    "Limits",
    "ModelError",
    "ModelIdentity",
    "ModelMismatchError",
    "ModelUnavailableError",
    "NoDocumentsError",
    "OnProgress",
    "Outline",
    "PageLayout",
    "PageLine",
    "PageReader",
    "Part",
    "PassageText",
    "Place",
    "PlacedBlock",
    "Plan",
    "Progress",
    "Repair",
    "Report",
    "Role",
    "Rows",
    "Scores",
    "Selection",
    "Server",
    "Snapshot",
    "SourceError",
    "StoreBrokenError",
    "StoreBusyError",
    "StoreError",
    "StoreMissingError",
    "StoreNotWritableError",
    "StoreOutdatedError",
    "StoreUnreachableError",
    "StoredSentence",
    "Structure",
    "Table",
    "TableRow",
    "TermWeight",
    "Threads",
    "UnknownFormatError",
    "UnreadableDocumentError",
    "Vectors",
    "WebOptions",
    "WordEmbeddings",
    "announces",
    "attach",
    "check_index",
    "copy_index",
    "count_cores",
    "current_id",
    "distinct_terms",
    "find_bundled_model",
    "find_kept",
    "find_model",
    "find_terms",
    "has_number",
    "is_address",
    "is_changed",
    "join_lines",
    "known_suffixes",
    "leave_behind",
    "list_removed",
    "list_roots",
    "load_encoder",
    "load_words",
    "name_store",
    "one_line",
    "open_snapshot",
    "plan_update",
    "read_tables",
    "read_unchanged",
    "readable",
    "refresh",
    "remove_documents",
    "repair_index",
    "require_current",
    "require_process",
    "restore_index",
    "split_readable",
    "split_sources",
    "split_terms",
    "strip_mark",
    "trim_memory",
    "update_index",
    "watch_forks",
    "watch_paths",
    "write_atomically",
]
