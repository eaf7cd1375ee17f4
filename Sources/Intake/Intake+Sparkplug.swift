import PayloadDecoders
import Readings

extension Intake {
    /// Has the edge node asked for what is missing, unless it was asked a moment ago.
    ///
    /// Before the batch is durable: if that fails the message comes again, and the node has been asked already.
    func requestRebirth(_ wanted: RebirthRequest, shownBy message: ReceivedMessage) {
        guard let askForRebirth, let (_, own) = router.route(message.topic), message.topic.hasSuffix(own) else {
            return
        }
        let edge = SparkplugEdgeNode(
            prefix: String(message.topic.dropLast(own.count)), group: wanted.group, name: wanted.edgeNode)
        guard rebirths.isDue(edge, now: message.arrival) else { return }
        askForRebirth(RebirthCommand(edge, now: message.arrival))
    }
}
