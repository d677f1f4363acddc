"""Documents in a document: members of an archive, and what is attached to the messages in it."""

from __future__ import annotations

from index.documents.content import ContentBuilder, ContentError
from index.documents.formats import load_content


def add_inner(builder: ContentBuilder, data: bytes, name: str, heading: str, level: int) -> bool:
    """Append a document below a heading that names it; return whether it has text.

    `name` is its file name. If it is a message, the documents attached to it follow. What could not
    be read of it becomes a remark of the builder, because no document may lose the others. Only
    `MemoryError` is raised.
    """
    try:
        content = load_content(data, name)[1]
    except MemoryError:
        raise
    except ContentError as error:
        builder.note(f"{heading} {error.problem}: {error.remedy}", error.needs)
        return False
    except Exception as error:  # noqa: BLE001 - whatever error the parser raises
        builder.note(f"{heading} is not readable ({type(error).__name__})")
        return False
    if not content.blocks:
        builder.note(f"{heading} holds no text: {content.empty_remedy}", content.needs)
        return False
    builder.include(content, heading, level)
    if content.remark or content.needs:
        builder.note(f"{heading}: {content.remark}", content.needs)
    for each in content.attachments:
        add_inner(builder, each.data, each.name, f"{heading}/{each.name}", min(level + 1, 6))
    return True
