#!/bin/sh
# Puts the token that comes on standard input in place of an account's old one: rotate.sh FOLDER APPID
set -eu
umask 077
new=$(mktemp "$1/.new-XXXXXX")
cat >"$new"
mv -f "$new" "$1/$2"
