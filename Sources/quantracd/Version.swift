/// The version of this build, as `--version`, the status and `/api/v1/status/buildinfo` show it.
enum Version {
    static let text = "0.1.0"
}
