/// The forms in which devices have written their messages.
///
/// Devices share a form if a message in it means the same for both: they are of one family. Bounded: when the table is full it
/// begins anew, and on a topic whose messages come in ever new forms they are no longer looked for.
struct ShapeTable: Sendable {
    /// On what it depends what the fields of a topic's JSON mean, beside the JSON itself.
    struct Family: Hashable, Sendable {
        var decoder: Int
        var role: UInt8
        var metric: String
        /// `ToldUnits.number`
        var units: Int
    }

    private struct Entry: Sendable {
        let family: Int
        let shape: MessageShape
    }

    private var numbers: [Family: Int] = [:]
    /// By family: its forms, the newest last.
    private var members: [[Int]] = []
    private var entries: [Entry] = []
    /// How many messages were read.
    private(set) var messages: UInt64 = 0
    private var values = Array(repeating: Double.nan, count: DecoderLimits.shapeValues)

    /// The number of a family; nil if there are too many.
    mutating func number(of family: Family) -> Int? {
        if let known = numbers[family] { return known }
        guard members.count < DecoderLimits.shapeFamilies else { return nil }
        numbers[family] = members.count
        members.append([])
        return members.count - 1
    }

    /// Reads a message, if its family has written one in the same form.
    ///
    /// - Parameter guess: the form of the topic's message before; nil if there is none.
    /// - Returns: the message's form; nil if it is new. Nothing was added then.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, of device: String, in family: Int, guess: Int?, arrival: Arrival,
        clock: inout MessageClock, into message: inout DecodedMessage
    ) -> Int? {
        if let guess, entries.indices.contains(guess), entries[guess].family == family,
            entries[guess].shape.read(
                bytes, of: device, arrival: arrival, clock: &clock, values: &values, into: &message)
        {
            messages &+= 1
            return guess
        }
        guard members.indices.contains(family) else { return nil }
        for candidate in members[family].reversed() where candidate != guess {
            if entries[candidate].shape.read(
                bytes, of: device, arrival: arrival, clock: &clock, values: &values, into: &message)
            {
                messages &+= 1
                return candidate
            }
        }
        return nil
    }

    mutating func add(_ shape: MessageShape, to family: Int) {
        guard members.indices.contains(family) else { return }
        if entries.count >= DecoderLimits.shapes {
            entries.removeAll()
            for family in members.indices { members[family].removeAll() }
        }
        if members[family].count >= DecoderLimits.shapesOfFamily { members[family].removeFirst() }
        members[family].append(entries.count)
        entries.append(Entry(family: family, shape: shape))
    }
}
