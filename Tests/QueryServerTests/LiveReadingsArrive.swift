import Foundation
import QueryAPI
import TestSupport
import Testing

@testable import QueryServer

@Suite struct LiveReadingsArrive {
    static let reading = LiveReading(
        household: "home", device: "freezer", metric: "temperature", labels: [:], unit: "Cel", value: -19.5,
        time: "2026-11-23T08:00:00.000Z")

    @Test func asEventsOneByOne() async throws {
        let backend = Household.kitchen
        try await RunningServer.with(backend) { server in
            let connection = try Connection(port: server.port)
            try connection.get("/api/v1/live")
            let head = try await connection.read(until: ": connected\n\n")
            #expect(head.contains("200 OK"))
            #expect(head.lowercased().contains("content-type: text/event-stream"))
            #expect(try await eventually { backend.listenerCount == 1 })
            backend.tell(LiveReadingsArrive.reading)
            let event = try await connection.read(until: "}\n\n")
            #expect(
                event.contains(
                    "event: reading\ndata: "
                        + #"{"device":"freezer","household":"home","labels":{},"metric":"temperature","time":"2026-11-23T08:00:00.000Z","unit":"Cel","value":-19.5}"#
                        + "\n\n"), "\(event)")
        }
    }

    @Test func aCommentShowsThatTheStreamIsAlive() async throws {
        var limits = QueryServer.Limits()
        limits.heartbeat = .milliseconds(20)
        try await RunningServer.with(.kitchen, limits: limits) { server in
            let connection = try Connection(port: server.port)
            try connection.get("/api/v1/live")
            let text = try await connection.read(until: ": still here\n\n")
            #expect(text.contains(": still here\n\n"))
        }
    }

    @Test func aListenerThatLeavesIsForgotten() async throws {
        let backend = Household.kitchen
        try await RunningServer.with(backend) { server in
            do {
                let connection = try Connection(port: server.port)
                try connection.get("/api/v1/live")
                _ = try await connection.read(until: "connected")
                #expect(backend.listenerCount == 1)
            }
            #expect(try await eventually { backend.listenerCount == 0 })
        }
    }

    @Test func streamsEndWhenTheServerStops() async throws {
        let backend = Household.kitchen
        var connection: Connection?
        try await RunningServer.with(backend) { server in
            connection = try Connection(port: server.port)
            try connection?.get("/api/v1/live")
            _ = try await connection?.read(until: "connected")
        }
        // Stopping did not wait for the listener; the body has its regular end.
        let end = try await connection?.read(until: "0\r\n\r\n")
        #expect(end?.hasSuffix("0\r\n\r\n") == true)
        #expect(backend.listenerCount == 0)
    }

    @Test func aListenerThatStopsReadingIsCut() async throws {
        let backend = Household.kitchen
        var limits = QueryServer.Limits()
        limits.stallTimeout = .milliseconds(200)
        try await RunningServer.with(backend, limits: limits) { server in
            let connection = try Connection(port: server.port)
            try connection.get("/api/v1/live")
            _ = try await connection.read(until: "connected")
            var large = LiveReadingsArrive.reading
            large.device = String(repeating: "x", count: 20_000)
            let told = Task {
                while !Task.isCancelled {
                    backend.tell(large)
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            #expect(try await eventually { backend.listenerCount == 0 })
            told.cancel()
            let ready = try await server.get("/-/ready")
            #expect(ready.status == 200)
        }
    }
}
