/// What alerts of sensor rules say if their rules don't, in both languages.
enum SensorTexts {
    static func annotations(of rule: SensorRule) -> [(name: String, text: String)] {
        let (english, vietnamese) = summary(of: rule)
        return [(AlertLabel.summary, english), (AlertLabel.summaryVietnamese, vietnamese)]
    }

    private static let device = "{{ $labels.device }}"

    private static func summary(of rule: SensorRule) -> (english: String, vietnamese: String) {
        let unit = rule.selection.quantity?.unit ?? ""
        let value = "{{ printf \"%.1f\" $value }}\(unit)"
        let (what, whatVietnamese) = names(rule.selection.quantity)
        switch rule.condition {
        case .limit(.above, _):
            return ("\(device): \(what) \(value), too high.", "\(device): \(whatVietnamese) \(value), quá cao.")
        case .limit(.below, _):
            return ("\(device): \(what) \(value), too low.", "\(device): \(whatVietnamese) \(value), quá thấp.")
        case .rate(let side, _, _, let window):
            let time = SensorRule.duration(window)
            let (turn, turnVietnamese) = side == .above ? ("rising", "đang tăng") : ("falling", "đang giảm")
            return (
                "\(device): \(what) \(turn), \(value) in \(time).",
                "\(device): \(whatVietnamese) \(turnVietnamese), \(value) trong \(time)."
            )
        case .stuck(let milliseconds):
            let time = SensorRule.duration(milliseconds)
            return (
                "\(device) has shown exactly {{ $value }}\(unit) for \(time): its sensor hangs.",
                "\(device) hiện đúng {{ $value }}\(unit) suốt \(time): cảm biến bị treo."
            )
        case .battery:
            return (
                "The battery of \(device) is at {{ $value }} %: change it soon.",
                "Pin của \(device) còn {{ $value }} %: sắp phải thay."
            )
        case .implausible:
            return (
                "\(device) says {{ $value }}\(unit): its sensor is broken or its cable loose.",
                "\(device) báo {{ $value }}\(unit): cảm biến hỏng hoặc dây lỏng."
            )
        case .silent:
            return (
                "\(device) has gone silent: nothing for {{ humanizeDuration $value }}.",
                "\(device) không còn gửi số liệu đã {{ humanizeDuration $value }}."
            )
        }
    }

    private static func names(_ quantity: SensorQuantity?) -> (english: String, vietnamese: String) {
        switch quantity {
        case .temperature: ("temperature", "nhiệt độ")
        case .humidity: ("humidity", "độ ẩm")
        case .power: ("power", "công suất")
        case .battery: ("battery", "pin")
        case nil: ("value", "giá trị")
        }
    }

    /// Of a gateway whose devices have all fallen silent.
    static let gateway: [(name: String, text: String)] = [
        (
            AlertLabel.summary,
            "All {{ with $labels.convention }}{{ . }} {{ end }}devices{{ with $labels.gateway }} of {{ . }}{{ end }} "
                + "have gone silent at once: is their gateway or network down?"
        ),
        (
            AlertLabel.summaryVietnamese,
            "Tất cả thiết bị {{ with $labels.convention }}{{ . }} {{ end }}{{ with $labels.gateway }}của {{ . }} {{ end }}"
                + "im lặng cùng lúc: bộ trung tâm hoặc mạng bị ngắt?"
        ),
    ]
}
