/// What `quantrac energy` says, in both languages.
enum EnergyText: Sendable {
    case hour, day, month, note, total, costs, step
    case heading(String, metric: String, by: String)
    case nothingKnown
    case soFar(until: String)
    case knownFrom(String)
    case unknown
    case estimated(String)
    case folded(String)
    case event(String, when: String, from: String, to: String, isSettled: Bool)
    case gap(from: String, until: String, amount: String)
    case moreEvents(Int)
    case estimateMeans
    case foldedMeans
    case lossMeans

    case bill(month: String, name: String, isOver: Bool)
    case days(Int, Int)
    case fee
    case tax(percent: String)
    case sum(currency: String)
    case billLacks(from: String)
    case billEstimated(String)
    case noPrice(months: String)

    var words: Words {
        switch self {
        case .hour: Words("hour", "giờ")
        case .day: Words("day", "ngày")
        case .month: Words("month", "tháng")
        case .note: Words("note", "ghi chú")
        case .total: Words("total", "tổng")
        case .costs: Words("costs", "thành tiền")
        case .step: Words("step", "bậc")
        case .heading(let device, let metric, let by):
            Words("\(device) · \(metric) · by \(by)", "\(device) · \(metric) · theo \(by)")
        case .nothingKnown:
            Words("No readings of this counter in this range.", "Không có số đo nào của công tơ này trong khoảng này.")
        case .soFar(let until): Words("so far, until \(until)", "đến \(until)")
        case .knownFrom(let from): Words("known from \(from)", "biết từ \(from)")
        case .unknown: Words("not known", "không rõ")
        case .estimated(let amount): Words("~ \(amount) estimated", "~ \(amount) ước tính")
        case .folded(let step): Words("from steps of \(step)", "từ bước \(step)")
        case .event(let kind, let when, let from, let to, let isSettled):
            EnergyText.event(kind, "\(when), \(from) → \(to)", isSettled)
        case .gap(let from, let until, let amount):
            Words(
                "gap from \(from) until \(until): no readings; the \(amount) counted meanwhile are spread evenly",
                "mất tin từ \(from) đến \(until): không có số đo; \(amount) đếm được trong lúc đó được chia đều")
        case .moreEvents(let count):
            Words("and \(count) more of the kind", "và \(count) lần nữa")
        case .estimateMeans:
            Words(
                "~ estimated: spread evenly over a pause that reaches beyond the period",
                "~ ước tính: chia đều cho khoảng không có số đo vượt ra ngoài kỳ")
        case .foldedMeans:
            Words(
                "from steps: the readings themselves have given way to the disk budget; totals stay exact",
                "từ bước: số đo gốc đã nhường chỗ vì hạn mức đĩa; tổng vẫn chính xác")
        case .lossMeans:
            Words(
                "What was consumed between the last reading and a reset or a replacement is not in it.",
                "Phần tiêu thụ giữa số đo cuối và lúc về 0 hoặc thay công tơ không được tính.")

        case .bill(let month, let name, let isOver):
            isOver
                ? Words("Bill of \(month) · \(name)", "Hóa đơn tháng \(month) · \(name)")
                : Words("Bill of \(month) so far · \(name)", "Tạm tính tháng \(month) đến nay · \(name)")
        case .days(let first, let last): Words("days \(first)–\(last)", "ngày \(first)–\(last)")
        case .fee: Words("fixed fee", "phí cố định")
        case .tax(let percent): Words("VAT \(percent) %", "thuế GTGT \(percent) %")
        case .sum(let currency): Words("to pay, \(currency)", "phải trả, \(currency)")
        case .billLacks(let from):
            Words(
                "The counter is known from \(from) only: the bill lacks what was consumed before.",
                "Chỉ biết số đếm từ \(from): hóa đơn thiếu phần tiêu thụ trước đó.")
        case .billEstimated(let amount):
            Words(
                "~ \(amount) of it are estimated, because readings fail at the month's edge.",
                "~ \(amount) trong đó là ước tính vì thiếu số đo ở đầu hoặc cuối tháng.")
        case .noPrice(let months):
            Words(
                "The tariff has no price for \(months).", "Biểu giá không có giá cho \(months).")
        }
    }

    private static func event(_ kind: String, _ what: String, _ isSettled: Bool) -> Words {
        guard isSettled else {
            return Words(
                "\(kind)? at \(what): too few readings follow to tell; it counts nothing yet",
                "\(name(kind))? lúc \(what): chưa đủ số đo để kết luận; tạm thời không tính")
        }
        return switch kind {
        case "reset":
            Words(
                "reset at \(what): the counter began anew; what it shows was consumed since",
                "về 0 lúc \(what): công tơ đếm lại từ đầu; số hiện lên là phần tiêu thụ từ đó")
        case "dip":
            Words(
                "dip at \(what): lower readings that were wrong; they count nothing",
                "tụt số lúc \(what): số đo thấp bị sai; không tính")
        case "replacement":
            Words(
                "replacement at \(what): another meter, or a counter that was set; the step counts nothing",
                "thay công tơ lúc \(what): công tơ khác hoặc số đếm được đặt lại; bước nhảy không tính")
        case "spike":
            Words(
                "spike at \(what): higher readings that were wrong; they count nothing",
                "vọt số lúc \(what): số đo cao bị sai; không tính")
        default: Words("\(kind) at \(what)", "\(kind) lúc \(what)")
        }
    }

    private static func name(_ kind: String) -> String {
        switch kind {
        case "reset": "về 0"
        case "dip": "tụt số"
        case "replacement": "thay công tơ"
        case "spike": "vọt số"
        default: kind
        }
    }
}

extension Texts {
    func callAsFunction(_ text: EnergyText) -> String { text.words[language] }
}
