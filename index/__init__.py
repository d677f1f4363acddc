"""Files -> a searchable snapshot. What other packages may use is named here, and only this."""

from index.build import plan_update, update_index
from index.doctor import check_index, is_changed
from index.embedding import BUNDLED_MODEL, Encoder, ModelIdentity, load_encoder
from index.errors import (
    DocumentError,
    EmptyDocumentError,
    FootnoteError,
    ModelError,
    ModelMismatchError,
    ModelUnavailableError,
    SourceError,
    StoreBrokenError,
    StoreBusyError,
    StoreError,
    StoreMissingError,
    StoreNotWritableError,
    UnknownFormatError,
    UnreadableDocumentError,
    one_line,
)
from index.lexical import TermWeight, split_terms
from index.manifest import current_id, require_current
from index.snapshot import Selection, Snapshot, StoredSentence, open_snapshot
from index.types import (
    Block,
    Document,
    DocumentRecord,
    Failure,
    Level,
    OnProgress,
    Plan,
    Progress,
    Report,
    Role,
    Rows,
    Scores,
    Vectors,
)
