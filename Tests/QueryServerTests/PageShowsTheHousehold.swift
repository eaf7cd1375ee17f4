import Foundation
import Hummingbird
import HummingbirdTesting
import QueryAPI
import QueryServer
import Readings
import TestSupport
import Testing

@Suite struct PageShowsTheHousehold {
    /// In CI the browser must be there; elsewhere its absence skips the tests that need it.
    static let hasBrowser = Browser.isInstalled || ProcessInfo.processInfo.environment["CI"] != nil
    static let hostileName = "đèn <img src=x onerror=\"document.title='hacked'\"> & co"

    /// A freezer with a reading each half minute of the last hour, but for ten minutes, and a lamp with a hostile name.
    private static var household: Household {
        let now = Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
        let freezer = (0..<120).filter { !(60..<80).contains($0) }.map {
            Sample(time: now.advanced(byMilliseconds: Int64($0 - 120) * 30_000), value: Double($0) / 10 - 20)
        }
        var group = EveryRouteHasItsShape.group
        group.rules[0].alerts[0].annotations["summary_vi"] = "Tủ đông còn -11"
        return Household(
            [
                .init(
                    labels: ["__name__": "temperature", "household": "home", "device": "freezer"], unit: "Cel",
                    samples: freezer),
                .init(
                    labels: ["__name__": "illuminance", "household": "home", "device": hostileName], unit: "lx",
                    samples: [.init(time: now, value: 40)]),
            ], groups: [group])
    }

    @Test func partsAreServedByTheDaemonAlone() async throws {
        try await asking { client in
            let page = try await client.get("/")
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(!page.text.contains("http:") && !page.text.contains("https:"))
            let tag = try #require(page.headers[.eTag])
            let again = try await client.execute(uri: "/", method: .get, headers: [.ifNoneMatch: tag])
            #expect(again.status == .notModified)
            for part in [
                "page.css", "page.js", "api.js", "chart.js", "devices.js", "format.js", "texts.js", "favicon.svg",
            ] {
                let answer = try await client.get("/page/" + part)
                #expect(answer.status == .ok, "\(part)")
                #expect(!answer.text.contains("https:"), "\(part)")
            }
        }
    }

    @Test func dygraphsComesFromItsDirectory() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("secret", to: "other.js")
        try directory.write("var Dygraph = 1;", to: "dygraph.min.js")
        let configuration = QueryServer.Configuration(socketPath: "/unused", dygraphsDirectory: directory.path)
        try await asking(configuration: configuration) { client in
            let script = try await client.get("/assets/dygraph.min.js")
            #expect(script.text == "var Dygraph = 1;")
            #expect(script.headers[.contentType] == "text/javascript; charset=utf-8")
            let missing = try await client.get("/assets/dygraph.min.css")
            #expect(missing.status == .notFound)
            #expect(missing.text.contains("libjs-dygraphs"))
            for path in ["other.js", "..%2Fother.js", "%2e%2e/other.js"] {
                let answer = try await client.get("/assets/" + path)
                #expect(answer.status == .notFound)
            }
        }
    }

    @Test(.enabled(if: hasBrowser, "Chromium is not installed: apt install chromium"))
    func inARealBrowserWithoutComplaints() async throws {
        let household = PageShowsTheHousehold.household
        try await RunningServer.with(household) { server in
            let port = server.port
            let complaints = try await blocking {
                let browser = try Browser()
                let page = try browser.open("http://127.0.0.1:\(port)/?lang=en")
                try browser.wait(for: "document.querySelector('#chart canvas') !== null", in: page)
                let title = try browser.evaluate("document.getElementById('history-title').textContent", in: page)
                #expect(title as? String == "freezer · Temperature [°C]")
                let cards =
                    try browser.evaluate("document.getElementById('cards').innerText", in: page) as? String ?? ""
                #expect(cards.contains("freezer") && cards.contains("\u{2212}8.1"), "\(cards)")
                #expect(cards.contains(PageShowsTheHousehold.hostileName), "\(cards)")
                #expect(try browser.evaluate("document.title", in: page) as? String == "Quantrac")
                #expect(try browser.evaluate("document.querySelectorAll('#cards img').length", in: page) as? Int == 0)
                let alerts =
                    try browser.evaluate("document.getElementById('alerts').innerText", in: page) as? String ?? ""
                #expect(alerts.contains("FreezerWarm") && alerts.contains("Firing"), "\(alerts)")
                #expect(alerts.contains("Freezer at -11"), "\(alerts)")

                // Other ranges are asked for in another way.
                try browser.evaluate("document.querySelectorAll('#ranges button')[2].click()", in: page)
                try browser.wait(
                    for: "document.getElementById('chart-note').textContent.includes('a minute')", in: page)
                try browser.wait(for: "document.getElementById('chart-message').hidden", in: page)

                // A reading that becomes durable now is on the page without a reload.
                try browser.wait(for: "document.getElementById('connection').hidden", in: page)
                household.tell(
                    LiveReading(
                        household: "home", device: "freezer", metric: "temperature", labels: [:], unit: "Cel",
                        value: 3.25,
                        time: Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)).rfc3339))
                try browser.wait(for: "document.getElementById('cards').innerText.includes('3.25')", in: page)

                // The switch, and the same by the address.
                try browser.evaluate("document.querySelector('[data-language=vi]').click()", in: page)
                try browser.wait(for: "document.getElementById('cards').innerText.includes('Nhiệt độ')", in: page)
                let other = try browser.open("http://127.0.0.1:\(port)/?lang=vi")
                try browser.wait(for: "document.querySelector('#chart canvas') !== null", in: other)
                let heading = try browser.evaluate("document.getElementById('devices-title').textContent", in: other)
                #expect(heading as? String == "Thiết bị")
                for each in [page, other] {
                    let alerts = try browser.evaluate("document.getElementById('alerts').innerText", in: each)
                    #expect((alerts as? String)?.contains("Tủ đông còn -11") == true, "\(alerts ?? "")")
                }
                #expect(try browser.evaluate("document.documentElement.lang", in: other) as? String == "vi")
                return browser.complaints
            }
            #expect(complaints == [])
        }
    }

    @Test(.enabled(if: hasBrowser, "Chromium is not installed: apt install chromium"))
    func anEmptyHouseholdSaysWhatToDo() async throws {
        try await RunningServer.with(Household()) { server in
            let port = server.port
            let complaints = try await blocking {
                let browser = try Browser()
                let page = try browser.open("http://127.0.0.1:\(port)/?lang=en")
                try browser.wait(
                    for: "document.getElementById('devices-message').innerText.includes('No readings yet')", in: page)
                try browser.wait(
                    for: "document.querySelector('code')?.textContent.includes('-p 1883') === true", in: page)
                return browser.complaints
            }
            #expect(complaints == [])
        }
    }

    /// Without dygraphs the page says which package is missing and shows a table; and the browser's complaint about the
    /// missing file shows that the test above would see one.
    @Test(.enabled(if: hasBrowser, "Chromium is not installed: apt install chromium"))
    func withoutDygraphsThereIsATable() async throws {
        try await RunningServer.with(PageShowsTheHousehold.household, dygraphsDirectory: "/nonexistent") { server in
            let port = server.port
            let complaints = try await blocking {
                let browser = try Browser()
                let page = try browser.open("http://127.0.0.1:\(port)/?lang=vi")
                try browser.wait(
                    for: "document.getElementById('chart-note').textContent.includes('libjs-dygraphs')", in: page)
                try browser.wait(for: "document.querySelectorAll('#table-rows tr').length > 90", in: page)
                return browser.complaints
            }
            #expect(complaints.contains { $0.contains("404") && $0.contains("dygraph.min.js") }, "\(complaints)")
        }
    }
}
