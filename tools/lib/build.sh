# shellcheck shell=bash
# Building the programs. Needs common.sh and processes.sh.

# build CONFIGURATION PRODUCT…: builds the programs and sets `programs` to the directory they are in.
build() {
    local configuration=$1 product caller=$PWD
    shift
    cd "$project" || fail "cannot enter $project"
    for product in "$@"; do
        say "building $product ($configuration) …"
        start build swift build -c "$configuration" --product "$product" >&2
        attend build || fail "building $product failed; the lines above say why"
    done
    programs=$(swift build -c "$configuration" --show-bin-path)
    cd "$caller" || fail "cannot enter $caller"
}
