# shellcheck shell=bash
# Programs that the benchmarks compare with. They are welcome, not needed: what is not there is named as absent.

# find_peers PACKAGE…: those that can be had; says which cannot.
find_peers() {
    local package names
    for package; do
        case $package in
            victoria-metrics) names=(victoria-metrics victoria-metrics-prod) ;;
            influxdb) names=(influxd) ;;
            *) names=("$package") ;;
        esac
        find_peer "$package" "${names[@]}" || say "going on without it"
    done
}

# find_peer PACKAGE PROGRAM…: puts the programs into PATH, from Debian's package if none of them is installed. Returns 1, with a
# line that says so, where they cannot be had.
#
# The package is unpacked beside the build, not installed: installing it would start a server of the user's machine.
find_peer() {
    local package=$1 program peer=$project/.build/peers/$1
    shift
    for program; do
        if command -v "$program" >/dev/null; then return; fi
    done
    unpack_peer "$package" && PATH=$PATH:$peer/usr/bin
}

# find_paho: lets python3 find Eclipse Paho, with which people write bridges from MQTT. Returns 1, with a line that says so, where
# it cannot be had.
find_paho() {
    local peer=$project/.build/peers/python3-paho-mqtt
    if ! command -v python3 >/dev/null; then
        say "python3 is not there"
        return 1
    fi
    if python3 -c 'import paho.mqtt.client' 2>/dev/null; then return; fi
    unpack_peer python3-paho-mqtt && export PYTHONPATH=$peer/usr/lib/python3/dist-packages
}

# unpack_peer PACKAGE: Debian's package, beside the build. Returns 1, with a line that says so, where it cannot be had.
unpack_peer() {
    local package=$1 peer=$project/.build/peers/$1
    if [[ -d $peer/usr ]]; then return; fi
    say "unpacking $package, to compare with …"
    rm -rf "$peer"
    mkdir -p "$peer"
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null ||
        ! (cd "$peer" && apt-get download -qq -o APT::Sandbox::User=root "$package" >&2 &&
            dpkg-deb --extract "$package"_*.deb . && rm "$package"_*.deb); then
        say "$package cannot be had from Debian"
        rm -rf "$peer"
        return 1
    fi
}
