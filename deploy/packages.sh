#!/bin/sh
# Install the Debian packages that are missing: deploy/packages.sh run|test
# Costs nothing when all are there. Uses sudo when not root, and says so plainly when neither is possible.
set -eu

run="python3-venv mmdebstrap debian-archive-keyring libsndfile1"
# sip-tester: SIPp. chromium: the browser phones. postgresql: the suite runs on both databases. sox: a second opinion on audio.
test="sip-tester chromium postgresql sox libsox-fmt-all fonts-noto-cjk iproute2"

case "${1:-}" in
run) wanted=$run ;;
test) wanted="$run $test" ;;
*) echo "usage: deploy/packages.sh run|test" >&2; exit 2 ;;
esac

[ -z "${SKIP_PACKAGES:-}" ] || exit 0

command -v apt-get >/dev/null || {
	echo "This is no Debian or Ubuntu system (no apt-get). Install these by hand, then run make again with SKIP_PACKAGES=1: $wanted" >&2
	exit 1
}

# An Asterisk on PATH that is new enough is used as it is; then nothing has to be fetched.
if (cd "$(dirname "$0")/.." && "${PYTHON:-python3}" -m hotline.onebox.distribution) 2>/dev/null; then
	wanted=$(echo "$wanted" | sed 's/mmdebstrap//')
fi

missing=""
for package in $wanted; do
	dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "Missing packages:$missing. Run as root: apt-get install$missing" >&2
		exit 1
	}
	as_root=sudo
fi
echo "Installing packages:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Another package tool may hold the lock for a while; wait for it instead of failing.
$as_root apt-get -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 &&
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing >>"$log" 2>&1 || {
	tail -n 20 "$log" >&2
	echo "The packages could not be installed; the lines above say why. Missing:$missing" >&2
	exit 1
}
