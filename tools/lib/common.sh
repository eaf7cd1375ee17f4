# shellcheck shell=bash
# What every tool here begins with: where the project is, and how to speak to the user.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Debian keeps mosquitto where only root looks.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# say TEXT…: progress, on standard error, so that standard output stays what the tool is asked for.
say() {
    printf '%s\n' "$*" >&2
}

# fail TEXT…
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# misused TEXT…: the command line is wrong. The tool's own `usage` follows; the exit status is that of sysexits.h.
misused() {
    printf '%s: %s\n\n' "${0##*/}" "$*" >&2
    usage >&2
    exit 64
}

# needs_value OPTION COUNT: fails unless the option is followed by something.
needs_value() {
    (($2 >= 2)) || misused "$1 needs a value"
}
