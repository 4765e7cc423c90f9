# Runs within a booted Debian root that has the packages: starts the service on a simulated sensor, stalls it, stops it, upgrades it
# under load, and powers the machine off. At the next boot it looks at what was resumed.
start_sensor

if [ -e /root/second-boot ]; then
    check "started at boot" within 60 systemctl is-active --quiet lstmd
    check "resumed after poweroff" within 120 resumed_times 1
    systemctl poweroff
    exit
fi
touch /root/second-boot
sed -i -e 's#link: .*#link: /run/sim/tty#' -e '1i healthSeconds: 2' /etc/lstmd/lstmd.yaml
echo '    state: { checkpointSeconds: 1 }' >>/etc/lstmd/lstmd.yaml
from=$(uptime_seconds)
check "starts and says READY" systemctl enable --now lstmd
echo "   READY after $(seconds_since "$from") s"
check "reads the sensor" within 120 logged 'reading'
check "shows its rate" within 120 is_reading
property StatusText
pid=$(main_pid)
check "has no capability" grep -q 'CapEff:.0000000000000000' "/proc/$pid/status"
check "has a filter of system calls" grep -q 'Seccomp:.2' "/proc/$pid/status"
# Beyond the first checkpoint, without which there is nothing to resume.
check "saves its state" within 60 sh -c 'ls /var/lib/private/lstmd/wearer | grep -q slot'
kill -STOP "$pid"
from=$(uptime_seconds)
check "is restarted by the watchdog" within 120 is_renewed "$pid"
echo "   restarted after $(seconds_since "$from") s"
check "resumes after it" within 120 resumed_times 1
cp /etc/lstmd/lstmd.yaml /etc/lstmd/second.yaml
sed -i 's#^device:.*#device: second#' /etc/lstmd/second.yaml
check "has instances" systemctl start lstmd@second
check "keeps their state apart" test -d /var/lib/private/lstmd-second
systemctl stop lstmd@second
echo 'streams: 7' >/etc/lstmd/wrong.yaml
systemctl start lstmd@wrong
check "is not restarted where the configuration is wrong" sh -c '[ "$(systemctl show -p NRestarts --value lstmd@wrong)" = 0 ]'

check "reads again" within 120 is_reading

# An upgrade under load: a subscriber counts what comes before, meanwhile and after.
mosquitto_sub -q 1 -i counter -c -t 'lstmd/+/wearer/prediction' >/root/predictions &
counter=$!
sleep 5
pid=$(main_pid)
dpkg -i /root/lstmd_*.deb >/root/upgrade.log 2>&1 || cat /root/upgrade.log
check "is restarted by an upgrade, with its configuration" within 60 is_renewed "$pid"
check "keeps its configuration" grep -q /run/sim/tty /etc/lstmd/lstmd.yaml
check "resumes after the upgrade" within 60 resumed_times 2
sleep 5
from=$(uptime_seconds)
systemctl stop lstmd
stopped=$(seconds_since "$from")
check "stops within its deadline" awk -v s="$stopped" 'BEGIN { exit s > 10 }'
echo "   stopped after $stopped s"
sleep 1
kill "$counter"
# Each boot counts its samples from 1, so that nothing is lost where every number up to the last has come, of each boot that had begun.
check "loses nothing in the upgrade" awk -F'[:,]' '
    { for (i = 1; i < NF; i++) { if ($i ~ /"boot"/) boot = $(i + 1); if ($i ~ /"seq"/) seq = $(i + 1) }
      if (boot in last && seq > last[boot] + 1) holes += seq - last[boot] - 1
      if (seq > last[boot]) last[boot] = seq; if (!(boot in first)) first[boot] = seq; n++ }
    END { for (b in last) { boots++; if (first[b] > 1 && started++) holes += first[b] - 1 }
          printf "   %d predictions of %d boots, %d missing\n", n, boots, holes; exit holes > 0 || boots != 2 }' /root/predictions
journalctl -b -u lstmd -o cat | grep '"msg":"stopped"'
undelivered=$(journalctl -b -u lstmd -o cat | grep -o '"undelivered":[0-9]*' | sort -u | tr '\n' ' ')
check "leaves nothing undelivered" [ "$undelivered" = '"undelivered":0 ' ]

# An older package over this one.
if [ -e /root/older.deb ]; then
    check "refuses an older package" fails dpkg -i /root/older.deb
    check "is as it was after that" sh -c 'dpkg-query -W -f "\${Status}" lstmd | grep -q "ok installed" && lstmd --version'
fi
# Over a boot without a time server nobody knows the age of a state: it is resumed where that is wanted all the same.
sed -i 's/state: { checkpointSeconds: 1 }/state: { checkpointSeconds: 1, maxAgeSeconds: 86400, onGap: { then: keep } }/' /etc/lstmd/lstmd.yaml
systemctl start lstmd
within 120 logged 'reading'
sleep 2
systemctl poweroff
