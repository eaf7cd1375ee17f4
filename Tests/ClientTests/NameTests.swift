import TestSupport
import Testing

@testable import quantrac

@Suite("Names match without regard to case, accents and exactness, and suggest on a miss")
struct NameTests {
    private struct Device: Equatable {
        var id: String
        var name: String?
    }

    private let devices = [
        Device(id: "zigbee2mqtt/tu_dong", name: "Tủ đông"), Device(id: "phòng khách/nhiệt kế", name: "Living room"),
        Device(id: "plug", name: nil), Device(id: "Plug", name: "Lamp"), Device(id: "plug/kitchen", name: "Kettle"),
        Device(id: "0xa4c1", name: "plug"),
    ]

    private func match(_ typed: String) -> NameMatch<Device> {
        NameMatch.of(typed, among: devices, names: { ($0.id, $0.name.map { [$0] } ?? []) })
    }

    private func found(_ typed: String) -> String? {
        if case .found(let device) = match(typed) { return device.id }
        return nil
    }

    @Test func theIdentifierComesBeforeTheName() {
        #expect(found("plug") == "plug")
        #expect(found("Plug") == "Plug")
        #expect(found("Kettle") == "plug/kitchen")
    }

    @Test func caseAccentsAndSeparatorsDoNotCount() {
        #expect(found("tu dong") == "zigbee2mqtt/tu_dong")
        #expect(found("TỦ ĐÔNG") == "zigbee2mqtt/tu_dong")
        #expect(found("tu\u{309} đo\u{302}ng") == "zigbee2mqtt/tu_dong")
        #expect(found("living-room") == "phòng khách/nhiệt kế")
        #expect(found("phong khach/nhiet ke") == "phòng khách/nhiệt kế")
    }

    @Test func anUnmistakablePartIsEnough() {
        #expect(found("khach") == "phòng khách/nhiệt kế")
        #expect(found("kitch") == "plug/kitchen")
    }

    @Test func severalThatFitEquallyWellAreNamed() {
        guard case .ambiguous(let candidates) = match("PLUG") else {
            Issue.record("not ambiguous")
            return
        }
        #expect(candidates.map(\.id) == ["plug", "Plug", "0xa4c1"])
    }

    @Test func aMissSuggestsTheNearest() {
        guard case .missed(let nearest) = match("ketle") else {
            Issue.record("not missed")
            return
        }
        #expect(nearest.first?.id == "plug/kitchen")
        guard case .missed(let none) = match("xyzzyxyzzy") else {
            Issue.record("not missed")
            return
        }
        #expect(none.isEmpty)
    }

    @Test func nothingMatchesNothing() {
        guard case .missed = match("") else {
            Issue.record("the empty name matched")
            return
        }
        guard case .missed = match(" / ") else {
            Issue.record("separators alone matched")
            return
        }
    }

    @Test func foldingPutsAsideWhatPeopleForget() {
        #expect(FoldedName.of("  Phòng_Khách--2/đèn ") == "phong khach 2 den")
        #expect(FoldedName.of("ĐỒNG HỒ") == "dong ho")
        #expect(FoldedName.of("ﬁne²") == "fine2")
    }

    @Test func distancesAreThoseOfTheTextbook() {
        #expect(EditDistance.between("kitten", "sitting") == 3)
        #expect(EditDistance.between("", "abc") == 3)
        #expect(EditDistance.between("ab", "ba") == 1)
        #expect(EditDistance.between("same", "same") == 0)
        let long = String(repeating: "a", count: 1_000_000)
        #expect(EditDistance.between(long, "b") == 64)
    }

    @Test func distanceIsAMetric() {
        var random = SeededGenerator(seed: 42)
        func word() -> String {
            String((0..<Int.random(in: 0...6, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" })
        }
        for round in 0..<2000 {
            let (a, b) = (word(), word())
            let distance = EditDistance.between(a, b)
            #expect(distance == EditDistance.between(b, a), "seed 42, round \(round)")
            #expect((distance == 0) == (a == b), "seed 42, round \(round)")
            #expect(distance <= max(a.count, b.count) && distance >= abs(a.count - b.count), "seed 42, round \(round)")
        }
    }
}
