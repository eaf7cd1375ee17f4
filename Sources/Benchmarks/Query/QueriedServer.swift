/// A server that answers questions about the fleet over one kept-alive connection on loopback: the daemon, or a peer.
protocol QueriedServer: AnyObject {
    var name: String { get }
    var process: ChildProcess { get }
    var connection: LoopbackConnection { get }

    /// Where the answer to one of several questions alike is found.
    func path(of question: Question, _ repetition: Int) -> String
    /// What the answer comes to.
    func summary(of answer: [UInt8]) throws -> AnswerSummary
}

/// Servers that speak PromQL and Prometheus's API need say no more.
extension QueriedServer {
    func path(of question: Question, _ repetition: Int) -> String { question.promQL(repetition) }
    func summary(of answer: [UInt8]) throws -> AnswerSummary { try AnswerSummary(prometheus: answer) }
}
