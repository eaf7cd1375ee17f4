/// How much of what devices send is looked at and kept, for one household (RELIABILITY: memory is bounded, whatever
/// arrives).
public enum DecoderLimits {
    /// Bytes of an ordinary payload.
    public static let payloadBytes = 64 << 10
    /// Bytes of a message that describes devices (`bridge/devices`, discovery).
    public static let metadataPayloadBytes = 4 << 20
    public static let readingsPerMessage = 256
    public static let jsonDepth = 32
    /// JSON values of one message; 16 bytes each while it is read.
    public static let jsonValues = 1 << 20
    public static let cborDepth = 16
    /// UTF-8 bytes of a topic. Longer than a name, since clouds put properties there.
    public static let topicBytes = 1024
    /// UTF-8 bytes of a device, a metric, or a describing text.
    public static let nameBytes = 128
    /// UTF-8 bytes of a unit.
    public static let unitBytes = 32
    /// Elements of an array that is still a list of readings (three phases), not a picture.
    public static let arrayElements = 16
    /// Topics whose decoder is remembered, and the longest of them.
    static let rememberedTopics = 8192
    static let rememberedTopicBytes = 256
    /// Keys of JSON and fields of devices that are remembered, and the longest of the keys.
    static let rememberedKeys = 4096
    static let rememberedKeyBytes = 128
    static let rememberedFields = 8192
    /// Forms of messages, those of devices of one family, families, and the values and bytes of a message whose form is kept.
    static let shapes = 512
    static let shapesOfFamily = 32
    static let shapeFamilies = 1024
    static let shapeValues = 64
    static let shapeBytes = 2048
    /// How often a new form is looked for on one topic.
    static let shapesOfTopic = 16
    /// What bridges and discovery told of different models' units.
    static let rememberedUnitSets = 1024
    /// Entities that discovery has announced.
    static let discoveredEntities = 8192
    /// Those of one topic: no message can tell more of them, and each looks for its field in all of the message.
    static let entitiesPerTopic = readingsPerMessage
    static let availabilitiesPerTopic = statesPerMessage
    /// Components in one device's discovery, and keys of each.
    static let discoveredComponents = 512
    static let discoveryKeys = 128
    /// Topics by which one entity says whether it is there.
    static let availabilityTopics = 8
    /// Base topics of Zigbee bridges beside the usual one; devices, and properties with a unit, of one bridge.
    static let zigbeeBases = 8
    static let zigbeeDevices = 2048
    static let zigbeeProperties = 8192
    /// Root topics of Homie devices beside the usual one; devices, and properties with a datatype or unit, of all.
    static let homieRoots = 8
    static let homieDevices = 2048
    static let homieProperties = 8192
    /// Shelly devices of the second generation whose prefix looks like the first one's.
    static let shellyPrefixes = 1024
    /// Devices that one message tells something of.
    package static let statesPerMessage = 2048
    /// Tasmota devices whose own words for prefixes and availability are known.
    static let tasmotaDevices = 4096
    static let tasmotaPrefixWords = 32
    /// Devices of rtl_433 that are named otherwise than their topics.
    static let rtl433Names = 1024
    /// A user's own mappings.
    static let mappings = 256
    /// Tags of one line of line protocol.
    package static let lineTags = 32
    /// Sparkplug's edge nodes; they and their devices; metrics of all of them; templates inside templates.
    static let sparkplugEdges = 1024
    static let sparkplugBirths = 4096
    static let sparkplugMetrics = 65_536
    static let sparkplugTemplateDepth = 4
    /// UTF-8 bytes of a Sparkplug metric's name, with the names of the templates around it.
    static let sparkplugNameBytes = 256
}
