/// The languages that the client speaks.
enum Language: String, CaseIterable, Sendable {
    case english = "en"
    case vietnamese = "vi"

    /// What the environment asks for, in the order of POSIX (`LC_ALL` before `LC_MESSAGES` before `LANG`); English for
    /// every other language.
    init(environment: [String: String]) {
        let locale = Language.first(of: ["LC_ALL", "LC_MESSAGES", "LANG"], in: environment)
        self = locale.lowercased().hasPrefix("vi") ? .vietnamese : .english
    }

    /// Whether the environment says that the terminal takes UTF-8.
    static func isUTF8(environment: [String: String]) -> Bool {
        let locale = first(of: ["LC_ALL", "LC_CTYPE", "LANG"], in: environment).lowercased()
        return locale.contains("utf-8") || locale.contains("utf8")
    }

    /// POSIX: a variable that is set and not empty wins over those after it.
    private static func first(of names: [String], in environment: [String: String]) -> String {
        names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    }
}
