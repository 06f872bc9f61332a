import FPWMetrics

/// Why a slot with a good token is not taken.
enum SlotRefusal: String, MetricLabel {
    /// Its host has as many slots as it may have.
    case maxSlots = "max-slots"
    /// The name is another token's.
    case held
}
