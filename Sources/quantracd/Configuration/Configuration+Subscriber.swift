import ConfigurationFile
import Delivery
import Foundation
import MQTTSubscriber
import Registry

/// For channels that are only looked at.
private struct NoPublisher: Publishing {
    func publish(_ publication: Publication) async -> PartOutcome { .failed("there is no broker") }
    var connections: UInt64 { 0 }
}

extension Configuration {
    /// The broker's password, from its file; nil if none is named.
    func password() throws(ConfigurationError) -> String? {
        guard let path = mqtt.passwordFile else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ConfigurationError(
                place: path, key: "mqtt.passwordFile",
                problem: "cannot be read; it must hold the password alone, in UTF-8")
        }
        return text.trimmingCharacters(in: .newlines)
    }

    /// Refuses settings that would not do what they say: the files must be there, and parts of TLS must not be left out,
    /// for the connection would then be made without it.
    func check() throws(ConfigurationError) {
        func refuse(_ key: String, _ problem: String) -> ConfigurationError {
            ConfigurationError(place: "configuration", key: key, problem: problem)
        }
        if mqtt.caFile == nil, mqtt.certificateFile != nil || mqtt.keyFile != nil {
            throw refuse("mqtt.tls.caFile", "must be set with the other keys of mqtt.tls: without it there is no TLS")
        }
        if (mqtt.certificateFile == nil) != (mqtt.keyFile == nil) {
            throw refuse("mqtt.tls", "certificateFile and keyFile belong together")
        }
        if mqtt.passwordFile != nil, mqtt.username == nil {
            throw refuse("mqtt.username", "must be set with mqtt.passwordFile")
        }
        for (key, path) in [
            ("mqtt.tls.caFile", mqtt.caFile), ("mqtt.tls.certificateFile", mqtt.certificateFile),
            ("mqtt.tls.keyFile", mqtt.keyFile),
        ] {
            guard let path, access(path, R_OK) != 0 else { continue }
            throw refuse(key, "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        _ = try password()
        _ = try alerts.notify.configured(client: mqtt.clientID, publisher: NoPublisher())
    }

    /// What the subscriber is told.
    func subscriberOptions() throws(ConfigurationError) -> SubscriberOptions {
        // Where people say what they do not want to hear of, unless that is among the topics anyway.
        let hearsCommands = mqtt.topics.contains { TopicFilter($0)?.matches(AlertCommand.filter) == true }
        var options = SubscriberOptions(
            host: mqtt.host, port: mqtt.port, clientID: mqtt.clientID,
            topics: mqtt.topics + (hearsCommands ? [] : [AlertCommand.filter]),
            qos: mqtt.qos == 0 ? .atMostOnce : .atLeastOnce)
        options.username = mqtt.username
        options.password = try password()
        options.presenceTopic = BrokerFormat(client: mqtt.clientID).statusTopic
        if let caFile = mqtt.caFile {
            options.tls = SubscriberOptions.TLS(
                caFile: caFile, certificateFile: mqtt.certificateFile, keyFile: mqtt.keyFile)
        }
        return options
    }
}
