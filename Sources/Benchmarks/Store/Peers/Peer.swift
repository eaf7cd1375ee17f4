import Foundation

/// A server that is compared with: a process of its own on loopback over a directory of its own, given the same readings.
protocol Peer: QueriedServer {
    static var name: String { get }
    /// What the program may be called, the usual name first.
    static var programs: [String] { get }

    /// Starts it over what lies in the directory `path`, which it makes if it is not there.
    init(program: String, path: String) throws

    /// Gives it all of `set`, and waits until that is stored as it will stay.
    func load(_ set: some ReadingSet) throws

    /// What it says of itself; nil if it says nothing.
    func version() throws -> String?
}

extension Peer {
    var name: String { Self.name }

    /// The program, if it is installed.
    static var program: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.flatMap { folder in programs.map { "\(folder)/\($0)" } }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

extension ChildProcess {
    /// Waits until it has nothing left to do with what it was given: not busy, and `bytes` the same for some seconds.
    func waitUntilSettled(
        seconds: Double, isBusy: () throws -> Bool, bytes: () -> UInt64
    ) throws {
        let interval = 0.2
        let count = Int(seconds / interval)
        var sizes: [UInt64] = []
        try wait(every: interval, atMost: 900, for: "its storage to come to rest") {
            sizes.append(try isBusy() ? 0 : bytes())
            let newest = sizes.suffix(count)
            return newest.count == count && newest.allSatisfy { $0 > 0 && $0 == newest.first } ? () : nil
        }
    }
}
