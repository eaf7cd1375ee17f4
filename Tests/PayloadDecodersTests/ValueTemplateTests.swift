import Testing

@testable import PayloadDecoders

@Suite("Of Home Assistant's templates those of sensors are computed, the others refused with the reason")
struct ValueTemplateTests {
    @Test(arguments: [
        ("{{ value }}", nil), ("{{value_json}}", nil), ("{{ value_json.voltage }}", "voltage"),
        ("{{value_json['ENERGY'].Power[1]}}", "energy_power_1"),
        (#"{{ value_json["switch:0"].apower }}"#, "switch_0_apower"),
        ("{{ value_json.1 }}", "_1"), ("{{- value_json['nhiệt độ'] | is_defined -}}", "nhiet_do"),
        ("{{ value_json.x | float(0) }}", "x"),
    ])
    func theFieldStaysAsItCame(text: String, metric: String?) throws {
        let template = try ValueTemplate.parse(text)
        #expect(template.isPlain && template.metric == metric)
    }

    @Test(arguments: [
        ("value | float / 10", 4.1), ("(value | float / 10) | round(0)", 4), ("value_json.x | int", 41),
        ("value * 1.8 + 32", 105.8), ("100 - value", 59), ("value | round(1, 'floor')", 41), ("-value", -41),
        ("2 - value - 1", -40), ("value / 2 * 3", 61.5), ("(value|float/60/1000)|round(2)", 0),
        ("value | float * 10 | int", 410), ("value | int(default=7)", 41),
    ])
    func isComputed(text: String, result: Double) throws {
        #expect(try ValueTemplate.parse("{{ \(text) }}").evaluate(41) == result)
    }

    @Test(arguments: [("float(3)", 3), ("float", nil), ("default(0)", 0), ("int(-1)", -1), ("is_defined", nil)])
    func whatIsMissingIsWhatTheFilterSays(filter: String, result: Double?) throws {
        #expect(try ValueTemplate.parse("{{ value_json.x | \(filter) }}").evaluate(nil) == result)
    }

    @Test func divisionByZeroIsNoValue() throws {
        #expect(try ValueTemplate.parse("{{ value / 0 }}").evaluate(1) == nil)
    }

    @Test(arguments: [
        "", "{{}}", "21", "{{ 21 }}", "{{ value_json.a }} {{ value_json.b }}", "{% if value %}1{% endif %}",
        "{{ value_json. }}", "{{ value_json[ }}", "{{ value_json['a }}", "{{ value_json[a] }}", "{{ value_jsonx }}",
        "{{ states('x') }}", "{{ value_json[] }}", "{{}", "{{ value_json.a + value_json.b }}", "{{ value | abs }}",
        "{{ 'ON' if value == '1' else 'OFF' }}", "{{ value // 2 }}", "{{ value ** 2 }}", "{{ value_json.get('x') }}",
        "{{ value | round(1000) }}", "{{ value | round(1, 'half') }}", "{{ value > 3 }}", "{{ value | float( }}",
    ])
    func theRestIsRefused(text: String) {
        #expect(throws: TemplateFault.self) { try ValueTemplate.parse(text) }
    }
}
