import PromQL
import Testing

@testable import quantracd

@Suite struct CodeOfTheStartIsLetGo {
    @Test func onlyCodeOfFiles() {
        #expect(
            StartupCode.codeRange("55d5ec407000-55d5ee108000 r-xp 00000000 fe:00 5488771    /usr/bin/quantracd")
                == 0x55d5_ec40_7000..<0x55d5_ee10_8000)
        #expect(StartupCode.codeRange("7f0000000000-7f0000001000 r-xp 00000000 fe:00 7 /opt/with blank/lib.so") != nil)
        for other in [
            "55d5ee108000-55d5ee1e3000 r--p 01d00000 fe:00 5488771 /usr/bin/quantracd",
            "55d5ee1e3000-55d5ee3c6000 rw-p 01ddb000 fe:00 5488771 /usr/bin/quantracd",
            "7ffc0a1fe000-7ffc0a200000 r-xp 00000000 00:00 0 [vdso]", "7fb0d4000000-7fb0d4b4d000 rwxp 00000000 00:00 0",
            "7fb0d4000000-7fb0d4b4d000 r-xp 00000000 00:00 0 ", "x-y r-xp 0 0 0 /lib", "2000-1000 r-xp 0 0 0 /lib", "",
        ] {
            #expect(StartupCode.codeRange(other[...]) == nil, "\(other)")
        }
    }

    /// This very code is among it.
    @Test func itStillRuns() throws {
        for round in 0..<3 {
            StartupCode.release()
            #expect(try Query("\(round) + 1").isScalar)
        }
    }
}
