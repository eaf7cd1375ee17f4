/// A message of a convention as devices send it, from which hostile ones are made.
package struct CorpusMessage: Sendable {
    /// What a payload is drawn from.
    enum Body: Sendable {
        /// A text with holes: `@D` and `@E` names, `@N` a number, `@T` a time, `@V` any JSON. The topic's are the same.
        case text(String)
        case grammar(Grammar)
        case bytes([UInt8])
    }

    enum Grammar: Sendable {
        case json, lines, senMLPack, sparkplugBirth, sparkplugData, discovery, homieDescription, zigbeeInventory
        case tasmotaDiscovery, gatewayTelemetry
        /// Nothing at all: what a retained message is deleted by.
        case nothing
    }

    package let convention: String
    let topic: String
    let body: Body

    init(_ convention: String, _ topic: String, _ text: String) {
        self.init(convention, topic, .text(text))
    }

    init(_ convention: String, _ topic: String, _ grammar: Grammar) {
        self.init(convention, topic, .grammar(grammar))
    }

    init(_ convention: String, _ topic: String, _ body: Body) {
        self.convention = convention
        self.topic = topic
        self.body = body
    }
}
