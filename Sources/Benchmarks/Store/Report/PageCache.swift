import Glibc

/// What the kernel has of a file in memory.
enum PageCache {
    /// Lets go of the clean pages of the file at `path`, so that the next ones are as small as what is written to them and the
    /// kernel's account of written bytes counts no neighbours.
    static func drop(_ path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
        close(file)
    }
}
