import Foundation
import RingStore

extension ClientError {
    /// Why a backup could not be made or restored, and what to do next.
    static func words(of error: BackupError) -> (what: Words, next: Words?) {
        switch error {
        case .notEmpty(let path):
            (
                Words("\(path) is not empty.", "\(path) không trống."),
                Words(
                    "Name a directory that is empty or not there yet. One that an interrupted backup left behind may be deleted: 'quantrac store verify \(path)' says whether it is whole.",
                    "Hãy chỉ ra thư mục trống hoặc chưa có. Thư mục do một lần sao lưu bị ngắt để lại có thể xóa: 'quantrac store verify \(path)' cho biết nó có nguyên vẹn không."
                )
            )
        case .brokenOff:
            (
                Words("The backup was broken off before its end.", "Việc sao lưu bị ngắt giữa chừng."),
                Words(
                    "What has been written is no whole store: delete it and try again.",
                    "Những gì đã ghi không phải là kho dữ liệu hoàn chỉnh: hãy xóa đi và thử lại.")
            )
        case .damaged:
            (
                Words("The backup's bytes were damaged on the way.", "Dữ liệu sao lưu bị hỏng trên đường truyền."),
                Words("Delete what has been written and try again.", "Hãy xóa những gì đã ghi và thử lại.")
            )
        case .inUse(let path):
            (
                Words("\(path) is in use by a running quantracd.", "\(path) đang được quantracd sử dụng."),
                Words("Stop it first: systemctl stop quantracd.", "Hãy dừng trước: systemctl stop quantracd.")
            )
        case .noRoom(let path, let needed, let free):
            (
                Words(
                    "The disk of \(path) has \(NumberText.bytes(free)) free, and the store needs \(NumberText.bytes(needed)).",
                    "Đĩa chứa \(path) còn trống \(NumberText.bytes(free)), kho dữ liệu cần \(NumberText.bytes(needed))."
                ),
                Words("Make room, or choose another place.", "Hãy giải phóng chỗ hoặc chọn nơi khác.")
            )
        case .fileSystem(let error):
            (
                Words(error.description, "Hệ thống tệp báo lỗi: \(error.description)"),
                error.operation == "mkdir" && error.code == ENOENT
                    ? Words(
                        "The directory above it is not there: make it with 'mkdir -p'.",
                        "Thư mục cha chưa có: hãy tạo bằng 'mkdir -p'.")
                    : Words(
                        "Check the disk, and who owns the directory.", "Hãy kiểm tra đĩa và chủ sở hữu thư mục.")
            )
        }
    }
}
