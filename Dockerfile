# One image for web, worker and beat. Everything third-party comes from the hashed locks.
FROM python:3.12-slim-trixie AS build
WORKDIR /srv/registry
ENV UV_PROJECT_ENVIRONMENT=/srv/registry/.venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
COPY pyproject.toml uv.lock requirements-uv.lock ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
    && .venv/bin/uv sync --frozen --no-cache --no-default-groups --extra s3
COPY . .
# Node is needed for this one step and stays out of the image.
RUN python -m venv /tmp/node \
    && /tmp/node/bin/pip install --no-cache-dir --require-hashes -r requirements-front.lock \
    && PATH=/tmp/node/bin:$PATH npm ci --ignore-scripts --omit=optional --no-audit --no-fund \
    && PATH=/tmp/node/bin:$PATH node front/build.mjs \
    && rm -rf node_modules /tmp/node
# Static files with hashed names. The values are needed to read the settings and are used for nothing.
RUN SECRET_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    STATIC_ROOT=/srv/static .venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.12-slim-trixie
# pg_dump and pg_restore, of the same version as the server in compose.yaml.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --home-dir /var/lib/registry registry \
    && install -d -o registry -g registry -m 0700 /var/backups/registry
WORKDIR /srv/registry
COPY --from=build /srv/registry /srv/registry
COPY --from=build /srv/static /srv/static
ENV PATH=/srv/registry/.venv/bin:$PATH PYTHONUNBUFFERED=1 LOCAL_DIR=/var/lib/registry STATIC_ROOT=/srv/static
USER registry
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "centre.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", \
     "--threads", "8", "--access-logfile", "-", "--no-control-socket"]
