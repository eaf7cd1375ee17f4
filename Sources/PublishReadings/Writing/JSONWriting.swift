/// `text` as a JSON string (RFC 8259 §7).
func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    if isPlain { return "\"" + text + "\"" }
    var out = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": out += "\\\""
        case "\\": out += "\\\\"
        case "\u{0}"..."\u{1F}": out += "\\u00" + hexadecimal(UInt64(scalar.value), digits: 2)
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out + "\""
}

/// A member of an object whose key needs no escape and whose value is JSON already: `"key":value`.
func member(_ key: String, _ json: String) -> String { "\"" + key + "\":" + json }

/// `{"a":1,"b":2}` of such members.
func object(_ members: [String]) -> String { "{" + members.joined(separator: ",") + "}" }
