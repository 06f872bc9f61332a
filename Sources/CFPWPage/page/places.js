/** Opens a public URL; one of another kind is only a text. */
function publicLink(url, look = "") {
  const address = /^https?:\/\/[^*]+$/.test(url ?? "") ? { href: url, target: "_blank", rel: "noreferrer" } : {};
  return h(`a${look}`, address, url ?? "");
}

/** Everything on the page comes from here. */
const page = {
  state: null, visits: [], newest: 0, histories: new Map(), scope: "", paused: false, pausedAt: 0, shown: 200, started: null,
};

const places = () => page.state?.tunnels ?? page.state?.hosts ?? [];
const isRelay = () => page.state?.program === "fpw-relay";

const LINK_LOOK = { up: "good", down: "bad", starting: "warn", stopping: "quiet" };
const SLOT_ORDER = ["parked", "busy", "confirmed", "assumed", "opening", "draining", "backoff"];

/** One tunnel or host. Built once, then its texts follow the state. */
class Place {
  constructor(place) {
    this.name = place.name;
    this.link = h("span.state");
    this.trouble = h("p.note.is-bad", { hidden: true });
    this.upstream = h("span.state");
    this.bar = h("div.bar", { "aria-hidden": "true" });
    this.keys = h("p.keys");
    this.facts = h("dl.facts");
    this.values = {};
    const title = h("h2", {}, place.name);
    this.element = h("article.card.place", { "aria-label": place.name },
      h("div.top", {}, title, place.link ? this.link : null),
      h("div.address", {}, publicLink(place.url), iconButton("copy", "copyUrl", () => copy(place.url)),
        iconButton("code", "showCode", () => showCode(place.url), { "aria-haspopup": "dialog" })),
      this.trouble,
      place.upstream ? h("p.behind", {}, h("code", {}, `→ ${place.upstream}`), this.upstream, this.relay(place)) : null,
      h("div.slots", {}, this.bar, this.keys), this.facts);
    const facts = ["visitCount", "errorCount", "receivedTotal", "sentTotal"];
    if (place.waiting != null) facts.unshift("waiting");
    if (place.hand_overs != null) facts.splice(2, 0, "handOvers");
    this.facts.classList.toggle("three", facts.length > 4);
    for (const key of facts) this.facts.append(h("div", {}, h("dt", {}, t(key)), this.values[key] = h("dd")));
  }

  relay(place) {
    const same = !place.relay || place.relay.replace(/\/$/, "") === place.url?.replace(/\/$/, "");
    return same ? null : h("span", {}, `${t("via")} `, h("code", {}, place.relay));
  }

  update(place) {
    if (place.link) {
      say(this.link, t(place.link));
      stateClass(this.link, LINK_LOOK[place.link]);
    }
    this.trouble.hidden = !place.trouble;
    say(this.trouble, place.trouble ?? "");
    this.upstream.hidden = place.upstream_up == null;
    say(this.upstream, t(place.upstream_up ? "upstreamUp" : "upstreamDown"));
    stateClass(this.upstream, place.upstream_up ? "good" : "bad");
    this.updateSlots(place);
    const values = {
      waiting: count(place.waiting), visitCount: count(place.visits), errorCount: count(place.errors),
      handOvers: count(place.hand_overs), receivedTotal: bytes(place.received), sentTotal: bytes(place.sent),
    };
    for (const [key, element] of Object.entries(this.values)) say(element, values[key]);
    this.element.classList.toggle("chosen", page.scope === place.name && places().length > 1);
  }

  updateSlots(place) {
    const states = SLOT_ORDER.filter(state => state in place.slots);
    const total = states.reduce((sum, state) => sum + place.slots[state], 0);
    const width = Math.max(1, place.slots_max ?? total, total);
    if (this.bar.childElementCount !== states.length) this.bar.replaceChildren(...states.map(state => h(`i.slot-${state}`)));
    states.forEach((state, index) => this.bar.children[index].style.width = `${100 * place.slots[state] / width}%`);
    const cell = 100 / width;
    this.bar.style.maskImage = width > 64 ? "none"
      : `repeating-linear-gradient(90deg, #000 0 calc(${cell}% - 2px), #0000 calc(${cell}% - 2px) ${cell}%)`;
    const said = states.filter(state => place.slots[state] > 0).map(state => [state, `${place.slots[state]} ${t(state)}`]);
    const all = place.slots_max == null ? `${total} ${t("slots")}` : `${total} ${t("of")} ${place.slots_max} ${t("slots")}`;
    const key = said.join() + all;
    if (this.keys.dataset.key === key) return;
    this.keys.dataset.key = key;
    this.keys.replaceChildren(h("span", {}, all), ...said.map(([state, text]) => h(`span.key.slot-${state}`, {}, text)));
  }
}

let shownPlaces = new Map();

function showPlaces() {
  const names = places().map(place => place.name);
  if (names.join("\n") !== [...shownPlaces.keys()].join("\n") || !$("places").hasChildNodes()) {
    shownPlaces = new Map(places().map(place => [place.name, new Place(place)]));
    const none = h("div.card.empty", {}, h("b", {}, t(isRelay() ? "noHost" : "noTunnel")), t("noTunnelHelp"));
    $("places").replaceChildren(...(names.length ? [...shownPlaces.values()].map(place => place.element) : [none]));
    $("overview").classList.toggle("single", names.length < 2);
    $("visits").classList.toggle("many", names.length > 1);
    if (page.scope && !names.includes(page.scope)) page.scope = "";
    showScopes(names);
  }
  for (const place of places()) shownPlaces.get(place.name).update(place);
}

function showScopes(names) {
  $("scope").hidden = names.length < 2;
  const all = h("option", { value: "" }, t(isRelay() ? "anyHost" : "anyPlace"));
  $("scope").replaceChildren(all, ...names.map(name => h("option", { value: name }, name)));
  $("scope").value = page.scope;
}

function showDialog(...children) {
  const dialog = $("dialog");
  dialog.replaceChildren(h("div.stack", {}, ...children, button("close", () => dialog.close())));
  dialog.showModal();
}

function showCode(url) {
  const picture = qrPicture(url);
  showDialog(h("h2", {}, t("scan")), picture ? h("div", { id: "code" }, picture) : null, h("p.mono", {}, url));
}

function showShortcuts() {
  const rows = [
    ["/", "keyFilter"], ["j k ↓ ↑", "keyMove"], ["p", "keyPause"], ["Esc", "keyClose"], ["Ctrl Enter", "keySend"],
  ];
  showDialog(h("h2", {}, t("shortcuts")), h("dl.shortcuts", {}, ...rows.flatMap(([keys, text]) =>
    [h("dt", {}, ...keys.split(" ").map(key => h("kbd", {}, key))), h("dd", {}, t(text))])));
}
