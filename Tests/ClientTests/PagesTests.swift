import Foundation
import QueryAPI
import Readings
import Testing

@testable import quantrac

// The expected pages were read, in both languages, before they were put here.
@Suite("Pages say in both languages what the daemon reports")
struct PagesTests {
    private let clock = SampleReports.clock
    private let english = SampleReports.english
    private let vietnamese = SampleReports.vietnamese

    private func status(_ texts: Texts, _ terminal: Terminal = .pipe) -> String {
        StatusPage(report: SampleReports.status, texts: texts, clock: clock, terminal: terminal).lines()
            .joined(separator: "\n")
    }

    @Test func statusInEnglish() {
        #expect(
            status(english) == """
                Quantrac 0.1.0 · DEGRADED · up 3 h 12 min

                Broker    127.0.0.1:1883 not reached, waiting to try again, since 13:58, 2 connects so far
                          last error: connection refused
                Store     ██████████░░░░░░░░░░░░░░ 41 % full; then the oldest gives way
                          210 MiB reserved of a budget of 512 MiB, in /var/lib/quantrac
                          12 series, 1 234 567 readings, from 2026-11-01 10:00 to 2026-11-23 14:03
                Intake    12.3 messages/s, 45.0 readings/s over the last minute
                          since the start 456 789 messages, 1 234 567 readings, 3 duplicates
                Refused   12 × not valid JSON (not_json)
                          3 × new_reason
                          e.g. garage/x\u{FFFD}[31m — ends too early (2 min ago)
                Alerts    1 firing, 0 pending; 3 rules
                Problems  broker_unreachable: 127.0.0.1:1883: connection refused
                            → check mqtt.host and mqtt.port in quantracd's configuration, and that the broker runs: \
                systemctl status mosquitto
                """)
    }

    @Test func statusInVietnamese() {
        #expect(
            status(vietnamese) == """
                Quantrac 0.1.0 · CÓ SỰ CỐ · đã chạy 3 giờ 12 phút

                Broker       chưa tới được 127.0.0.1:1883, đang chờ thử lại, từ 13:58, đã kết nối 2 lần
                             lỗi gần nhất: connection refused
                Kho dữ liệu  ██████████░░░░░░░░░░░░░░ đầy 41 %; khi đầy, dữ liệu cũ nhất nhường chỗ
                             đã dành 210 MiB trên hạn mức 512 MiB, tại /var/lib/quantrac
                             12 chuỗi, 1 234 567 số đo, từ 2026-11-01 10:00 đến 2026-11-23 14:03
                Tiếp nhận    12.3 tin/giây, 45.0 số đo/giây trong phút vừa qua
                             từ lúc khởi động: 456 789 tin, 1 234 567 số đo, 3 bản trùng
                Từ chối      12 × không phải JSON hợp lệ (not_json)
                             3 × new_reason
                             ví dụ garage/x\u{FFFD}[31m — ends too early (2 phút trước)
                Cảnh báo     1 đang báo động, 0 đang chờ; 3 quy tắc
                Sự cố        broker_unreachable: 127.0.0.1:1883: connection refused
                               → kiểm tra mqtt.host và mqtt.port trong cấu hình của quantracd, và broker có đang \
                chạy không: systemctl status mosquitto
                """)
    }

    @Test func whoMetAQuotaIsNamed() {
        func shown(_ language: Texts) -> String {
            var report = SampleReports.status
            func offence(_ household: String, _ devices: [QuotaOffence.Share]) -> QuotaOffence {
                QuotaOffence(
                    household: household, reason: "quota_series", refused: 1234, since: "2026-11-23T07:00:00.000Z",
                    last: "2026-11-23T07:03:00.000Z", devices: devices, topics: [])
            }
            report.intake.overQuota = [offence("h7", [.init(name: "gate\u{1B}way", refused: 1200)]), offence("h8", [])]
            return StatusPage(report: report, texts: language, clock: clock, terminal: .pipe).lines()
                .drop { !$0.hasPrefix("Quota") && !$0.hasPrefix("Hạn mức") }.prefix(4).joined(separator: "\n")
        }
        #expect(
            shown(english) == """
                Quota     h7: 1 234 × the household has as many series as it may (quota_series), since 14:00
                            device gate\u{FFFD}way (≥ 1 200)
                          h8: 1 234 × the household has as many series as it may (quota_series), since 14:00
                            ever new devices and topics
                """)
        #expect(
            shown(vietnamese) == """
                Hạn mức      h7: 1 234 × hộ đã có đủ số chuỗi cho phép (quota_series), từ 14:00
                               thiết bị gate\u{FFFD}way (≥ 1 200)
                             h8: 1 234 × hộ đã có đủ số chuỗi cho phép (quota_series), từ 14:00
                               thiết bị và chủ đề luôn mới
                """)
    }

    @Test func aProblemIsToldInTheReadersLanguageIfTheDaemonDoes() {
        var report = SampleReports.status
        report.problems = [
            .init(code: "notices_dropped", detail: "3 notices found no room", detailVi: "3 tin báo không còn chỗ"),
            .init(code: "outbox_not_writable", detail: "disk full"),
        ]
        func shown(_ texts: Texts) -> String {
            StatusPage(report: report, texts: texts, clock: clock, terminal: .pipe).lines().joined(separator: "\n")
        }
        #expect(shown(english).contains("notices_dropped: 3 notices found no room"))
        #expect(shown(vietnamese).contains("notices_dropped: 3 tin báo không còn chỗ"))
        #expect(shown(vietnamese).contains("outbox_not_writable: disk full"))
    }

    @Test func aTerminalWithoutUTF8GetsAnASCIIBarAndAPipeNoColours() {
        let plain = Terminal(isTTY: true, width: 80, height: 24, isUTF8: false, hasColours: false)
        #expect(status(english, plain).contains("##########.............. 41 % full"))
        #expect(!status(english).contains("\u{1B}"))
        let coloured = Terminal(isTTY: true, width: 80, height: 24, isUTF8: true, hasColours: true)
        #expect(status(english, coloured).hasPrefix("Quantrac 0.1.0 · \u{1B}[1;31mDEGRADED\u{1B}[0m"))
        #expect(PlainText.asciiMarks("Quantrac · 5 °C – µg/m³ → Ω × phòng") == "Quantrac | 5 C - ug/m3 -> Ohm x phòng")
    }

    @Test func hostileFiguresDoNotTrap() {
        var report = SampleReports.status
        report.store.diskBudgetBytes = 0
        report.store.diskUsedBytes = .max
        report.store.poolUsedFraction = .nan
        report.store.seriesCount = -1
        report.uptimeSeconds = -.infinity
        report.intake.messagesPerSecond = .infinity
        report.broker.since = "never"
        let text = StatusPage(report: report, texts: english, clock: clock, terminal: .pipe).lines().joined()
        #expect(text.contains("16777216 TiB reserved of a budget of 0 B"))
        #expect(StatusCSV.lines(report).contains("intake.refused.not_json,12"))
    }

    @Test func devices() {
        let page = DevicesPage(devices: SampleReports.devices, texts: english, clock: clock)
        #expect(
            page.devicesTable().lines() == [
                "device               name     room  model   convention   state            last seen  battery  signal  metrics",
                "zigbee2mqtt/tủ đông  Tủ đông  Bếp   TS0201  zigbee2mqtt  online           12 s ago       9 %      87  "
                    + "battery, temperature",
                "plug                                        tasmota      offline for 1 d  2 d ago                     "
                    + "energy_power",
            ])
        #expect(
            page.devicesCSV() == [
                "household,device,convention,name,room,model,manufacturer,available,last_seen,battery,battery_unit,"
                    + "signal,signal_unit,metrics,available_since,clock_offset_seconds",
                "home,zigbee2mqtt/tủ đông,zigbee2mqtt,Tủ đông,Bếp,TS0201,Tuya,true,2026-11-23T07:03:08.000Z,9,%,87,,"
                    + "battery temperature,,",
                "home,plug,tasmota,,,,,false,2026-11-20T23:30:00.000Z,,,,,energy_power,2026-11-22T07:03:20.000Z,",
            ])
    }

    @Test func aWrongClockIsShown() {
        var devices = SampleReports.devices
        devices[0].clockOffsetSeconds = 25_200
        devices[1].clockOffsetSeconds = -90
        #expect(
            DevicesPage(devices: devices, texts: english, clock: clock).devicesTable().lines().map {
                $0.prefix(97).suffix(24)
            }
                == [" last seen  clock       ", " 12 s ago   7 h ahead   ", " 2 d ago    1 min behind"])
        let vietnamesePage = DevicesPage(devices: devices, texts: vietnamese, clock: clock)
        #expect(
            vietnamesePage.devicesTable().lines().dropFirst().allSatisfy {
                $0.contains("nhanh 7 giờ") || $0.contains("chậm 1 phút")
            })
        #expect(
            vietnamesePage.devicesCSV().map { $0.split(separator: ",").last } == [
                "clock_offset_seconds", "25200", "-90",
            ])
    }

    @Test func latest() {
        let page = DevicesPage(devices: SampleReports.devices, texts: vietnamese, clock: clock)
        #expect(
            page.latestTable().lines() == [
                "thiết bị  đại lượng                    giá trị  đơn vị  cách đây",
                "Tủ đông   battery                            9  %          1 giờ",
                "Tủ đông   temperature                    -18.4  °C       12 giây",
                "plug      energy_power{phase=\"a\\\"b\"}  1234.568  W         2 ngày",
            ])
        #expect(
            page.latestCSV() == [
                "household,device,metric,labels,value,unit,time,original_value,original_unit",
                "home,zigbee2mqtt/tủ đông,battery,,9,%,2026-11-23T06:03:20.000Z,,",
                "home,zigbee2mqtt/tủ đông,temperature,,-18.399999618530273,Cel,2026-11-23T07:03:08.000Z,-1.12,°F",
                "home,plug,energy_power,\"{phase=\"\"a\\\"\"b\"\"}\",1234.5678,W,2026-11-20T23:30:00.000Z,,",
            ])
    }

    @Test func severalHouseholdsGetAColumn() {
        var devices = SampleReports.devices
        devices[1].household = "shop"
        let page = DevicesPage(devices: devices, texts: english, clock: clock)
        #expect(page.devicesTable().lines().map { $0.prefix(9) } == ["household", "home     ", "shop     "])
        #expect(page.latestTable().lines().last?.hasPrefix("shop       plug") == true)
    }

    @Test func silences() {
        let silences = [
            SilenceReport(
                id: 3, kind: "silence", state: "active", household: nil, matchers: [#"device="f\u{1B}""#], alert: nil,
                starts: SampleReports.ago(60), ends: SampleReports.ago(-600), author: "An", comment: "rã đông"),
            SilenceReport(
                id: 4, kind: "acknowledge", state: "active", household: nil, matchers: [#"alertname="A""#],
                alert: "00ff",
                starts: SampleReports.ago(60), ends: nil, author: "", comment: ""),
        ]
        let page = SilencesPage(silences: silences, texts: english, clock: clock)
        #expect(
            page.table().lines()[2].contains(#"alertname="A" (00ff)  14:02  the alert ends"#), "\(page.table().lines())"
        )
        #expect(!page.made().joined().contains("\u{1B}"))
        #expect(page.made()[1] == #"acknowledged: alertname="A" (00ff); to undo it: quantrac alerts unsilence 4"#)
        #expect(page.csv()[2] == #"4,active,acknowledge,,"alertname=""A""",00ff,"# + SampleReports.ago(60) + ",,,")
        #expect(
            SilencesPage(silences: silences, texts: vietnamese, clock: clock).table().lines().first?.contains(
                "cảnh báo nào") == true)
    }

    @Test func digests() {
        let digest = DigestReport(
            channel: "mail", next: SampleReports.ago(-600), since: SampleReports.ago(86_400), calm: false, firing: 1,
            ended: 0, text: ["en": ["Daily digest", "• a\u{1B}"], "vi": ["Bản tin"]])
        let page = DigestsPage(digests: [digest, digest], texts: english, clock: clock)
        #expect(
            page.lines() == [
                "mail, to be told 14:13:", "Daily digest", "• a\u{FFFD}", "", "mail, to be told 14:13:", "Daily digest",
                "• a\u{FFFD}",
            ])
        #expect(
            DigestsPage(digests: [digest], texts: vietnamese, clock: clock).lines() == [
                "mail, sẽ gửi 14:13:", "Bản tin",
            ])
        #expect(page.csv()[0] == "channel,next,since,calm,firing,ended,text")
        #expect(DigestsPage(digests: [], texts: english, clock: clock).lines().isEmpty)
    }

    @Test func alerts() {
        let page = AlertsPage(groups: SampleReports.groups, texts: vietnamese, clock: clock)
        #expect(
            page.table().lines() == [
                "trạng thái  cảnh báo     thiết bị  từ lúc         giá trị  tóm tắt                  đã báo",
                "BÁO ĐỘNG    FreezerWarm  Tủ đông   12:56 (1 giờ)    -11.2  Tủ đông đang ở -11.2 °C  mqtt; email: đang chờ, đã thử 3 lần",
            ])
        #expect(
            page.brokenRules() == [
                "không tính được quy tắc BatteryLow: too many samples (/etc/quantrac/rules.d/home.yaml)"
            ])
        let english = AlertsPage(groups: SampleReports.groups, texts: english, clock: clock)
        #expect(
            english.table().lines()[1]
                == "FIRING  FreezerWarm  Tủ đông  12:56 (1 h)  -11.2  Tủ đông is at -11.2 °C  mqtt; email: waiting, 3 tries"
        )
        var repeated = SampleReports.groups
        for group in repeated.indices {
            for rule in repeated[group].rules.indices where !repeated[group].rules[rule].alerts.isEmpty {
                // A later change waits on a channel for which one waits already.
                repeated[group].rules[rule].alerts[0].delivery? += [
                    NoticeDelivery(
                        channel: "email", state: "waiting", time: "2026-11-23T05:57:00Z", attempts: 0, error: nil)
                ]
            }
        }
        #expect(
            AlertsPage(groups: repeated, texts: SampleReports.english, clock: clock).table().lines()
                == english.table().lines())
        var muted = SampleReports.groups
        for (mute, words) in [
            (MuteReport(reason: "acknowledge", by: "An"), "acknowledged by An"),
            (MuteReport(reason: "snooze", until: SampleReports.ago(-600)), "snoozed until 14:13"),
            (
                MuteReport(reason: "silence", by: "An", until: SampleReports.ago(-600), comment: "ok"),
                "silenced by An until 14:13 “ok”"
            ),
            (MuteReport(reason: "maintenance", by: "defrosting"), "maintenance (defrosting)"),
            (MuteReport(reason: "dependency", explainedBy: "RouterDown"), "explained by RouterDown"),
        ] {
            for group in muted.indices {
                for rule in muted[group].rules.indices where !muted[group].rules[rule].alerts.isEmpty {
                    muted[group].rules[rule].alerts[0].muted = mute
                }
            }
            let page = AlertsPage(groups: muted, texts: SampleReports.english, clock: clock)
            #expect(page.table().lines()[1].hasSuffix(words), "\(page.table().lines())")
            #expect(page.csv()[1].hasSuffix(",\(mute.reason)"))
        }
        var failing = english
        failing.channels = [
            NoticesReport.Channel(
                name: "email", type: "email", standby: false, waiting: 1, oldestWaiting: nil, failures: 3,
                failingSince: "2026-11-23T05:56:40.000Z", lastError: "SMTP 535: bad", lastSuccess: nil, delivered: 0,
                rejected: 0, expired: 0, dropped: 0, escalated: 0, heartbeatError: nil)
        ]
        #expect(failing.undelivered() == ["channel email fails since 12:56, 1 notice waits: SMTP 535: bad"])
        failing.texts = SampleReports.vietnamese
        #expect(failing.undelivered().first?.hasSuffix(": SMTP 535: bad") == true)
        failing.channels[0].lastErrorVi = "SMTP 535: sai mật khẩu"
        #expect(failing.undelivered().first?.hasSuffix(": SMTP 535: sai mật khẩu") == true)
        #expect(
            english.csv()[1]
                == "firing,FreezerWarm,,Tủ đông,2026-11-23T05:56:40.000Z,-11.2,Tủ đông is at -11.2 °C,"
                + "\"{severity=\"\"critical\"\"}\",mqtt delivered; email waiting,")
    }

    @Test func queryResultsHaveAColumnForEachLabel() throws {
        let json = """
            {"resultType":"vector","result":[
            {"metric":{"__name__":"temperature","device":"freezer","household":"home","room":"bếp"},"value":[1795417400.5,"-18.399999618530273"]},
            {"metric":{"__name__":"temperature","device":"x"},"value":[1795417400.5,"+Inf"]}]}
            """
        let data = try JSONDecoder().decode(QueryData.self, from: Data(json.utf8))
        let page = QueryPage(data: data, texts: english, clock: clock)
        #expect(
            page.table().lines() == [
                "metric       household  device   room  value",
                "temperature  home       freezer  bếp   -18.4",
                "temperature             x               +Inf",
            ])
        #expect(page.csv()[1] == "temperature,home,freezer,bếp,2026-11-23T07:03:20.500Z,-18.399999618530273")
        #expect(
            try JSONOutput.text(data, pretty: false)
                == #"{"result":[{"metric":{"__name__":"temperature","device":"freezer","household":"home","room":"bếp"},"value":[1795417400.5,"-18.399999618530273"]},{"metric":{"__name__":"temperature","device":"x"},"value":[1795417400.5,"+Inf"]}],"resultType":"vector"}"#
        )
    }

    @Test func scalarsStringsAndRangesToo() throws {
        func lines(_ json: String) throws -> [String] {
            let data = try JSONDecoder().decode(QueryData.self, from: Data(json.utf8))
            return QueryPage(data: data, texts: english, clock: clock).table().lines()
        }
        #expect(try lines(#"{"resultType":"scalar","result":[0,"2"]}"#) == ["value", "    2"])
        #expect(try lines(#"{"resultType":"string","result":[0,"a\u001bb"]}"#) == ["value", "a\u{FFFD}b"])
        #expect(
            try lines(
                #"{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1795417400,"1"],[1795417460,"NaN"]]}]}"#
            )
                == ["a  time                 value", "b  2026-11-23 14:03:20      1", "b  2026-11-23 14:04:20    NaN"])
        #expect(throws: DecodingError.self) {
            try lines(#"{"resultType":"vector","result":[{"metric":{},"value":[1e300,"1"]}]}"#)
        }
        #expect(throws: DecodingError.self) { try lines(#"{"resultType":"tensor","result":[]}"#) }
    }

    @Test func historyAsATable() throws {
        let steps = try HistorySteps(
            from: clock.now.advanced(byMilliseconds: -7_200_000), to: clock.now, points: 80, step: 3_600_000,
            clock: clock)
        let points = [
            HistoryPoint(time: steps.start, last: 20.5, least: 20, greatest: 21, mean: 20.4, count: 4),
            HistoryPoint(time: clock.now, last: 22, least: 21, greatest: 22, mean: 21.5, count: 4),
        ]
        var page = HistoryPage(
            household: "home", device: "freezer", deviceName: "Tủ đông", metric: "temperature",
            series: [.init(labels: [:], unit: "Cel", points: points)], steps: steps, texts: vietnamese, clock: clock)
        #expect(
            page.table().lines() == [
                "thời điểm         giá trị [°C]  thấp nhất  trung bình  cao nhất",
                "2026-11-23 12:00          20.5         20        20.4        21",
                "2026-11-23 14:03            22         21        21.5        22",
            ])
        #expect(
            page.csv() == [
                "time,household,device,metric,labels,value,unit,min,max,mean,count",
                "2026-11-23T05:00:00.000Z,home,freezer,temperature,,20.5,Cel,20,21,20.4,4",
                "2026-11-23T07:03:20.000Z,home,freezer,temperature,,22,Cel,21,22,21.5,4",
            ])
        page.series.append(.init(labels: ["probe": "2"], unit: "K", points: Array(points.prefix(1))))
        #expect(
            page.table().lines().last
                == "temperature{probe=\"2\"}  2026-11-23 12:00   20.5 K       20 K      20.4 K      21 K")
        #expect(page.reports().map(\.points.count) == [2, 1])
        let terminal = Terminal(isTTY: true, width: 60, height: 30, isUTF8: true, hasColours: false)
        #expect(page.charts(terminal).filter { $0.hasPrefix("Tủ đông · temperature") }.count == 2)
    }

    @Test("why an alert rings: rule, readings, who was told; without a reading, that there is none")
    func explanation() {
        let group = SampleReports.groups[0]
        guard let rule = group.rules.first(where: { !$0.alerts.isEmpty }) else { return }
        let alert = rule.alerts[0]
        let input = AlertExplanation.Input(
            selector: "{__name__=\"temperature\"}", valueThen: -14.5, valueNow: -11, timeNow: SampleReports.ago(5),
            history: HistoryReport(
                metric: ["__name__": "temperature", "device": "freezer", "phase": "a"], unit: "Cel", start: [], end: [],
                count: [], min: [], max: [], mean: [], first: [], last: []))
        let explanation = AlertExplanation(
            file: group.file, group: group.name, rule: rule,
            alerts: [
                .init(
                    alert: alert, expressionThen: "-14.5 > -15", expressionNow: "-11 > -15", inputs: [input])
            ], inputs: [], past: [])
        let page = ExplanationPage(explanations: [explanation], texts: english, clock: clock)
        let lines = page.lines(.pipe)
        #expect(lines[0].hasPrefix("\(rule.name): "))
        #expect(lines.contains("    freezer · temperature{phase=\"a\"}: -14.5 °C, now -11 °C"), "\(lines)")
        #expect(lines.contains { $0.contains(rule.query.split(separator: "\n")[0]) })
        #expect(
            lines.contains { $0.hasSuffix(" -14.5 > -15") } && lines.contains { $0.hasSuffix(" -11 > -15") }, "\(lines)"
        )
        #expect(page.csv().count == 2)
        var (short, fired) = (rule, alert)
        short.sensor = "{quantity: temperature, above: -15}"
        fired.activeAt = "2026-11-23T05:00:00Z"
        fired.firedAt = "2026-11-23T05:40:00Z"
        fired.delivery = [
            NoticeDelivery(channel: "mail", state: "delivered", time: "2026-11-23T05:40:02Z", attempts: 1, error: nil),
            NoticeDelivery(channel: "ntfy", state: "muted", time: "2026-11-23T05:40:00Z", attempts: 0, error: nil),
        ]
        let sensor = AlertExplanation(
            file: "f", group: "g", rule: short,
            alerts: [.init(alert: fired, expressionThen: "1", expressionNow: "2", inputs: [])], inputs: [], past: [])
        for (language, due) in [
            (
                english,
                [
                    "  its condition holds since 2026-11-23 12:00:00", "  it fires since 2026-11-23 12:40:00",
                    "    sensor: {quantity: temperature, above: -15}", "  which is short for:",
                    "  told mail (2026-11-23 12:40:02)", "  ntfy: held back (2026-11-23 12:40:00)",
                ]
            ),
            (
                vietnamese,
                [
                    "  điều kiện đúng từ 2026-11-23 12:00:00", "  đã báo từ 2026-11-23 12:40:00",
                    "    sensor: {quantity: temperature, above: -15}", "  viết đầy đủ là:",
                    "  đã báo mail (2026-11-23 12:40:02)", "  ntfy: chưa báo (2026-11-23 12:40:00)",
                ]
            ),
        ] {
            let lines = ExplanationPage(explanations: [sensor], texts: language, clock: clock).lines(.pipe)
            #expect(due.allSatisfy(lines.contains), "\(lines)")
        }
        let quiet = AlertExplanation(
            file: "f", group: "g", rule: rule, alerts: [], inputs: [],
            past: [
                .init(
                    labels: ["device": "freezer"], from: "2026-11-23T05:00:00Z", to: "2026-11-23T05:30:00Z",
                    told: [
                        .init(channel: "mail", state: "firing", delivered: true, time: "2026-11-23T05:00:01Z"),
                        .init(channel: "ntfy", state: "firing", delivered: false, time: "2026-11-23T05:10:00Z"),
                        .init(channel: "mail", state: "resolved", delivered: true, time: "2026-11-23T05:31:00Z"),
                    ])
            ])
        let texts = ExplanationPage(explanations: [quiet], texts: vietnamese, clock: clock).lines(.pipe)
        #expect(texts[0].hasSuffix("không báo động") && texts.contains { $0.contains("không có số đo") }, "\(texts)")
        #expect(
            texts.suffix(4) == [
                "    freezer: 2026-11-23 12:00:00 – 2026-11-23 12:30:00", "      đã báo mail, 2026-11-23 12:00:01",
                "      không báo được ntfy, 2026-11-23 12:10:00", "      đã báo mail là đã hết, 2026-11-23 12:31:00",
            ], "\(texts)")
    }
}
