import Readings

/// Readings to measure with, the same for the store and for every peer.
protocol ReadingSet {
    var name: String { get }
    /// What tells each series from the others; a row names series by their position here.
    var series: [Labels] { get }

    /// Hands out all rows, message by message: the samples of a row share an instant.
    ///
    /// The arrays are the same ones each time, so that handing out costs nothing beside what is measured.
    func forEachRow(_ body: (_ time: Int64, _ series: [Int], _ values: [Double]) throws -> Void) throws
}
