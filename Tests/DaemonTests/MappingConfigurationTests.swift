import PayloadDecoders
import Testing

@testable import quantracd

@Suite("A user's own convention is a few lines of the configuration, or one line says what is wrong with it")
struct MappingConfigurationTests {
    private func mappings(_ text: String) throws -> [Mapping] {
        try ConfigurationReader.read(text, named: "q.yaml", environment: [:]).mappings
    }

    private func refusal(_ text: String) -> String? {
        do {
            _ = try mappings(text)
            return nil
        } catch {
            return String(describing: error)
        }
    }

    @Test func aTopicAloneIsAMapping() throws {
        #expect(try mappings("mappings: [\"farm/{device}/{metric}\"]") == [Mapping(topic: "farm/{device}/{metric}")])
        #expect(try mappings("mappings:\n").isEmpty)
        #expect(try mappings("mappings: []").isEmpty)
    }

    @Test func everyKeyOfAMappingCounts() throws {
        let read = try mappings(
            """
            mappings:
              - topic: ponds/{pond}/probe
                name: probe
                device: "pond {pond}"
                metric: water
                values:
                  do.mg_l: { metric: oxygen, unit: mg/L }
                  temp: °F
                  level: { scale: 0.001, offset: -0.2 }
                  plain:
                time: { path: at, format: "dd/MM/yyyy HH:mm:ss", zone: Asia/Ho_Chi_Minh }
                labels: { site: north }
              - { topic: "a/{device}", time: when }
            """)
        let probe = Mapping(
            name: "probe", topic: "ponds/{pond}/probe", device: "pond {pond}", metric: "water",
            values: [
                .init("do.mg_l", metric: "oxygen", unit: "mg/L"), .init("temp", unit: "°F"),
                .init("level", scale: 0.001, offset: -0.2), .init("plain"),
            ],
            time: .init("at", format: "dd/MM/yyyy HH:mm:ss", zone: "Asia/Ho_Chi_Minh"), labels: ["site": "north"])
        #expect(read == [probe, Mapping(topic: "a/{device}", time: .init("when"))])
    }

    @Test func whatCannotBeMeantIsOneLine() throws {
        #expect(refusal("mappings: farm") == "q.yaml:1: mappings: must be a list, such as [\"farm/{device}/{metric}\"]")
        #expect(
            refusal("mappings:\n  - { topic: \"a/{b}\", unit: Cel }\n")
                == "q.yaml:2: unit: unknown key of a mapping; there are topic, name, device, metric, values, time and labels"
        )
        #expect(
            refusal("mappings:\n  - topic: a/{b}\n    values: { t: { scale: often } }\n")
                == "q.yaml:3: scale: must be a number")
        let badPart = try #require(refusal("mappings:\n  - a/#\n  - { topic: \"a/{b}\", device: \"{c}\" }\n"))
        #expect(badPart.hasPrefix("q.yaml:3: mappings: mapping mapping (a/{b}): ") && badPart.contains("{c}"))
    }
}
