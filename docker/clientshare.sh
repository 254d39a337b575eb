#!/bin/sh
# `clientshare`, in the image's PATH. The flags are those of scripts/lib/server-flags.ts, which says why.
exec node --max-semi-space-size=2 --initial-old-space-size=96 /app/server/src/main.ts "$@"
