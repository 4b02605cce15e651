#!/usr/bin/env bash
# stage.sh: a machine of its own to run the commands of a page on; the real one sees nothing of it.
#
# Runs as root in new namespaces: network, mounts, processes. $1 is a folder with blocks/ and
# steps, and gets out/; $2 is the checkout, which nothing that is done in it changes.
set -eu
stage=$1
checkout=$2
mount --make-rprivate /
ip link set lo up

# The reader's machine: its folders are copies, or empty.
copy=$(mktemp -d "$stage/etc.XXXX")
mount -t tmpfs -o mode=755 none "$copy"
cp -a /etc/. "$copy"
mount --move "$copy" /etc
for folder in /run /srv /var/log /var/lib/nginx /var/lib/haproxy; do
  if [ -d "$folder" ]; then mount -t tmpfs -o mode=755 none "$folder"; fi
done
mkdir -p /var/log/nginx /run/sshd
changes=$(mktemp -d "$stage/changes.XXXX")
mount -t tmpfs -o mode=755 none "$changes"
mkdir "$changes/upper" "$changes/work"
mount -t overlay -o "lowerdir=$checkout,upperdir=$changes/upper,workdir=$changes/work" none "$checkout"
chmod 711 "$stage"
export HOME=$stage/home npm_config_prefix=$stage/prefix npm_config_update_notifier=false
export PATH=$stage/prefix/bin:$PATH
unset XDG_CACHE_HOME XDG_DATA_HOME XDG_CONFIG_HOME HOST PORT
mkdir -p "$HOME" "$stage/page" "$stage/out" "$stage/prefix/bin" "$stage/prefix/lib"
cd "$stage/page"
# A reader at a terminal sees no progress drawn, and is slower than a proxy that reloads.
printf '%s\n' silent 'retry = 30' 'retry-delay = 1' retry-all-errors >"$HOME/.curlrc"
[ ! -f "$stage/before.sh" ] || . "$stage/before.sh"

running=
finish() {
  [ -n "$running" ] || return 0
  kill -INT -- "-$running" 2>/dev/null || :
  wait "$running" 2>/dev/null || :
  running=
}

serve() { # block, folder
  finish
  set -m
  (cd "$2" && . "$stage/blocks/$1.sh") >"$stage/out/$1" 2>&1 </dev/null &
  running=$!
  set +m
  for _ in $(seq 600); do
    ! grep -qE '^cdbserve (started: |[0-9.]+: preview of )' "$stage/out/$1" || return 0
    kill -0 "$running" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

run() { # block, folder
  (set -eo pipefail; cd "$2"; . "$stage/blocks/$1.sh") >"$stage/out/$1" 2>&1 </dev/null
}

# Lines: kind, number of the block, folder to be in, exit code.
while read -r kind block folder exit; do
  code=0
  set +e
  "$kind" "$block" "$folder"
  code=$?
  set -e
  echo "$code" >"$stage/out/$block.code"
  [ "$code" = "$exit" ] || break
done <"$stage/steps"
finish
