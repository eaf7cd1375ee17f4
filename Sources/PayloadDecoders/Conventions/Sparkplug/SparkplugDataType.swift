/// How a Sparkplug metric's value is to be read (Sparkplug 3.0 §6.4.16). Other types, such as texts, hold no reading.
enum SparkplugDataType: UInt32 {
    case int8 = 1
    case int16, int32, int64, uint8, uint16, uint32, uint64, float, double, boolean
    case template = 19
}
