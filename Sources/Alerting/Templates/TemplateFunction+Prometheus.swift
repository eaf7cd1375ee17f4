import PromQL
import Readings

/// The functions that Prometheus adds to Go's.
extension TemplateFunction {
    static let prometheus: [String: TemplateFunction] = [
        // Queries
        "query": TemplateFunction(arity: 1...1) { call, budget throws(TemplateError) in try query(call, &budget) },
        "first": .taking(1) { call throws(TemplateError) in
            guard let first = try call.vector(0).first else {
                throw call.failure("first() called on vector with no elements")
            }
            return .structure(first)
        },
        "label": .taking(2) { call throws(TemplateError) in
            try label(call.text(0), of: call.sample(1))
        },
        "value": .taking(1) { call throws(TemplateError) in try call.sample(0)["Value"] ?? .nothing },
        "strvalue": .taking(1) { call throws(TemplateError) in try label("__value__", of: call.sample(0)) },
        "sortByLabel": .taking(2) { call throws(TemplateError) in
            let name = try call.text(0)
            let keyed = try call.vector(1).map { (try? label(name, of: $0).text()) ?? "" }
            let elements = try call.vector(1)
            // Swift's sort is stable in practice only; the place decides where labels are alike.
            let order = elements.indices.sorted { (keyed[$0], $0) < (keyed[$1], $1) }
            return .vector(order.map { elements[$0] })
        },

        // Numbers
        "humanize": ofNumber(HumanNumber.humanize),
        "humanize1024": ofNumber(HumanNumber.humanize1024),
        "humanizeDuration": ofNumber(HumanNumber.duration),
        "humanizePercentage": ofNumber { HumanNumber.fourDigits($0 * 100) + "%" },
        "humanizeTimestamp": .taking(1) { call throws(TemplateError) in
            let value = try call.number(0)
            guard value.isFinite else { return .string(HumanNumber.fourDigits(value)) }
            return .string(GoTime.text(try time(value, call)))
        },
        "toTime": .taking(1) { call throws(TemplateError) in .time(try time(call.number(0), call)) },
        "toDuration": .taking(1) { call throws(TemplateError) in
            let value = try call.number(0) * 1e9
            guard let nanoseconds = Int64(exactly: value.rounded(.towardZero)) else {
                throw call.failure("\(FormattedValue.general(value / 1e9)) is no duration")
            }
            return .duration(nanoseconds: nanoseconds)
        },
        "now": .taking(0) { call in .number(call.context.now.secondsSince1970) },
        "parseDuration": .taking(1) { call throws(TemplateError) in
            do {
                return .number(Double(try PromQLDuration.parse(try call.text(0)).milliseconds) / 1000)
            } catch {
                throw call.failure("\(error)")
            }
        },

        // Texts
        "title": ofText(TemplateText.title),
        "toUpper": ofText { TemplateText.mapped($0, \.uppercaseMapping) },
        "toLower": ofText { TemplateText.mapped($0, \.lowercaseMapping) },
        "stripPort": ofText { HostAndPort($0)?.host ?? $0 },
        "stripDomain": ofText(HostAndPort.withoutDomain),
        "match": TemplateFunction(arity: 2...2) { call, budget throws(TemplateError) in
            let text = try call.text(1)
            return .bool(try regex(call, text, &budget).matchesPart(of: text))
        },
        "reReplaceAll": TemplateFunction(arity: 3...3) { call, budget throws(TemplateError) in
            let text = try call.text(2)
            let regex = try regex(call, text, &budget)
            let limit = BoundedText.maximumLength
            guard let replaced = regex.replacingMatches(in: text, with: try call.text(1), limit: limit) else {
                throw call.failure("the text is longer than \(limit) bytes")
            }
            return .string(replaced)
        },
        "urlQueryEscape": ofText(TemplateEscapes.urlQuery),
        "graphLink": ofText { "/graph?g0.expr=" + TemplateEscapes.urlQuery($0) + "&g0.tab=0" },
        "tableLink": ofText { "/graph?g0.expr=" + TemplateEscapes.urlQuery($0) + "&g0.tab=1" },

        // Others
        "args": .takingAtLeast(0) { call throws(TemplateError) in try map(of: call) },
        // Run by `TemplateRun`.
        "tmpl": .taking(2) { call in call.arguments[1] },
        "safeHtml": ofText { $0 },
        "externalURL": .taking(0) { call in .string(call.context.external.url) },
        "pathPrefix": .taking(0) { call in .string(TemplateText.path(ofURL: call.context.external.url)) },
    ]

    private static func ofNumber(_ body: @escaping @Sendable (Double) -> String) -> TemplateFunction {
        .taking(1) { call throws(TemplateError) in .string(body(try call.number(0))) }
    }

    private static func query(_ call: TemplateCall, _ budget: inout TemplateBudget) throws(TemplateError)
        -> TemplateValue
    {
        try budget.spendQuery()
        let text = try call.text(0)
        do {
            let elements = try call.context.query(text)
            try budget.spend(elements.count)
            return .vector(elements.map(TemplateStructure.element))
        } catch let error as TemplateError {
            throw error
        } catch {
            throw call.failure("\(error)")
        }
    }

    private static func label(_ name: String, of sample: TemplateStructure) -> TemplateValue {
        guard case .map(let labels)? = sample["Labels"] else { return .string("") }
        return labels[name]
    }

    private static func time(_ seconds: Double, _ call: TemplateCall) throws(TemplateError) -> Timestamp {
        // Go's times are counted in 64 bits of nanoseconds here.
        guard seconds.magnitude < 9.2e9, let time = Timestamp(secondsSince1970: seconds) else {
            let number = FormattedValue.general(seconds)
            throw call.failure("\(number) cannot be represented as a nanoseconds timestamp since it overflows int64")
        }
        return time
    }

    /// Reads the expression that is the first argument, for a search in `text`, which takes a step for each of its states and
    /// each character.
    private static func regex(
        _ call: TemplateCall, _ text: String, _ budget: inout TemplateBudget
    ) throws(TemplateError) -> CapturingRegex {
        let regex: CapturingRegex
        do {
            regex = try CapturingRegex(try call.text(0), dotMatchesNewline: false)
        } catch let error as TemplateError {
            throw error
        } catch {
            throw call.failure("\(error)")
        }
        let (steps, overflow) = regex.states.multipliedReportingOverflow(by: text.utf8.count + 1)
        try budget.spend(overflow ? .max : steps / 64 + regex.states)
        return regex
    }

    /// `args a b`: `{arg0: a, arg1: b}`, which a template takes as its argument.
    private static func map(of call: TemplateCall) throws(TemplateError) -> TemplateValue {
        let depth = 1 + (call.arguments.map(\.depth).max() ?? 0)
        guard depth <= 20 else { throw call.failure("arguments lie more than 20 deep in each other") }
        let entries = call.arguments.enumerated().map { ("arg\($0.offset)", $0.element) }
        let named = Dictionary(entries, uniquingKeysWith: { $1 })
        return .map(TemplateMap(named, isOfTexts: false, depth: depth))
    }
}
