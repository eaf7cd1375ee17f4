import Delivery
import Intake
import Logging
import PayloadDecoders
import QueryServer

/// What the user can set, with the defaults that serve without a file. `config/quantrac.yaml` explains every key.
struct Configuration: Sendable, Equatable {
    struct MQTT: Sendable, Equatable {
        var host = "127.0.0.1"
        var port: UInt16 = 1883
        var clientID = "quantracd"
        var username: String?
        var passwordFile: String?
        var caFile: String?
        var certificateFile: String?
        var keyFile: String?
        /// 0 or 1
        var qos = 1
        var topics = ["#"]
        /// Whether Sparkplug edge nodes may be asked for their births.
        var sparkplugRebirth = true
    }

    struct Store: Sendable, Equatable {
        var directory = "/var/lib/quantrac"
        var diskBudget = ByteCount(mebibytes: 512)
        var memoryBudget = ByteCount(mebibytes: 64)
        /// Nil: chosen by the daemon.
        var syncWindow: Duration?
        var timeResolution: Duration = .milliseconds(1)
    }

    struct Query: Sendable, Equatable {
        var socket = "/run/quantrac/query.sock"
        var listen: ListenAddress?
    }

    struct Households: Sendable, Equatable {
        var `default` = "home"
        var patterns: [String] = []
    }

    struct Alerts: Sendable, Equatable {
        /// Paths with `*`
        var rules = ["/etc/quantrac/rules.d/*.yaml"]
        var evaluationInterval: Duration = .seconds(15)
        /// Where people reach the page, for links in notices.
        var externalURL: String?
        /// Who is told, beside the log and the broker.
        var notify: [ChannelConfiguration] = []
        /// When, and because of what, people are not told.
        var muting = MutingRules()
    }

    var mqtt = MQTT()
    var store = Store()
    var query = Query()
    var households = Households()
    var quota = QuotaTable(default: .default)
    /// What users say of devices that no convention knows.
    var mappings: [Mapping] = []
    var alerts = Alerts()
    var logLevel = "info"

    /// What is logged at least.
    var level: Logger.Level { Logger.Level(rawValue: logLevel) ?? .info }
}

extension Configuration.Households {
    /// Which household a topic belongs to.
    var router: HouseholdRouter {
        HouseholdRouter(patterns: patterns.compactMap(HouseholdPattern.init), default: self.default)
    }
}
