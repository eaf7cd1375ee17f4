import Foundation
import RingStore

/// The same questions to the daemon and to all peers: each question to one after the other, before the next one is asked.
struct QuestionRows {
    let bench: Workbench
    let fleet: HouseholdFleet

    func measure() throws {
        let filled = QueryBenchmark.peers.compactMap(fill)
        let store = bench.place.file("store")
        try fillStore(store)
        // Everyone begins anew, so that what filling has left in memory is not counted.
        let daemon = try QueriedDaemon(
            store: store, scratch: bench.place.file("daemon"),
            programs: URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path)
        let peers = try filled.map { try $0.type.init(program: $0.program, path: $0.path) as any Peer }
        defer {
            daemon.process.terminate()
            for peer in peers { peer.process.terminate() }
        }
        let servers: [any QueriedServer] = [daemon] + peers
        let questions = Question.all(of: fleet)
        for question in questions.dropLast() { askOnItsOwn(question, daemon, peers) }
        let peaks = servers.map(\.process.peakResidentBytes)
        for server in servers { server.process.forgetPeakResidentBytes() }
        for question in questions.suffix(1) { askOnItsOwn(question, daemon, peers) }
        printMemory(
            "memory while the last is asked", servers.map(\.process.peakResidentBytes), peers,
            share: bench.options.quick ? nil : 1 / 3)
        printMemory("memory at the most before that", peaks, peers, share: nil)
    }

    // MARK: - Before the questions

    private struct FilledPeer {
        let type: any Peer.Type
        let program: String
        let path: String
    }

    /// Fills a peer and stops it again; nil if it is not installed, or cannot be filled.
    private func fill(_ type: any Peer.Type) -> FilledPeer? {
        guard let program = type.program else {
            bench.printer.print(BenchmarkRow(type.name, nil, "", note: "not installed: going on without it"))
            return nil
        }
        let path = bench.place.file(type.name)
        bench.printer.printProgress("giving \(type.name) the \(fleet.name)")
        do {
            let start = monotonicNanoseconds()
            let peer = try type.init(program: program, path: path)
            defer { peer.process.terminate() }
            try peer.load(fleet)
            bench.printer.print(
                BenchmarkRow(
                    "\(type.name) filled and at rest", Double(monotonicNanoseconds() - start) / 1e9, "s",
                    note: try peer.version().map { "version \($0)" } ?? "it does not tell its version"))
            return FilledPeer(type: type, program: program, path: path)
        } catch {
            bench.printFailure(type.name, "\(error)")
            return nil
        }
    }

    private func fillStore(_ path: String) throws {
        bench.printer.printProgress("appending the \(fleet.name)")
        let loaded = try LoadedStore(path: path, options: .standard)
        try loaded.load(fleet)
        try loaded.writer.close()
    }

    // MARK: - Rows

    /// What goes wrong costs only this question.
    private func askOnItsOwn(_ question: Question, _ daemon: QueriedDaemon, _ peers: [any Peer]) {
        do {
            try ask(question, daemon, peers)
        } catch {
            bench.printFailure(question.name, "\(error)")
        }
    }

    private func ask(_ question: Question, _ daemon: QueriedDaemon, _ peers: [any Peer]) throws {
        bench.printer.printProgress(question.name)
        let answer = try daemon.answer(to: question)
        let ours = try daemon.summary(of: answer)
        for peer in peers {
            let theirs = try peer.summary(of: peer.answer(to: question))
            if !ours.agrees(with: theirs) {
                bench.printFailure(question.name, "answers differ: ours is \(ours); that of \(peer.name) is \(theirs)")
            }
        }
        let servers: [any QueriedServer] = [daemon] + peers
        let bare = try BareServer(answeringWith: answer)
        var medians = servers.map { _ in [Double]() }
        var bareMedians: [Double] = []
        for round in question.rounds {
            for (index, server) in servers.enumerated() {
                let requests = server.requests(of: question, round)
                medians[index].append(
                    try LoopbackConnection(port: server.connection.port).medianMilliseconds(of: requests))
            }
            bareMedians.append(try bare.medianMilliseconds(of: daemon.requests(of: question, round)))
        }
        let took = medians.map(median)
        let figures = zip(peers, took.dropFirst()).map { BenchmarkRow.Companion(name: $0.name, value: $1) }
        printRow(
            question.name, took[0], "ms", share: bench.options.quick ? nil : question.share, figures,
            bare: .init(name: "a server that only sends as much", value: median(bareMedians)))
    }

    private func printMemory(_ what: String, _ bytes: [Double], _ peers: [any Peer], share: Double?) {
        let mebibytes = bytes.map { $0 / Double(1 << 20) }
        let figures = zip(peers, mebibytes.dropFirst()).map { BenchmarkRow.Companion(name: $0.name, value: $1) }
        printRow(what, mebibytes[0], "MiB", share: share, figures)
    }

    /// A row beside the least of the peers' figures; all of them are in the note.
    private func printRow(
        _ what: String, _ reached: Double, _ unit: String, share: Double?, _ figures: [BenchmarkRow.Companion],
        bare: BenchmarkRow.Companion? = nil
    ) {
        let best = figures.min { $0.value < $1.value }
        let goal = best.flatMap { best in share.map { BenchmarkRow.Goal.atMost(best.value * $0) } }
        let others = (figures.count > 1 ? figures : []) + [bare].compactMap { $0 }
        let note = others.map { "\($0.name) \(bench.printer.short($0.value))" }.joined(separator: ", ")
        bench.printer.print(
            BenchmarkRow(what, reached, unit, goal: goal, beside: best, note: others.isEmpty ? nil : note))
    }
}

/// On a connection of its own, because servers close those that were silent while another one was asked.
extension QueriedServer {
    fileprivate func answer(to question: Question) throws -> [UInt8] {
        try LoopbackConnection(port: connection.port).request("GET", path(of: question, 0))
    }

    fileprivate func requests(of question: Question, _ repetitions: Range<Int>) -> [[UInt8]] {
        repetitions.map { LoopbackConnection.request("GET", path(of: question, $0)) }
    }
}

extension LoopbackConnection {
    /// The first answer on the connection is not counted.
    func medianMilliseconds(of requests: [[UInt8]]) throws -> Double {
        guard let first = requests.first else { return 0 }
        try exchange(first) { _ in }
        return try medianSeconds(of: requests.count) { try exchange(requests[$0]) { _ in } } * 1e3
    }
}
