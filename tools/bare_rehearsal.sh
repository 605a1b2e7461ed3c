#!/usr/bin/env bash
# Rehearse on a bare Debian 12 that has Python, pip and make, and nothing else: tools/bare_rehearsal.sh [command...]
#
# Makes such a root with debootstrap (once; kept in $REHEARSAL_BASE, never written to again), puts a clean clone of HEAD
# into a layer above it and runs the command there (where none is given: make venv). `.ci/run` finds its real data if
# $REHEARSAL_DATA names the folder. What the last command left behind is in $REHEARSAL_BASE.layer.
# Needs root and the packages debootstrap and git. This machine's own settings for apt and pip are taken over at run time;
# folders they point to are named in $REHEARSAL_BIND.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

base="${REHEARSAL_BASE:-/var/tmp/chizheng-bare}"
if [ "${IN_OWN_MOUNTS:-}" != yes ]; then  # what is mounted below goes away with this process
    IN_OWN_MOUNTS=yes exec unshare --mount --propagation private "$0" "$@"
fi

if [ ! -e "$base/usr/bin/make" ]; then
    mirror="${REHEARSAL_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' 2>/dev/null | head -1)}"
    rm -rf "$base"
    # Signatures are apt's business; debootstrap checks them too where it knows the keys of the mirror.
    debootstrap --variant=minbase --include=python3,python3-pip,make,ca-certificates --no-check-gpg \
        bookworm "$base" ${mirror:+"$mirror"} >"$base.log" 2>&1 || { tail -5 "$base.log"; exit 1; }
fi

layer="$base.layer"
root="$base.root"
rm -rf "$layer" "$base.scratch"
mkdir -p "$layer" "$base.scratch" "$root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$layer,workdir=$base.scratch" "$root"

cp -a /etc/resolv.conf /etc/hosts "$root/etc/"
rm -rf "$root"/etc/apt/sources.list*
cp -a /etc/apt/sources.list* /etc/apt/apt.conf.d "$root/etc/apt/"
cp -a /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
for settings in /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf"; do
    if [ -e "$settings" ]; then mkdir -p "$root$(dirname "$settings")" && cp -L "$settings" "$root$settings"; fi
done
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for folder in ${REHEARSAL_BIND:-}; do
    mkdir -p "$root$folder" && mount --bind -o ro "$folder" "$root$folder"
done

place=/srv/rehearsal  # not readable by others, so that the tests' PostgreSQL has to cope with that
mkdir -p -m 0700 "$root$place"
git clone --quiet --no-local . "$root$place/main"
if [ -n "${REHEARSAL_DATA:-}" ]; then
    mkdir -p "$root$place/shared/data" && mount --bind -o ro "$REHEARSAL_DATA" "$root$place/shared/data"
fi

[ $# -gt 0 ] || set -- make venv
passed=(HOME="$HOME" PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}")
while IFS='=' read -r name value; do
    case "$name" in PIP_* | *_proxy | *_PROXY | SSL_CERT_*) passed+=("$name=$value") ;; esac
done < <(env)
time env --ignore-environment "${passed[@]}" chroot "$root" sh -c 'cd "$0" && exec "$@"' "$place/main" "$@"
