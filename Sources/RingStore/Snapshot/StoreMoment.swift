/// What a snapshot shows, by reference: a state has some forty parts, which a copy would all have to count anew.
///
/// Who reads it often names the part, `moment.state.tails`, and never takes the state out.
final class StoreMoment: Sendable {
    let state: StoreState
    let pool: SegmentPool

    init(_ state: StoreState, _ pool: SegmentPool) {
        self.state = state
        self.pool = pool
    }
}
