#!/usr/bin/env bash
# Compares gatewatch with what else is on this machine, in one run: the same questions over the same generated log, each
# asked several times in turn, whole process, warm cache. Prints the median of each and its ratio to gatewatch's.
#
#   benches/compare.sh [LINES] [RUNS]          1,000,000 lines and 7 runs where nothing is said
#
# gatewatch itself: target/release/gatewatch, or GATEWATCH=PATH. Peers, each left out with a word where it is not there:
# mawk, ripgrep (rg), DuckDB (the Python package `duckdb`; PYTHON=python3), VictoriaLogs (GATEWATCH_TEST_VICTORIALOGS
# names its binary; the time to bring the log in is printed apart). The logs are made once, under GATEWATCH_BENCH_DIR
# (/tmp/gatewatch-bench), the same for everybody.
set -euo pipefail
cd "$(dirname "$0")/.."

lines=${1:-1000000}
runs=${2:-7}
gatewatch=${GATEWATCH:-target/release/gatewatch}
python=${PYTHON:-python3}
place=${GATEWATCH_BENCH_DIR:-/tmp/gatewatch-bench}
combined=$place/combined-$lines/access.log
json=$place/json-$lines/access.log

[ -x "$gatewatch" ] || { echo "build it first: cargo build --release" >&2; exit 1; }
[ -s "$combined" ] || "$gatewatch" simulate "${combined%/*}" --bulk "$lines" 2>/dev/null
[ -s "$json" ] || "$gatewatch" simulate "${json%/*}" --bulk "$lines" --json-lines 2>/dev/null
cat "$combined" "$json" >/dev/null
echo "$(nproc) cores; $(wc -c <"$combined") bytes of combined log, $(wc -c <"$json") of JSON lines, $lines lines each; median of $runs runs"

counts='count() requests, count() if (status:~"^4..$") s4xx, count() if (status:~"^5..$") s5xx, count() if (status:=499) s499'
table="* | stats by (remote_addr) $counts, count_uniq(uri) targets | sort by (requests desc) limit 20"
table_json=${table/count_uniq(uri)/count_uniq(request_uri)}
plain="* | stats by (remote_addr) $counts | sort by (requests desc) limit 20"
needle='status:=500 uri:"/login" | stats count() n'

# The contenders of the question at hand: names and commands.
names=() commands=()
contender() { names+=("$1"); commands+=("$2"); }

# Runs all of them in turn, so that a busy moment hits everybody; then prints the medians.
race() {
    local title=$1 index run times=()
    for index in "${!names[@]}"; do
        eval "${commands[$index]}" >/dev/null 2>&1 || { echo "  ${names[$index]}: failed" >&2; }
        times[index]=""
    done
    for ((run = 0; run < runs; run++)); do
        for index in "${!names[@]}"; do
            local start=$EPOCHREALTIME
            eval "${commands[$index]}" >/dev/null 2>&1 || true
            local end=$EPOCHREALTIME
            times[index]+="$(( (${end/[.,]/} - ${start/[.,]/}) )) "
        done
    done
    echo; echo "$title"
    local own=0 median
    for index in "${!names[@]}"; do
        median=$(tr ' ' '\n' <<<"${times[$index]}" | sed '/^$/d' | sort -n | sed -n "$((runs / 2 + 1))p")
        [ "$index" -gt 0 ] || own=$median
        awk -v name="${names[$index]}" -v micros="$median" -v own="$own" \
            'BEGIN { printf "  %-34s %8.3f s   %5.2f x\n", name, micros / 1e6, micros / own }'
    done
    names=() commands=()
}

ask() { printf '%q query --file %q --format %s %q -o jsonl' "$gatewatch" "$1" "$2" "$3"; }
have() { command -v "$1" >/dev/null 2>&1; }

have mawk || echo "mawk is not there: left out"
have rg || echo "ripgrep is not there: left out"
duckdb() { "$python" -c 'import duckdb' 2>/dev/null; }
duckdb || echo "DuckDB is not there ($python -m pip install duckdb): left out"

# DuckDB reads the combined log as one column and takes it apart with an expression, JSON lines with its own reader.
cat >"$place/duck.py" <<'PYTHON'
import sys
import duckdb

kind, path, distinct = sys.argv[1:]
if kind == "json":
    rows = f"""select remote_addr ip, request_uri u, status s from read_json('{path}', format='newline_delimited',
        columns={{'remote_addr': 'VARCHAR', 'request_uri': 'VARCHAR', 'status': 'INT'}})"""
else:
    rows = f"""select m.ip ip, m.u u, try_cast(m.s as int) s from (
        select regexp_extract(l, '^([^ ]+) [^"]*"[A-Z]+ ([^ ]*) [^"]*" ([0-9]+)', ['ip', 'u', 's']) m
        from read_csv('{path}', columns={{'l': 'VARCHAR'}}, header=false, delim=chr(1), quote='', escape='', auto_detect=false))"""
targets = ", count(distinct u)" if distinct == "distinct" else ""
print(duckdb.sql(f"""select ip, count(*) r, count(*) filter (s between 400 and 499), count(*) filter (s between 500 and 599),
    count(*) filter (s = 499){targets} from ({rows}) group by ip order by r desc limit 20""").fetchall())
PYTHON
duck() { printf '%q %q %s %q %s' "$python" "$place/duck.py" "$1" "$2" "$3"; }

server=""
trap '[ -z "$server" ] || kill "$server"' EXIT
if [ -n "${GATEWATCH_TEST_VICTORIALOGS:-}" ]; then
    data=$(mktemp -d)
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$GATEWATCH_TEST_VICTORIALOGS" -storageDataPath="$data" -httpListenAddr="127.0.0.1:$port" -retentionPeriod=100y >/dev/null 2>&1 &
    server=$!
    trap 'kill "$server"; rm -rf "$data"' EXIT
    until curl -sf "http://127.0.0.1:$port/health" >/dev/null; do :; done
    start=$EPOCHREALTIME
    curl -sf -X POST -T "$json" "http://127.0.0.1:$port/insert/jsonline?_time_field=time&_msg_field=request_uri"
    curl -sf "http://127.0.0.1:$port/internal/force_flush" || true
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "VictoriaLogs took %.1f s to bring the JSON lines in\n", b - a }'
else
    echo "GATEWATCH_TEST_VICTORIALOGS names no binary: VictoriaLogs left out"
fi
victorialogs() {
    [ -z "$server" ] || contender "VictoriaLogs (brought in before)" \
        "$(printf 'curl -sf http://127.0.0.1:%s/select/logsql/query --data-urlencode %q' "$port" "query=$1")"
}

contender gatewatch "$(ask "$combined" combined "$table")"
have mawk && contender mawk "mawk '{ n[\$1]++; c = substr(\$9, 1, 1); if (c == 4) a[\$1]++; if (c == 5) b[\$1]++; if (\$9 == 499) d[\$1]++; if (!((\$1, \$7) in t)) { t[\$1, \$7]; u[\$1]++ } } END { for (i in n) print n[i], i, a[i], b[i], d[i], u[i] }' $combined | sort -rn | sed -n 1,20p"
duckdb && contender DuckDB "$(duck combined "$combined" distinct)"
race "Requests, 4xx, 5xx, 499 and distinct targets by address, the first 20, combined log"

contender gatewatch "$(ask "$json" json "$table_json")"
duckdb && contender DuckDB "$(duck json "$json" distinct)"
victorialogs "${table_json/count_uniq(request_uri)/count_uniq(_msg)}"
race "The same from JSON lines"

contender gatewatch "$(ask "$combined" combined "$plain")"
have mawk && contender mawk "mawk '{ n[\$1]++; c = substr(\$9, 1, 1); if (c == 4) a[\$1]++; if (c == 5) b[\$1]++; if (\$9 == 499) d[\$1]++ } END { for (i in n) print n[i], i, a[i], b[i], d[i] }' $combined | sort -rn | sed -n 1,20p"
duckdb && contender DuckDB "$(duck combined "$combined" plain)"
victorialogs "$plain"
race "Without the distinct targets"

contender gatewatch "$(ask "$combined" combined "$needle")"
have rg && contender "ripgrep -c (the lines)" "rg -c '/login.*\" 500 ' $combined"
have mawk && contender mawk "mawk '\$9 == 500 && index(\$7, \"/login\") { n++ } END { print n }' $combined"
victorialogs 'status:=500 "/login" | stats count() n'
race "How many requests for /login were answered 500"
