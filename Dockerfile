# One image, two commands: `chizheng serve` and `chizheng worker` (and `chizheng db migrate`, once, before them).
# It needs no package of the system, runs as an account without rights, and on a root that cannot be written to.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt .
RUN python -m venv --without-pip /opt/chizheng/venv \
    && python -m pip --python /opt/chizheng/venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --root-user-action ignore --require-hashes --only-binary :all: -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/chizheng/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CHIZHENG_MODE=production \
    CHIZHENG_HOST=0.0.0.0 \
    CHIZHENG_DATA_FOLDER=/var/lib/chizheng \
    CHIZHENG_ANCHOR_FOLDER=/var/lib/chizheng-anchors
RUN groupadd --gid 10001 chizheng \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin chizheng \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/chizheng /var/lib/chizheng-anchors \
    && printf '#!/bin/sh\nexec python -m app.cli "$@"\n' > /usr/local/bin/chizheng \
    && chmod 0755 /usr/local/bin/chizheng
COPY --from=build /opt/chizheng/venv /opt/chizheng/venv
WORKDIR /opt/chizheng
COPY alembic.ini ./
COPY migrations migrations
COPY question_bank question_bank
COPY app app
RUN python -m compileall -q app question_bank migrations

USER 10001:10001
EXPOSE 8000
VOLUME ["/var/lib/chizheng", "/var/lib/chizheng-anchors"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["chizheng"]
CMD ["serve"]
