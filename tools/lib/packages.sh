# shellcheck shell=bash
# Installs what is missing, and only that. Debian's names of packages stand for what they bring.

# is_there PACKAGE: whether what the package brings is on this machine, wherever it came from.
is_there() {
    case $1 in
        libmosquitto-dev) [[ -e /usr/include/mosquitto.h ]] || pkg-config --exists libmosquitto 2>/dev/null ;;
        libsqlite3-dev) [[ -e /usr/include/sqlite3.h ]] || pkg-config --exists sqlite3 2>/dev/null ;;
        zlib1g-dev) [[ -e /usr/include/zlib.h ]] || pkg-config --exists zlib 2>/dev/null ;;
        libjs-dygraphs) [[ -d /usr/share/javascript/dygraphs ]] ;;
        e2fsprogs) command -v mkfs.ext4 >/dev/null ;;
        iproute2) command -v ip >/dev/null ;;
        # Debian's own interpreter: only that sees Debian's modules.
        python3-aiosmtpd) /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null ;;
        mosquitto-clients) command -v mosquitto_pub >/dev/null ;;
        util-linux) command -v setsid >/dev/null && command -v setpriv >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# ensure_packages PACKAGE…
ensure_packages() {
    local package missing=() install
    for package in "$@"; do
        is_there "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if ! command -v apt-get >/dev/null; then
        fail "missing on this machine: ${missing[*]} (the names of Debian's packages). Install them and try again."
    fi
    install=(env DEBIAN_FRONTEND=noninteractive apt-get)
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail "missing: ${missing[*]}. As root: apt-get install ${missing[*]}"
        install=(sudo "${install[@]}")
    fi
    say "installing ${missing[*]} …"
    "${install[@]}" update -qq >&2 || say "the lists of packages could not be renewed; trying with those that are here"
    "${install[@]}" install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
        fail "could not install ${missing[*]}; the lines above say why"
    for package in "${missing[@]}"; do
        is_there "$package" || fail "$package is installed, but what it should bring is not found"
    done
}

# ensure_swift: Swift is in no Debian package that is new enough.
ensure_swift() {
    command -v swift >/dev/null ||
        fail "no 'swift' in PATH. Quantrac needs Swift 6.2 or later: https://www.swift.org/install/linux/"
}
