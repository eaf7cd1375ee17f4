import Foundation

/// Names as people type them: case, accents and separators put aside.
enum FoldedName {
    /// `Phòng_Khách` and `phong khach` become the same; đ is folded to d, which no Unicode decomposition does.
    static func of(_ name: String) -> String {
        var out = ""
        var wantsBlank = false
        for scalar in name.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
            if scalar.properties.generalCategory == .nonspacingMark { continue }
            if isSeparator(scalar) {
                wantsBlank = !out.isEmpty
                continue
            }
            if wantsBlank { out += " " }
            wantsBlank = false
            out.unicodeScalars.append(scalar == "đ" ? "d" : scalar)
        }
        return out
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || "_-./:".unicodeScalars.contains(scalar)
    }
}
