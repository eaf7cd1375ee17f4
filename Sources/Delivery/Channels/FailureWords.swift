/// What is said of tries that failed, in both languages. Other words stand before and behind some of them.
///
/// It is kept and logged in English, as it was said first; in Vietnamese it is found by its English words.
public enum FailureWords: String, CaseIterable, Sendable, CustomStringConvertible {
    // On the network
    case cannotBeReached = "cannot be reached"
    case itCannotBeReached = "it cannot be reached"
    case nobodyAnswers = "nobody answers there"
    case nameIsNotKnown = "is not known: the name could not be looked up"
    case noAnswerInTime = "it did not answer in time"
    case notTakenInTime = "it did not take what was sent in time"
    case notEncryptedInTime = "it did not encrypt the connection in time: is the port right?"
    case closedBeforeAnswer = "it closed the connection before it answered"
    case noURL = "the URL is not one"
    case requestFailed = "the request failed"
    // As the system says it
    case connectionRefused = "Connection refused"
    case connectionReset = "Connection reset by peer"
    case noRoute = "No route to host"
    case noNetwork = "Network is unreachable"
    case timedOut = "Connection timed out"
    // As `MQTTSubscriber` says it
    case brokerNotConnected = "the broker is not connected"
    // Encryption
    case notBelieved = """
        its certificate is not believed: it has expired, is not valid yet (is this machine's clock right?), or nobody whom this \
        machine trusts has signed it; if it is its owner's own, name its authority in caFile
        """
    case noTLS = "what answers there does not speak TLS: is the port right, and is it to be encrypted (https, tls)?"
    case oldTLS = "it speaks no version of TLS that is still safe (1.2 or 1.3): update it"
    case wantsCertificate = "it wants a certificate from us, and there is none that could be given"
    case closedBeforeEncryption = "it closed the connection before it was encrypted: is the port right?"
    case anotherName = "its certificate is for another name than the one in the address"
    case encryptionFailed = "the encrypted connection failed"
    // Mail servers
    case endlessAnswer = "the server's answer does not end"
    case speaksTooEarly = "the server speaks before it is encrypted"
    case closedOrNoAnswer = "the server closed the connection, or did not answer in time"
    case noStartTLS = "the server does not offer STARTTLS: set 'security: tls', or ask whoever runs it"
    case noLogin = "the server offers no way to log in that is known here (PLAIN, LOGIN)"
    case noRecipient = "no recipient is accepted"
    case noMailServer = "this is no mail server: it says"
    // Whatever the channel
    case notForAll = "the receiver did not answer for all of it"
    case rulesNotEvaluated = "no heartbeat goes out: the rules are not evaluated"
    case expired = "expired: "
    case neverTried = "never tried"

    public var description: String { rawValue }

    var vietnamese: String {
        switch self {
        case .cannotBeReached, .itCannotBeReached: "không kết nối được"
        case .nobodyAnswers: "không có phản hồi"
        case .nameIsNotKnown: "không tra được tên máy"
        case .noAnswerInTime: "không trả lời kịp thời"
        case .notTakenInTime: "không nhận kịp thời những gì được gửi"
        case .notEncryptedInTime: "không mã hoá kết nối kịp thời: cổng có đúng không?"
        case .closedBeforeAnswer: "đã đóng kết nối trước khi trả lời"
        case .noURL: "URL không hợp lệ"
        case .requestFailed: "yêu cầu không thành công"
        case .connectionRefused: "bị từ chối kết nối"
        case .connectionReset: "bên kia cắt kết nối"
        case .noRoute: "không có đường tới máy đó"
        case .noNetwork: "không tới được mạng đó"
        case .timedOut: "quá thời gian kết nối"
        case .brokerNotConnected: "chưa kết nối với broker"
        case .notBelieved:
            """
            chứng chỉ không đáng tin: đã hết hạn, chưa có hiệu lực (đồng hồ máy này có đúng không?), hoặc không được nơi nào mà máy \
            này tin cậy ký; nếu là chứng chỉ tự tạo, hãy chỉ tới tệp chứng chỉ của nơi ký bằng caFile
            """
        case .noTLS: "bên kia không dùng TLS: cổng có đúng không, và có cần mã hoá (https, tls) không?"
        case .oldTLS: "bên kia không có phiên bản TLS nào còn an toàn (1.2 hoặc 1.3): hãy cập nhật"
        case .wantsCertificate: "bên kia đòi chứng chỉ của ta, mà ta không có"
        case .closedBeforeEncryption: "đã đóng kết nối trước khi mã hoá: cổng có đúng không?"
        case .anotherName: "chứng chỉ ghi tên khác với tên trong địa chỉ"
        case .encryptionFailed: "kết nối mã hoá không thành công"
        case .endlessAnswer: "máy chủ trả lời không dứt"
        case .speaksTooEarly: "máy chủ nói trước khi mã hoá"
        case .closedOrNoAnswer: "máy chủ đã đóng kết nối, hoặc không trả lời kịp thời"
        case .noStartTLS: "máy chủ không có STARTTLS: hãy đặt 'security: tls', hoặc hỏi người quản lý máy chủ"
        case .noLogin: "máy chủ không có cách đăng nhập nào dùng được ở đây (PLAIN, LOGIN)"
        case .noRecipient: "không người nhận nào được chấp nhận"
        case .noMailServer: "đây không phải máy chủ thư: nó nói"
        case .notForAll: "bên nhận chỉ trả lời một phần"
        case .rulesNotEvaluated: "không gửi tín hiệu sống: các quy tắc không được đánh giá"
        case .expired: "quá hạn: "
        case .neverTried: "chưa gửi lần nào"
        }
    }

    /// The longest first: some are part of others.
    private static let byLength = allCases.sorted { $0.rawValue.utf8.count > $1.rawValue.utf8.count }

    /// What was said in English of a try that failed. What receivers said themselves, behind their reply's code, stays as it is.
    public static func inVietnamese(_ reason: String) -> String {
        let theirs = reason.firstRange(of: /(SMTP|HTTP) [0-9]{3}/)?.lowerBound ?? reason.endIndex
        let ours = String(reason[..<theirs])
        return byLength.reduce(ours) { $0.replacing($1.rawValue, with: $1.vietnamese) } + reason[theirs...]
    }
}
