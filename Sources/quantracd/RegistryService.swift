import Dispatch
import Registry
import ServiceLifecycle

/// Closes the registry when everything that tells it something has ended.
struct RegistryService: Service {
    let registry: Registry

    func run() async throws {
        try? await gracefulShutdown()
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [registry] in
                registry.close()
                continuation.resume()
            }
        }
    }
}
