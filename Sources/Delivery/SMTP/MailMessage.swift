import Alerting
import Foundation
import Readings

/// An e-mail in the format of RFC 5322 and MIME (RFC 2045, 2047), as a function of the message alone.
struct MailMessage {
    var from: String
    var to: [String]
    var language: AlertNotice.Language

    /// Lines end with CR LF; none begins with a dot, since the body is base64.
    func bytes(for message: Message) -> [UInt8] {
        let text = NoticeText(message, in: language)
        let host = MailMessage.domain(message.sender.name)
        var body = text.lines.joined(separator: "\n") + "\n\n-- \nQuantrac, \(message.sender.name)\n"
        if let url = message.sender.externalURL { body += url + "\n" }
        var headers = [
            "From: Quantrac <\(from)>", "To: " + to.map { "<\($0)>" }.joined(separator: ",\r\n "),
            "Subject: " + MailMessage.encodedWords(OneLine.of(text.title, most: 200)),
            "Date: " + MailMessage.date(message.time), "Message-ID: <\(message.dispatch.key)@\(host)>",
            "X-Quantrac-Key: \(message.dispatch.key)",
        ]
        // What belongs to one alert is one conversation.
        if let entry = message.entries.first, message.entries.count == 1 {
            let activeAt = entry.news.notice.transition.activeAt.milliseconds
            headers.append("References: <\(entry.news.alert)-\(activeAt)@\(host)>")
        }
        if NoticeText.isCritical(message) { headers.append("Importance: high") }
        headers += [
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64", "", MailMessage.base64Lines(Data(body.utf8)), "",
        ]
        return Array(headers.joined(separator: "\r\n").utf8)
    }

    private static func base64Lines(_ data: Data) -> String {
        let text = Array(data.base64EncodedString().utf8)
        return stride(from: 0, to: text.count, by: 76).map {
            String(decoding: text[$0..<min($0 + 76, text.count)], as: UTF8.self)
        }.joined(separator: "\r\n")
    }

    /// RFC 2047: words of at most 75 characters, none of which cuts a character; plain ASCII stays as it is.
    static func encodedWords(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), text.utf8.count <= 60, !text.contains("=?") {
            return text
        }
        var words: [String] = []
        var word = ""
        for character in text.unicodeScalars {
            // 45 bytes are 60 characters of base64.
            if word.utf8.count + UTF8.width(character) > 45 {
                words.append(word)
                word = ""
            }
            word.unicodeScalars.append(character)
        }
        if !word.isEmpty { words.append(word) }
        return words.map { "=?UTF-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// RFC 5322 §3.3, in UTC.
    static func date(_ time: Timestamp) -> String {
        let civil = CivilTime(utc: time)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let month = months.indices.contains(civil.month - 1) ? months[civil.month - 1] : "Jan"
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(civil.day) \(month) \(civil.year) \(padded(civil.hour)):\(padded(civil.minute)):\(padded(civil.second)) +0000"
    }

    /// A machine's name as it may stand in an identifier.
    static func domain(_ name: String) -> String {
        let allowed = name.unicodeScalars.filter {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == ".")
        }
        return allowed.isEmpty ? "quantrac" : String(String.UnicodeScalarView(allowed.prefix(100)))
    }
}

extension UTF8 {
    fileprivate static func width(_ scalar: Unicode.Scalar) -> Int { UTF8.encode(scalar)?.count ?? 4 }
}
