import RingStore

extension CompanionFile.Name {
    var isInCopy: Words { Words("with \(contents.english)", "kèm \(contents.vietnamese)") }

    var isNotInCopy: Words {
        Words(
            "without \(contents.english): the daemon could not read it, its log says why, or had no such file",
            "không có \(contents.vietnamese): trình nền không đọc được (xem nhật ký), hoặc không có tệp này")
    }

    private var contents: Words {
        switch self {
        case .registry:
            Words(
                "\(rawValue), what is known of devices, and refused messages",
                "\(rawValue): thông tin thiết bị và các thông điệp bị từ chối")
        case .alerts:
            Words(
                "\(rawValue), the state of alerts, silences, and what waits to be told",
                "\(rawValue): trạng thái cảnh báo, tạm tắt báo và tin chờ gửi")
        }
    }
}
