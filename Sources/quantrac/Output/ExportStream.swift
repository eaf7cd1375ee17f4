/// Export text on its way to standard output. Pieces end anywhere; memory is that of a piece and a line.
struct ExportStream {
    /// Whether the text goes to a terminal and must be made harmless, line by line.
    let neutralises: Bool
    var progress: ExportProgress
    var output = StandardOutput.out
    private var rest: [UInt8] = []

    init(neutralises: Bool, progress: ExportProgress, output: StandardOutput = .out) {
        self.neutralises = neutralises
        self.progress = progress
        self.output = output
    }

    mutating func write(_ piece: [UInt8]) throws(OutputError) {
        progress.count(piece)
        guard neutralises else { return try output.write(bytes: piece) }
        rest += piece
        guard let end = rest.lastIndex(of: 0x0A) else { return }
        let lines = rest[...end]
        rest.removeFirst(end + 1)
        for line in lines.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            try write(line: line)
        }
    }

    /// Writes what came after the last line break.
    mutating func finish() throws(OutputError) {
        if !rest.isEmpty { try write(line: rest[...]) }
        rest = []
    }

    private func write(line: ArraySlice<UInt8>) throws(OutputError) {
        let bytes = line.last == 0x0D ? line.dropLast() : line
        try output.write(lines: [PlainText.neutralised(String(decoding: bytes, as: UTF8.self))])
    }
}
