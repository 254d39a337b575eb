#!/bin/bash
# Runs Caddy. After a stop it waits, for 10 s at most, until clients have read what Caddy wrote: when a container ends, its network
# goes, and the last megabytes of a download, which stand in the kernel's queues, would go with it.

# The server takes commas too.
export TRUSTED_PROXIES=${TRUSTED_PROXIES//,/ }
for entry in $TRUSTED_PROXIES; do
  case $entry in loopback | linklocal | uniquelocal)
    echo "TRUSTED_PROXIES has “$entry”: that is the one next to the server, which is Caddy here. Name the proxy in front by its address, its network or private_ranges." >&2
    exit 78
    ;;
  esac
done

caddy run --config /etc/caddy/Caddyfile --adapter caddyfile &
caddy=$!
stopped=
trap 'stopped=yes; kill -TERM "$caddy" 2>/dev/null' TERM INT
while :; do
  wait "$caddy"
  code=$?
  kill -0 "$caddy" 2>/dev/null || break
done

# Of ports 80 and 443, in hexadecimal: FIN_WAIT1, FIN_WAIT2, LAST_ACK, CLOSING.
unread() {
  local port state
  while read -r _ port _ state _; do
    case ${port##*:}-$state in 0050-0[459B] | 01BB-0[459B]) return 0 ;; esac
  done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  return 1
}
for _ in {1..50}; do
  [ -n "$stopped" ] && unread || break
  sleep 0.2
done
exit "$code"
