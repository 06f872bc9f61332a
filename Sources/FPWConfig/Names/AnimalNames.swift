extension RandomName {
    /// Animals.
    static let animal = words(
        """
        aardvark albatross alligator alpaca ant anteater antelope armadillo avocet axolotl badger barnacle bass bat
        bear beaver bee beetle beluga bison blackbird boar bobcat buffalo bumblebee bunting butterfly buzzard caiman
        calf camel capybara caracal cardinal caribou carp cassowary cat catfish chameleon chamois cheetah chinchilla
        chipmunk cicada clam coati cobra cockatoo cod condor cormorant cougar cow coyote crab crane crayfish cricket
        crocodile crow cuckoo curlew cuttlefish damselfly deer dingo dog dolphin donkey dove dragonfly duck dugong
        eagle echidna eel egret eider eland elephant elk emu falcon ferret finch firefly flamingo fox frog gazelle
        gecko gerbil giraffe goat goldfinch goose grasshopper grebe grouse guanaco gull hamster hare hawk hedgehog
        hen heron herring hippo hoopoe hornbill horse hummingbird hyena ibex ibis iguana impala jackal jackdaw
        jaguar jay jellyfish kangaroo kestrel kingfisher kite kiwi koala kudu ladybug lamb lapwing lark lemur
        leopard linnet lion lizard llama lobster loon lorikeet loris lynx macaw mackerel magpie mallard manatee
        manta mantis marlin marmoset marmot marten martin meerkat mink mole mongoose monitor moose moth mouse mule
        mussel narwhal nautilus newt nightingale ocelot octopus orca oriole oryx osprey ostrich otter owl oyster
        panda pangolin panther parrot partridge peacock peccary pelican penguin perch petrel pheasant pigeon pika
        pike pintail pipit platypus plover pony porcupine porpoise possum prawn puffin python quail rabbit raccoon
        ram raven reindeer rhea rhino robin rook rooster salamander salmon sandpiper sardine scallop seahorse seal
        serval shark sheep shrew shrimp siskin skink skunk sloth snail snake snipe sparrow spider squid squirrel
        starfish starling stingray stoat stork sturgeon swallow swan swift swordfish tamarin tanager tapir tarsier
        teal tern thrush tiger toad tortoise toucan trout tuna turkey turtle vicuna vole wagtail wallaby walrus
        warbler warthog wasp weasel whale wolf wolverine wombat woodpecker wren yak zebra
        """
    )
}
