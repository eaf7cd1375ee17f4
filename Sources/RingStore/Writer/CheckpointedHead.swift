/// How a checkpoint tells what the head holds.
enum CheckpointedHead {
    /// All of it is written down.
    case whole
    /// What found no room in a segment is written down; the frames from a place on, where the segment was begun, hold the
    /// others.
    case rest(Head, framesFrom: RingLog.Start)
    /// As the checkpoint in force does: nothing is written down.
    case unchanged
}
