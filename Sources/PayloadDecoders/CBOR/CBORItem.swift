/// What one head of CBOR (RFC 8949 §3) begins or is. Strings are borrowed.
enum CBORItem {
    case unsigned(UInt64)
    /// −1 − the number.
    case negative(UInt64)
    case bytes(UnsafeRawBufferPointer)
    case text(UnsafeRawBufferPointer)
    /// Strings that follow in pieces, up to a break.
    case bytesInPieces
    case textInPieces
    /// That many items follow, or pairs of them; up to a break if it is not told.
    case array(UInt64?)
    case map(UInt64?)
    /// Belongs to the item that follows.
    case tag(UInt64)
    case bool(Bool)
    /// Null, undefined, or a simple value without a meaning of its own.
    case nothing
    case float(Double)
}
