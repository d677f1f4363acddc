"""The settings: arguments win over the environment (``RAG_…``), that over ``rag.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import PositiveInt, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from index import AUTO_MODEL, DEFAULT_DATABASE, DEFAULT_TENANT, Server
from rag.errors import SettingsError

EXTRACTIVE = "extractive"


class Settings(BaseSettings):
    """What can be configured. Plain values only.

    Raises `SettingsError` for a value, or a rag.toml, that cannot be used.
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
    reranker: str | None = None
    """Name or folder of a sentence-transformers CrossEncoder that orders what was found."""
    chat_model: str = EXTRACTIVE
    """What writes the answers: `extractive` quotes, `provider:model` is a chat model."""
    chat_base_url: str | None = None
    """Address at which the chat model is served: a server of one's own, or an Ollama."""
    prompts: Path | None = None
    """Folder of templates in place of those that ship."""
    strict: bool = False
    """Leave out what a chat model writes without a source, rather than mark it."""
    auth: Path | None = None
    """File of names and hashed passwords for the window, made with `rag login`."""
    hosts: str = ""
    """Names at which the window may be reached besides localhost, separated by commas."""
    conversations: bool = True
    """Keep the window's conversations beside the index; else only in the browser, the last one."""
    max_request_kb: PositiveInt = 64
    """Largest request to the window that is no upload, in kB."""
    max_file_mb: PositiveInt = 200
    """Largest file that the window takes, in MB."""
    visitor_uploads_mb: PositiveInt = 1000
    """What a visitor of the window may upload within a day, in MB."""
    uploads_mb: PositiveInt = 5000
    """What all documents that were added in the window may take on the disk, in MB."""
    visitor_conversations_mb: PositiveInt = 20
    """What is kept of a visitor's conversations, in MB; the oldest go first."""
    conversations_mb: PositiveInt = 200
    """What all conversations may take on the disk, in MB; beyond, no more is kept."""
    conversations_days: PositiveInt = 365
    """How long a conversation is kept that is not gone on with, in days."""
    visitor_ratings: PositiveInt = 200
    """How many answers a visitor may rate or comment on within a day."""
    feedback_mb: PositiveInt = 20
    """How large the file of feedback may become, in MB; beyond, none is taken."""
    log_json: bool = False
    """Write the window's logs as lines of JSON, with one for each question."""
    chroma_url: str | None = None
    """Address of a Chroma server that holds the index; the store's folder is then its copy."""
    chroma_token: SecretStr | None = None
    """What the server, or a proxy before it, asks for."""
    chroma_tenant: str = DEFAULT_TENANT
    """The tenant on the server."""
    chroma_database: str = DEFAULT_DATABASE
    """The database on the server: one for each index."""
    chroma_ca: Path | None = None
    """File of certificates to trust, for a server whose certificate is of one's own making."""

    chroma_insecure: bool = False
    """Talk http to a Chroma server on another machine: others on the way can change the index."""

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
        except ValueError as error:  # rag.toml is not TOML
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
    """Return the server at an address, asked as is configured. Raises `SettingsError`."""
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
