#!/bin/sh
# Make the secrets of a new installation, once: deploy/secrets, closed to other accounts of this machine.
set -eu
folder="$(dirname "$0")/secrets"
if [ -e "$folder" ]; then
    echo "$folder 已存在，未作更改 / is there already; nothing was changed"
    exit 1
fi
mkdir -m 0700 "$folder"
random() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
random > "$folder/secret_key"
random > "$folder/field_key"
: > "$folder/field_key_previous"
: > "$folder/sms_token"
password="$(random | tr -dc 'A-Za-z0-9')"
printf '%s' "$password" > "$folder/postgres_password"
printf 'postgresql://chizheng:%s@postgres/chizheng' "$password" > "$folder/database_url"
# The folder keeps others out; the files are read by the accounts inside the containers.
chmod 0444 "$folder"/*
echo "已生成 $folder，请另行妥善备份：丢失 field_key 即无法解密身份证号 / made; keep a copy apart from the backups: without field_key the ID numbers cannot be read"
