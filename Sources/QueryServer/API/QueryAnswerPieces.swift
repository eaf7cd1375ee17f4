import Hummingbird
import PromQL
import Readings

/// The answer to a query as JSON ("Expression query result formats"), `resultType` before `result` as clients that read
/// as they go need it.
struct QueryAnswerPieces: BodyPieces {
    private let answer: QueryAnswer
    private let withStats: Bool
    /// The most that stands around an element's labels and point.
    private static let keyBytes = 32
    /// How many elements of a vector or matrix are sent.
    private let count: Int
    private let isCut: Bool

    private enum Position {
        case start
        /// In front of this element and, in a matrix, this one of its samples.
        case element(Int, sample: Int)
        case end
    }
    private var position = Position.start

    init(_ answer: QueryAnswer, limit: Int?, withStats: Bool) {
        self.answer = answer
        self.withStats = withStats
        let all =
            switch answer.value {
            case .vector(let elements): elements.count
            case .matrix(let series): series.count
            case .scalar, .string: 0
            }
        count = min(all, limit ?? all)
        isCut = count < all
    }

    mutating func next() -> ByteBuffer? {
        var out = ByteBuffer()
        while out.readableBytes < StreamedAnswer.pieceBytes {
            switch position {
            case .start:
                writeStart(&out)
                position = .element(0, sample: 0)
            case .element(let index, let sample):
                if index < count {
                    position = write(element: index, from: sample, to: &out)
                } else {
                    writeEnd(&out)
                    position = .end
                }
            case .end:
                return out.readableBytes > 0 ? out : nil
            }
        }
        return out
    }

    private func writeStart(_ out: inout ByteBuffer) {
        out.writeString("{\"status\":\"success\",\"data\":{\"resultType\":\"\(answer.value.typeName)\",\"result\":[")
        switch answer.value {
        case .scalar(let sample):
            out.writeJSONSeconds(milliseconds: sample.time.milliseconds)
            // The one place where Prometheus never writes an exponent.
            out.writeString(",\"\(FormattedValue.scalar(sample.value))\"")
        case .string(let text, let time):
            out.writeJSONSeconds(milliseconds: time.milliseconds)
            out.writeStaticString(",")
            out.writeJSONString(text)
        case .vector, .matrix: break
        }
    }

    /// Writes the element at `index`, or as many of its samples as make a piece, and says where to go on.
    private func write(element index: Int, from sample: Int, to out: inout ByteBuffer) -> Position {
        switch answer.value {
        case .scalar, .string: break
        case .vector(let elements): return .element(write(elements, from: index, to: &out), sample: 0)
        case .matrix(let matrix):
            let series = matrix[index]
            if sample == 0 {
                out.writeStaticString(index > 0 ? ",{\"metric\":" : "{\"metric\":")
                out.writeJSON(series.labels.sorted)
                out.writeStaticString(",\"values\":[")
            }
            // As many as surely fit into the piece, at least one.
            let room = (StreamedAnswer.pieceBytes - out.readableBytes) / JSONBytes.pointBytes
            let end = min(series.samples.count, sample + max(1, room))
            out.writeJSONBytes(most: (end - sample) * JSONBytes.pointBytes) { json in
                if sample > 0 { json.put(",") }
                json.putPoints(series.samples[sample..<end])
            }
            guard end == series.samples.count else { return .element(index, sample: end) }
            out.writeStaticString("]}")
        }
        return .element(index + 1, sample: 0)
    }

    /// Writes as many elements as make a piece, from `index` on; returns behind which.
    private func write(_ elements: [VectorElement], from index: Int, to out: inout ByteBuffer) -> Int {
        var next = index
        while next < count, out.readableBytes < StreamedAnswer.pieceBytes {
            let room = max(
                StreamedAnswer.pieceBytes - out.readableBytes, QueryAnswerPieces.mostBytes(of: elements[next]))
            out.writeJSONBytes(most: room) { json in
                while next < count, json.count + QueryAnswerPieces.mostBytes(of: elements[next]) <= room {
                    if next > 0 { json.put(",") }
                    json.putText("{\"metric\":")
                    json.putLabels(elements[next].labels.sorted)
                    json.putText(",\"value\":")
                    json.putPoint(elements[next].sample)
                    json.put("}")
                    next += 1
                }
            }
        }
        return next
    }

    private static func mostBytes(of element: VectorElement) -> Int {
        JSONBytes.labelsBytes(element.labels.sorted) + JSONBytes.pointBytes + keyBytes
    }

    private func writeEnd(_ out: inout ByteBuffer) {
        out.writeStaticString("]")
        if withStats {
            // Prometheus's, and, which it does not know, how many of them are buckets of which tier.
            let tiers = answer.stats.bucketsRead.sorted { $0.key < $1.key }.map { width, buckets in
                "\"\(PromQLDuration(milliseconds: width))\":\(buckets)"
            }
            out.writeString(
                ",\"stats\":{\"samples\":{\"totalQueryableSamples\":\(answer.stats.samplesRead)},"
                    + "\"tiers\":{\(tiers.joined(separator: ","))}}")
        }
        out.writeStaticString("}")
        out.writeTexts("warnings", answer.warnings + (isCut ? [APIWarning.truncated] : []))
        out.writeTexts("infos", answer.infos)
        out.writeStaticString("}")
    }
}
