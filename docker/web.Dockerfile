# The web app and the Caddy that serves it and passes the API on.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY server/package.json server/
COPY web/package.json web/
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --workspace @clientshare/web --include-workspace-root=false --omit=dev --no-audit --no-fund
COPY tsconfig.base.json ./
COPY docs/api docs/api
COPY web web
RUN cd web && node ../node_modules/@hey-api/openapi-ts/bin/run.js --silent --no-log-file && node ../node_modules/vite/bin/vite.js build

FROM caddy:2 AS caddy
# A copy has no file capability, which a container without capabilities may not execute.
RUN cp /usr/bin/caddy /tmp/caddy

FROM debian:bookworm-slim
COPY --from=caddy /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=caddy /tmp/caddy /usr/local/bin/
RUN groupadd --gid 1000 caddy && useradd --uid 1000 --gid caddy --no-create-home caddy \
    && mkdir -p /data /config /srv/storage && chown caddy:caddy /data /config
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
COPY --from=build /app/web/dist /srv/web
COPY docker/Caddyfile docker/web-app.caddy docker/downloads.caddy docker/web.sh /etc/caddy/
USER 1000:1000
EXPOSE 80 443 443/udp
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/2080 && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
# Last: a new commit makes only these anew.
ARG VERSION
ARG COMMIT
LABEL org.opencontainers.image.title="ClientShare web" \
      org.opencontainers.image.description="The web app of ClientShare and the Caddy that serves it" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"
CMD ["bash", "/etc/caddy/web.sh"]
