# What the scripts share that run within a booted root. Each line that they write begins with "ok" or "not ok", or is a figure.
exec >>/root/check.log 2>&1
export LC_ALL=C

check() { # what, command...
    local what=$1
    shift
    if "$@"; then echo "ok $what"; else echo "not ok $what"; fi
}
property() { systemctl show -p "$1" --value lstmd; }
main_pid() { property MainPID; }
logged() { journalctl -b -u lstmd -o cat | grep -q -- "$1"; }
status_has() { # pattern, unit
    systemctl show -p StatusText "${2:-lstmd}" | grep -q "$1"
}
is_reading() { status_has '1 of 1 sensors, [1-9].*broker connected'; }
within() { # seconds, command...
    local n=$(($1 * 5 * ${slow:-1}))
    shift
    for _ in $(seq "$n"); do "$@" && return 0; sleep 0.2; done
    return 1
}
resumptions() { journalctl -b -u lstmd -o cat | grep '"msg":"' | grep -v 'not resumed' | grep -c 'resumed'; }
resumed_times() { [ "$(resumptions)" -ge "$1" ]; }
is_renewed() { [ "$(main_pid)" != "$1" ] && [ "$(main_pid)" != 0 ] && systemctl is-active --quiet lstmd; }
fails() { ! "$@"; }
seconds_since() { awk -v from="$1" 'BEGIN { getline now < "/proc/uptime"; split(now, t, " "); printf "%.1f", t[1] - from }'; }
uptime_seconds() { cut -d' ' -f1 /proc/uptime; }
start_sensor() {
    mkdir -p /run/sim
    lstmd simulate --link /run/sim/tty --rate-hz "${1:-26}" >/dev/null 2>&1 &
    within 60 test -e /run/sim/tty
    chmod 666 "$(readlink -f /run/sim/tty)"
}
