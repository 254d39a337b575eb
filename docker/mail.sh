#!/bin/bash
# The settings become a file that only this user reads; the password stays in the environment.
set -eu
: "${MAIL_RELAY_HOST:?is not set}"
umask 077
cat >/tmp/msmtprc <<SETTINGS
account default
host $MAIL_RELAY_HOST
port ${MAIL_RELAY_PORT:-587}
tls on
tls_starttls $([ "${MAIL_RELAY_PORT:-587}" = 465 ] && echo off || echo on)
auth $([ -n "${MAIL_RELAY_USER:-}" ] && echo on || echo off)
${MAIL_RELAY_USER:+user $MAIL_RELAY_USER}
${MAIL_RELAY_USER:+passwordeval printenv MAIL_RELAY_PASSWORD}
${MAIL_FROM:+from $MAIL_FROM}
SETTINGS
exec msmtpd --interface=0.0.0.0 --port=2525 --command='msmtp --file=/tmp/msmtprc --from=%F --'
