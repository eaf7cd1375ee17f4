# shellcheck shell=bash
# Programs that the benchmarks compare with. They are welcome, not needed: what is not there is named as absent.

# find_victoria_metrics: puts it into PATH, from Debian's package if it is not installed.
#
# The package is unpacked beside the build, not installed: installing it would start a server of the user's machine.
find_victoria_metrics() {
    local peers=$project/.build/peers
    if command -v victoria-metrics >/dev/null || command -v victoria-metrics-prod >/dev/null; then return; fi
    if [[ ! -x $peers/usr/bin/victoria-metrics ]]; then
        command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 0
        say "unpacking victoria-metrics, to compare with …"
        rm -rf "$peers"
        mkdir -p "$peers"
        if ! (cd "$peers" && apt-get download -qq -o APT::Sandbox::User=root victoria-metrics >&2 &&
            dpkg-deb --extract victoria-metrics_*.deb . && rm victoria-metrics_*.deb); then
            say "victoria-metrics cannot be had from Debian; going on without it"
            return 0
        fi
    fi
    PATH=$PATH:$peers/usr/bin
}
