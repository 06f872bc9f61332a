/// A public name drawn by chance: one word each for a celestial body, nature, an animal, a colour and a food.
///
/// Every list has at least 256 words, which makes 2⁴⁰ names or more: none is drawn twice or guessed in practice, and it can
/// still be read out over a telephone.
package enum RandomName {
    static let lists = [celestial, nature, animal, colour, food]

    /// `moon-flower-snake-red-apple`; at most 59 characters, so that it fits in a label of a host name.
    package static func draw(using generator: inout some RandomNumberGenerator) -> String {
        lists.compactMap { $0.randomElement(using: &generator) }.joined(separator: "-")
    }

    static func words(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "\n" }.map(String.init)
    }
}
