import Readings

/// That some alerts are explained by others: while a router is down, nobody need hear of the devices behind it.
public struct Dependency: Sendable, Equatable {
    /// Which alerts explain others.
    public var sources: [LabelMatcher]
    /// Which alerts are explained by them.
    public var targets: [LabelMatcher]
    /// Labels of which both must have the same values. The household is always among them.
    public var equal: [String]
    /// How long a source that has ended goes on explaining: what it held up needs time to come back.
    public var grace: Duration

    public init(sources: [LabelMatcher], targets: [LabelMatcher], equal: [String], grace: Duration = .zero) {
        self.grace = grace
        self.sources = sources
        self.targets = targets
        self.equal = equal
    }

    fileprivate func place(_ labels: Labels) -> [String] { [labels.household] + equal.map { labels[$0] ?? "" } }
}

extension Dependency {
    /// No source explains others for longer after its end.
    public static let mostGrace = Duration.seconds(86_400)
}

/// A source that has ended so lately that it still explains others.
public struct LingeringSource: Sendable, Equatable {
    /// The fingerprint.
    let alert: String
    let labels: Labels
    /// In running time.
    let until: DeliveryMoment
}

/// Finds which of the alerts that fire are explained by others of them.
enum DependencyGraph {
    /// The alerts of one dependency that have the same values of the labels that must be equal.
    private struct Place {
        /// Sources that are no targets, and sources that are targets, too: of two such neither explains the other.
        var pureSources: [String] = []
        var mixedSources: [String] = []
        var targets: [String] = []
    }

    private struct Key: Hashable {
        var dependency: Int
        var values: [String]
    }

    /// A place as the sources of it look at it that are targets, too, or those that are not.
    private struct View: Hashable {
        var key: Key
        var isMixed: Bool
    }

    /// - Returns: for each alert that is explained, the one that explains it.
    ///
    /// What explains itself in a circle is told: only what hangs, over however many steps, on an alert that nothing explains is
    /// held back. Linear in the alerts, for each dependency.
    static func explained(_ firing: [String: Labels], by dependencies: [Dependency]) -> [String: String] {
        guard !dependencies.isEmpty else { return [:] }
        var places: [Key: Place] = [:]
        var asSource: [String: [View]] = [:]
        var asTarget: [String: [View]] = [:]
        let alerts = firing.sorted { $0.key < $1.key }
        for (alert, labels) in alerts {
            for (index, dependency) in dependencies.enumerated() {
                let isSource = dependency.sources.allSatisfy { $0.matches(labels) }
                let isTarget = dependency.targets.allSatisfy { $0.matches(labels) }
                guard isSource || isTarget else { continue }
                let key = Key(dependency: index, values: dependency.place(labels))
                if isTarget {
                    places[key, default: Place()].targets.append(alert)
                    asTarget[alert, default: []].append(View(key: key, isMixed: isSource))
                }
                guard isSource else { continue }
                asSource[alert, default: []].append(View(key: key, isMixed: isTarget))
                if isTarget {
                    places[key, default: Place()].mixedSources.append(alert)
                } else {
                    places[key, default: Place()].pureSources.append(alert)
                }
            }
        }
        var explained: [String: String] = [:]
        var reached = alerts.map(\.key).filter { alert in
            !(asTarget[alert] ?? []).contains { view in
                guard let place = places[view.key] else { return false }
                return !place.pureSources.isEmpty || (!view.isMixed && !place.mixedSources.isEmpty)
            }
        }
        let roots = Set(reached)
        var done: Set<View> = []
        while let source = reached.popLast() {
            for view in asSource[source] ?? [] where done.insert(view).inserted {
                let mixed = Set(view.isMixed ? places[view.key]?.mixedSources ?? [] : [])
                for target in places[view.key]?.targets ?? []
                where !roots.contains(target) && explained[target] == nil && !mixed.contains(target) {
                    explained[target] = source
                    reached.append(target)
                }
            }
        }
        return explained
    }
}
