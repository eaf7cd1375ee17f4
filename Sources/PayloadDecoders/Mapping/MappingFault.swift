/// Why a mapping can't be meant.
public struct MappingFault: Error, Equatable, CustomStringConvertible {
    public enum Problem: Error, Equatable {
        case tooMany(Int)
        case emptyTopic
        /// `#` before the end, or `+`, `#` or braces inside a level.
        case badLevel(String)
        case partTwice(String)
        case unknownPart(String, in: String)
        case openBrace(in: String)
        case badName(String)
        case badPath(String)
        case badUnit(String)
        case badScale(Double)
        case badTimeFormat(String)
        case unknownZone(String)
        /// A label that Quantrac itself gives a meaning.
        case reservedLabel(String)
    }

    /// The name of the mapping, and its topic.
    public var mapping: String
    public var problem: Problem

    public var description: String { "mapping \(mapping): \(problem)" }
}

extension MappingFault.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooMany(let count): "\(count) mappings; at most \(DecoderLimits.mappings) are possible"
        case .emptyTopic: "the topic is missing; write a pattern such as farm/{device}/{metric}"
        case .badLevel(let level):
            "\"\(level)\" can't be a level of a topic pattern; a level is a text, +, {name}, or # as the last one"
        case .partTwice(let name): "the topic has two parts {\(name)}; give one of them another name"
        case .unknownPart(let name, let text): "\"\(text)\" asks for {\(name)}, which is no part of the topic"
        case .openBrace(let text):
            "\"\(text)\" has a brace without its other one; parts of the topic are written {name}"
        case .badName(let text): "\"\(text)\" can't name anything: it is empty, too long or holds control characters"
        case .badPath(let path): "\"\(path)\" is no path; write one like sensors[0].temperature or [\"odd.key\"]"
        case .badUnit(let unit): "\"\(unit)\" is no unit; write one such as Cel, %, kWh, or leave it out"
        case .badScale(let scale): "values times \(scale) say nothing; scale and offset must be finite, and scale not 0"
        case .badTimeFormat(let format):
            "\"\(format)\" is no time format; write auto, s, ms, us, ns, or a pattern like dd/MM/yyyy HH:mm:ss"
        case .unknownZone(let zone): "there is no time zone \"\(zone)\"; write one such as Asia/Ho_Chi_Minh"
        case .reservedLabel(let name): "the label \"\(name)\" has a meaning of its own; take another name"
        }
    }
}
