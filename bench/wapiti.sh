#!/usr/bin/env bash
# Scans a fresh demo dashboard with wapiti, signed in as one of its members, on a network that has this machine only.
#
#   python3 -m venv /tmp/wapiti && /tmp/wapiti/bin/pip install wapiti3
#   WAPITI=/tmp/wapiti/bin/wapiti bench/wapiti.sh adam /tmp/report-adam
#
# Left out are the modules that ask other hosts (htp, nikto, takeover, wapp, wp_enum, cms, log4shell), and signing out.
# SECONDS_TO_CRAWL (300) bounds the crawling, SECONDS_PER_MODULE (60) each attack.
set -euo pipefail

who=${1:?whose eyes: alice, adam or sam}
out=$(realpath -m "${2:?the folder for the report}")
here=$(cd "$(dirname "$0")/.." && pwd)
site=http://127.0.0.1:8150
listener=http://127.0.0.1:8152
modules=backup,brute_login_form,buster,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,https_redirect,ldap
modules+=,methods,network_device,permanentxss,redirect,shellshock,spring4shell,sql,ssl,ssrf,timesql,upload,xss,xxe

if [[ -z ${WAPITI_INSIDE:-} ]]; then
    mkdir -p "$out"
    WAPITI_INSIDE=1 exec unshare --map-root-user --net --pid --fork --kill-child "$0" "$who" "$out"
fi

ip link set lo up
cd "$here"
export DATABASE_URL="sqlite:///$out/dashboard.sqlite3" QUEUE_FILE="$out/queue.sqlite3" DEMO_PASSWORD=only-for-wapiti-1
export BIGDATA_API_BASE_URL=http://127.0.0.1:8151 READ_DOT_ENV=true PATH="$here/.venv/bin:$PATH"
.venv/bin/python -m dashboard.run --port 8150 --sandbox-port 8151 >"$out/dashboard.log" 2>&1 &

# Where the payloads of ssrf and xxe would lead: whatever but get_* turns up in its log came from the dashboard.
mkdir -p "$out/listener"
echo '{}' | tee "$out/listener/get_ssrf.php" "$out/listener/get_xxe.php" >/dev/null
python3 -m http.server 8152 --bind 127.0.0.1 --directory "$out/listener" >"$out/listener.log" 2>&1 &

until curl --silent --fail --output /dev/null "$site/healthz"; do sleep 0.5; done
"$WAPITI" --url "$site/" --form-url "$site/account/login/" --form-user "$who@demo.example" \
    --form-password "$DEMO_PASSWORD" --exclude "$site/account/logout/" --skip csrfmiddlewaretoken \
    --module "$modules" --endpoint "$listener/" --scope folder --max-files-per-dir 60 --tasks 8 \
    --max-scan-time "${SECONDS_TO_CRAWL:-300}" --max-attack-time "${SECONDS_PER_MODULE:-60}" \
    --store-session "$out" --store-config "$out" --no-bugreport --verbose 1 --format json --output "$out/report.json"
.venv/bin/python - "$out/report.json" <<'END'
import json, sys

report = json.load(open(sys.argv[1]))
for kind in ("vulnerabilities", "anomalies", "additionals"):
    for name, found in report[kind].items():
        for each in found:
            print(f"{name}: {each['method']} {each['path']} {each['parameter']}: {each['info']}")
print(f"{report['infos']['crawled_pages_nbr']} pages crawled")
END
