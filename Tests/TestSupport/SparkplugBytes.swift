/// Two Sparkplug B payloads, field by field of sparkplug_b.proto.
public enum SparkplugBytes {
    /// 21.5, as the metric with alias 5; message number 1.
    public static let data: [UInt8] = [0x12, 11, 0x10, 5, 0x69, 0, 0, 0, 0, 0, 0x80, 0x35, 0x40, 0x18, 1]

    /// Alias 5 is `temperature`, a Double; message number 0.
    public static let birth: [UInt8] =
        [0x12, 26, 0x0A, 11] + Array("temperature".utf8) + [0x10, 5, 0x20, 10, 0x69, 0, 0, 0, 0, 0, 0, 0x35, 0x40]
        + [0x18, 0]
}
