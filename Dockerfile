# Built in two stages: the first has the compilers, the second what runs.
FROM node:22-bookworm-slim AS build
WORKDIR /app
# The dependencies by themselves: they stay as they are when only the program has changed.
COPY package.json package-lock.json ./
COPY src/cli/*.mjs src/cli/
RUN node src/cli/prepare.mjs --only-build
COPY config config
COPY migrations migrations
COPY src src
RUN node src/cli/prepare.mjs --only-build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git openssh-client procps tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 rotunda \
 && install -d -o rotunda -g rotunda /data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER rotunda
ENV NODE_ENV=production ROTUNDA_DATA_DIR=/data ROTUNDA_HOST=0.0.0.0 ROTUNDA_LOG_FORMAT=json
VOLUME /data
EXPOSE 7777
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.ROTUNDA_PORT || 7777) + '/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "dist/src/cli/main.js"]
CMD ["up"]
