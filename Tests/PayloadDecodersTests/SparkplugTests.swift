import HostileMessages
import Readings
import Testing

@testable import PayloadDecoders

@Suite("Sparkplug B: births name the metrics, data fills them, deaths end them")
struct SparkplugTests {
    private typealias Metric = SparkplugMessage.Metric

    private static let time: UInt64 = 1_795_420_799_000
    private static let node = "spBv1.0/coast/%/gw"
    private static let device = "spBv1.0/coast/%/gw/pond"

    private var household = Household()

    @discardableResult
    private mutating func send(_ topic: String, _ type: String, _ message: SparkplugMessage) -> DecodedMessage {
        household.send(topic.split(separator: "%").joined(separator: type), bytes: message.bytes)
    }

    private mutating func bear(bdSeq: UInt64 = 3, sequence: UInt64 = 0) {
        send(
            Self.node, "NBIRTH",
            SparkplugMessage(
                timestamp: Self.time, sequence: sequence, Metric("bdSeq", type: 8, .long(bdSeq)),
                Metric("Node Control/Rebirth", alias: 1, type: 11, .flag(false)),
                Metric("Load", alias: 2, type: 9, .float(0.5))))
        send(
            Self.device, "DBIRTH",
            SparkplugMessage(
                timestamp: Self.time, sequence: sequence + 1, Metric("Depth/Left", alias: 7, type: 2, .int(9)),
                Metric("Serial", alias: 8, type: 12, .text("77")), Metric("Name", alias: 9, type: 3, .int(1))))
    }

    @Test mutating func aliasesStandForNamesAndTypes() {
        bear()
        let decoded = send(
            Self.device, "DDATA",
            SparkplugMessage(
                timestamp: Self.time, sequence: 2, Metric(alias: 7, at: Self.time - 500, .int(0xFFFE)),
                Metric(alias: 8, .text("78")), Metric(alias: 9, .null)))
        #expect(decoded.summary == ["coast/gw/pond depth_left -2.0 -"])
        #expect(decoded.times == [Timestamp(milliseconds: Int64(Self.time) - 500)])
        #expect(decoded.rebirthWanted == nil && decoded.refusal == nil && decoded.convention == .sparkplug)
        let load = send(Self.node, "NDATA", SparkplugMessage(sequence: 3, Metric(alias: 2, .float(0.25))))
        #expect(load.summary == ["coast/gw load 0.25 -"] && load.times == [Household.now])
    }

    @Test(
        arguments: [
            (1, 0xFF, -1), (1, 0xFFFF_FF80, -128), (1, 0xFFFF_FFFF_FFFF_FFFF, -1), (2, 0x8000, -32_768),
            (2, 0x7FFF, 32_767),
            (3, 0xFFFF_FFFF, -1), (3, 0x7FFF_FFFF, 2_147_483_647), (4, 0xFFFF_FFFF_FFFF_FFFF, -1), (5, 200, 200),
            (7, 0xFFFF_FFFF, 4_294_967_295), (8, 0xFFFF_FFFF_FFFF_FFFF, 18_446_744_073_709_551_616), (10, 5, 5),
            (11, 2, 1),
        ] as [(UInt64, UInt64, Double)])
    mutating func wholeNumbersAreReadByTheirType(type: UInt64, bits: UInt64, expected: Double) {
        for value in [Metric.Value.int(bits), .long(bits)] {
            let decoded = send(Self.node, "NDATA", SparkplugMessage(Metric("x", type: type, value)))
            #expect(decoded.readings.map(\.value) == [expected])
        }
    }

    @Test(arguments: [12, 13, 14, 15, 16, 17, 18, 99] as [UInt64])
    mutating func otherTypesAreNoReadings(type: UInt64) {
        let decoded = send(
            Self.node, "NDATA", SparkplugMessage(Metric("x", type: type, .long(1)), Metric("y", type: type, .text("1")))
        )
        #expect(decoded.readings.isEmpty && decoded.refusal == nil)
    }

    @Test mutating func controlsAndPassingValuesAreNoReadings() {
        let decoded = send(
            Self.node, "NDATA",
            SparkplugMessage(
                Metric("Device Control/Reboot", type: 11, .flag(true)),
                Metric("Node Control/Scan Rate", type: 3, .int(5)),
                Metric("bdSeq", type: 8, .long(1)), Metric("moment", type: 3, transient: true, .int(5)),
                Metric("Id", type: 3, .int(5)), Metric("nan", type: 10, .double(.nan))))
        #expect(decoded.readings.isEmpty && decoded.refusal == nil)
    }

    @Test mutating func valuesOfUnknownMetricsWaitForABirth() {
        let lost = send(Self.device, "DDATA", SparkplugMessage(sequence: 9, Metric(alias: 7, .int(1))))
        #expect(lost.refusal?.reason == .unknownMetric)
        #expect(lost.rebirthWanted == RebirthRequest(group: "coast", edgeNode: "gw", reason: .noBirth))
        // A name without a type is no better, unless the value tells its type itself.
        let named = send(
            Self.device, "DDATA",
            SparkplugMessage(Metric("a", .int(1)), Metric("b", .float(2)), Metric("c", type: 3, .int(4)))
        )
        #expect(named.summary == ["coast/gw/pond b 2.0 -", "coast/gw/pond c 4.0 -"] && named.refusal == nil)
        #expect(named.rebirthWanted?.reason == .noBirth)
        bear()
        let known = send(
            Self.device, "DDATA",
            SparkplugMessage(sequence: 2, Metric(alias: 55, .int(1)), Metric("Depth/Left", .int(0xFFFF))))
        #expect(known.summary == ["coast/gw/pond depth_left -1.0 -"])
        #expect(known.rebirthWanted?.reason == .unknownAlias(55))
    }

    @Test mutating func aGapInTheSequenceWantsARebirth() {
        func reason(_ sequence: UInt64, _ household: inout Self) -> RebirthRequest.Reason? {
            let decoded = household.send(
                Self.node, "NDATA", SparkplugMessage(sequence: sequence, Metric(alias: 2, .float(1))))
            #expect(decoded.readings.count == 1)
            return decoded.rebirthWanted?.reason
        }
        bear(sequence: 253)
        #expect(reason(255, &self) == nil)
        #expect(reason(0, &self) == nil)
        #expect(reason(0, &self) == nil)
        #expect(reason(3, &self) == .sequenceGap(after: 0, before: 3))
        #expect(reason(4, &self) == nil)
    }

    @Test mutating func aDeathOfAnOlderSessionIsVoid() {
        bear(bdSeq: 4)
        let death = SparkplugMessage(timestamp: Self.time, Metric("bdSeq", type: 8, .long(3)))
        #expect(send(Self.node, "NDEATH", death).states == [])
        #expect(
            send(Self.node, "NDATA", SparkplugMessage(sequence: 2, Metric(alias: 2, .float(1)))).readings.count == 1)
        let real = send(Self.node, "NDEATH", SparkplugMessage(Metric("bdSeq", type: 8, .long(4))))
        #expect(
            real.states == [
                DeviceState(device: "coast/gw", available: false),
                DeviceState(device: "coast/gw/pond", available: false),
            ])
        #expect(
            send(Self.node, "NDATA", SparkplugMessage(Metric(alias: 2, .float(1)))).refusal?.reason == .unknownMetric)
    }

    @Test mutating func aDeviceDiesAloneAndWithItsNode() {
        bear()
        let death = send(Self.device, "DDEATH", SparkplugMessage(sequence: 2))
        #expect(death.states == [DeviceState(device: "coast/gw/pond", available: false)])
        #expect(death.rebirthWanted == nil)
        #expect(send(Self.device, "DDATA", SparkplugMessage(sequence: 3, Metric(alias: 7, .int(1)))).refusal != nil)
        #expect(send(Self.node, "NDEATH", SparkplugMessage(timestamp: 1)).states.count == 2)
    }

    @Test mutating func aNewBirthMakesTheOldAliasesVoid() {
        bear()
        let birth = send(
            Self.node, "NBIRTH",
            SparkplugMessage(
                sequence: 0, Metric("bdSeq", type: 8, .long(4)), Metric("Load", alias: 7, type: 1, .int(1))))
        #expect(birth.states == [DeviceState(device: "coast/gw", available: true)])
        #expect(send(Self.device, "DDATA", SparkplugMessage(sequence: 1, Metric(alias: 7, .int(1)))).refusal != nil)
        #expect(send(Self.node, "NDATA", SparkplugMessage(sequence: 2, Metric(alias: 2, .float(1)))).refusal != nil)
        #expect(
            send(Self.node, "NDATA", SparkplugMessage(sequence: 3, Metric(alias: 7, .int(0xFE)))).summary == [
                "coast/gw load -2.0 -"
            ])
    }

    @Test mutating func membersOfTemplatesBearItsName() {
        let birth = send(
            Self.node, "NBIRTH",
            SparkplugMessage(
                sequence: 0,
                Metric("Motor", type: 19, .template([Metric("Speed", type: 2, .int(0))], isDefinition: true)),
                Metric(
                    "Pump 1", type: 19,
                    .template([
                        Metric("Speed", type: 2, .int(5)),
                        Metric("Bearing", type: 19, .template([Metric("T", type: 9, .float(40))])),
                    ]))
            ))
        #expect(birth.summary == ["coast/gw pump_1_bearing_t 40.0 -", "coast/gw pump_1_speed 5.0 -"])
        let data = send(
            Self.node, "NDATA",
            SparkplugMessage(
                sequence: 1, Metric("Pump 1", .template([Metric("Speed", .int(0xFFFF)), Metric("Else", .int(1))]))))
        #expect(data.summary == ["coast/gw pump_1_speed -1.0 -"])
    }

    @Test mutating func topicsThatCarryNoValues() {
        for topic in ["spBv1.0/STATE/host", "spBv1.0/coast/NCMD/gw", "spBv1.0/coast/DCMD/gw/pond"] {
            let decoded = household.send(topic, bytes: [0xFF, 0x00, 0x01])
            #expect(decoded.readings.isEmpty && decoded.refusal == nil)
        }
        #expect(household.send("STATE/host", "OFFLINE").refusal == nil)
        #expect(household.send("STATE/host", "7").convention == .generic)
    }

    @Test(
        arguments: [
            [0x0A], [0x12, 0x05, 0x08], [0x00, 0x00], [0x0B], [0x0C], [0x0E], [0x12, 0x02, 0x61, 0x00],
            Array("{\"metrics\":[]}".utf8),
            [0x08] + Array(repeating: 0xFF, count: 10), [0x08, 0x80],
            [0x12] + Array(repeating: 0xFF, count: 9) + [0x01],
        ] as [[UInt8]])
    mutating func whatIsNoProtobufIsRefusedAndTeachesNothing(bytes: [UInt8]) {
        bear()
        for type in ["NBIRTH", "NDATA", "NDEATH"] {
            let decoded = household.send("spBv1.0/coast/\(type)/gw", bytes: bytes)
            #expect(decoded.refusal?.reason == .malformed && decoded.readings.isEmpty && decoded.states.isEmpty)
        }
        #expect(
            send(Self.node, "NDATA", SparkplugMessage(sequence: 2, Metric(alias: 2, .float(1)))).readings.count == 1)
    }

    @Test mutating func compressedPayloadsAreRefused() {
        let uuid = Metric.bytes(4, Array("SPBV1.0_COMPRESSED".utf8)) + Metric.bytes(5, [1, 2, 3])
        #expect(household.send("spBv1.0/coast/NBIRTH/gw", bytes: uuid).refusal?.reason == .unsupported)
    }

    @Test mutating func whatIsKeptIsBounded() {
        let birth = SparkplugMessage(sequence: 0, Metric("a", alias: 1, type: 3, .int(1)))
        for number in 0..<DecoderLimits.sparkplugEdges {
            #expect(household.send("spBv1.0/g/NBIRTH/\(number)", bytes: birth.bytes).refusal == nil)
        }
        #expect(household.send("spBv1.0/g/NBIRTH/more", bytes: birth.bytes).refusal?.reason == .tooMuchMetadata)
        #expect(household.send("spBv1.0/g/NBIRTH/0", bytes: birth.bytes).refusal == nil)
        household.send("spBv1.0/g/NDEATH/0", bytes: SparkplugMessage(timestamp: 1).bytes)
        #expect(household.send("spBv1.0/g/NBIRTH/more", bytes: birth.bytes).refusal == nil)
    }
}
