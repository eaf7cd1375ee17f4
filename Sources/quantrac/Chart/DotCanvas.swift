/// A grid of dots drawn with characters: braille (2 × 4 dots a character), or points and colons in ASCII (1 × 2).
struct DotCanvas: Sendable {
    enum Dots: Sendable { case braille, ascii }

    let columns: Int
    let rows: Int
    let dots: Dots
    private var isSet: [Bool]

    init(columns: Int, rows: Int, dots: Dots) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
        self.dots = dots
        let (across, down) = dots == .braille ? (2, 4) : (1, 2)
        isSet = [Bool](repeating: false, count: self.columns * across * self.rows * down)
    }

    /// Dots from left to right
    var width: Int { columns * (dots == .braille ? 2 : 1) }
    /// Dots from top to bottom
    var height: Int { rows * (dots == .braille ? 4 : 2) }

    /// Sets a dot; those outside the grid are left out.
    mutating func set(x: Int, y: Int) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        isSet[y * width + x] = true
    }

    /// A line from dot to dot (Bresenham 1965). Both ends must lie in the grid.
    mutating func line(fromX x0: Int, y y0: Int, toX x1: Int, y y1: Int) {
        let (dx, dy) = (abs(x1 - x0), -abs(y1 - y0))
        let (stepX, stepY) = (x0 < x1 ? 1 : -1, y0 < y1 ? 1 : -1)
        var (x, y, error) = (x0, y0, dx + dy)
        while true {
            set(x: x, y: y)
            if x == x1, y == y1 { return }
            let doubled = 2 * error
            if doubled >= dy {
                error += dy
                x += stepX
            }
            if doubled <= dx {
                error += dx
                y += stepY
            }
        }
    }

    /// The characters of a row, `columns` of them.
    func text(row: Int) -> String {
        String(String.UnicodeScalarView((0..<columns).map { character(column: $0, row: row) }))
    }

    private func character(column: Int, row: Int) -> Unicode.Scalar {
        switch dots {
        case .braille:
            // Unicode numbers the dots down the left column, then the right one; the fourth row came later.
            let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
            var pattern: UInt32 = 0
            for y in 0..<4 {
                for x in 0..<2 where has(x: column * 2 + x, y: row * 4 + y) { pattern |= bits[y][x] }
            }
            return pattern == 0 ? " " : Unicode.Scalar(0x2800 + pattern) ?? " "
        case .ascii:
            let (upper, lower) = (has(x: column, y: row * 2), has(x: column, y: row * 2 + 1))
            return upper && lower ? ":" : upper ? "'" : lower ? "." : " "
        }
    }

    private func has(x: Int, y: Int) -> Bool {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return false }
        return isSet[y * width + x]
    }
}
