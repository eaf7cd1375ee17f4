import QueryAPI

extension Session {
    /// The devices that the daemon knows, of one household or of all.
    func devices(household: String? = nil) async throws -> [DeviceReport] {
        let all = try await client.get("/api/v1/devices", as: [DeviceReport].self, warn: warn)
        guard let household else { return all }
        let own = all.filter { $0.household == household }
        guard !own.isEmpty || all.isEmpty else {
            throw ClientError.unknownHousehold(household, all: Set(all.map(\.household)).sorted())
        }
        return own
    }

    /// The device that `name` stands for: if no device has such a name, the one in the room of that name.
    ///
    /// - Parameter metric: what it measures, which may tell those in a room apart.
    func device(
        _ name: String, among devices: [DeviceReport], measuring metric: String? = nil
    ) throws(ClientError) -> DeviceReport {
        guard !devices.isEmpty else { throw .noDevices }
        switch NameMatch.of(name, among: devices, names: { ($0.device, $0.name.map { [$0] } ?? []) }) {
        case .found(let device): return device
        case .ambiguous(let candidates):
            guard Set(candidates.map(\.device)).count > 1 else {
                throw .deviceInHouseholds(name, households: candidates.map(\.household))
            }
            throw .ambiguousDevice(name, candidates: candidates.map(\.device))
        case .missed(let nearest):
            let room = FoldedName.of(name)
            let inRoom = devices.filter { !room.isEmpty && $0.room.map(FoldedName.of) == room }
            let measuring = metric.map { metric in inRoom.filter { $0.measures(metric) } } ?? []
            let candidates = measuring.isEmpty ? inRoom : measuring
            guard let only = candidates.first else {
                throw .unknownDevice(name, nearest: nearest.map { $0.name ?? $0.device })
            }
            guard candidates.count == 1 else {
                throw .ambiguousDevice(name, candidates: candidates.map { $0.name ?? $0.device })
            }
            return only
        }
    }

    /// The metric of `device` that `name` stands for.
    func metric(_ name: String, of device: DeviceReport) throws(ClientError) -> String {
        let deviceName = device.name ?? device.device
        switch device.match(metric: name) {
        case .found(let metric): return metric
        case .ambiguous(let candidates):
            throw .ambiguousMetric(name, device: deviceName, candidates: candidates)
        case .missed(let nearest):
            throw .unknownMetric(name, device: deviceName, nearest: nearest, all: device.metricNames)
        }
    }
}

extension DeviceReport {
    fileprivate var metricNames: [String] { Set(metrics.map(\.metric)).sorted() }

    fileprivate func match(metric name: String) -> NameMatch<String> {
        NameMatch.of(name, among: metricNames, names: { ($0, MetricWords.names(of: $0)) })
    }

    fileprivate func measures(_ name: String) -> Bool {
        if case .missed = match(metric: name) { false } else { true }
    }
}
