import Foundation

/// Paths of Prometheus's API, and of InfluxDB's. `nocache` keeps VictoriaMetrics from remembering an answer; others don't look at it.
enum QueryPath {
    /// The path of an instant query.
    static func instant(_ query: String, at time: Int64) -> String {
        "/api/v1/query?query=\(escaped(query))&time=\(time / 1000)&nocache=1"
    }

    /// The path of a range query.
    static func range(_ query: String, from start: Int64, to end: Int64, stepSeconds: Int) -> String {
        "/api/v1/query_range?query=\(escaped(query))&start=\(start / 1000)&end=\(end / 1000)"
            + "&step=\(stepSeconds)&nocache=1"
    }

    /// The path of a statement in InfluxQL.
    static func influxDB(_ statement: String) -> String {
        "/query?db=\(InfluxDB.database)&epoch=ms&q=\(escaped(statement))"
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }
}
