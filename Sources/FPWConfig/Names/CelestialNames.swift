extension RandomName {
    /// Celestial bodies: stars, planets, moons, constellations.
    static let celestial = words(
        """
        achernar acrab acrux adhara adrastea aegaeon alcor aldebaran algol alhena alioth aljanah alkaid almach
        alnair alnilam alnitak alphard alphecca alpheratz alsephina altair aludra amalthea ananke andromeda ankaa
        antares antlia aquarius aquila ara arcturus ariel aries aspidiske asteroid atlas atria auriga aurora avior
        belinda bellatrix betelgeuse bianca bootes caelum caliban callisto calypso cancer canopus capella caph
        carina carme cassiopeia castor centaurus cepheus ceres cetus charon columba comet cordelia corona corvus
        cosmos crater cressida crux cygnus daphnis deimos delphinus deneb denebola desdemona despina dione diphda
        dorado draco dschubba dubhe dysnomia earth eclipse elara elnath eltanin enceladus encke enif epimetheus
        equuleus eridanus eris europa fomalhaut fornax gacrux galatea galaxy ganymede gemini girtab grus hadar
        halimede halley hamal haumea helene hercules himalia horologium hyades hydra hydrus hygiea hyperion iapetus
        ijiraq indus izar janus juno jupiter kaus kerberos kiviuq kochab lacerta laomedeia larawag larissa leda leo
        lepus libra lupus lynx lyra lysithea magellan makemake markab markeb mars megrez menkalinan menkent mensa
        merak mercury meteor methone metis mimas mimosa mintaka mirach miranda mirfak mirzam mizar monoceros moon
        muhlifain musca naiad naos navi nebula neptune nereid neso nix norma nova nunki oberon octans ophelia
        ophiuchus orbit orcus orion paaliaq pallas pallene pan pandora pasiphae pavo peacock pegasus perseus phecda
        phobos phoebe phoenix pictor pisces planet pleiades pluto polaris pollux polydeuces portia procyon
        prometheus prospero proteus psamathe puck pulsar puppis pyxis quaoar quasar rasalhague regulus reticulum
        rhea rigel rosalind sabik sadalmelik sadalsuud sadr sagitta saiph sargas saturn scheat schedar scorpius
        sculptor scutum sedna serpens setebos sextans shaula siarnaq sinope sirius skathi spica star stephano styx
        suhail sun supernova sycorax tarvos taurus telescopium telesto tethys thalassa thebe themisto thrym thuban
        tiaki titan titania triangulum trinculo triton tucana umbriel vega vela venus vesta virgo volans vulpecula
        wezen ymir
        """
    )
}
