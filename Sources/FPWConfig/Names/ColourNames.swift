extension RandomName {
    /// Colours.
    static let colour = words(
        """
        alabaster alizarin almond amber amethyst apple apricot aqua aquamarine arctic artichoke ash asparagus
        atlantic aubergine auburn aureolin avocado azure bamboo barley basil begonia beige biscuit bisque black
        blaze blue bluebell blush brass brick bronze brown bubblegum buff burgundy buttercup cadmium camel camellia
        canary cantaloupe caramel carmine carnation cayenne celadon cerise cerulean chalk champagne charcoal
        chartreuse cherry chestnut chocolate cinnabar cinnamon citrine claret clementine clover cobalt cocoa coffee
        copper coquelicot coral corn cornflower cranberry cream crimson curry cyan cyclamen daffodil dahlia
        dandelion dawn delphinium denim dusk ebony ecru eggplant eggshell ember emerald eucalyptus fawn fern fire
        flame flamingo flax forest frost fuchsia fulvous gamboge garnet gentian ginger glacier gold golden grape
        graphite green grey guava hazel heather heliotrope honey hunter hyacinth iceberg indigo iris iron isabelline
        ivory jade jet jonquil jungle juniper kale khaki kingfisher kiwi lagoon larkspur laurel lavender lead lemon
        lilac lime linen lychee madder magenta magnolia mahogany maize malachite mallard mallow mandarin mango
        marigold marine maroon mauve melon merlot midnight mikado mint mocha moonstone moss mulberry mustard myrtle
        nautical navy nectarine nickel nutmeg oatmeal ocean ochre olive onyx opal orange orchid oxblood pacific
        papaya paprika peach peacock pear pearl peony periwinkle persimmon petunia pewter pine pink pistachio
        platinum plum poppy porcelain powder primrose pumpkin purple raisin raspberry raven red rose rouge royal
        ruby rufous russet rust saffron sage salmon sand sangria sapphire sarcoline scarlet seafoam seaweed sepia
        shamrock sienna silver sky slate smalt smoke snow spinach spruce steel straw strawberry sunflower sunrise
        sunset tan tangerine taupe teal terracotta thistle titanium toffee tomato topaz tulip turmeric turquoise
        twilight tyrian ultramarine umber vanilla verbena vermilion violet viridian walnut watermelon wheat white
        willow wine wisteria woad xanthic yellow zaffre zinc zucchini
        """
    )
}
