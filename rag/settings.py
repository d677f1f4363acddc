"""The settings, from arguments, the environment (``RAG_…``) and ``rag.toml``, in this order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, PositiveInt, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from index import AUTO_MODEL, DEFAULT_DATABASE, DEFAULT_TENANT, Server, WebOptions
from rag.errors import SettingsError

EXTRACTIVE = "extractive"


class Settings(BaseSettings):
    """All settings. Their values are plain strings, numbers and paths.

    Raises `SettingsError` for an invalid value and for an invalid rag.toml.
    """

    model_config = SettingsConfigDict(
        env_prefix="RAG_", toml_file="rag.toml", frozen=True, extra="forbid"
    )

    documents: Path | None = None
    """Folder or file that `rag index` reads; by default what the index was made of, else `seeds`"""
    store: Path = Path(".rag")
    """Folder of the index."""
    embedding_model: str = AUTO_MODEL
    """Name or folder of a sentence-transformers model; `auto` takes a model that ships."""
    ocr_pages: PositiveInt = 500
    """Pages of a file whose text is recognised in pictures, at most."""
    ocr_seconds: PositiveInt = 1800
    """Seconds after which no further page of a file is recognised."""
    reranker: str | None = None
    """Name or folder of a sentence-transformers CrossEncoder that reorders the results."""
    chat_model: str = EXTRACTIVE
    """Who writes the answers: `extractive` quotes, `provider:model` is a chat model."""
    chat_base_url: str | None = None
    """URL of the server of the chat model, for your own server or Ollama."""
    prompts: Path | None = None
    """Folder of your own prompt templates."""
    strict: bool = False
    """Leave out sentences of a chat model that no source supports; by default they are marked."""
    claim_support: Annotated[float, Field(gt=0, lt=1)] = 0.4
    """How well a source must support what a chat model wrote, 0 to 1: higher is stricter."""
    split_questions: bool = False
    """Let the chat model split questions that ask for several things; one more request each."""
    auth: Path | None = None
    """File of names and hashed passwords for the window, made with `rag login`."""
    admins: str = ""
    """Logins that may see the page about the window's operation, separated by commas."""
    keep_questions: bool = False
    """Keep the text of questions for the page about the window's operation."""
    questions_mb: PositiveInt = 20
    """Disk space for what was asked, in MB; the oldest half is deleted when it is full."""
    questions_days: PositiveInt = 90
    """Days until what was asked is deleted."""
    hosts: str = ""
    """Host names of the window besides localhost, separated by commas."""
    openai_api: bool = False
    """Offer the documents to other programs as a model with OpenAI's protocol, at `/v1`."""
    conversations: bool = True
    """Store conversations beside the index; if false, the browser keeps only the last one."""
    web_private: str = ""
    """Hosts in private networks whose pages may be indexed, separated by commas."""
    web_pages: PositiveInt = 200
    """The most pages that are read of a site map."""
    web_mb: PositiveInt = 20
    """Largest web page, in MB."""
    max_request_kb: PositiveInt = 64
    """Largest request to the window, except uploads, in kB."""
    unread_mb: PositiveInt = 200
    """Memory for answers that were asked for and not fetched, in MB; the oldest are dropped."""
    max_file_mb: PositiveInt = 200
    """Largest file that can be uploaded, in MB."""
    visitor_uploads_mb: PositiveInt = 1000
    """Uploads per visitor and day, in MB."""
    uploads_mb: PositiveInt = 5000
    """Disk space for all uploaded documents, in MB."""
    visitor_conversations_mb: PositiveInt = 20
    """Disk space for the conversations of one visitor, in MB; the oldest are deleted first."""
    conversations_mb: PositiveInt = 200
    """Disk space for all conversations, in MB; when it is full, no more are stored."""
    conversations_days: PositiveInt = 365
    """Days after its last question until a conversation is deleted."""
    visitor_notes_mb: PositiveInt = 5
    """Disk space for the notes of one visitor, in MB; when it is full, no more are stored."""
    notes_mb: PositiveInt = 50
    """Disk space for all notes, in MB; when it is full, no more are stored."""
    notes_days: PositiveInt = 365
    """Days after its last change until a note is deleted."""
    visitor_ratings: PositiveInt = 200
    """Ratings and comments per visitor and day."""
    feedback_mb: PositiveInt = 20
    """Largest size of the feedback file, in MB; when it is full, no more feedback is stored."""
    log_json: bool = False
    """Write the window's log as JSON lines, one line per question included."""
    chroma_url: str | None = None
    """URL of a Chroma server that holds the index; the store's folder is then a copy of it."""
    chroma_token: SecretStr | None = None
    """Token that the Chroma server, or a proxy in front of it, requires."""
    chroma_tenant: str = DEFAULT_TENANT
    """The tenant on the server."""
    chroma_database: str = DEFAULT_DATABASE
    """The database on the server: one for each index."""
    chroma_ca: Path | None = None
    """File of certificates to trust, for a server with a self-signed certificate."""

    chroma_insecure: bool = False
    """Allow http to a Chroma server on another machine; others on the way can change the index."""

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise SettingsError(
                f"the setting {name} cannot be used ({first['msg']})",
                "check the arguments, the RAG_ environment variables and rag.toml",
            ) from error
        except ValueError as error:  # rag.toml is not valid TOML
            problem = f"rag.toml cannot be read ({error})"
            raise SettingsError(problem, "correct or remove it") from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then rag.toml."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**values: Any) -> Settings:
    """Return the settings; `None` leaves a value to the environment. Raises `SettingsError`."""
    settings = Settings(**{name: value for name, value in values.items() if value is not None})
    if settings.chroma_url is not None:
        make_server(settings, settings.chroma_url)
    return settings


def make_server(settings: Settings, url: str) -> Server:
    """Return the server at a URL, with the configured options. Raises `SettingsError`."""
    try:
        address = urlsplit(url)
        ours = address.scheme in ("http", "https") and bool(address.hostname)
        plain = not (address.username or address.query or address.path.strip("/"))
        sound = ours and plain and address.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise SettingsError(
            "the address of the Chroma server cannot be used",
            "write http://HOST:PORT or https://HOST:PORT; a token goes into RAG_CHROMA_TOKEN",
        )
    if settings.chroma_ca is not None and not settings.chroma_ca.is_file():
        raise SettingsError(f"{settings.chroma_ca} is not a file", "correct RAG_CHROMA_CA")
    token = settings.chroma_token
    return Server(
        f"{address.scheme}://{address.netloc}",
        settings.chroma_tenant,
        settings.chroma_database,
        str(settings.chroma_ca.resolve()) if settings.chroma_ca else None,
        settings.chroma_insecure,
        token.get_secret_value() if token else None,
    )


def make_web(settings: Settings) -> WebOptions:
    """Return the limits for web pages."""
    hosts = (host.strip().lower() for host in settings.web_private.split(","))
    private = tuple(host for host in hosts if host)
    return WebOptions(private, settings.web_pages, settings.web_mb * 2**20)
