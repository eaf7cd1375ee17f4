import Glibc

/// What happens to one process of a simulation.
struct LifePlan {
    enum Fault {
        case none
        /// The power goes, or the process is killed, during this call.
        case interruption(call: Int)
        /// So many calls from this one on fail.
        case errors(call: Int, count: Int, code: Int32)
        /// Every write and sync fails until it heals.
        case refusingDisk(code: Int32)
    }

    /// How the process ends, by its fault or after its last batch.
    enum Ending {
        case powerCut
        case kill
        case close
    }

    var fault: Fault
    var ending: Ending
    var batches: Int

    /// - Parameter calls: how many the disk has served so far.
    init(_ random: inout SplitMix64, calls: Int) {
        // Opening takes tens of calls, a batch two, a checkpoint ten: near and far must both be met.
        let call = calls + random.below(1 << (2 + random.below(8)))
        let code = [EIO, ENOSPC, EROFS][random.below(3)]
        switch random.below(8) {
        case 0: fault = .none
        case 1...4: fault = .interruption(call: call)
        // Reads are tried three times: three failures in a row are a disk that has lost something.
        case 5, 6: fault = .errors(call: call, count: 1 + random.below(2), code: code)
        default: fault = .refusingDisk(code: code)
        }
        ending = [Ending.powerCut, .powerCut, .kill, .close][random.below(4)]
        batches = 1 + random.below(20)
    }

    var toleratesErrors: Bool {
        switch fault {
        case .none, .interruption: false
        case .errors, .refusingDisk: true
        }
    }
}

extension LifePlan {
    func arm(_ disk: SimulatedDisk) {
        switch fault {
        case .none: break
        case .interruption(let call): disk.cutPower(atCall: call)
        case .errors(let call, let count, let code): disk.fail(atCall: call, count: count, code: code)
        case .refusingDisk(let code): disk.failWrites(code)
        }
    }

    func heal(_ disk: SimulatedDisk) {
        if case .refusingDisk = fault { disk.failWrites(nil) }
    }

    /// Ends the process.
    func end(_ disk: SimulatedDisk, _ random: inout SplitMix64, _ tally: inout SimulationTally) {
        switch fault {
        case .none, .interruption: break
        case .errors, .refusingDisk: tally.errors += 1
        }
        switch ending {
        case .powerCut:
            disk.restart()
            tally.powerCuts += 1
        case .kill:
            disk.killProcess()
            tally.kills += 1
        case .close:
            // The fault may have come before the end did.
            if disk.isDown { tally.powerCuts += 1 }
            if disk.isDown || random.below(2) == 0 { disk.restart() } else { disk.killProcess() }
        }
    }

    /// Opens a store, again and again where calls may fail; nil if the disk went down meanwhile.
    ///
    /// - Throws: why the last attempt failed.
    static func open<Store>(_ disk: SimulatedDisk, attempts: Int, _ body: () throws -> Store) throws -> Store? {
        var attempt = 1
        while true {
            do {
                return try body()
            } catch {
                if disk.isDown { return nil }
                // A disk that refuses for long heals while nobody can open the store.
                if attempt > 2 { disk.failWrites(nil) }
                if attempt == attempts { throw error }
                attempt += 1
            }
        }
    }
}
