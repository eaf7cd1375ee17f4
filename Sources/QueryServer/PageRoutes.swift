import Foundation
import Hummingbird

/// The page at `/` and its parts, from the program itself; and dygraphs, from where Debian puts it.
struct PageRoutes: Sendable {
    /// No chart library is larger; a file that is, is something else.
    private static let largestAsset = 4 << 20

    let dygraphsDirectory: String
    let lane: BlockingLane

    private struct File: Sendable {
        let body: ByteBuffer
        let contentType: String
        let tag: String

        init(_ bytes: [UInt8], _ contentType: String) {
            body = ByteBuffer(bytes: bytes)
            self.contentType = contentType
            // FNV-1a, 64 bits: it need not resist anybody, only change when the file does.
            let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            tag = "\"\(String(hash, radix: 16))\""
        }
    }

    private static let index = File(PackageResources.index_html, "text/html; charset=utf-8")

    private static let parts = [
        "page.css": File(PackageResources.page_css, "text/css; charset=utf-8"),
        "page.js": File(PackageResources.page_js, "text/javascript; charset=utf-8"),
        "api.js": File(PackageResources.api_js, "text/javascript; charset=utf-8"),
        "chart.js": File(PackageResources.chart_js, "text/javascript; charset=utf-8"),
        "devices.js": File(PackageResources.devices_js, "text/javascript; charset=utf-8"),
        "format.js": File(PackageResources.format_js, "text/javascript; charset=utf-8"),
        "texts.js": File(PackageResources.texts_js, "text/javascript; charset=utf-8"),
        "favicon.svg": File(PackageResources.favicon_svg, "image/svg+xml"),
    ]

    private static let assets = [
        "dygraph.min.js": "text/javascript; charset=utf-8", "dygraph.min.css": "text/css; charset=utf-8",
    ]

    func add(to router: Router<QueryContext>) {
        router.get("/") { request, _ in PageRoutes.response(PageRoutes.index, to: request) }
        router.get("page/:file") { request, context in
            guard let file = PageRoutes.parts[context.parameters.get("file") ?? ""] else { throw HTTPError(.notFound) }
            return PageRoutes.response(file, to: request)
        }
        router.get("assets/:file", use: asset)
    }

    /// Browsers ask each time whether their copy is still the one: after an upgrade no old part meets a new one.
    private static func response(_ file: File, to request: Request) -> Response {
        let headers: HTTPFields = [.contentType: file.contentType, .eTag: file.tag, .cacheControl: "no-cache"]
        if request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.body))
    }

    @Sendable private func asset(_ request: Request, _ context: QueryContext) async throws -> Response {
        let name = context.parameters.get("file") ?? ""
        guard let contentType = PageRoutes.assets[name] else { throw HTTPError(.notFound) }
        let path = dygraphsDirectory + "/" + name
        let bytes = try await lane.run { () -> ByteBuffer? in
            guard let file = FileHandle(forReadingAtPath: path) else { return nil }
            defer { try? file.close() }
            guard let data = try file.read(upToCount: PageRoutes.largestAsset) else { return nil }
            return ByteBuffer(bytes: data)
        }
        guard let bytes else {
            return PlainText.response("\(path) is missing: install the package libjs-dygraphs\n", status: .notFound)
        }
        return Response(
            status: .ok, headers: [.contentType: contentType, .cacheControl: "max-age=3600"],
            body: ResponseBody(byteBuffer: bytes))
    }
}
