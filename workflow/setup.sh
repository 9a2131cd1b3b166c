#!/bin/sh
# Makes .venv in the project folder and installs into it exactly what requirements.lock names: what a
# study needs. `setup.sh dev` installs what requirements-dev.lock names beside it (tests, checks,
# documentation); with `cluster` it is .venv-cluster, with requirements-cluster.lock.
# Called by the Makefile, which keeps all caches in .cache; safe to stop and to run again.
set -u

lock=requirements.lock
locks=$lock
venv=.venv
for group; do
    locks="$locks requirements-$group.lock"
    [ "$group" != cluster ] || venv=.venv-cluster
done
made=$venv/made # says where $venv was made: its scripts break when the folder is moved
python=$venv/bin/python
log=.cache/setup.log
supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

fail() {
    echo "Set-up stopped: $1" >&2
    exit 1
}

trap 'echo "Set-up stopped; run the same command again to go on." >&2; exit 130' INT TERM

works() { "$1" -c "$supported" >/dev/null 2>&1; }

usable() { [ "$(cat $made 2>/dev/null)" = "$PWD" ] && works $python; }

# A copy of each lock, written last, says what $venv holds for sure.
holds() { for one in $locks; do cmp -s $one $venv/$one || return; done; }

usable && holds && exit 0

case $PWD in
*:*) fail "Python environments cannot live in a folder with a colon in its path; rename $PWD." ;;
esac
for one in $locks; do
    [ -r "$one" ] || fail "$one is missing; get it back with: git checkout $one"
done
# `true`, as a failed redirection of `:` would end the shell before it can explain.
{ mkdir -p .cache && true >$log; } || fail "this folder cannot be written to, or the disk is full; see the line above."

free_kb() { df -Pk . | awk 'NR == 2 { for (i = 2; i <= NF; i++) if ($i ~ /%$/) { print $(i - 1); exit } }'; }

log_says() { grep -Eiq "$1" $log; }

# Runs a step with its output in the log; $1 says what it does, the rest is the command.
step() {
    what=$1
    shift
    echo "Set-up: $what"
    "$@" >>$log 2>&1 && return
    [ $? -lt 128 ] || exit 130
    details="(details: $log)"
    if log_says 'no space left|disk quota exceeded|os error 28' || [ "$(free_kb)" -lt 10240 ]; then
        fail "the disk is full; free some space (2 GB are needed) and run the same command again $details."
    elif log_says 'ensurepip|no module named .?(venv|pip)'; then
        fail "this Python cannot make environments; install its venv package (Debian, Ubuntu: sudo apt install python3-venv) and run the same command again $details."
    elif log_says 'do not match the hashes|hash mismatch'; then
        fail "a downloaded package is not the one $lock names; the download was damaged or changed on the way, so try again or from another network $details."
    elif log_says 'from versions: none|connection|network|dns|name resolution|timed? ?out|error sending request|failed to fetch|proxy'; then
        fail "the package registry cannot be reached; check the network (or proxy) and run the same command again $details."
    fi
    fail "$what failed $details."
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        works "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13."
        return
    fi
    for PYTHON in python3 python3.13 python3.12 python3.11; do
        works "$PYTHON" && return
    done
    found=$(python3 --version 2>/dev/null) || found="no python3"
    fail "Python 3.11, 3.12 or 3.13 is needed, and there is $found here; install one, or name it: make PYTHON=/path/to/python3.12"
}

# The lock's own entry for uv, so that the installer is pinned like all that it installs.
uv_entry() { awk '/^[^ #]/ { inside = /^uv==/ } inside' $lock; }

if ! usable; then
    find_python
    step "making $venv with $("$PYTHON" --version)" "$PYTHON" -m venv --clear $venv
    echo "$PWD" >$made
fi

rm -f $venv/requirements*.lock
uv_entry >.cache/uv.lock
[ -s .cache/uv.lock ] || fail "$lock has no entry for uv; make it again with: make lock"
# pip and setuptools come with Python, and are in no lock: once pip has got the installer, both go.
$python -m pip --version >>$log 2>&1 || step "getting pip back" $python -m ensurepip
step "getting the installer" $python -m pip install --no-deps --only-binary :all: --require-hashes -r .cache/uv.lock
step "installing $(cat $locks | grep -c '^[^ #]') packages (the first time takes a minute or two)" \
    $python -m uv pip sync --python $python --require-hashes --only-binary :all: --compile-bytecode $locks
$python -m uv pip uninstall --python $python pip setuptools >>$log 2>&1
cp $locks $venv/ || fail "the disk is full; free some space and run the same command again."
echo "Set-up: done"
