#!/usr/bin/env bash
# Proves the front door: a bare Debian 12 (debootstrap, chroot), a clone of the last commit, `make run` until measurements and
# windows can be read over HTTP, then `make test`. Prints the times; ends with 0 only if all of it went well.
#   sudo deploy/test-fresh.sh [folder]     the folder (default: a new one in /var/tmp) is deleted afterwards
# Needs root, debootstrap, 10 GB and a free port 8080. The bare system gets /proc, /dev, the host's resolver and its CA
# certificates, and git and make; everything else is installed by make. DEBIAN_MIRROR: another mirror.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || { echo "test-fresh: run this as root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "test-fresh: debootstrap is missing: apt install debootstrap" >&2; exit 2; }
mirror="${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
root="${1:-$(mktemp -d /var/tmp/lenne-fresh.XXXXXX)}"
mkdir -p "$root"
root="$(cd "$root" && pwd)"
log="$PWD/build/test-fresh.log"
mkdir -p build
: >"$log"
page=http://127.0.0.1:8080
run_pid=""

say() { printf '%s (%ss)\n' "$1" "$SECONDS"; }
inside() { # command…: in the bare system, with nothing of this shell's environment but where certificates are
  env -i HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt chroot "$root" "$@"
}
stop_run() {
  [ -n "$run_pid" ] || return 0
  kill -INT -- "-$run_pid" 2>/dev/null || true
  for _ in $(seq 50); do kill -0 -- "-$run_pid" 2>/dev/null || break; sleep 0.2; done
  kill -KILL -- "-$run_pid" 2>/dev/null || true
  run_pid=""
}
clean() {
  stop_run
  umount "$root/proc" 2>/dev/null || true
  umount -R "$root/dev" 2>/dev/null || true
  # Never through a mount that is still there.
  mountpoint -q "$root/proc" || mountpoint -q "$root/dev" || rm -rf --one-file-system "$root"
}
failed() { echo "test-fresh: $1; all output: $log"; tail -n 30 "$log"; exit 1; }
trap clean EXIT
trap "exit 130" INT TERM

if curl -fsS -o /dev/null "$page" 2>/dev/null; then echo "test-fresh: something else listens on port 8080" >&2; exit 2; fi

debootstrap --variant=minbase --include=ca-certificates,git,make bookworm "$root" "$mirror" >>"$log" 2>&1 || failed "debootstrap"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev" && mount --make-rslave "$root/dev"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp -L /etc/hosts "$root/etc/hosts"
if [ -d /usr/local/share/ca-certificates ]; then cp -rL /usr/local/share/ca-certificates "$root/usr/local/share/"; fi
inside update-ca-certificates >>"$log" 2>&1
# What an administrator of this host added beside Debian's own way, too.
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
git bundle create "$root/lenne.bundle" HEAD >>"$log" 2>&1
say "a bare Debian 12 is there"

cloned=$SECONDS
inside git clone -q /lenne.bundle /root/lenne >>"$log" 2>&1 || failed "git clone"
setsid env -i HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt chroot "$root" make --no-print-directory -C /root/lenne run >>"$log" 2>&1 </dev/null &
run_pid=$!
data=""
while ((SECONDS - cloned < 1800)); do
  kill -0 "$run_pid" 2>/dev/null || failed "make run ended"
  device="$(curl -fsS "$page/v1/series?measure=temperature&limit=1" 2>/dev/null | sed -n 's/.*"dev_eui":"\([0-9a-f]*\)".*/\1/p')" || true
  [ -n "$device" ] && data="$(curl -fsS "$page/v1/agg?measure=temperature&res=15m&device=$device" 2>/dev/null || true)"
  [[ "$data" == *'"count":'[1-9]* ]] && break
  sleep 2
done
[[ "$data" == *'"count":'[1-9]* ]] || failed "no data over HTTP within half an hour"
curl -fsS "$page/" | grep -q '<title>' || failed "no page"
run_seconds=$((SECONDS - cloned))
say "make run: the page has data $run_seconds s after the clone"
stop_run

started=$SECONDS
inside make --no-print-directory -C /root/lenne test >>"$log" 2>&1 || failed "make test"
test_seconds=$((SECONDS - started))
result="$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)"
say "make test: $result in $test_seconds s"
printf 'fresh Debian 12, %s cores: data after %s s, tests in %s s, %s\n' "$(nproc)" "$run_seconds" "$test_seconds" "$result"
