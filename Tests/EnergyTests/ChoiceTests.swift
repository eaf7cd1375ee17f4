import Energy
import Readings
import Testing

@Suite("A device's counter is found by unit and name")
struct ChoiceTests {
    private func chosen(_ metrics: [(String, String?)]) throws -> String {
        let candidates = metrics.map {
            CounterCandidate(labels: ["__name__": $0.0, "device": "meter", "household": "home"], unit: $0.1)
        }
        return candidates[try CounterChoice.choose(among: candidates)].labels.metric
    }

    @Test func amongWhatDevicesTell() throws {
        let tasmota = ["energy_total", "energy_today", "energy_yesterday"].map { ($0, String?("kWh")) }
        #expect(try chosen(tasmota + [("energy_period", "kWh"), ("energy_power", "W")]) == "energy_total")
        #expect(
            try chosen([("switch_0_aenergy_total", "kWh"), ("switch_0_ret_aenergy_total", "kWh")])
                == "switch_0_aenergy_total")
        #expect(
            try chosen([("em_0_a_act_energy", "kWh"), ("em_0_total_act_energy", "kWh"), ("em_0_a_current", "A")])
                == "em_0_total_act_energy")
        #expect(
            try chosen([("energy_total", "kWh"), ("energy_total_tariff_0", "kWh"), ("energy_export_active", "kWh")])
                == "energy_total")
        #expect(try chosen([("energy", "kWh"), ("power", "W"), ("produced_energy", "kWh")]) == "energy")
        #expect(try chosen([("water_flow", "m3/h"), ("water_volume", "m3"), ("tank_volume", "m3")]) == "water_volume")
        #expect(try chosen([("pulses", nil), ("uptime", "s"), ("state", nil)]) == "pulses")
    }

    @Test func noneAndSeveralAreListed() {
        let none = [
            CounterCandidate(labels: ["__name__": "temperature", "device": "x", "household": "home"], unit: "Cel")
        ]
        #expect(throws: CounterChoiceError.none(none)) { try CounterChoice.choose(among: none) }
        let several = (0...1).map {
            CounterCandidate(labels: ["__name__": "emeter_\($0)_total", "device": "x"], unit: "kWh")
        }
        #expect(throws: CounterChoiceError.several(several)) { try CounterChoice.choose(among: several + none) }
        #expect(
            CounterChoiceError.several(several).description
                == "several metrics fit: choose one with 'metric', of emeter_0_total [kWh], emeter_1_total [kWh]")
        #expect(CounterChoiceError.none(none).description.hasSuffix("of temperature [Cel]"))
        #expect(CounterChoiceError.none([]).description == "there are no such readings")
    }
}
