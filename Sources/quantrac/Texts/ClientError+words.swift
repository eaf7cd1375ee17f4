extension ClientError {
    /// What happened and where, and what to do next.
    var words: (what: Words, next: Words?) {
        switch self {
        case .socketMissing(let path):
            (
                Words("There is no query socket at \(path).", "Không có socket truy vấn tại \(path)."),
                Words(
                    "Is quantracd running? 'systemctl status quantracd' tells. If tools/run started it, pass the --socket that it printed.",
                    "quantracd có đang chạy không? Xem bằng 'systemctl status quantracd'. Nếu chạy bằng tools/run, hãy dùng --socket mà lệnh đó đã in ra."
                )
            )
        case .socketRefused(let path):
            (
                Words("Nobody answers on the socket \(path).", "Không ai trả lời trên socket \(path)."),
                Words(
                    "quantracd has stopped and left it behind. 'systemctl restart quantracd' starts it; 'journalctl -u quantracd' says why it stopped.",
                    "quantracd đã dừng và để lại socket này. Khởi động lại: 'systemctl restart quantracd'; xem lý do: 'journalctl -u quantracd'."
                )
            )
        case .socketForbidden(let path):
            (
                Words(
                    "You may not use the socket \(path): permission denied.", "Bạn không có quyền dùng socket \(path)."),
                Words(
                    "Join the group that owns it ('ls -l \(path)' names it; 'sudo usermod -aG GROUP $USER', then log in again), or use sudo.",
                    "Hãy vào nhóm sở hữu socket ('ls -l \(path)' cho biết tên nhóm; 'sudo usermod -aG NHÓM $USER' rồi đăng nhập lại), hoặc dùng sudo."
                )
            )
        case .socketPathTooLong(let path):
            (
                Words(
                    "The socket's path is longer than the 107 bytes that Linux allows: \(path)",
                    "Đường dẫn socket dài hơn 107 byte mà Linux cho phép: \(path)"),
                Words(
                    "Use a shorter path in query.socket and --socket.",
                    "Hãy dùng đường dẫn ngắn hơn cho query.socket và --socket.")
            )
        case .notASocket(let path):
            (
                Words("\(path) is not a socket.", "\(path) không phải là socket."),
                Words(
                    "--socket (or QUANTRAC_SOCKET) must name query.socket of the daemon's configuration.",
                    "--socket (hoặc QUANTRAC_SOCKET) phải là query.socket trong cấu hình của quantracd.")
            )
        case .unreachable(let address, let reason):
            (
                Words("\(address) cannot be reached: \(reason)", "Không kết nối được tới \(address): \(reason)"),
                Words(
                    "Is quantracd running there, with query.listen set to this address? On the same machine, --socket needs no address.",
                    "quantracd có chạy ở đó với query.listen là địa chỉ này không? Trên cùng máy thì dùng --socket, không cần địa chỉ."
                )
            )
        case .timedOut(let address):
            (
                Words("\(address) did not answer in time.", "\(address) không trả lời kịp."),
                Words(
                    "Ask for a shorter range or a longer step; 'journalctl -u quantracd' shows whether the daemon is in trouble.",
                    "Hãy hỏi khoảng ngắn hơn hoặc bước dài hơn; 'journalctl -u quantracd' cho biết quantracd có gặp sự cố không."
                )
            )
        case .cutOff(let reason):
            (
                Words("The answer was cut off: \(reason)", "Câu trả lời bị cắt giữa chừng: \(reason)"),
                Words(
                    "What was printed is not whole. Try again; 'journalctl -u quantracd' shows whether the daemon stopped.",
                    "Những gì đã in ra là chưa đủ. Hãy thử lại; 'journalctl -u quantracd' cho biết quantracd có bị dừng không."
                )
            )
        case .backup(let error): ClientError.words(of: error)
        case .copyDamaged(let path, let count, let inBackup):
            (
                Words(
                    "\(path) is damaged in \(count) \(count == 1 ? "place" : "places"), the backup in \(inBackup).",
                    "\(path) hỏng \(count) chỗ, bản sao lưu hỏng \(inBackup) chỗ."),
                Words(
                    "'quantrac store verify \(path)' names all of them. Check that disk (journalctl -k), empty the directory, and restore again.",
                    "'quantrac store verify \(path)' liệt kê tất cả. Hãy kiểm tra đĩa đó (journalctl -k), làm trống thư mục rồi khôi phục lại."
                )
            )
        case .fileUnreadable(let path, let reason):
            (
                Words("\(path) cannot be read: \(reason)", "Không đọc được \(path): \(reason)"),
                Words("Check the path and its permissions.", "Hãy kiểm tra đường dẫn và quyền truy cập.")
            )
        case .badTariff(let problem):
            (
                Words("The tariff cannot be used: \(problem)", "Không dùng được biểu giá: \(problem)"),
                Words(
                    "config/tariffs/vietnam-household.yaml shows how one is written.",
                    "Xem cách viết trong config/tariffs/vietnam-household.yaml.")
            )
        case .otherUnit(let tariff, let counter):
            (
                Words(
                    "The tariff's prices are for \(tariff), and the counter counts \(counter.isEmpty ? "something without a unit" : counter).",
                    "Biểu giá tính theo \(tariff), còn công tơ đếm \(counter.isEmpty ? "đại lượng không có đơn vị" : counter)."
                ),
                Words(
                    "Choose the counter with --metric, or another tariff.",
                    "Hãy chọn công tơ bằng --metric, hoặc dùng biểu giá khác.")
            )
        case .isDirectory(let path):
            (
                Words("\(path) is a directory.", "\(path) là thư mục."),
                Words(
                    "Name a file that 'quantrac export' wrote. A backup is put back by 'quantrac restore'.",
                    "Hãy chỉ ra tệp do 'quantrac export' ghi. Bản sao lưu được khôi phục bằng 'quantrac restore'.")
            )
        case .storeUnreadable(let reason):
            (Words("The store cannot be read: \(reason)", "Không đọc được kho dữ liệu: \(reason)"), nil)
        case .daemon(let message): (Words(message, "quantracd báo lỗi: \(message)"), nil)
        case .unauthorised(let message):
            (
                Words("The daemon refuses: \(message)", "quantracd từ chối: \(message)"),
                Words("Pass a valid token with --token-file.", "Hãy đưa mã truy cập hợp lệ bằng --token-file.")
            )
        case .notQuantrac(let address, let status):
            (
                Words(
                    "\(address) answers (HTTP \(status)), but not as Quantrac does.",
                    "\(address) có trả lời (HTTP \(status)) nhưng không phải là Quantrac."),
                Words(
                    "Check the address; client and daemon should be of the same version ('quantrac --version', 'quantracd --version').",
                    "Hãy kiểm tra địa chỉ; máy khách và quantracd nên cùng phiên bản ('quantrac --version', 'quantracd --version')."
                )
            )
        case .unreadable(let reason):
            (
                Words(
                    "The daemon's answer cannot be read: \(reason)",
                    "Không đọc được câu trả lời của quantracd: \(reason)"),
                Words(
                    "Client and daemon should be of the same version ('quantrac --version', 'quantracd --version').",
                    "Máy khách và quantracd nên cùng phiên bản ('quantrac --version', 'quantracd --version').")
            )
        case .badURL(let url):
            (
                Words("'\(url)' is no address of a daemon.", "'\(url)' không phải là địa chỉ của quantracd."),
                Words("Write it like http://127.0.0.1:8420.", "Hãy viết như http://127.0.0.1:8420.")
            )
        case .tokenWithoutURL:
            (
                Words("--token-file only counts with --url.", "--token-file chỉ dùng cùng --url."),
                Words(
                    "The socket needs no token: its file mode decides.",
                    "Socket không cần mã: quyền của tệp quyết định.")
            )
        case .tokenOverPlainHTTP(let url):
            (
                Words(
                    "The token is not sent to \(url): everybody on the way could read it.",
                    "Không gửi mã truy cập tới \(url): ai trên đường truyền cũng đọc được."),
                Words("Use https.", "Hãy dùng https.")
            )
        case .tokenFile(let path, let reason):
            (
                Words("The token file \(path) cannot be used: \(reason)", "Không dùng được tệp mã \(path): \(reason)"),
                Words("It must hold the token on one line.", "Tệp phải chứa mã truy cập trên một dòng.")
            )
        case .badInstant(let option, let text):
            (
                Words("\(option): '\(text)' is no time.", "\(option): '\(text)' không phải là thời điểm."),
                Words(
                    "Write how long ago (24h, 7d, 90m), 'today', 'yesterday', '2026-11-23 14:00', RFC 3339, or seconds since 1970.",
                    "Hãy viết cách đây bao lâu (24h, 7d, 90m), 'hôm nay', 'hôm qua', '2026-11-23 14:00', RFC 3339, hoặc số giây từ 1970."
                )
            )
        case .badStep(let text):
            (
                Words("--step: '\(text)' is no step.", "--step: '\(text)' không phải là bước."),
                Words("Write a duration such as 30s, 5m or 1h.", "Hãy viết khoảng thời gian như 30s, 5m hoặc 1h.")
            )
        case .badFormat(let format, let allowed):
            (
                Words("This command has no format '\(format)'.", "Lệnh này không có định dạng '\(format)'."),
                Words(
                    "Use --format \(allowed.joined(separator: " or ")).",
                    "Hãy dùng --format \(allowed.joined(separator: " hoặc ")).")
            )
        case .emptyRange(let since, let until):
            (
                Words(
                    "The range is empty: it begins at \(since) and ends at \(until).",
                    "Khoảng thời gian rỗng: bắt đầu lúc \(since), kết thúc lúc \(until)."),
                Words("--since must be earlier than the end.", "--since phải trước thời điểm kết thúc.")
            )
        case .tooManySteps(let least):
            (
                Words("The step is too short for this range.", "Bước quá ngắn so với khoảng thời gian."),
                Words(
                    "Use --step \(least) or longer, or a shorter range.",
                    "Hãy dùng --step \(least) trở lên, hoặc khoảng ngắn hơn.")
            )
        case .stepWithoutSince:
            (
                Words("--step only counts with --since.", "--step chỉ dùng cùng --since."),
                Words("Add --since, such as --since 24h.", "Hãy thêm --since, ví dụ --since 24h.")
            )
        case .noDevices: (Text.noDevices.words, nil)
        case .unknownHousehold(let name, let all):
            (
                Words("There is no household '\(name)' with devices.", "Không có hộ '\(name)' nào có thiết bị."),
                Words("There are: \(ClientError.list(all)).", "Hiện có: \(ClientError.list(all)).")
            )
        case .unknownDevice(let name, let nearest):
            (
                Words("There is no device '\(name)'.", "Không có thiết bị '\(name)'."),
                ClientError.suggestion(nearest)
                    ?? Words("'quantrac devices' lists them.", "'quantrac devices' liệt kê các thiết bị.")
            )
        case .ambiguousDevice(let name, let candidates):
            (
                Words(
                    "'\(name)' fits several devices: \(ClientError.list(candidates)).",
                    "'\(name)' khớp nhiều thiết bị: \(ClientError.list(candidates))."),
                Words("Write the whole name.", "Hãy viết đủ tên.")
            )
        case .deviceInHouseholds(let name, let households):
            (
                Words(
                    "Several households have a device '\(name)': \(ClientError.list(households)).",
                    "Nhiều hộ có thiết bị '\(name)': \(ClientError.list(households))."),
                Words("Choose one with --household.", "Hãy chọn một hộ bằng --household.")
            )
        case .unknownMetric(let name, let device, let nearest, let all):
            (
                Words("'\(device)' has no metric '\(name)'.", "'\(device)' không có đại lượng '\(name)'."),
                ClientError.suggestion(nearest)
                    ?? Words("It has: \(ClientError.list(all)).", "Thiết bị này có: \(ClientError.list(all)).")
            )
        case .ambiguousMetric(let name, let device, let candidates):
            (
                Words(
                    "'\(name)' fits several metrics of '\(device)': \(ClientError.list(candidates)).",
                    "'\(name)' khớp nhiều đại lượng của '\(device)': \(ClientError.list(candidates))."),
                Words("Write the whole name.", "Hãy viết đủ tên.")
            )
        case .output(let reason):
            (Words("The output could not be written: \(reason)", "Không ghi được kết quả: \(reason)"), nil)
        }
    }

    private static func suggestion(_ names: [String]) -> Words? {
        guard !names.isEmpty else { return nil }
        let quoted = names.map { "'\($0)'" }
        return Words(
            "Did you mean \(quoted.joined(separator: " or "))?",
            "Có phải bạn muốn \(quoted.joined(separator: " hoặc "))?")
    }

    /// At most twelve names.
    private static func list(_ names: [String]) -> String {
        names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
    }
}
