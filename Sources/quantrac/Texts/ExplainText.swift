/// What `quantrac alerts explain` says, in both languages.
enum ExplainText: Sendable {
    case heldSince(String)
    case firesSince(String)
    case shortForm
    case rule(group: String, file: String)
    case mustHold(String)
    case readings, noReadings
    case thenAndNow(String, String)
    case expressionThen, expressionNow
    case past
    /// A channel, and when.
    case wasTold(String, String)
    case wasToldOfEnd(String, String)
    case couldNotBeTold(String, String)

    var words: Words {
        switch self {
        case .heldSince(let time): Words("its condition holds since \(time)", "điều kiện đúng từ \(time)")
        case .firesSince(let time): Words("it fires since \(time)", "đã báo từ \(time)")
        case .shortForm: Words("which is short for:", "viết đầy đủ là:")
        case .rule(let group, let file):
            Words("rule, group \(group) in \(file):", "quy tắc, nhóm \(group) trong \(file):")
        case .mustHold(let duration): Words("it must hold for \(duration)", "phải kéo dài \(duration)")
        case .readings: Words("readings, at that moment and now:", "số đo, lúc đó và bây giờ:")
        case .noReadings: Words("no reading is there that it looks at", "không có số đo nào mà quy tắc xét đến")
        case .expressionThen: Words("with values, at that moment:", "với giá trị lúc đó:")
        case .expressionNow: Words("and now:", "và bây giờ:")
        case .past:
            Words("it fired in the week before (--at tells more):", "đã báo trong tuần trước đó (xem thêm bằng --at):")
        case .wasTold(let channel, let time): Words("\(channel) was told, \(time)", "đã báo \(channel), \(time)")
        case .wasToldOfEnd(let channel, let time):
            Words("\(channel) was told that it is over, \(time)", "đã báo \(channel) là đã hết, \(time)")
        case .couldNotBeTold(let channel, let time):
            Words("\(channel) could not be told, \(time)", "không báo được \(channel), \(time)")
        case .thenAndNow(let then, let now): Words("\(then), now \(now)", "\(then), bây giờ \(now)")
        }
    }
}

extension Texts {
    func callAsFunction(_ text: ExplainText) -> String { text.words[language] }
}
