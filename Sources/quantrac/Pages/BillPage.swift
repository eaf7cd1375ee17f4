import Energy
import Foundation

/// The bills below `quantrac energy --tariff`: a line for each step, the tax, and what is to pay.
struct BillPage: Sendable {
    var bills: MonthlyBills
    var texts: Texts
    var clock: LocalClock
    var terminal: Terminal

    func lines() -> [String] {
        var lines: [String] = []
        for month in bills.months {
            let name = bills.tariff.name.isEmpty ? bills.tariff.currency : bills.tariff.name
            let heading = texts(.bill(month: month.bill.month.description, name: name, isOver: month.isOver))
            lines += ["", PlainText.neutralised(heading), ""]
            lines += table(month.bill).lines(
                width: terminal.isTTY ? terminal.width : nil, colours: terminal.hasColours)
            if let from = month.knownFrom { lines.append(texts(.billLacks(from: clock.dateAndTime(from)))) }
            if month.estimated > 0 {
                lines.append(texts(.billEstimated(UnitText.value(month.estimated, unit: bills.tariff.unit))))
            }
        }
        if !bills.withoutPrice.isEmpty {
            lines += [
                "", texts(.noPrice(months: bills.withoutPrice.map(\.description).joined(separator: ", "))),
            ]
        }
        return lines
    }

    private func table(_ bill: Bill) -> Table {
        let unit = UnitText.human(bills.tariff.unit)
        var table = Table(columns: [
            .init(title: texts(.step)), .init(title: unit, isNumber: true),
            .init(title: "\(bills.tariff.currency)/\(unit)", isNumber: true),
            .init(title: texts(.costs), isNumber: true),
        ])
        for part in bill.parts {
            for line in part.lines {
                let days =
                    bill.parts.count > 1 ? ", " + texts(.days(part.days.lowerBound, part.days.upperBound)) : ""
                table.rows.append([
                    .init("\(line.step)\(days)"), .init(BillPage.text(line.amount)), .init(BillPage.text(line.price)),
                    .init(money(line.cost)),
                ])
            }
        }
        if bill.fee > 0 { table.rows.append([.init(texts(.fee)), .init(""), .init(""), .init(money(bill.fee))]) }
        if !bills.tariff.taxes.isEmpty {
            let tax = texts(.tax(percent: BillPage.text(bill.taxPercent)))
            table.rows.append([.init(tax), .init(""), .init(""), .init(money(bill.tax))])
        }
        table.rows.append([
            .init(texts(.sum(currency: bills.tariff.currency)), .strong),
            .init(BillPage.text(bill.consumption), .strong), .init(""), .init(money(bill.total), .strong),
        ])
        return table
    }

    private func money(_ amount: Decimal) -> String {
        BillPage.text(amount, digits: bills.tariff.rounding.money)
    }

    /// `1 234 567.5`, with at least so many digits after the point.
    static func text(_ amount: Decimal, digits: Int = 0) -> String {
        let parts = amount.description.split(separator: ".", maxSplits: 1)
        let whole = parts.first.flatMap { UInt64($0) }.map(NumberText.grouped) ?? parts.first.map(String.init) ?? "0"
        var fraction = parts.count > 1 ? String(parts[1]) : ""
        fraction += String(repeating: "0", count: max(0, digits - fraction.count))
        return fraction.isEmpty ? whole : whole + "." + fraction
    }
}

extension MonthlyBills {
    /// A bill as `--format json` prints it.
    struct Report: Encodable, Sendable {
        struct Part: Encodable, Sendable {
            /// Days of the month, both included
            var firstDay: Int
            var lastDay: Int
            var consumption: Decimal
            var lines: [Bill.Line]
        }

        /// `YYYY-MM`
        var month: String
        var currency: String
        /// Whether the month is over and the counter known for all of it
        var complete: Bool
        var consumption: Decimal
        var parts: [Part]
        var fee: Decimal
        var taxPercent: Decimal
        var tax: Decimal
        var total: Decimal
    }

    var reports: [Report] {
        months.map { month in
            let bill = month.bill
            let parts = bill.parts.map { part in
                Report.Part(
                    firstDay: part.days.lowerBound, lastDay: part.days.upperBound, consumption: part.consumption,
                    lines: part.lines)
            }
            return Report(
                month: bill.month.description, currency: tariff.currency,
                complete: month.isOver && month.knownFrom == nil, consumption: bill.consumption, parts: parts,
                fee: bill.fee, taxPercent: bill.taxPercent, tax: bill.tax, total: bill.total)
        }
    }
}
