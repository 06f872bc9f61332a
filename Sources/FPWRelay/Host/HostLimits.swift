import NIOCore

/// The times and bounds that a host's visitors and slots are held to (PROTOCOL.md §3, §4).
struct HostLimits: Sendable, Equatable {
    /// How long a visitor waits for a slot.
    var queueTimeout = TimeAmount.seconds(30)
    /// Visitors that wait at the same time.
    var queueLimit = 1024
    /// Visitors that wait at all hosts at the same time. Those whose slot was lost wait again in any case.
    var waitingEverywhere = 10_000
    /// Slots that are here at the same time.
    var slots = 2048
    /// From a visit's hand-over to the head of its reply.
    var visitTimeout = TimeAmount.seconds(120)
    /// How long a poll is held, counted from the end of its POST.
    var parkTime = TimeAmount.seconds(90)
    /// How long a visit outlives the connection that carried it or its reply.
    var resendWindow = TimeAmount.seconds(10)
    /// Names below one wildcard that are known at the same time.
    var namesPerWildcard = 10_000
    /// How long a slot that was answered is expected back before its host counts as offline.
    var returnTime = TimeAmount.seconds(5)
    /// How long after a slot's hello its first poll is waited for.
    var greetingTime = TimeAmount.milliseconds(250)
    /// How long the slots of another token wait for a name whose holder is at the same address: longer than fpwd takes,
    /// after a reload, to close its old slots.
    var claimTime = TimeAmount.seconds(15)
    /// How long a drained slot is remembered.
    var drainMemory = TimeAmount.minutes(5)
    /// How long a parked slot says nothing before it is asked whether it is there, where another has died silently.
    var silence = TimeAmount.seconds(1)
    /// How many slots may be lost with one visit: a visit that kills its slots must not kill them all.
    var handOvers = 3

    init() {}

    /// The same where the host's table says otherwise.
    func with(_ site: Site) -> HostLimits {
        var limits = self
        if let slots = site.maxSlots { limits.slots = slots }
        return limits
    }
}
