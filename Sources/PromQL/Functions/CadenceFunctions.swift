import Readings

/// How a sensor speaks, whatever it says.
enum CadenceFunctions {
    static let all: [Function] = [
        // Seconds. The edges of the window count: nobody spoke between them and the samples next to them. The least of several
        // series is thus never less than the longest silence of all of them together.
        Function(
            "longest_silence_over_time", [.matrix],
            .window(
                WindowFunction(compute: { samples, window in
                    var longest = samples[0].time.milliseconds(since: window.start)
                    for index in samples.indices.dropFirst() {
                        longest = max(longest, samples[index].time.milliseconds(since: samples[index - 1].time))
                    }
                    longest = max(longest, window.end.milliseconds(since: samples[samples.count - 1].time))
                    return Double(longest) / 1000
                })))
    ]
}
