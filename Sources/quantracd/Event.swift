import Synchronization

/// Something that happens once, and one task that waits for it.
final class Event: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Void, Never>)
        case happened
    }

    private let state = Mutex(State.open)

    func happen() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            defer { state = .happened }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if case .happened = state { return true }
                state = .awaited(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}
