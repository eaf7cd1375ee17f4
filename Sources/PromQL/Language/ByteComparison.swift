// Lets the lexer compare the bytes of a text with the ASCII characters that they stand for, without making strings.

func == (byte: UInt8, character: Unicode.Scalar) -> Bool { UInt32(byte) == character.value }

func ~= (character: Unicode.Scalar, byte: UInt8) -> Bool { UInt32(byte) == character.value }

func ~= (characters: ClosedRange<Unicode.Scalar>, byte: UInt8) -> Bool {
    characters.lowerBound.value <= UInt32(byte) && UInt32(byte) <= characters.upperBound.value
}

extension UInt8 {
    /// The value of the hexadecimal digit that this ASCII character is; nil for any other character.
    var digitValue: UInt8? {
        switch self {
        case "0"..."9": self - UInt8(ascii: "0")
        case "a"..."f", "A"..."F": (self | 0x20) - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
