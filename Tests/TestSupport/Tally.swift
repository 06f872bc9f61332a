/// How many hostile inputs a test tried, for the table of `make hostile`.
package struct Tally {
    package var inputs: Int
    package var refused: Int
    /// Accepted, and not for what they are.
    package var wrong: Int

    package init(inputs: Int, refused: Int = 0, wrong: Int = 0) {
        self.inputs = inputs
        self.refused = refused
        self.wrong = wrong
    }

    /// Prints a line that scripts/hostile.sh finds: what was read is neither refused nor wrong.
    package func note(_ name: String) {
        print("hostile: \(name): \(inputs) \(refused) \(inputs - refused - wrong) 0 \(wrong)")
    }
}
