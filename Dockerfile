# The server in an image: set up as on any machine, run by a user who owns nothing but the workspace and the cache. docs/deployment.md
FROM node:26-bookworm-slim

RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3 python3-venv tini \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY . .

# Locks name every package by its hash; kernels are compiled now, so that no start waits for them.
RUN npm run setup \
 && npm cache clean --force \
 && ln -s /app/apps/cli/bin/quantbot.mjs /usr/local/bin/quantbot

# The program belongs to root and is read only. A new volume begins with what the image has at its place:
# an empty workspace, and kernels, which are compiled again there if the processor is another one.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /workspace --shell /usr/sbin/nologin quantbot \
 && mkdir -p /workspace /var/cache/quantbot \
 && cp -a .cache/numba /var/cache/quantbot/numba \
 && chown -R quantbot:quantbot /workspace /var/cache/quantbot

USER quantbot
WORKDIR /workspace
RUN quantbot init .

ENV NODE_ENV=production \
    PYTHONDONTWRITEBYTECODE=1 \
    QUANTBOT_CACHE_DIR=/var/cache/quantbot \
    QUANTBOT_HOST=0.0.0.0 \
    QUANTBOT_AUTH=keys \
    PORT=3001

VOLUME ["/workspace", "/var/cache/quantbot"]
EXPOSE 3001
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# The first process must pass signals on and bury the processes of engines that were killed.
ENTRYPOINT ["tini", "--", "quantbot"]
CMD ["serve"]
