/// What a channel cannot tell, and no other has been asked to tell.
struct Untold: Sendable, Equatable {
    private(set) var notices: [Notice] = []
    private(set) var digests: [DigestNotice] = []

    var isEmpty: Bool { notices.isEmpty && digests.isEmpty }

    mutating func add(_ notice: Notice) {
        if notice.escalatedTo == nil { notices.append(notice) }
    }

    mutating func add(_ digest: DigestNotice) {
        if !digest.isEscalated { digests.append(digest) }
    }
}
