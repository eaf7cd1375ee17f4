/// Unicode's simple case folding (CaseFolding.txt, status C and S), from the case mappings that the standard library has.
enum CaseFolding {
    /// One scalar that stands for all that differ from `scalar` in case only.
    static func canonical(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII {
            guard case "A"..."Z" = scalar else { return scalar }
            return Unicode.Scalar(UInt8(scalar.value) | 0x20)
        }
        // İ and ı have no simple folding, though their case mappings lead to i.
        if scalar == "\u{130}" || scalar == "\u{131}" { return scalar }
        let upper = only(scalar.properties.uppercaseMapping) ?? scalar
        return only(upper.properties.lowercaseMapping) ?? scalar
    }

    /// `scalar` and all that differ from it in case only.
    static func variants(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        let canonical = canonical(scalar)
        var out = [scalar]
        func add(_ other: Unicode.Scalar?) {
            guard let other, !out.contains(other), self.canonical(other) == canonical else { return }
            out.append(other)
        }
        add(canonical)
        add(only(canonical.properties.uppercaseMapping))
        add(only(canonical.properties.titlecaseMapping))
        for orbit in largeOrbits where orbit.contains(canonical) { orbit.forEach(add) }
        return out
    }

    /// The classes that no mapping reaches in full: those with more than an upper and a lower form.
    private static let largeOrbits: [[Unicode.Scalar]] = [
        ["k", "\u{212A}"], ["s", "\u{17F}"], ["\u{E5}", "\u{212B}"], ["\u{DF}", "\u{1E9E}"], ["\u{1C6}", "\u{1C5}"],
        ["\u{1C9}", "\u{1C8}"], ["\u{1CC}", "\u{1CB}"], ["\u{1F3}", "\u{1F2}"], ["\u{3B9}", "\u{345}", "\u{1FBE}"],
        ["\u{3B2}", "\u{3D0}"], ["\u{3B5}", "\u{3F5}"], ["\u{3B8}", "\u{3D1}", "\u{3F4}"], ["\u{3BA}", "\u{3F0}"],
        ["\u{3BC}", "\u{B5}"], ["\u{3C0}", "\u{3D6}"], ["\u{3C1}", "\u{3F1}"], ["\u{3C3}", "\u{3C2}"],
        ["\u{3C6}", "\u{3D5}"], ["\u{3C9}", "\u{2126}"], ["\u{1E61}", "\u{1E9B}"], ["\u{432}", "\u{1C80}"],
        ["\u{434}", "\u{1C81}"], ["\u{43E}", "\u{1C82}"], ["\u{441}", "\u{1C83}"],
        ["\u{442}", "\u{1C84}", "\u{1C85}"], ["\u{44A}", "\u{1C86}"], ["\u{463}", "\u{1C87}"],
        ["\u{A64B}", "\u{1C88}"],
    ]

    private static func only(_ mapping: String) -> Unicode.Scalar? {
        let scalars = mapping.unicodeScalars
        return scalars.count == 1 ? scalars.first : nil
    }
}
