# The window, the command line and the models, for a server without a GPU and without a network.
# The digest belongs to 3.12.14 (all platforms); renew it with the tag.
FROM python:3.12-slim-bookworm@sha256:782412e85d0f0984994c290652577d4018aff08145c85b262bb63dc0c7522254 AS build
WORKDIR /src
COPY . .
# torch from its own index: the build on PyPI includes gigabytes of GPU libraries.
ENV PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu PIP_NO_CACHE_DIR=1
RUN deploy/install.sh /opt/footnote

FROM python:3.12-slim-bookworm@sha256:782412e85d0f0984994c290652577d4018aff08145c85b262bb63dc0c7522254
RUN useradd --system --uid 10001 --home-dir /data --create-home footnote
COPY --from=build /opt/footnote /opt/footnote
ENV PATH=/opt/footnote/bin:$PATH \
    XDG_CACHE_HOME=/opt/footnote/cache \
    MALLOC_ARENA_MAX=2 \
    RAG_STORE=/data/index \
    RAG_DOCUMENTS=/documents \
    RAG_LOG_JSON=true
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7860/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["rag"]
# Without RAG_AUTH or --no-auth the window does not start, because everyone who can reach the port
# could read the documents.
CMD ["chat", "--host", "0.0.0.0"]
