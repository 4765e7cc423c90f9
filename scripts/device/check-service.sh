#!/bin/bash
# Runs within a booted Debian root that has the packages: starts the service on a simulated sensor, stalls it, stops it, and powers
# the machine off. At the next boot it looks at what was resumed. Each line that it writes begins with "ok" or "not ok".
exec >>/root/check.log 2>&1

check() { # what, command...
    local what=$1
    shift
    if "$@"; then echo "ok $what"; else echo "not ok $what"; fi
}
main_pid() { systemctl show -p MainPID --value lstmd; }
logged() { journalctl -b -u lstmd -o cat | grep -q -- "$1"; }
within() { # seconds, command...
    local n=$(($1 * 5))
    shift
    for _ in $(seq "$n"); do "$@" && return 0; sleep 0.2; done
    return 1
}
is_renewed() { [ "$(main_pid)" != "$1" ] && [ "$(main_pid)" != 0 ] && systemctl is-active --quiet lstmd; }

mkdir -p /run/sim
lstmd simulate --link /run/sim/tty --rate-hz 26 >/dev/null 2>&1 &
within 60 test -e /run/sim/tty
chmod 666 "$(readlink -f /run/sim/tty)"

if [ -e /root/second-boot ]; then
    check "started at boot" within 60 systemctl is-active --quiet lstmd
    check "resumed after poweroff" within 120 logged resumed
    systemctl poweroff
    exit
fi
touch /root/second-boot
sed -i -e 's#link: .*#link: /run/sim/tty#' -e '1i healthSeconds: 2' /etc/lstmd/lstmd.yaml
echo '    state: { checkpointSeconds: 1 }' >>/etc/lstmd/lstmd.yaml
check "starts and says READY" systemctl enable --now lstmd
check "reads the sensor" within 120 logged 'reading'
check "shows its rate" within 120 sh -c 'systemctl show -p StatusText lstmd | grep -q "1 of 1 sensors, [1-9].*broker connected"'
systemctl show -p StatusText --value lstmd
pid=$(main_pid)
check "has no capability" grep -q 'CapEff:.0000000000000000' "/proc/$pid/status"
check "has a filter of system calls" grep -q 'Seccomp:.2' "/proc/$pid/status"
# Beyond the first checkpoint, without which there is nothing to resume.
check "saves its state" within 60 sh -c 'ls /var/lib/private/lstmd/wearer | grep -q slot'
kill -STOP "$pid"
check "is restarted by the watchdog" within 120 is_renewed "$pid"
check "resumes after it" within 120 logged resumed
cp /etc/lstmd/lstmd.yaml /etc/lstmd/second.yaml
sed -i 's#^device:.*#device: second#' /etc/lstmd/second.yaml
check "has instances" systemctl start lstmd@second
check "keeps their state apart" test -d /var/lib/private/lstmd-second
systemctl stop lstmd@second
echo 'streams: 7' >/etc/lstmd/wrong.yaml
systemctl start lstmd@wrong
check "is not restarted where the configuration is wrong" sh -c '[ "$(systemctl show -p NRestarts --value lstmd@wrong)" = 0 ]'
dpkg -i /tmp/lstmd_*.deb >/dev/null 2>&1
check "is restarted by an upgrade, with its configuration" within 60 sh -c 'systemctl is-active --quiet lstmd && grep -q /run/sim/tty /etc/lstmd/lstmd.yaml'
before=$(date +%s)
systemctl stop lstmd
check "stops within its deadline" [ $(($(date +%s) - before)) -le 10 ]
systemctl start lstmd
within 120 logged 'reading'
sleep 2
systemctl poweroff
