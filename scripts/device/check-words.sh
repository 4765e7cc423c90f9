# Runs the commands of a page in a booted root, and says how long each took; what they print goes to a file of its own.
export DEBIAN_FRONTEND=noninteractive
cd /root || exit
begun=$(uptime_seconds)
apt-get update -qq
# A person says yes.
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/90yes

step() { # command
    local from
    from=$(uptime_seconds)
    check "$1" bash -c "timeout 300 $1 >>/root/printed.log 2>&1 </dev/null"
    echo "   $(seconds_since "$from") s"
}
end() {
    check "a prediction came" grep -q '/prediction {"ts":' /root/printed.log
    echo "   $(seconds_since "$begun") s in all"
    echo "--- what was printed, its end:"
    tail -n 15 /root/printed.log
    systemctl poweroff
}
