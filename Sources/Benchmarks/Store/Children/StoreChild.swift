import Foundation

/// The other end of `store-child`: starts it, and reads the lines `name value` that it prints.
struct StoreChild {
    let process: ChildProcess

    init(_ arguments: [String], outputPath: String) throws {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        process = try ChildProcess(program, ["store-child"] + arguments, outputPath: outputPath)
    }

    func waitForSuccess() throws { try process.waitForSuccess() }

    /// Waits until the child has printed a line with this name, and gives its value.
    func wait(for name: String, atMost seconds: Double) throws -> Double {
        try process.wait(every: 0.02, atMost: seconds, for: "its '\(name)'") { value(name) }
    }

    func value(_ name: String) -> Double? {
        for line in process.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return Double(words[1]) }
        }
        return nil
    }

    /// Prints such a line, in the child.
    static func report(_ name: String, _ value: some CustomStringConvertible) {
        print(name, value)
        fflush(nil)
    }
}
