# Runs within a booted root: that DeviceAllow=, IPAddressDeny= and a quota of CPU time are in force and are borne, and each directive
# of the unit alone.
start_sensor
address=192.0.2.9
ip address add "$address/32" dev lo
sed -i -e 's#link: .*#link: /run/sim/tty#' -e '1i healthSeconds: 2' /etc/lstmd/lstmd.yaml
echo '    state: { checkpointSeconds: 1 }' >>/etc/lstmd/lstmd.yaml

# The whole unit, with a broker on this machine.
from=$(uptime_seconds)
check "starts as shipped" systemctl enable --now lstmd
echo "   READY after $(seconds_since "$from") s"
check "reads and publishes as shipped" within 60 is_reading
echo "   $(systemd-analyze --no-pager security lstmd | tail -n 1)"
systemctl stop lstmd

# DeviceAllow: within the same policy a disk is not to be read, and a serial port is.
policy=(-p DevicePolicy=closed)
for allowed in $(systemctl cat lstmd | sed -n 's/^DeviceAllow=\(char-[A-Za-z]*\) rw$/\1/p'); do policy+=(-p "DeviceAllow=$allowed rw"); done
in_policy() { systemd-run -q --wait --collect "${policy[@]}" "$@"; }
mknod /root/disk b 7 0
mknod /root/ttyS3 c 4 67
check "a disk can be opened without the policy" systemd-run -q --wait --collect head -c 1 /root/disk
check "a disk cannot be opened within it" fails in_policy head -c 1 /root/disk
# There is no such port here, which only who may open it is told.
opens_port() { "$@" --pipe sh -c 'exec 3<>/root/ttyS3' 2>&1 | grep -q 'No such device'; }
check "a serial port may be opened within it" opens_port in_policy
check "a serial port may not be opened where no DeviceAllow= names it" fails opens_port systemd-run -q --wait --collect -p DevicePolicy=closed

# IPAddressDeny: a broker at an address that is not the loopback is not reached, until the drop-in of init is there.
printf 'listener 1883\nallow_anonymous true\n' >/etc/mosquitto/conf.d/all.conf
systemctl restart mosquitto
cp /etc/lstmd/lstmd.yaml /root/before.yaml
sed -i "s#url: .*#url: mqtt://$address#" /etc/lstmd/lstmd.yaml
systemctl start lstmd
check "reads, with a broker elsewhere" within 60 status_has '1 of 1 sensors, [1-9]'
sleep 10
check "does not reach a broker elsewhere as shipped" fails status_has 'broker connected'
check "names what may be in the way" within 60 logged "no answer.*IPAddressAllow"
check "doctor says so, with the way out" sh -c "lstmd doctor -c /etc/lstmd/lstmd.yaml | grep -q 'may not reach $address.*IPAddressAllow=$address'"
systemctl stop lstmd
mkdir -p /etc/systemd/system/lstmd.service.d
check "init writes the drop-in" lstmd init --yes --port /run/sim/tty --units mg --labels running --model-units g \
    --model /usr/lib/lstmd/examples/running/running.keras --broker "mqtt://$address" --output /root/init.yaml \
    --systemd-drop-in /etc/systemd/system/lstmd.service.d/broker.conf
systemctl daemon-reload
systemctl start lstmd
check "a broker elsewhere is reached with it" within 60 status_has 'broker connected'
systemctl stop lstmd
rm -r /etc/systemd/system/lstmd.service.d
cp /root/before.yaml /etc/lstmd/lstmd.yaml
systemctl daemon-reload

# A tenth of a core: for what PID 1 starts meanwhile, since the quota of a container's units may be out of its hands (version 1).
mkdir /run/cpu
if mount -t cgroup -o cpu cgroup /run/cpu && mkdir /run/cpu/tenth && echo 10000 >/run/cpu/tenth/cpu.cfs_quota_us; then
    echo 1 >/run/cpu/tenth/cgroup.procs
else
    systemctl set-property --runtime lstmd CPUQuota=10%
fi
from=$(uptime_seconds)
systemctl start --no-block lstmd
within 60 sh -c '[ "$(systemctl show -p MainPID --value lstmd)" != 0 ]'
[ -d /run/cpu/tenth ] && echo 1 >/run/cpu/cgroup.procs
check "starts on a tenth of a core" within 120 systemctl is-active --quiet lstmd
echo "   READY after $(seconds_since "$from") s on a tenth of a core, $(property NRestarts) restarts"
[ -d /run/cpu/tenth ] && grep throttled /run/cpu/tenth/cpu.stat
check "reads on a tenth of a core" within 120 status_has '1 of 1 sensors, [1-9]'
sleep 25
check "outlives the watchdog on a tenth of a core" [ "$(property NRestarts)" = 0 ]
from=$(uptime_seconds)
systemctl stop lstmd
stopped=$(seconds_since "$from")
check "stops within its deadline on a tenth of a core" awk -v s="$stopped" 'BEGIN { exit s > 10 }'
echo "   stopped after $stopped s on a tenth of a core"
systemctl revert lstmd

# More streams than descriptors, refused by name.
{
    printf 'device: many\nmqtt: { url: "mqtt://127.0.0.1" }\nstreams:\n'
    for n in $(seq 2100); do
        printf '  s%d: { sensor: { link: /dev/none%d, rateHz: 26 }, model: { file: /usr/lib/lstmd/examples/running/running.keras, mode: continuous } }\n' "$n" "$n"
    done
} >/etc/lstmd/many.yaml
systemctl start lstmd@many
check "refuses more streams than it has descriptors for" sh -c 'journalctl -b -u lstmd@many -o cat | grep -q "2100 streams need 8448 descriptors, and the process may have 8192"'
check "is not restarted after that" [ "$(systemctl show -p NRestarts --value lstmd@many)" = 0 ]

# Each directive alone.
sed -e 's/^device: .*/device: one/' /etc/lstmd/lstmd.yaml >/root/one.yaml
install -m 644 /root/one.yaml /etc/lstmd/one.yaml
borne=0
while read -r directive; do
    systemctl reset-failed one 2>/dev/null
    if systemd-run -q --unit=one --service-type=notify -p StateDirectory=one -E LSTMD_STATE_DIRECTORY=/var/lib/one -p SupplementaryGroups=dialout \
        -p SystemCallErrorNumber=EPERM -p "$directive" lstmd run -c /etc/lstmd/one.yaml && within 30 status_has '1 of 1 sensors, [1-9]' one && systemctl stop one; then
        borne=$((borne + 1))
    else
        echo "not ok bears $directive"
        journalctl -b -u one -o cat -n 5
    fi
    systemctl stop one 2>/dev/null
done < <(systemctl cat lstmd | sed -n '/^DynamicUser=/,/^LimitNOFILE=/p' | grep -v '^#')
echo "   $borne directives borne one by one"
check "bears each directive alone" [ "$borne" -ge 35 ]
echo "ok the end"
systemctl poweroff
