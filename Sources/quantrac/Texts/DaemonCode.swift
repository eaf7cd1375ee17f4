/// Words for the codes that the daemon reports. A code that is not known here (of a newer daemon) stands for itself.
enum DaemonCode {
    /// Why messages were refused: the words, and the code to search for.
    static func refusal(_ code: String) -> Words {
        guard let words = refusals[code] else { return Words(code, code) }
        return Words("\(words.english) (\(code))", "\(words.vietnamese) (\(code))")
    }

    /// What to do about a problem of `/api/v1/status`; nil if its own text must do.
    static func advice(_ code: String) -> Words? {
        advices[code]
    }

    private static let refusals: [String: Words] = [
        "not_json": Words("not valid JSON", "không phải JSON hợp lệ"),
        "invalid_utf8": Words("not valid UTF-8", "không phải UTF-8 hợp lệ"),
        "invalid_name": Words("name too long or with control characters", "tên quá dài hoặc có ký tự điều khiển"),
        "payload_too_large": Words("payload too large", "nội dung quá lớn"),
        "too_many_values": Words("too many values in one message", "quá nhiều giá trị trong một tin"),
        "too_many_readings": Words("too many readings in one message", "quá nhiều số đo trong một tin"),
        "nested_too_deep": Words("nested too deep", "lồng nhau quá sâu"),
        "too_much_metadata": Words("too many devices announced", "quá nhiều thiết bị được khai báo"),
        "malformed": Words("not what its format demands", "không đúng định dạng"),
        "unsupported": Words("a version or feature that is not known", "phiên bản hoặc tính năng chưa hỗ trợ"),
        "unknown_metric": Words("metrics that were not announced", "số đo chưa được khai báo"),
        "unknown_payload": Words("topic and payload not understood", "không hiểu được chủ đề và nội dung"),
        "no_topic_in_household": Words("topic ends at the household", "chủ đề kết thúc ở tên hộ"),
        "too_many_households": Words("too many households", "quá nhiều hộ"),
        "bad_command": Words(
            "not a command for alerts that can be carried out", "không phải lệnh cảnh báo thực hiện được"),
        "too_old": Words("older than what is kept", "cũ hơn dữ liệu đang lưu"),
        "no_room_for_series": Words("too many series", "quá nhiều chuỗi"),
        "quota_series": Words("the household has as many series as it may", "hộ đã có đủ số chuỗi cho phép"),
        "quota_new_series": Words(
            "the household begins new series too fast", "hộ tạo chuỗi mới quá nhanh"),
        "quota_rate": Words("the household sends readings too fast", "hộ gửi số đo quá nhanh"),
    ]

    private static let advices: [String: Words] = [
        "broker_unreachable": Words(
            "check mqtt.host and mqtt.port in quantracd's configuration, and that the broker runs: systemctl status mosquitto",
            "kiểm tra mqtt.host và mqtt.port trong cấu hình của quantracd, và broker có đang chạy không: systemctl status mosquitto"
        ),
        "store_not_writable": Words(
            "make room on the disk or mount it writable; storing goes on by itself, and the broker keeps what was not acknowledged",
            "giải phóng đĩa hoặc gắn lại đĩa ở chế độ ghi được; việc lưu sẽ tự tiếp tục, broker vẫn giữ những tin chưa xác nhận"
        ),
        "broker_refuses": Words(
            "check mqtt.username, mqtt.passwordFile and what the broker allows this client to read: journalctl -u mosquitto",
            "kiểm tra mqtt.username, mqtt.passwordFile và quyền đọc mà broker cấp cho máy khách này: journalctl -u mosquitto"
        ),
        "household_over_quota": Words(
            "find out why the device sends that, or raise quota: in the configuration; what is there already goes on being stored, and 'quantrac refused replay' reads kept messages again",
            "tìm hiểu vì sao thiết bị gửi như vậy, hoặc nâng mức quota: trong tệp cấu hình; các chuỗi đã có vẫn được lưu, và 'quantrac refused replay' đọc lại các tin được giữ"
        ),
        "store_damaged": Words(
            "readings in what was damaged are lost, the rest is whole; look for disk errors: journalctl -k",
            "các số đo trong phần hỏng đã mất, phần còn lại nguyên vẹn; tìm lỗi đĩa bằng: journalctl -k"),
        "store_mended": Words(
            "nothing is lost: what was damaged had a copy, or could be made anew; look for disk errors: journalctl -k",
            "không mất gì: phần hỏng có bản thứ hai hoặc đã được tạo lại; tìm lỗi đĩa bằng: journalctl -k"),
        "registry_not_writable": Words(
            "readings and alerts are not concerned; make room on the disk, or see what stands at registry.sqlite in store.directory; it is tried again by itself",
            "số đo và cảnh báo không bị ảnh hưởng; hãy giải phóng đĩa hoặc xem tệp registry.sqlite trong store.directory; hệ thống sẽ tự thử lại"
        ),
        "registry_damaged": Words(
            "descriptions of devices come again with their messages; look for disk errors: journalctl -k",
            "thông tin thiết bị sẽ có lại khi chúng gửi tin; tìm lỗi đĩa bằng: journalctl -k"),
        "notices_undelivered": Words(
            "what waits is tried again by itself; check the channel's address and secrets under alerts.notify, then: systemctl reload quantracd",
            "các tin đang chờ sẽ tự được gửi lại; kiểm tra địa chỉ và tệp mật khẩu của kênh trong alerts.notify, rồi chạy: systemctl reload quantracd"
        ),
        "notices_dropped": Words(
            "only changes that later ones made stale, or the oldest, are given up; see which channel does not deliver: 'quantrac alerts'",
            "chỉ bỏ những thay đổi đã cũ hoặc lâu nhất; xem kênh nào không gửi được bằng: 'quantrac alerts'"),
        "outbox_not_writable": Words(
            "notices are sent all the same, but one that waits would not survive a restart; make room on the disk, or see what stands at alerts.sqlite in store.directory",
            "tin báo vẫn được gửi, nhưng tin đang chờ sẽ mất nếu khởi động lại; hãy giải phóng đĩa hoặc xem tệp alerts.sqlite trong store.directory"
        ),
        "outbox_damaged": Words(
            "alerts that fire are told again; look for disk errors: journalctl -k",
            "các cảnh báo đang có sẽ được báo lại; tìm lỗi đĩa bằng: journalctl -k"),
        "configuration_refused": Words(
            "the channels stay as they were; mend the file, then: systemctl reload quantracd",
            "các kênh giữ nguyên như cũ; sửa tệp rồi chạy: systemctl reload quantracd"),
        "rule_file_refused": Words(
            "mend the file, then: systemctl reload quantracd", "sửa tệp rồi chạy: systemctl reload quantracd"),
        "rules_former": Words(
            "what has changed in the file since does not count; mend it, then: systemctl reload quantracd",
            "những gì đã sửa trong tệp từ đó chưa có hiệu lực; hãy sửa tệp rồi chạy: systemctl reload quantracd"
        ),
        "rules_missing": Words(
            "no former rules of the file are known: nothing that its rules watch is watched; mend it, then: systemctl reload quantracd",
            "không còn quy tắc cũ nào của tệp: không có gì mà quy tắc của nó theo dõi đang được theo dõi; hãy sửa rồi chạy: systemctl reload quantracd"
        ),
        "rules_slow": Words(
            "let the rule look at fewer series or a shorter time, give its group a longer interval, or move it to a group of its own, then: systemctl reload quantracd",
            "hãy để quy tắc xem ít chuỗi hơn hoặc thời gian ngắn hơn, đặt interval của nhóm dài hơn, hoặc chuyển nó sang nhóm riêng, rồi chạy: systemctl reload quantracd"
        ),
        "rule_error": Words(
            "'quantrac alerts' shows which rule; mend its file, then: systemctl reload quantracd",
            "'quantrac alerts' cho biết quy tắc nào; sửa tệp quy tắc rồi chạy: systemctl reload quantracd"),
    ]
}
