extension RandomName {
    /// Nature: landscapes, weather, plants and stones.
    static let nature = words(
        """
        acacia acorn agave air alder aloe anemone archipelago ash aspen aster atoll azalea bamboo baobab bark basalt
        basin bay beach beech begonia birch blossom bluebell bluff bog boulder bracken branch breeze brook bud bush
        butte buttercup cactus camellia canopy canyon cape cascade cave cavern cedar channel clay clearing cliff
        cloud clover coral cornflower cosmea cove crag crater creek crest crocus crystal current cypress daffodil
        dahlia daisy dale dandelion dawn daylight dell delta desert dew driftwood drizzle dune dusk edelweiss elm
        ember estuary eucalyptus fen fern field fir fire fjord flame flint flower foam fog forest foxglove freesia
        frost gale garden gardenia gentian geyser glacier glade glen gorge granite grass gravel grotto grove hail
        harbor hawthorn hazel headland heath heather hedge hibiscus hill hillock hollow holly honeysuckle horizon
        hyacinth hydrangea ice iceberg icicle iris island isthmus ivy jasmine juniper kelp knoll lagoon lake larch
        laurel lava lavender leaf lichen lightning lilac lily limestone linden loam log lotus lupin magnolia maple
        marble marigold marsh meadow mesa mist monsoon moonlight moor moss mound mountain mud myrtle nettle oak
        oasis obsidian ocean orchard orchid pasture peak pebble peninsula peony petal petunia pine pinecone plain
        plateau pond pool poplar poppy prairie primrose pumice quartz rain rainbow raindrop rapid ravine redwood
        reed reef ridge river rock root rowan rush sand sandstone sapling savanna scree seashell seaweed sedge seed
        sequoia shadow shore shower shrub sky slate sleet slope smoke snow snowdrop snowflake soil sorrel spark
        spring sprout spruce starlight steppe stone storm strait stream stump summit sunbeam sunflower sunrise
        sunset sunshine surf swamp sycamore taiga tempest thicket thistle thunder tide tree tulip tundra twig
        twilight valley verbena vine violet volcano waterfall wave whirlpool whirlwind willow wind wisteria woodland
        yarrow yew zephyr zinnia
        """
    )
}
