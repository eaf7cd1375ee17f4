import Hummingbird
import NIOCore

/// What the server knows of one request besides its text: the connection that it came by.
struct QueryContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Whether the request came by the Unix socket, where the file's mode says who may ask.
    var isByUnixSocket: Bool { channel.isUnixSocket }
}

extension Channel {
    var isUnixSocket: Bool {
        if case .unixDomainSocket? = localAddress { true } else { false }
    }
}
