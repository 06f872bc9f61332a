import CFPWCurl

/// The memory of the process.
package enum ProcessMemory {
    /// Gives back the code and the tables that are not in use: they stay in the system's cache of files, and come back
    /// where they are needed again.
    ///
    /// Starting touches places all over the program and its libraries, and the kernel maps sixteen pages at each.
    package static func releaseCode() { fpw_release_code() }
}
