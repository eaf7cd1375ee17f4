import PromQL
import Readings

/// Reads the lines of a script.
struct ScriptReader {
    private let lines: [Substring]
    /// The line that is looked at, from 0.
    private var position = 0

    static func read(_ text: String) -> [Script.Command] {
        var reader = ScriptReader(text)
        var commands: [Script.Command] = []
        while reader.position < reader.lines.count {
            if reader.lines[reader.position].isEmpty {
                reader.position += 1
            } else {
                commands += reader.command()
            }
        }
        return commands
    }

    private init(_ text: String) {
        lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { line in
            let trimmed = ScriptReader.trimmed(line)
            return trimmed.first == "#" ? "" : trimmed
        }
    }

    /// A mistake in a script.
    private struct Fault: Error { let text: String }

    private mutating func command() -> [Script.Command] {
        let line = position + 1
        let words = lines[position].split(maxSplits: 1, whereSeparator: ScriptReader.isBlank)
        let word = words.first?.lowercased() ?? ""
        do throws(Fault) {
            if word == "clear" {
                position += 1
                return [.clear]
            }
            if word.hasPrefix("load") { return try load(words) }
            if word.hasPrefix("eval") { return [.evaluate(try evaluation())] }
            throw Fault(text: "\"\(word)\" is no command; there are load, clear and eval")
        } catch {
            skipBlock()
            return [.fault(line: line, error.text)]
        }
    }

    /// The lines of the block at hand, its first left out; the block is over then.
    private mutating func takeBlock() -> [Substring] {
        let first = position + 1
        skipBlock()
        return Array(lines[min(first, position)..<position])
    }

    private mutating func skipBlock() {
        while position < lines.count, !lines[position].isEmpty { position += 1 }
    }

    // MARK: load

    private mutating func load(_ words: [Substring]) throws(Fault) -> [Script.Command] {
        guard ["load", "load_with_nhcb"].contains(words[0].lowercased()), words.count == 2 else {
            throw Fault(text: "a load has a step: load 5m")
        }
        let step = try duration(words[1])
        guard step > 0 else { throw Fault(text: "the step of a load must be above 0") }
        var series: [Labels: SeriesNotation] = [:]
        var order: [Labels] = []
        var leftOut: String?
        for line in takeBlock() {
            if line.prefix(while: { !ScriptReader.isBlank($0) }).hasSuffix("@st") {
                leftOut = "start timestamps"
                continue
            }
            do throws(SeriesNotation.Fault) {
                let one = try SeriesNotation(String(line))
                // Of lines for the same series the last one counts.
                if series.updateValue(one, forKey: one.labels) == nil { order.append(one.labels) }
            } catch {
                guard error.isNativeHistogram else { throw Fault(text: "\(line.prefix(80)): \(error)") }
                leftOut = "native histograms"
            }
        }
        let loaded = Script.Command.load(order.compactMap { series[$0] }, stepMilliseconds: step)
        return [loaded] + (leftOut.map { [.leftOut($0)] } ?? [])
    }

    // MARK: eval

    private mutating func evaluation() throws(Fault) -> Script.Case {
        let line = position + 1
        var rest = lines[position]
        let command = ScriptReader.takeWord(&rest)
        let kind = ScriptReader.takeWord(&rest)
        let when: Script.Case.When
        switch kind {
        case "instant":
            // Without a time it is 0.
            var time = Timestamp(milliseconds: 0)
            var ahead = rest
            if ScriptReader.takeWord(&ahead) == "at" {
                time = try self.time(ScriptReader.takeWord(&ahead))
                rest = ahead
            }
            when = .instant(time)
        case "range":
            try take("from", &rest)
            let start = try time(ScriptReader.takeWord(&rest))
            try take("to", &rest)
            let end = try time(ScriptReader.takeWord(&rest))
            try take("step", &rest)
            when = .range(from: start, to: end, stepMilliseconds: try duration(ScriptReader.takeWord(&rest)))
        default: throw Fault(text: "an eval is instant or range, not \"\(kind)\"")
        }
        var found = Script.Case(line: line, expression: String(rest), when: when)
        switch command.dropFirst("eval".count) {
        case "": break
        case "_fail": found.due.failure = .any
        case "_ordered": found.due.isOrdered = true
        case "_warn": found.due.warnings = [.any]
        case "_info": found.due.infos = [.any]
        default: throw Fault(text: "\"\(command)\" is no command")
        }
        for line in takeBlock() { try read(line, into: &found.due) }
        return found
    }

    private func take(_ word: String, _ rest: inout Substring) throws(Fault) {
        guard ScriptReader.takeWord(&rest) == word else {
            throw Fault(text: "a range is written: eval range from 0 to 10m step 1m expression")
        }
    }

    // MARK: Expectations

    private func read(_ line: Substring, into due: inout Expectation) throws(Fault) {
        var rest = line
        switch ScriptReader.takeWord(&rest) {
        case "expect": try readExpect(rest, into: &due)
        case "expected_fail_message": due.failure = .exactly(String(rest))
        case "expected_fail_regexp": due.failure = try pattern(rest)
        default:
            if let number = ScriptReader.number(line) {
                due.scalar = number
                return
            }
            do throws(SeriesNotation.Fault) {
                let series = try SeriesNotation(String(line))
                due.series.append(Expectation.Series(labels: series.labels, values: series.values))
            } catch {
                throw Fault(text: "\(line.prefix(80)): \(error)")
            }
        }
    }

    private func readExpect(_ text: Substring, into due: inout Expectation) throws(Fault) {
        var rest = text
        let what = ScriptReader.takeWord(&rest)
        switch what {
        case "ordered": due.isOrdered = true
        case "fail": due.failure = try expected(rest)
        case "warn": due.warnings.append(try expected(rest))
        case "info": due.infos.append(try expected(rest))
        case "no_warn": due.noWarnings = true
        case "no_info": due.noInfos = true
        case "string": due.string = try string(rest)
        case "range": due.rangeVector = try rangeVector(rest)
        default: throw Fault(text: "\"expect \(what)\" is not known")
        }
    }

    private func expected(_ text: Substring) throws(Fault) -> Expectation.Text {
        if text.isEmpty { return .any }
        if text.hasPrefix("msg:") { return .exactly(String(ScriptReader.trimmed(text.dropFirst(4)))) }
        if text.hasPrefix("regex:") { return try pattern(ScriptReader.trimmed(text.dropFirst(6))) }
        throw Fault(text: "after expect … comes msg: or regex:, not \"\(text.prefix(40))\"")
    }

    /// A pattern that may match anywhere in the text.
    private func pattern(_ text: Substring) throws(Fault) -> Expectation.Text {
        do throws(LinearRegexError) {
            return .matching(try LinearRegex(".*(?:\(text)).*"), source: String(text))
        } catch {
            throw Fault(text: error.description)
        }
    }

    private func string(_ text: Substring) throws(Fault) -> String {
        do throws(PromQLError) {
            let answer = try Query(String(text)).instant(
                at: Timestamp(milliseconds: 0), source: ScriptSource(), options: QueryOptions())
            if case .string(let text, _) = answer.value { return text }
        } catch {
            throw Fault(text: "no string in quotes: \(error)")
        }
        throw Fault(text: "no string in quotes: \(text)")
    }

    private func rangeVector(_ text: Substring) throws(Fault) -> Expectation.RangeVector {
        var rest = text
        try take("vector", &rest)
        try take("from", &rest)
        let start = try time(ScriptReader.takeWord(&rest))
        try take("to", &rest)
        let end = try time(ScriptReader.takeWord(&rest))
        try take("step", &rest)
        let step = try duration(ScriptReader.takeWord(&rest))
        guard step > 0 else { throw Fault(text: "a step must be above 0") }
        return Expectation.RangeVector(start: start, end: end, stepMilliseconds: step)
    }

    // MARK: Words

    private func duration(_ word: Substring) throws(Fault) -> Int64 {
        do throws(PromQLError) {
            return try PromQLDuration.parse(String(word)).milliseconds
        } catch {
            throw Fault(text: error.description)
        }
    }

    private func time(_ word: Substring) throws(Fault) -> Timestamp {
        Timestamp(milliseconds: try duration(word))
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { isBlank($0) || $0 == "\r" }
        while let last = text.last, isBlank(last) || last == "\r" { text.removeLast() }
        return text
    }

    /// Takes a word, and the blanks behind it.
    private static func takeWord(_ rest: inout Substring) -> Substring {
        let word = rest.prefix { !isBlank($0) }
        rest = rest.dropFirst(word.count).drop(while: isBlank)
        return word
    }

    /// A line that is a number and nothing else: the scalar that is due.
    private static func number(_ line: Substring) -> Double? {
        guard let first = line.first, first.isNumber || "+-.INin".contains(first) else { return nil }
        let isNegative = first == "-"
        let word = first == "-" || first == "+" ? line.dropFirst() : line
        let size: Double?
        switch word.lowercased() {
        case "inf": size = .infinity
        case "nan": size = .nan
        default: size = word.first.map { $0.isNumber || $0 == "." } == true ? Double(word) : nil
        }
        return size.map { isNegative ? -$0 : $0 }
    }
}
