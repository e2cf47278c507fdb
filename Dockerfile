# The running system: one image for web, worker and commands. Only /data and /tmp are written.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
WORKDIR /app
COPY requirements-run.lock ./
RUN /venv/bin/pip install --require-hashes -r requirements-run.lock
COPY . .
RUN /venv/bin/pip install --no-deps --no-build-isolation -e . \
    && /venv/bin/python -m intents.train \
    && /venv/bin/python -m compileall -q /app

FROM python:3.11-slim
COPY --from=build /venv /venv
COPY --from=build /app /app
# A number, so that a platform can see that it is not root. The folder gives its owner to a new volume.
RUN install -d -o 10001 -g 10001 -m 700 /data
ENV PATH=/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PRIVACYDESK_HOST=0.0.0.0 \
    PRIVACYDESK_PORT=8000 \
    PRIVACYDESK_DATA_DIR=/data
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["privacydesk"]
CMD ["run"]
