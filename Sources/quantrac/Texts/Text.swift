import QueryAPI
import RingStore

/// Everything that the client says, in both languages. What failed, and what to do then, is in `ClientError+words.swift`;
/// the daemon's codes are in `DaemonCode.swift`.
enum Text: Sendable {
    // Titles of columns and sections
    case age, alert, alerts, battery, broker, clock, convention, device, household, intake, lastSeen, metric, metrics,
        name
    case everNewNames, problems, quota, refused, room, series, signal, sinceTitle, state, store, summary, time, unit,
        value

    // Durations
    case milliseconds(Int)
    case seconds(Int)
    case minutes(Int)
    case hours(Int)
    case days(Int)
    case ago(String)
    case ahead(String)
    case dayAndMonth(day: Int, month: Int)

    // Status
    case healthy, degraded
    case upFor(String)
    case since(String)
    case connects(UInt64)
    case lastError(String)
    case brokerState(String, address: String)
    case ringFilled(percent: String)
    case budgetUsed(used: String, budget: String, directory: String)
    case holds(series: UInt64, samples: UInt64)
    case fromTo(String, String)
    case damaged(UInt64)
    case writeError(String)
    case rates(messages: String, readings: String)
    case totals(messages: UInt64, readings: UInt64, duplicates: UInt64)
    case refusalReason(String)
    case forExample(String)
    case alertCounts(rules: Int, firing: Int, pending: Int)

    // Devices, alerts, history
    case offline
    case noDevices, noValues
    case noAlerts(rules: Int)
    case alertState(String)
    case brokenRule(name: String, file: String, reason: String)
    case told
    case delivery(channel: String, state: String, tries: Int)
    case undelivered(channel: String, waiting: Int, since: String?, reason: String)
    case emptyResult
    case noReadingsInRange
    case newestReading(String)
    case longerStepsBefore(String)
    case least, mean, greatest, last
    case stepOf(milliseconds: Int64)

    // What the budget holds
    case tier, share, reachesBack, oldest, notKept, notYetKnown, planNotYetKnown
    case tierName(String)
    case budgetHolds(budget: String, plan: String)
    case atTodaysRate(String)
    case years(String)
    case manyDays(String)
    case manyHours(String)
    case syncs(window: String, isAutomatic: Bool, sync: String?)

    // Backup
    case copied(bytes: String)
    case copyHolds(path: String, series: UInt64, samples: UInt64, damage: Int)
    case copyHoldsBeside(CompanionFile.Name)
    case copyLacks(CompanionFile.Name)
    case moreDamage(Int, path: String)
    case leftOut(series: String, from: String, to: String)
    case leftOutMore(Int)

    // The store's files
    case bytes, bytesPerSample, chunks, content, file, from, onDisk, samples, segment, slot, to
    case verified, looksHealthy
    case damageFound(Int)
    case format(Int)
    case framesOf(kind: String, count: Int)
    case logHolds(used: String, size: String, frames: String, checkpoint: UInt64, headSamples: String)
    case catalogueHolds(series: UInt64, shapes: UInt64, pages: Int, of: Int)
    case poolHolds(segments: Int, slots: Int, size: String, samples: String)
    case verifying(segments: Int, of: Int)

    // Refused messages
    case online, model, received, topic, reason, detail, payload
    case offlineFor(String)
    case clockAhead(String)
    case clockBehind(String)
    case nothingRefused
    case noneMatches(kept: Int)
    case shownOf(shown: Int, matching: Int, kept: Int)
    case payloadGoesOn(bytes: String)
    case noText(bytes: Int)
    case keptForASecondTry(Int)
    case replayed(ReplayReport)

    // Export and import
    case exported(lines: UInt64, bytes: String, perSecond: String)
    case imported(ImportReport)
    case importing(ImportReport, percent: Int?)
    case importedBefore(ImportReport)

    var words: Words {
        switch self {
        case .age: Words("age", "cách đây")
        case .alert: Words("alert", "cảnh báo")
        case .alerts: Words("Alerts", "Cảnh báo")
        case .battery: Words("battery", "pin")
        case .broker: Words("Broker", "Broker")
        case .convention: Words("convention", "quy ước")
        case .device: Words("device", "thiết bị")
        case .household: Words("household", "hộ")
        case .intake: Words("Intake", "Tiếp nhận")
        case .lastSeen: Words("last seen", "liên lạc cuối")
        case .metric: Words("metric", "đại lượng")
        case .metrics: Words("metrics", "đại lượng")
        case .name: Words("name", "tên")
        case .problems: Words("Problems", "Sự cố")
        case .refused: Words("Refused", "Từ chối")
        case .quota: Words("Quota", "Hạn mức")
        case .everNewNames: Words("ever new devices and topics", "thiết bị và chủ đề luôn mới")
        case .clock: Words("clock", "đồng hồ")
        case .room: Words("room", "phòng")
        case .series: Words("series", "chuỗi")
        case .signal: Words("signal", "sóng")
        case .sinceTitle: Words("since", "từ lúc")
        case .state: Words("state", "trạng thái")
        case .store: Words("Store", "Kho dữ liệu")
        case .summary: Words("summary", "tóm tắt")
        case .time: Words("time", "thời điểm")
        case .unit: Words("unit", "đơn vị")
        case .value: Words("value", "giá trị")

        case .milliseconds(let count): Words("\(count) ms", "\(count) ms")
        case .seconds(let count): Words("\(count) s", "\(count) giây")
        case .minutes(let count): Words("\(count) min", "\(count) phút")
        case .hours(let count): Words("\(count) h", "\(count) giờ")
        case .days(let count): Words("\(count) d", "\(count) ngày")
        case .ago(let duration): Words("\(duration) ago", "\(duration) trước")
        case .ahead(let duration): Words("\(duration) ahead", "\(duration) tới")
        case .dayAndMonth(let day, let month): Words("\(Text.month(month)) \(day)", "\(day)/\(month)")

        case .healthy: Words("healthy", "hoạt động tốt")
        case .degraded: Words("DEGRADED", "CÓ SỰ CỐ")
        case .upFor(let duration): Words("up \(duration)", "đã chạy \(duration)")
        case .since(let time): Words("since \(time)", "từ \(time)")
        case .connects(let count): Words("\(count) connects so far", "đã kết nối \(count) lần")
        case .lastError(let reason): Words("last error: \(reason)", "lỗi gần nhất: \(reason)")
        case .brokerState(let state, let address): Text.brokerState(state, address)
        case .ringFilled(let percent):
            Words(
                "\(percent) % full; then the oldest gives way", "đầy \(percent) %; khi đầy, dữ liệu cũ nhất nhường chỗ")
        case .budgetUsed(let used, let budget, let directory):
            Words(
                "\(used) reserved of a budget of \(budget), in \(directory)",
                "đã dành \(used) trên hạn mức \(budget), tại \(directory)")
        case .holds(let series, let samples):
            Words(
                "\(NumberText.grouped(series)) series, \(Text.readings(samples))",
                "\(NumberText.grouped(series)) chuỗi, \(NumberText.grouped(samples)) số đo")
        case .fromTo(let from, let to): Words("from \(from) to \(to)", "từ \(from) đến \(to)")
        case .damaged(let count):
            Words("damage was found in \(count) \(count == 1 ? "place" : "places")", "phát hiện \(count) chỗ hỏng")
        case .writeError(let reason): Words("nothing is stored: \(reason)", "không lưu được: \(reason)")
        case .rates(let messages, let readings):
            Words(
                "\(messages) messages/s, \(readings) readings/s over the last minute",
                "\(messages) tin/giây, \(readings) số đo/giây trong phút vừa qua")
        case .totals(let messages, let readings, let duplicates):
            Words(
                "since the start \(NumberText.grouped(messages)) messages, \(NumberText.grouped(readings)) readings, "
                    + "\(NumberText.grouped(duplicates)) duplicates",
                "từ lúc khởi động: \(NumberText.grouped(messages)) tin, \(NumberText.grouped(readings)) số đo, "
                    + "\(NumberText.grouped(duplicates)) bản trùng")
        case .refusalReason(let code): DaemonCode.refusal(code)
        case .forExample(let example): Words("e.g. \(example)", "ví dụ \(example)")
        case .alertCounts(let rules, let firing, let pending):
            Words(
                "\(firing) firing, \(pending) pending; \(rules) \(rules == 1 ? "rule" : "rules")",
                "\(firing) đang báo động, \(pending) đang chờ; \(rules) quy tắc")

        case .offline: Words("offline", "ngoại tuyến")
        case .noDevices:
            Words(
                "No device yet. Devices appear with their first message; 'quantrac status' shows whether messages arrive.",
                "Chưa có thiết bị nào. Thiết bị xuất hiện khi gửi tin đầu tiên; 'quantrac status' cho biết có tin đến hay chưa."
            )
        case .noValues: Words("No reading yet.", "Chưa có số đo nào.")
        case .noAlerts(let rules):
            Words(
                "No alert is active; \(rules) \(rules == 1 ? "rule watches" : "rules watch").",
                "Không có cảnh báo nào; \(rules) quy tắc đang theo dõi.")
        case .alertState(let state): Text.alertState(state)
        case .brokenRule(let name, let file, let reason):
            Words(
                "rule \(name) cannot be evaluated: \(reason) (\(file))",
                "không tính được quy tắc \(name): \(reason) (\(file))")
        case .told: Words("told", "đã báo")
        case .delivery(let channel, "delivered", _): Words(channel, channel)
        case .delivery(let channel, "muted", _): Words("\(channel): held back", "\(channel): chưa báo")
        case .delivery(let channel, "failed", _): Words("\(channel): given up", "\(channel): đã bỏ")
        case .delivery(let channel, _, tries: 0): Words("\(channel): waiting", "\(channel): đang chờ")
        case .delivery(let channel, _, let tries):
            Words(
                "\(channel): waiting, \(tries) \(tries == 1 ? "try" : "tries")",
                "\(channel): đang chờ, đã thử \(tries) lần")
        case .undelivered(let channel, let waiting, let since, let reason):
            Words(
                "channel \(channel) fails" + (since.map { " since \($0)" } ?? "")
                    + ", \(waiting) \(waiting == 1 ? "notice waits" : "notices wait"): \(reason)",
                "kênh \(channel) gặp lỗi" + (since.map { " từ \($0)" } ?? "")
                    + ", \(waiting) tin báo đang chờ: \(reason)")
        case .emptyResult:
            Words(
                "The result is empty: no series matches, or none has a value then.",
                "Kết quả rỗng: không chuỗi nào khớp, hoặc không chuỗi nào có giá trị vào lúc đó.")
        case .noReadingsInRange: Words("no readings in this range", "không có số đo trong khoảng này")
        case .newestReading(let time): Words("the newest reading is of \(time)", "số đo mới nhất là lúc \(time)")
        case .longerStepsBefore(let time):
            Words(
                "before \(time) only minutes or hours are kept, not each reading: the steps there are longer than asked for",
                "trước \(time) chỉ còn số liệu theo phút hoặc giờ, không còn từng số đo: các bước ở đó dài hơn yêu cầu")
        case .least: Words("min", "thấp nhất")
        case .mean: Words("avg", "trung bình")
        case .greatest: Words("max", "cao nhất")
        case .last: Words("last", "mới nhất")
        case .stepOf(let milliseconds):
            Words(
                "step " + Texts(language: .english).duration(milliseconds: milliseconds),
                "bước " + Texts(language: .vietnamese).duration(milliseconds: milliseconds))

        case .tier: Words("tier", "tầng")
        case .share: Words("share", "phần")
        case .reachesBack: Words("reaches back", "giữ được")
        case .oldest: Words("oldest", "cũ nhất")
        case .notKept: Words("not kept", "không lưu")
        case .notYetKnown: Words("not known yet", "chưa rõ")
        case .planNotYetKnown:
            Words("too little is stored to tell how far back it will reach", "chưa đủ dữ liệu để biết giữ được bao lâu")
        case .tierName(let name): Text.tierName(name)
        case .budgetHolds(let budget, let plan):
            Words("A budget of \(budget) holds: \(plan)", "Hạn mức \(budget) giữ được: \(plan)")
        case .atTodaysRate(let plan): Words("\(plan) at today's rate", "\(plan) với tốc độ hiện nay")
        case .years(let count): Words("\(count) \(count == "1" ? "year" : "years")", "\(count) năm")
        case .manyDays(let count): Words("\(count) days", "\(count) ngày")
        case .manyHours(let count): Words("\(count) \(count == "1" ? "hour" : "hours")", "\(count) giờ")
        case .syncs(let window, let isAutomatic, let sync):
            Words(
                "synced within \(window)\(isAutomatic ? " (chosen by the disk)" : "")"
                    + (sync.map { "; a sync takes \($0)" } ?? ""),
                "ghi chắc chắn xuống đĩa trong \(window)\(isAutomatic ? " (tự chọn theo đĩa)" : "")"
                    + (sync.map { "; mỗi lần mất \($0)" } ?? ""))

        case .copied(let bytes): Words("\(bytes) copied …", "đã chép \(bytes) …")
        case .copyHolds(let path, let series, let samples, damage: 0):
            Words(
                "\(path): \(NumberText.grouped(series)) series, \(Text.readings(samples)); every checksum is right",
                "\(path): \(NumberText.grouped(series)) chuỗi, \(NumberText.grouped(samples)) số đo; mọi mã kiểm tra đều đúng"
            )
        case .copyHolds(let path, let series, let samples, let damage):
            Words(
                "\(path): \(NumberText.grouped(series)) series, up to \(NumberText.grouped(samples)) readings; "
                    + "DAMAGED in \(damage) \(damage == 1 ? "place" : "places"), everything else is whole",
                "\(path): \(NumberText.grouped(series)) chuỗi, tối đa \(NumberText.grouped(samples)) số đo; "
                    + "HỎNG \(damage) chỗ, phần còn lại nguyên vẹn")
        case .copyHoldsBeside(let name): name.isInCopy
        case .copyLacks(let name): name.isNotInCopy
        case .moreDamage(let count, let path):
            Words(
                "… and \(count) more: quantrac store verify \(path)",
                "… và \(count) chỗ nữa: quantrac store verify \(path)")

        case .leftOut(let series, let from, let to):
            Words(
                "left out, because it is damaged on the disk: \(series) from \(from) to \(to)",
                "bị bỏ qua vì hỏng trên đĩa: \(series) từ \(from) đến \(to)")
        case .leftOutMore(let count):
            Words("left out: \(count) more such places", "bị bỏ qua: \(count) chỗ nữa như vậy")

        case .bytes: Words("bytes", "byte")
        case .bytesPerSample: Words("bytes/reading", "byte/số đo")
        case .chunks: Words("chunks", "khối")
        case .content: Words("content", "nội dung")
        case .file: Words("file", "tệp")
        case .from: Words("from", "từ")
        case .onDisk: Words("on disk", "trên đĩa")
        case .samples: Words("readings", "số đo")
        case .segment: Words("segment", "phân đoạn")
        case .slot: Words("slot", "ô")
        case .to: Words("to", "đến")
        case .verified:
            Words("healthy: every checksum is right", "nguyên vẹn: mọi mã kiểm tra đều đúng")
        case .looksHealthy:
            Words("nothing wrong seen ('verify' reads everything)", "chưa thấy lỗi ('verify' sẽ đọc toàn bộ)")
        case .damageFound(let count):
            Words("DAMAGED in \(count) \(count == 1 ? "place" : "places")", "HỎNG \(count) chỗ")
        case .format(let version): Words("format \(version)", "định dạng \(version)")
        case .framesOf(let kind, let count): Text.frames(kind, count)
        case .logHolds(let used, let size, let frames, let checkpoint, let headSamples):
            Words(
                "log: \(used) of \(size) in use (\(frames)), checkpoint \(checkpoint), \(headSamples) readings in it",
                "nhật ký: dùng \(used) trên \(size) (\(frames)), điểm lưu \(checkpoint), gồm \(headSamples) số đo")
        case .catalogueHolds(let series, let shapes, let pages, let all):
            Words(
                "catalogue: \(NumberText.grouped(series)) series, \(NumberText.grouped(shapes)) shapes, \(pages) of "
                    + "\(all) pages",
                "danh mục: \(NumberText.grouped(series)) chuỗi, \(NumberText.grouped(shapes)) dạng, \(pages) trên "
                    + "\(all) trang")
        case .poolHolds(let segments, let slots, let size, let samples):
            Words(
                "pool: \(segments) segments in \(slots) slots of \(size); \(samples) readings in all",
                "vùng chứa: \(segments) phân đoạn trong \(slots) ô \(size); tổng cộng \(samples) số đo")
        case .verifying(let segments, let all):
            Words("\(segments) of \(all) segments …", "\(segments) trên \(all) phân đoạn …")

        case .online: Words("online", "trực tuyến")
        case .model: Words("model", "kiểu máy")
        case .received: Words("received", "nhận lúc")
        case .topic: Words("topic", "chủ đề")
        case .reason: Words("reason", "lý do")
        case .detail: Words("what is wrong", "sai ở đâu")
        case .payload: Words("payload", "nội dung")
        case .offlineFor(let duration): Words("offline for \(duration)", "ngoại tuyến \(duration)")
        case .clockAhead(let duration): Words("\(duration) ahead", "nhanh \(duration)")
        case .clockBehind(let duration): Words("\(duration) behind", "chậm \(duration)")
        case .nothingRefused: Words("No message is kept as refused.", "Không có tin bị từ chối nào được giữ lại.")
        case .noneMatches(let kept):
            Words(
                "None of the \(kept) refused messages matches.",
                "Không tin nào trong \(kept) tin bị từ chối khớp điều kiện.")
        case .shownOf(let shown, let matching, let kept):
            Words(
                "\(shown) of \(matching) shown, of \(kept) that are kept. 'quantrac refused replay' reads them again.",
                "Hiện \(shown) trên \(matching) tin, trong \(kept) tin được giữ. 'quantrac refused replay' đọc lại các tin này."
            )
        case .payloadGoesOn(let bytes): Words("… (\(bytes))", "… (\(bytes))")
        case .noText(let bytes): Words("\(bytes) bytes that are no text", "\(bytes) byte không phải văn bản")
        case .keptForASecondTry(let count):
            Words(
                "\(NumberText.grouped(UInt64(max(0, count)))) kept for a second try: 'quantrac refused'",
                "giữ lại \(NumberText.grouped(UInt64(max(0, count)))) tin để thử lại: 'quantrac refused'")
        case .replayed(let report): Text.replayed(report)

        case .exported(let lines, let bytes, let perSecond):
            Words(
                "\(NumberText.grouped(lines)) lines, \(bytes), \(perSecond)/s",
                "\(NumberText.grouped(lines)) dòng, \(bytes), \(perSecond)/giây")
        case .imported(let report): Text.imported(report)
        case .importing(let report, let percent):
            Words(
                (percent.map { "\($0) %, " } ?? "") + Text.imported(report).english,
                (percent.map { "\($0) %, " } ?? "") + Text.imported(report).vietnamese)
        case .importedBefore(let report):
            Words(
                "Before that: \(Text.imported(report).english). The import can be given again; nothing is stored twice.",
                "Trước đó: \(Text.imported(report).vietnamese). Có thể nhập lại từ đầu; không số đo nào bị lưu hai lần."
            )
        }
    }

    private static func tierName(_ name: String) -> Words {
        switch name {
        case "raw": Words("raw", "gốc")
        case "1m": Words("1 min", "1 phút")
        case "1h": Words("1 h", "1 giờ")
        default: Words(name, name)
        }
    }

    private static func replayed(_ report: ReplayReport) -> Words {
        let refused = report.refused.sorted { $0.key < $1.key }.map { (DaemonCode.refusal($0.key), $0.value) }
        func list(_ language: Language) -> String {
            refused.map { "\($0.1) × \($0.0[language])" }.joined(separator: ", ")
        }
        var english =
            "\(report.messages) \(report.messages == 1 ? "message" : "messages") read again: \(report.understood) understood, "
            + "\(readings(report.readings)) stored, "
            + "\(report.duplicates) \(report.duplicates == 1 ? "was" : "were") there already"
        var vietnamese =
            "đã đọc lại \(report.messages) tin: hiểu được \(report.understood) tin, lưu \(report.readings) số đo, "
            + "\(report.duplicates) đã có sẵn"
        if report.tooOld > 0 {
            english += ", \(report.tooOld) are older than what is kept"
            vietnamese += ", \(report.tooOld) cũ hơn dữ liệu đang lưu"
        }
        if !refused.isEmpty {
            english += "; still refused: " + list(.english)
            vietnamese += "; vẫn bị từ chối: " + list(.vietnamese)
        }
        if report.cut > 0 {
            english += "; \(report.cut) were too large to be kept whole and cannot be read again"
            vietnamese += "; \(report.cut) tin quá lớn, chỉ giữ phần đầu nên không đọc lại được"
        }
        return Words(english, vietnamese)
    }

    private static func imported(_ report: ImportReport) -> Words {
        let refused = report.refused.sorted { $0.key < $1.key }.map { (DaemonCode.refusal($0.key), $0.value) }
        func list(_ language: Language) -> String {
            refused.map { ", \(NumberText.grouped($0.1)) × \($0.0[language])" }.joined()
        }
        return Words(
            "\(readings(report.stored)) stored, \(NumberText.grouped(report.duplicates)) "
                + "\(report.duplicates == 1 ? "was" : "were") there already" + list(.english),
            "đã lưu \(NumberText.grouped(report.stored)) số đo, \(NumberText.grouped(report.duplicates)) đã có sẵn"
                + list(.vietnamese))
    }

    private static func frames(_ kind: String, _ count: Int) -> Words {
        let number = NumberText.grouped(UInt64(max(0, count)))
        let plural = count == 1 ? "" : "s"
        return switch kind {
        case "readings": Words("\(number) frame\(plural) of readings", "\(number) khung số đo")
        case "headChunks": Words("\(number) frame\(plural) of chunks", "\(number) khung khối dữ liệu")
        case "amendments": Words("\(number) frame\(plural) of amended buckets", "\(number) khung khoảng đã bổ sung")
        case "checkpoint": Words("\(number) checkpoint\(plural)", "\(number) điểm lưu")
        case "mark": Words("\(number) mark\(plural)", "\(number) dấu mốc")
        default: Words("\(number) \(kind)", "\(number) \(kind)")
        }
    }

    /// In English
    private static func readings(_ count: UInt64) -> String {
        NumberText.grouped(count) + (count == 1 ? " reading" : " readings")
    }

    private static func month(_ number: Int) -> String {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return names.indices.contains(number - 1) ? names[number - 1] : "\(number)"
    }

    private static func brokerState(_ state: String, _ address: String) -> Words {
        switch state {
        case "connected": Words("connected to \(address)", "đã kết nối tới \(address)")
        case "connecting": Words("connecting to \(address)", "đang kết nối tới \(address)")
        case "waiting":
            Words("\(address) not reached, waiting to try again", "chưa tới được \(address), đang chờ thử lại")
        default: Words("\(state), \(address)", "\(state), \(address)")
        }
    }

    private static func alertState(_ state: String) -> Words {
        switch state {
        case "firing": Words("FIRING", "BÁO ĐỘNG")
        case "pending": Words("pending", "đang chờ")
        case "inactive": Words("not active", "không báo động")
        default: Words(state, state)
        }
    }
}
