import CBufferedSocket
import Glibc
import TestSupport
import Testing

@Suite("Between the library and its socket no byte is lost, doubled or moved")
struct BufferedSocketTests {
    /// Two ends of a connection; the far one never waits. Nothing here may suspend: a buffer belongs to a thread.
    private struct Pair {
        let near: Int32
        let far: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            (near, far) = (ends[0], ends[1])
            for end in ends { try #require(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
            try #require(quantrac_buffer_begin(near))
        }

        func end() {
            quantrac_buffer_end()
            close(near)
            close(far)
        }

        /// What the library's `read` gives; nil if there is nothing now.
        func take(_ count: Int) -> [UInt8]? { Pair.receive(near, count) }

        static func receive(_ end: Int32, _ count: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: count)
            let came = read(end, &bytes, count)
            return came < 0 ? nil : Array(bytes[..<came])
        }
    }

    @Test func smallReadsOfManyPacketsAskTheKernelOnce() throws {
        let pair = try Pair()
        defer { pair.end() }
        #expect(pair.take(1) == nil && errno == EAGAIN)
        let sent = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(send(pair.far, sent, sent.count, 0) == sent.count)
        #expect(pair.take(1) == [0])
        #expect(quantrac_buffer_unread() == 999, "the rest came with it")
        #expect(pair.take(2000) == Array(sent[1...]), "as much as there is, without waiting")
        #expect(quantrac_buffer_unread() == 0 && pair.take(1) == nil)
        shutdown(pair.far, Int32(SHUT_WR))
        #expect(pair.take(1) == [], "the end is told")
    }

    @Test func whatIsWrittenWaitsForTheFlush() throws {
        let pair = try Pair()
        defer { pair.end() }
        #expect(write(pair.near, "abc", 3) == 3 && write(pair.near, "de", 2) == 2)
        #expect(quantrac_buffer_unwritten() == 5 && Pair.receive(pair.far, 10) == nil, "nothing leaves by itself")
        #expect(quantrac_buffer_flush() == 0 && quantrac_buffer_unwritten() == 0)
        #expect(Pair.receive(pair.far, 10) == Array("abcde".utf8))
        #expect(write(pair.near, "x", 1) == 1)
        quantrac_buffer_end()
        #expect(Pair.receive(pair.far, 10) == nil, "what was not flushed is gone")
        #expect(
            write(pair.near, "y", 1) == 1 && Pair.receive(pair.far, 10) == Array("y".utf8), "and then it is as ever")
    }

    @Test func otherDescriptorsAreAsEver() throws {
        let pair = try Pair()
        defer { pair.end() }
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        #expect(write(ends[1], "abc", 3) == 3 && write(ends[1], "d", 1) == 1)
        #expect(Pair.receive(ends[0], 10) == Array("abcd".utf8))
        for end in ends { close(end) }
        // But for the byte that the library writes for a thread that waits: there is none.
        var own: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &own) == 0)
        #expect(fcntl(own[0], F_SETFL, O_NONBLOCK) == 0)
        #expect(write(own[1], "z", 1) == 1 && Pair.receive(own[0], 1) == nil)
        #expect(write(own[1], "long", 4) == 4 && Pair.receive(own[0], 10) == Array("long".utf8))
        for end in own { close(end) }
        #expect(quantrac_buffer_unwritten() == 0 && pair.take(1) == nil)
    }

    @Test func aPeerThatIsGoneIsAnError() throws {
        let pair = try Pair()
        defer { pair.end() }
        #expect(write(pair.near, "abc", 3) == 3)
        #expect(shutdown(pair.near, Int32(SHUT_RDWR)) == 0)
        #expect(quantrac_buffer_flush() == EPIPE)
    }

    /// Whatever the sizes, however slow the peer: both ends see the bytes that the other one wrote, in order.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func anyOrderOfReadsAndWrites(seed: UInt64) throws {
        let pair = try Pair()
        defer { pair.end() }
        var random = SeededGenerator(seed: seed)
        // A small one fills often.
        var size: Int32 = 4096
        #expect(setsockopt(pair.near, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size)) == 0)
        var (outgoing, arrived): ([UInt8], [UInt8]) = ([], [])
        var (incoming, taken): ([UInt8], [UInt8]) = ([], [])
        var refused = 0
        func bytes(_ most: Int) -> [UInt8] {
            (0..<Int.random(in: 1...most, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        for _ in 0..<4000 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let piece = bytes(random.next() % 50 == 0 ? 100_000 : 400)
                let written = write(pair.near, piece, piece.count)
                if written > 0 { outgoing += piece[..<written] } else { refused += 1 }
            case 2: #expect(quantrac_buffer_flush() == 0)
            case 3: arrived += Pair.receive(pair.far, Int.random(in: 1...5000, using: &random)) ?? []
            case 4:
                let piece = bytes(3000)
                let sent = send(pair.far, piece, piece.count, Int32(MSG_NOSIGNAL))
                if sent > 0 { incoming += piece[..<sent] }
            default:
                for _ in 0..<20 { taken += pair.take(Int.random(in: 1...150, using: &random)) ?? [] }
            }
        }
        while true {
            #expect(quantrac_buffer_flush() == 0)
            guard let more = Pair.receive(pair.far, 1 << 16) else { break }
            arrived += more
        }
        while let more = pair.take(777) { taken += more }
        #expect(arrived == outgoing && taken == incoming, "seed \(seed)")
        #expect(refused > 0 && outgoing.count > 100_000 && incoming.count > 100_000, "seed \(seed)")
    }
}
