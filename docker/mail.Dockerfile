# A relay: takes mail inside and passes it on to one mail server, at once, without keeping any.
FROM debian:bookworm-slim
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends msmtp msmtp-mta ca-certificates >/dev/null \
    && rm -rf /var/lib/apt/lists/* && useradd --uid 1002 --no-create-home mail-relay
COPY docker/mail.sh /usr/local/bin/
USER 1002
EXPOSE 2525
HEALTHCHECK --interval=30s --timeout=5s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/2525 && read -r code _ <&3 && [ \"$code\" = 220 ] && printf 'QUIT\r\n' >&3"]
# Last: a new commit makes only these anew.
ARG VERSION
ARG COMMIT
LABEL org.opencontainers.image.title="ClientShare mail" \
      org.opencontainers.image.description="A relay that passes mail on to one mail server" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"
CMD ["bash", "/usr/local/bin/mail.sh"]
