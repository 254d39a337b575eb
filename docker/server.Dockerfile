# The server and its commands: `clientshare --help` lists them, `serve` is the default. Node runs its TypeScript as it is.
FROM node:24-bookworm-slim AS modules
# What only a debugger reads in it: 18 MB.
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends binutils >/dev/null && strip --strip-all /usr/local/bin/node
WORKDIR /app
COPY package.json package-lock.json ./
COPY server/package.json server/
COPY web/package.json web/
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --workspace @clientshare/server --include-workspace-root=false --omit=dev --no-audit --no-fund \
    && find node_modules/drizzle-orm -name '*.cjs' -delete \
    && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.bc.js' -o -name '*.md' ! -iname 'licen*' \) -delete \
    && rm -rf node_modules/@types node_modules/yaml/browser node_modules/imapflow/dist/cjs node_modules/luxon/src node_modules/luxon/build/amd node_modules/luxon/build/cjs-browser node_modules/luxon/build/global \
    && find node_modules -name package.json -printf '%h\0' | sort -z | xargs -0 -I{} rm -rf {}/test {}/tests {}/docs {}/example {}/examples {}/benchmark {}/benchmarks

FROM node:24-bookworm-slim AS sources
WORKDIR /app
COPY server server
RUN find server -type f \( -name '*.test.ts' -o -name '*.soak.ts' -o -name '*.contract.ts' -o -name '*.fixture.ts' \) -delete && rm -rf server/acceptance server/bench server/test

FROM debian:bookworm-slim
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --no-create-home node \
    && mkdir /data /cache && chown node:node /data /cache
# Node alone: nothing here installs anything.
COPY --from=modules /usr/local/bin/node /usr/local/bin/
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY package.json ./
COPY migrations migrations
COPY --from=sources /app/server server
COPY docker/init.ts docker/healthcheck.ts docker/
COPY --chmod=0755 docker/clientshare.sh /usr/local/bin/clientshare
USER 1000:1000
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data NODE_COMPILE_CACHE=/cache CLIENTSHARE_COMMAND=clientshare
# Loads every module once, so that each start finds them compiled (it ends by naming the settings that are missing).
RUN clientshare serve 2>/dev/null; test $? -eq 78 && test -n "$(ls /cache)"
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["node", "docker/healthcheck.ts"]
# Last: a new commit makes only these anew.
ARG VERSION
ARG COMMIT
ENV CLIENTSHARE_COMMIT=$COMMIT
LABEL org.opencontainers.image.title="ClientShare server" \
      org.opencontainers.image.description="The API, the jobs and the commands of ClientShare" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"
ENTRYPOINT ["clientshare"]
CMD ["serve"]
