/// What `quantrac alerts digest` says, in both languages.
enum DigestText: Sendable {
    case noDigests
    case noDigestOf(household: String)
    case head(channel: String, next: String)

    var words: Words {
        switch self {
        case .noDigests:
            Words(
                "No channel has a digest. Give it one in alerts.notify: digest: \"07:00\"",
                "Chưa có kênh nào nhận bản tin. Thêm vào alerts.notify: digest: \"07:00\"")
        case .noDigestOf(let household):
            Words("No digest tells of the household \(household).", "Không có bản tin nào về hộ \(household).")
        case .head(let channel, let next): Words("\(channel), to be told \(next):", "\(channel), sẽ gửi \(next):")
        }
    }
}

extension Texts {
    func callAsFunction(_ text: DigestText) -> String { text.words[language] }
}
