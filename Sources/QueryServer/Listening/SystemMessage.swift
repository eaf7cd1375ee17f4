import Glibc

/// The system's own words for an `errno`, such as `Permission denied`.
func systemMessage(_ code: CInt) -> String {
    String(cString: strerror(code))
}
