/// What people call the metrics of common devices, in Vietnamese and English.
enum MetricWords {
    /// Words of metric names, the usual one first, and what is said instead.
    private static let spoken: [(words: [String], names: [String])] = [
        (["temperature", "temp"], ["nhiệt độ"]),
        (["humidity", "moisture"], ["độ ẩm"]),
        (["soil moisture", "soil humidity"], ["độ ẩm đất"]),
        (["pressure"], ["áp suất"]),
        (["dew point", "dewpoint"], ["điểm sương"]),
        (["battery", "batt"], ["pin"]),
        (["voltage", "energy voltage"], ["điện áp"]),
        (["current", "energy current"], ["dòng điện"]),
        (["power", "energy power"], ["công suất"]),
        (["apparent power", "energy apparent power"], ["công suất biểu kiến"]),
        (["reactive power", "energy reactive power"], ["công suất phản kháng"]),
        (["power factor", "energy factor"], ["hệ số công suất"]),
        (["energy", "energy total"], ["điện năng", "điện tiêu thụ", "consumption"]),
        (["energy today"], ["điện năng hôm nay"]),
        (["energy yesterday"], ["điện năng hôm qua"]),
        (["frequency", "energy frequency"], ["tần số"]),
        (["illuminance", "lux"], ["độ rọi", "độ sáng", "ánh sáng", "light", "brightness"]),
        (["co2", "carbon dioxide"], ["khí CO2", "carbon dioxide"]),
        (["pm25", "pm2 5", "pm 2 5"], ["bụi mịn", "fine dust"]),
        (["noise", "sound"], ["tiếng ồn"]),
        (["gas"], ["khí"]),
        (["smoke"], ["khói"]),
        (["water leak", "leak"], ["rò nước"]),
        (["occupancy", "presence"], ["có người", "presence"]),
        (["motion"], ["chuyển động"]),
        (["contact"], ["tiếp điểm", "cửa", "door"]),
        (["door"], ["cửa"]),
        (["state"], ["trạng thái"]),
        (["linkquality", "link quality"], ["chất lượng sóng", "tín hiệu", "link quality", "signal"]),
        (["rssi", "wifi signal", "signal"], ["cường độ sóng", "tín hiệu", "signal"]),
        (["uptime"], ["thời gian chạy"]),
        (["wind speed"], ["tốc độ gió"]),
        (["wind direction"], ["hướng gió"]),
        (["rain", "precipitation"], ["lượng mưa"]),
        (["level"], ["mức", "mực nước"]),
        (["flow"], ["lưu lượng"]),
        (["volume"], ["thể tích"]),
        (["dissolved oxygen", "oxygen"], ["oxy hòa tan", "ôxy", "oxygen"]),
        (["salinity"], ["độ mặn"]),
        (["ph"], ["độ pH"]),
        (["turbidity"], ["độ đục"]),
        (["ammonia", "nh3"], ["amoniac"]),
    ]

    /// Each of the words between blanks, as it stands in a folded name, with all that is said instead.
    private static let known = spoken.flatMap { entry in
        entry.words.map { (word: " \($0) ", names: entry.names + entry.words.prefix(1)) }
    }

    /// The names under which somebody may look for `metric`, besides its own: of the longest of its words that are known, so
    /// that `energy_power` is a power and no energy.
    static func names(of metric: String) -> [String] {
        let folded = " \(FoldedName.of(metric)) "
        guard let (word, names) = known.filter({ folded.contains($0.word) }).max(by: { $0.word.count < $1.word.count })
        else { return [] }
        return names.map { folded.replacing(word, with: " \($0) ", maxReplacements: 1) }
    }
}
