import Foundation
import Readings
import Synchronization
import TestSupport
import Testing

@testable import QueryServer

@Suite struct RudeClientsHoldNothing {
    /// Twenty megabytes as JSON, more than the sockets' buffers hold, and quick to make: few samples, long names.
    private static func long(onRead: (@Sendable () -> Void)? = nil) -> Household {
        Household(
            (0..<320).map { number in
                .init(
                    labels: ["__name__": "level", "device": String(repeating: "x", count: 64_000) + "\(number)"],
                    unit: nil,
                    samples: [Sample(time: Household.start, value: 1)], onRead: onRead)
            })
    }

    @Test func anExportThatNobodyReadsIsCut() async throws {
        var limits = QueryServer.Limits()
        limits.stallTimeout = .milliseconds(200)
        let reads = LastRead()
        let household = RudeClientsHoldNothing.long { reads.note() }
        try await RunningServer.with(household, limits: limits) { server in
            let connection = try Connection(port: server.port, receiveBuffer: 4096)
            try connection.send(
                "GET /api/v1/export?match[]=level HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            // The buffers are full once nothing more is read for it. It is cut then: what is left in the buffers can
            // still be had, and the end of the body is missing.
            let stopped = try await eventually(timeout: .seconds(90)) { reads.age.map { $0 > .seconds(3) } ?? false }
            #expect(stopped)
            let end = try await connection.readToEnd(keeping: 50)
            #expect(!end.hasSuffix("\r\n0\r\n\r\n"))
        }
    }

    @Test func anExportThatIsReadIsWhole() async throws {
        try await RunningServer.with(RudeClientsHoldNothing.long()) { server in
            let body = try await server.get("/api/v1/export?match[]=level").body
            let lines = body.split(separator: "\n")
            #expect(lines.count == 320)
            #expect(lines.allSatisfy { $0.hasSuffix(#""values":[1],"timestamps":[1700000000000]}"#) })
        }
    }

    @Test func aQueryWhoseAskerHasGoneIsGivenUp() async throws {
        let reads = LastRead()
        let household = Household(
            (0..<400).map { number in
                .init(
                    labels: ["__name__": "level", "device": "\(number)"], unit: nil,
                    samples: (0..<2).map {
                        Sample(time: Household.start.advanced(byMilliseconds: $0 * 1000), value: 1)
                    },
                    onRead: {
                        reads.note()
                        Thread.sleep(forTimeInterval: 0.05)
                    })
            })
        try await RunningServer.with(household) { server in
            let seconds = Household.start.secondsSince1970
            do {
                let connection = try Connection(port: server.port)
                try connection.get("/api/v1/query_range?query=sum(level)&start=\(seconds)&end=\(seconds + 2)&step=1")
                #expect(try await eventually { reads.age != nil })
            }
            // Twenty seconds of reading were ahead.
            #expect(try await eventually(timeout: .seconds(10)) { reads.age.map { $0 > .seconds(1) } ?? false })
            #expect(reads.count < 300)
        }
    }

    /// As `nc -N` does, for a moment, which on a busy machine is too short.
    @Test func whoAsksNoMoreGetsItsAnswer() async throws {
        let household = Household(
            [.init(labels: ["__name__": "level"], unit: nil, samples: [Sample(time: Household.start, value: 1)])],
            delay: { Thread.sleep(forTimeInterval: 0.2) })
        try await RunningServer.with(household) { server in
            let isAnswered = try await eventually {
                let connection = try Connection(port: server.port)
                try connection.get("/api/v1/query?query=level&time=\(Household.start.secondsSince1970)")
                connection.finishSending()
                return try await connection.readToEnd(keeping: 12).hasSuffix("\"1\"]}]}}")
            }
            #expect(isAnswered)
        }
    }

    /// Whoever closes a connection, a client that reads slowly gets all of what was answered.
    @Test(arguments: ["the client asks no more", "others come", "the server stops"])
    func whatWasAnsweredIsDelivered(reason: String) async throws {
        let household = Household(
            (0..<8).map { number in
                .init(
                    labels: ["__name__": "level", "device": String(repeating: "x", count: 500_000) + "\(number)"],
                    unit: nil, samples: [Sample(time: Household.start, value: 1)])
            }, isAtHand: true)
        var limits = QueryServer.Limits()
        limits.connections = 4
        // More than a busy machine needs to read it.
        limits.stopTimeout = .seconds(60)
        var connection: Connection?
        try await RunningServer.with(household, limits: limits) { server in
            let slow = try Connection(port: server.port, receiveBuffer: 4096)
            connection = slow
            try slow.get("/api/v1/query?query=level&time=\(Household.start.secondsSince1970)")
            #expect(try await eventually { household.asksAtHand.load(ordering: .relaxed) == 1 })
            switch reason {
            case "the client asks no more": slow.finishSending()
            case "others come":
                for _ in 0..<8 { _ = try Connection(port: server.port) }
                #expect(try await server.get("/-/ready").status == 200)
            default: return
            }
            #expect(try await slow.readToEnd(keeping: 12).hasSuffix("\"1\"]}]}}"))
            connection = nil
        } whileStopping: {
            guard let connection else { return }
            let end = try await connection.readToEnd(keeping: 12)
            #expect(end.hasSuffix("\"1\"]}]}}"))
        }
    }

    @Test func aRequestThatNeverEndsIsCut() async throws {
        var limits = QueryServer.Limits()
        limits.idleTimeout = .milliseconds(200)
        try await RunningServer.with(.kitchen, limits: limits) { server in
            let connection = try Connection(port: server.port)
            try connection.send("GET /-/healthy HTTP/1.1\r\nHost: local")
            let answer = try await connection.readToEnd(keeping: 100)
            #expect(answer.isEmpty)
        }
    }

    @Test func whoOpensManyAndAsksNothingGivesWay() async throws {
        var limits = QueryServer.Limits()
        limits.connections = 8
        try await RunningServer.with(.kitchen, limits: limits) { server in
            let idle = try (0..<200).map { _ in try Connection(port: server.port) }
            #expect(try await server.get("/-/ready").status == 200)
            #expect(try await idle[0].readToEnd(keeping: 100).isEmpty)
            // The newest are still there.
            try idle[199].send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await idle[199].read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func garbageIsAnsweredWith400() async throws {
        try await RunningServer.with(.kitchen) { server in
            for bytes in ["\u{1}\u{2}\r\n\r\n", "GET / HTTP/9.9.9\r\n\r\n", "GET /\u{0} HTTP/1.1\r\n\r\n"] {
                let connection = try Connection(port: server.port)
                try connection.send(bytes)
                let answer = try await connection.read(until: "\r\n\r\n")
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
            }
            let ready = try await server.get("/-/ready")
            #expect(ready.status == 200)
        }
    }

    @Test func onlySoManyQueriesRunAndWait() async throws {
        let lane = BlockingLane(concurrent: 2, waiting: 1)
        let gate = Gate()
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do {
                        try await lane.run { gate.pass() }
                        return true
                    } catch {
                        #expect((error as? APIError)?.kind == .timeout)
                        return false
                    }
                }
            }
            var outcomes: [Bool] = []
            // Seven are refused at once; the three others end only when they may.
            for _ in 0..<7 { if let outcome = await group.next() { outcomes.append(outcome) } }
            // Who has a place may not have a thread yet.
            _ = try? await eventually { gate.most == 2 }
            gate.open()
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        #expect(outcomes == Array(repeating: false, count: 7) + Array(repeating: true, count: 3))
        #expect(gate.most == 2)
        // All places are free again.
        #expect(try await lane.run { 1 } == 1)
    }
}

/// Holds threads until it is opened, and counts how many it held at once.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var inside = 0
        var most = 0
    }
    private let state = Mutex(State())

    var most: Int { state.withLock { $0.most } }

    func open() { state.withLock { $0.isOpen = true } }

    func pass() {
        state.withLock { state in
            state.inside += 1
            state.most = max(state.most, state.inside)
        }
        while !state.withLock({ $0.isOpen }) { usleep(1000) }
        state.withLock { $0.inside -= 1 }
    }
}

/// When the store was read last.
private final class LastRead: Sendable {
    private let state = Mutex<(last: ContinuousClock.Instant?, count: Int)>((nil, 0))

    /// Nil until it is read at all.
    var age: Duration? { state.withLock { $0.last?.duration(to: .now) } }
    var count: Int { state.withLock { $0.count } }

    func note() { state.withLock { $0 = (.now, $0.count + 1) } }
}
