extension RandomName {
    /// Food and drink.
    static let food = words(
        """
        almond apple apricot artichoke asparagus avocado bacon bagel baguette banana barley basil bean beet biryani
        biscuit blackberry blueberry bread brie brioche broccoli broth brownie buckwheat bulgur bun burger burrito
        butter cabbage cake calzone cantaloupe cappuccino caramel cardamom carrot cashew cassava casserole
        cauliflower celery cereal chapati chard cheddar cheese cherry chestnut chickpea chicory chili chive
        chocolate chowder ciabatta cider cinnamon clementine clove cocoa coconut coffee coleslaw cookie coriander
        corn couscous cracker cranberry cream crepe croissant cucumber cumin currant curry custard dal date dill
        donut dumpling durian eclair edamame eggplant elderberry enchilada endive espresso falafel fennel feta fig
        focaccia frittata fudge garlic gelato ginger gnocchi gooseberry gouda goulash granola grape grapefruit
        guacamole guava gumbo ham hazelnut honey hummus jackfruit jam jelly kale kebab ketchup kimchi kiwi kumquat
        lasagna latte leek lemon lemonade lentil lettuce lime longan lychee macadamia macaron macaroni mandarin
        mango marmalade mayonnaise meatball melon meringue milkshake millet mint miso mocha molasses mozzarella
        muesli muffin mulberry mustard naan nacho nectarine noodle nougat nutmeg oat okra olive omelet onion orange
        oregano paella pakora pancake papaya paprika parmesan parsley parsnip pasta pea peach peanut pear pecan
        penne pepper persimmon pesto pie pilaf pineapple pistachio pita pizza plum pomegranate pomelo popcorn
        porridge potato pretzel prune pudding pumpkin quesadilla quiche quince quinoa radish raisin rambutan ramen
        raspberry ravioli rice ricotta risotto rocket rosemary roti rye saffron sage salad salami salsa samosa
        sandwich sashimi sausage scone sesame shallot smoothie soba sorbet sorghum soup soybean spaghetti spelt
        spinach squash steak stew strawberry strudel sushi syrup taco tahini tamale tangerine taro tart tea tempeh
        tempura thyme toast toffee tofu tomato tortilla truffle turmeric turnip udon vanilla vinegar waffle walnut
        watercress watermelon wheat wonton yam yogurt zucchini
        """
    )
}
