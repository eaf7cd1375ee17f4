import Testing

@testable import Delivery

@Suite("Why something could not be told is said in Vietnamese, too")
struct FailureWordsTests {
    @Test(arguments: FailureWords.allCases) func noWordsHideOthers(words: FailureWords) {
        #expect(FailureWords.inVietnamese(words.rawValue) == words.vietnamese)
    }

    @Test func whatStandsAroundThemStays() {
        #expect(
            FailureWords.inVietnamese("expired: mail.example.org:25 cannot be reached: Connection refused")
                == "quá hạn: mail.example.org:25 không kết nối được: bị từ chối kết nối")
        #expect(
            FailureWords.inVietnamese("no recipient is accepted: a@b: SMTP 451: Connection timed out")
                == "không người nhận nào được chấp nhận: a@b: SMTP 451: Connection timed out")
        #expect(
            FailureWords.inVietnamese("expired: HTTP 401: token expired: renew")
                == "quá hạn: HTTP 401: token expired: renew")
    }

    @Test func theyAreFoundInWhatReallyGoesWrong() async throws {
        let channel = HTTPChannel(
            format: Ntfy(url: "https://127.0.0.1:1", topic: "t"), client: try HTTPSender())
        guard case .failed(let reason, _) = await channel.send(Samples.heartbeat) else {
            Issue.record("nobody listens there")
            return
        }
        #expect(FailureWords.inVietnamese(reason) == "bị từ chối kết nối", "\(reason)")
    }
}
