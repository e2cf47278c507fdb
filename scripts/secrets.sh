#!/bin/sh
# Makes the files under secrets/ that compose.yaml hands to the containers; one that is there is never changed.
# The providers' keys begin empty, which counts as not given: put yours in.
set -eu
cd "$(dirname "$0")/.."

# The folder keeps others on this machine out. The files in it are mounted one by one and read by the containers' own
# users, so they are readable.
umask 022
mkdir -p secrets
chmod 700 secrets

random() {
    head -c 36 /dev/urandom | base64 | tr '+/' '-_'
}

keep() {
    [ -e "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"
}

keep secret_key "$(random)"
keep database_password "$(random)"
keep database_url "postgresql://privacydesk:$(cat secrets/database_password)@database:5432/privacydesk"
for key in twilio_auth_token twilio_api_secret smtp_url mail_mime_secret; do
    keep "$key" ""
done
echo "secrets/ is complete: keep a copy of secrets/secret_key, without it the stored personal data cannot be read."
